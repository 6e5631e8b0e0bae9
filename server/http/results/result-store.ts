// Where results lie until their statements are closed: small ones in memory, others in a file each, within limits for all users
// and for one. Files of a gateway that was killed go when the next one starts.

import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { open, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { invariant } from "../../../storage/common/invariant.ts";
import { saysNoRoom } from "../../../storage/kernel/no-room.ts";
import { resultNotWritten, resultsFull } from "./errors.ts";

export interface ResultStoreOptions {
  /** Emptied at the start: nobody else may use it. */
  readonly dir: string;
  /** Bytes of all results together; one user has half of them at most. */
  readonly limitBytes: number;
}

/** A result of at most this stays in memory … */
const SMALL_BYTES = 64 * 1024;
/** … while such results together are no more than this. */
const MEMORY_BYTES = 64 * 1024 * 1024;
/** Bytes that are written in one go. */
const WRITE_BYTES = 512 * 1024;
/** Bytes of a file that are read in one go for a link. */
const READ_BYTES = 256 * 1024;

export class ResultStore {
  readonly #options: ResultStoreOptions;
  readonly #byOwner = new Map<string, number>();
  #bytes = 0;
  #memoryBytes = 0;

  constructor(options: ResultStoreOptions) {
    this.#options = options;
    rmSync(options.dir, { recursive: true, force: true });
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  }

  /** Bytes of all results that are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A new result of the principal `owner`. */
  create(owner: string): StoredResult {
    return new StoredResult({
      path: join(this.#options.dir, randomUUID()),
      reserve: (sizeBytes) => this.#reserve(owner, sizeBytes),
      release: (sizeBytes) => this.#count(owner, -sizeBytes),
      keepInMemory: (sizeBytes) => this.#keepInMemory(sizeBytes),
      freeMemory: (sizeBytes) => {
        this.#memoryBytes -= sizeBytes;
      },
    });
  }

  #reserve(owner: string, sizeBytes: number): void {
    const { limitBytes } = this.#options;
    const own = Math.floor(limitBytes / 2);
    if ((this.#byOwner.get(owner) ?? 0) + sizeBytes > own)
      throw resultsFull("this user", own);
    if (this.#bytes + sizeBytes > limitBytes)
      throw resultsFull("all users", limitBytes);
    this.#count(owner, sizeBytes);
  }

  #count(owner: string, change: number): void {
    this.#bytes += change;
    const left = (this.#byOwner.get(owner) ?? 0) + change;
    if (left > 0) this.#byOwner.set(owner, left);
    else this.#byOwner.delete(owner);
  }

  #keepInMemory(sizeBytes: number): boolean {
    if (this.#memoryBytes + sizeBytes > MEMORY_BYTES) return false;
    this.#memoryBytes += sizeBytes;
    return true;
  }
}

interface Room {
  readonly path: string;
  /** Throws 53100. */
  readonly reserve: (sizeBytes: number) => void;
  readonly release: (sizeBytes: number) => void;
  /** False when there is no memory left for it. */
  readonly keepInMemory: (sizeBytes: number) => boolean;
  readonly freeMemory: (sizeBytes: number) => void;
}

/** Where bytes of a result lie in it. */
export interface ByteSpan {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** One result: appended to by one writer, then read any number of times, at once too. */
export class StoredResult {
  readonly #room: Room;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #sizeBytes = 0;
  #file: FileHandle | undefined;
  #inMemory: Buffer | undefined;
  #closed = false;

  constructor(room: Room) {
    this.#room = room;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Takes the pieces over; settles when more may come. Throws 53100, 58030. */
  async append(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) {
      this.#room.reserve(piece.byteLength);
      this.#sizeBytes += piece.byteLength;
      this.#pendingBytes += piece.byteLength;
      this.#pending.push(piece);
    }
    if (this.#pendingBytes >= WRITE_BYTES) await this.#flush();
  }

  /** Nothing more is appended. Throws 53100, 58030. */
  async finish(): Promise<void> {
    const small = this.#file === undefined && this.#sizeBytes <= SMALL_BYTES;
    if (small && this.#room.keepInMemory(this.#sizeBytes)) {
      this.#inMemory = Buffer.concat(this.#pending);
      this.#pending = [];
      return;
    }
    await this.#flush();
    await this.#file?.close();
    this.#file = undefined;
  }

  /** Undefined when it was closed meanwhile. */
  async read(span: ByteSpan): Promise<Buffer | undefined> {
    const source = await this.#open(span);
    if (source === undefined || Buffer.isBuffer(source)) return source;
    await using file = source;
    const bytes = Buffer.allocUnsafe(span.sizeBytes);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(
        bytes,
        filled,
        bytes.length - filled,
        span.offset + filled,
      );
      invariant(bytesRead > 0, "a result's file is as long as was written");
      filled += bytesRead;
    }
    return bytes;
  }

  /** A stream goes as fast as it is read, and ends early when `signal` aborts. Undefined when it was closed meanwhile. */
  async send(
    span: ByteSpan,
    signal: AbortSignal,
  ): Promise<Buffer | Readable | undefined> {
    const source = await this.#open(span);
    if (source === undefined || Buffer.isBuffer(source)) return source;
    const stream = source.createReadStream({
      start: span.offset,
      end: span.offset + span.sizeBytes - 1,
      highWaterMark: READ_BYTES,
    });
    endOnAbort(stream, signal);
    return stream;
  }

  /** Gives memory and disk back; never rejects. What is being streamed is sent to its end. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#inMemory !== undefined) this.#room.freeMemory(this.#sizeBytes);
    this.#inMemory = undefined;
    this.#pending = [];
    // A file that cannot be removed now goes with the folder.
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => undefined);
    await rm(this.#room.path, { force: true }).catch(() => undefined);
    this.#room.release(this.#sizeBytes);
  }

  async #open(span: ByteSpan): Promise<Buffer | FileHandle | undefined> {
    const { offset, sizeBytes } = span;
    if (this.#inMemory !== undefined)
      return this.#inMemory.subarray(offset, offset + sizeBytes);
    try {
      return await open(this.#room.path, "r");
    } catch (error) {
      if (this.#closed) return undefined;
      throw error;
    }
  }

  async #flush(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    try {
      this.#file ??= await open(this.#room.path, "wx", 0o600);
      // Unlike writev of a handle, appendFile goes on after a short write.
      for (const piece of joinedSmall(pending))
        await this.#file.appendFile(piece);
    } catch (error) {
      const full = error instanceof Error && saysNoRoom(error.message);
      throw resultNotWritten(full, error);
    }
  }
}

/** The same bytes in few pieces: small ones are copied together, large ones left as they are. */
function* joinedSmall(
  pieces: readonly Uint8Array[],
): Generator<Uint8Array, void, undefined> {
  let small: Uint8Array[] = [];
  for (const piece of pieces) {
    const isLarge = piece.byteLength >= WRITE_BYTES;
    if (!isLarge) small.push(piece);
    if (isLarge && small.length > 0) {
      yield Buffer.concat(small);
      small = [];
    }
    if (isLarge) yield piece;
  }
  if (small.length > 0) yield Buffer.concat(small);
}

function endOnAbort(stream: Readable, signal: AbortSignal): void {
  const end = (): void => {
    stream.destroy();
  };
  if (signal.aborted) return end();
  signal.addEventListener("abort", end, { once: true });
  stream.once("close", () => signal.removeEventListener("abort", end));
}
