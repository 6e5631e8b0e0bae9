// Rows of one cursor that moves back or outlives its transaction: the first megabytes in memory, the rest in a file that has no name any
// more once it is open, so that nothing is left behind, however the gateway ends.
// Rows count from 1, as cursor positions do; encoded portions are kept whole and cut at message lengths when read.

import { randomUUID } from "node:crypto";
import { open, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { invariant } from "../../storage/common/invariant.ts";
import { saysNoRoom } from "../../storage/kernel/no-room.ts";
import { spoolFull, spoolNotWritten, undefinedCursor } from "./errors.ts";
import type { EncodedRows, RowSource } from "./result.ts";
import { messageOffset } from "./rows.ts";
import type { RowPortion } from "./rows.ts";

export interface SpoolOptions {
  /** An existing folder. */
  readonly dir: string;
  /** Bytes kept in memory. */
  readonly memoryBytes: number;
  /** Bytes kept at all. */
  readonly limitBytes: number;
}

type TextRow = readonly (string | null)[];

type Place =
  | { readonly kind: "text"; readonly rows: readonly TextRow[] }
  | { readonly kind: "memory"; readonly bytes: Uint8Array }
  | {
      readonly kind: "file";
      readonly offset: number;
      readonly sizeBytes: number;
    };

interface Chunk {
  /** Number of its first row. */
  readonly first: number;
  readonly rowCount: number;
  readonly place: Place;
}

/** Rows of a chunk, counted from 0 there: `low` included, `high` not. */
interface Slice {
  readonly chunk: Chunk;
  readonly low: number;
  readonly high: number;
}

export class Spool {
  readonly #cursor: string;
  readonly #options: SpoolOptions;
  readonly #chunks: Chunk[] = [];
  /** Number of the first row it can hold: those before were given away. */
  readonly #firstRow: number;
  #rowCount = 0;
  #memoryBytes = 0;
  #fileBytes = 0;
  #file: FileHandle | undefined;
  #closed = false;

  /** `cursor` is its name, for errors. */
  constructor(cursor: string, firstRow: number, options: SpoolOptions) {
    this.#cursor = cursor;
    this.#firstRow = firstRow;
    this.#options = options;
  }

  /** Number of the last row held. */
  get lastRow(): number {
    return this.#firstRow + this.#rowCount - 1;
  }

  /** Throws 53400 beyond the limit, 53100 without room on the disk. */
  async add(portion: RowPortion): Promise<void> {
    const sizeBytes = portionBytes(portion);
    const { limitBytes } = this.#options;
    if (this.#memoryBytes + this.#fileBytes + sizeBytes > limitBytes) {
      throw spoolFull(this.#cursor, limitBytes);
    }
    const place = await this.#keep(portion, sizeBytes);
    const { rowCount } = portion;
    this.#chunks.push({ first: this.lastRow + 1, rowCount, place });
    this.#rowCount += rowCount;
  }

  /** Rows `from` to `to`, both included and both held; backwards when `from` is greater. */
  read(from: number, to: number): RowSource {
    if (this.#chunks[0]?.place.kind === "text") {
      return { kind: "text", rows: this.#texts(from, to) };
    }
    const slices = this.#slices(from, to);
    return { kind: "encoded", batches: this.#batches(slices, from > to) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#chunks.length = 0;
    await this.#file?.close();
    this.#file = undefined;
  }

  /** Rows that the gateway itself made are few: they stay in memory. */
  async #keep(portion: RowPortion, sizeBytes: number): Promise<Place> {
    const fits = this.#memoryBytes + sizeBytes <= this.#options.memoryBytes;
    if (portion.kind === "text" || fits) {
      this.#memoryBytes += sizeBytes;
      return portion.kind === "text"
        ? { kind: "text", rows: portion.rows }
        : { kind: "memory", bytes: portion.bytes };
    }
    const offset = this.#fileBytes;
    await this.#write(portion.bytes, offset);
    this.#fileBytes += sizeBytes;
    return { kind: "file", offset, sizeBytes };
  }

  async #write(bytes: Uint8Array, offset: number): Promise<void> {
    try {
      this.#file ??= await openNameless(this.#options.dir);
      let written = 0;
      while (written < bytes.byteLength) {
        const left = bytes.subarray(written);
        const step = await this.#file.write(
          left,
          0,
          left.byteLength,
          offset + written,
        );
        written += step.bytesWritten;
      }
    } catch (error) {
      const full = error instanceof Error && saysNoRoom(error.message);
      throw spoolNotWritten(full, error);
    }
  }

  #texts(from: number, to: number): readonly TextRow[] {
    return this.#slices(from, to).flatMap(({ chunk, low, high }) => {
      const { place } = chunk;
      invariant(place.kind === "text", "all rows of a result come in one form");
      const rows = place.rows.slice(low, high);
      return from <= to ? rows : rows.toReversed();
    });
  }

  async *#batches(
    slices: readonly Slice[],
    backward: boolean,
  ): AsyncGenerator<EncodedRows> {
    for (const { chunk, low, high } of slices) {
      const bytes = await this.#load(chunk.place);
      const start = messageOffset(bytes, low);
      const rows = bytes.subarray(start);
      const held = rows.subarray(0, messageOffset(rows, high - low));
      const rowCount = high - low;
      yield { bytes: backward ? backwards(held, rowCount) : held, rowCount };
    }
  }

  /** Throws 34000 when the cursor was closed while its rows were still being read. */
  async #load(place: Place): Promise<Uint8Array> {
    if (this.#closed) throw undefinedCursor(this.#cursor);
    if (place.kind === "memory") return place.bytes;
    invariant(
      place.kind === "file" && this.#file !== undefined,
      "rows beyond the memory's lie in the file",
    );
    const bytes = Buffer.allocUnsafe(place.sizeBytes);
    let read = 0;
    while (read < place.sizeBytes) {
      const step = await this.#file.read(
        bytes,
        read,
        place.sizeBytes - read,
        place.offset + read,
      );
      invariant(step.bytesRead > 0, "the spool's file is as long as written");
      read += step.bytesRead;
    }
    return bytes;
  }

  /** In the order they are read. */
  #slices(from: number, to: number): readonly Slice[] {
    const [lowest, highest] = from <= to ? [from, to] : [to, from];
    const slices: Slice[] = [];
    for (let at = this.#indexOf(lowest); at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at];
      if (chunk === undefined || chunk.first > highest) break;
      const low = Math.max(lowest - chunk.first, 0);
      const high = Math.min(highest - chunk.first + 1, chunk.rowCount);
      slices.push({ chunk, low, high });
    }
    return from <= to ? slices : slices.toReversed();
  }

  #indexOf(row: number): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#chunks[middle]?.first ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

async function openNameless(dir: string): Promise<FileHandle> {
  const path = join(dir, `cursor-${randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  await rm(path);
  return file;
}

function backwards(bytes: Uint8Array, rowCount: number): Uint8Array {
  const rows: Uint8Array[] = [];
  let rest = bytes;
  for (let row = 0; row < rowCount; row += 1) {
    const end = messageOffset(rest, 1);
    rows.push(rest.subarray(0, end));
    rest = rest.subarray(end);
  }
  return Buffer.concat(rows.toReversed());
}

function portionBytes(portion: RowPortion): number {
  if (portion.kind === "encoded") return portion.bytes.byteLength;
  let size = 0;
  for (const row of portion.rows) {
    for (const cell of row) size += 8 + (cell?.length ?? 0) * 2;
  }
  return size;
}
