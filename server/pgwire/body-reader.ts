// Reads the fields of one message body in order. Every read past the end is 08P01, as in PostgreSQL's pqformat.c.

import {
  insufficientData,
  invalidMessageFormat,
  invalidString,
} from "./errors.ts";
import { decodeText } from "./utf8.ts";

export class BodyReader {
  readonly #body: Buffer;
  #offset = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  byte(): number {
    return this.#body.readUInt8(this.#advance(1));
  }

  int16(): number {
    return this.#body.readInt16BE(this.#advance(2));
  }

  uint16(): number {
    return this.#body.readUInt16BE(this.#advance(2));
  }

  int32(): number {
    return this.#body.readInt32BE(this.#advance(4));
  }

  uint32(): number {
    return this.#body.readUInt32BE(this.#advance(4));
  }

  /** Shares memory with the message. */
  bytes(length: number): Buffer {
    const start = this.#advance(length);
    return this.#body.subarray(start, start + length);
  }

  /** Text up to a NUL. Throws 22021 when it is not UTF-8. */
  string(): string {
    const end = this.#body.indexOf(0, this.#offset);
    if (end < 0) throw invalidString();
    const text = decodeText(this.#body.subarray(this.#offset, end));
    this.#offset = end + 1;
    return text;
  }

  rest(): Buffer {
    return this.bytes(this.#body.length - this.#offset);
  }

  get atEnd(): boolean {
    return this.#offset === this.#body.length;
  }

  /** Throws 08P01 when bytes are left. */
  end(): void {
    if (!this.atEnd) throw invalidMessageFormat();
  }

  #advance(length: number): number {
    const start = this.#offset;
    if (length < 0 || start + length > this.#body.length) {
      throw insufficientData();
    }
    this.#offset = start + length;
    return start;
  }
}
