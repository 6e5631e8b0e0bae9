// Reads the fields of one message body in order, where it lies in what arrived. Every read past the end is 08P01, as in PostgreSQL's pqformat.c.

import {
  insufficientData,
  invalidMessageFormat,
  invalidString,
} from "./errors.ts";
import { decodeText } from "./utf8.ts";

/** Names are no longer than this, most of the time. */
const NEAR_BYTES = 32;

export class BodyReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #offset: number;

  /** The body is what lies from `start` up to `end`. */
  constructor(bytes: Buffer, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#offset = start;
    this.#end = end;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#advance(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#advance(2));
  }

  uint16(): number {
    return this.#bytes.readUInt16BE(this.#advance(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#advance(4));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#advance(4));
  }

  /** Shares memory with the message. */
  bytes(length: number): Buffer {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Text up to a NUL. Throws 22021 when it is not UTF-8. */
  string(): string {
    const bytes = this.#bytes;
    const start = this.#offset;
    const end = endOfText(bytes, start, this.#end);
    if (end === this.#end) throw invalidString();
    this.#offset = end + 1;
    return decodeText(bytes, start, end);
  }

  rest(): Buffer {
    return this.bytes(this.#end - this.#offset);
  }

  get atEnd(): boolean {
    return this.#offset === this.#end;
  }

  /** Throws 08P01 when bytes are left. */
  end(): void {
    if (!this.atEnd) throw invalidMessageFormat();
  }

  #advance(length: number): number {
    const start = this.#offset;
    if (length < 0 || start + length > this.#end) {
      throw insufficientData();
    }
    this.#offset = start + length;
    return start;
  }
}

/** Where the NUL is, `limit` when there is none before it. Leaving JavaScript takes longer than looking at a few bytes. */
function endOfText(bytes: Buffer, start: number, limit: number): number {
  const near = Math.min(start + NEAR_BYTES, limit);
  for (let at = start; at < near; at += 1) if (bytes[at] === 0) return at;
  if (near === limit) return limit;
  const end = bytes.subarray(near, limit).indexOf(0);
  return end < 0 ? limit : near + end;
}
