// Rows of COPY's binary format: signature and header, then tuples of fields as PostgreSQL's send functions write them, until a
// trailer (CopyReadBinaryAttribute in commands/copyfromparse.c). Values become the texts their types' input functions read.

import type { DataType } from "../../../../storage/common/data-type.ts";
import { decodeBinary } from "../../../pgwire/binary.ts";
import { decodeText } from "../../../pgwire/utf8.ts";
import type { ClientField } from "../../fragment.ts";
import { BINARY_SIGNATURE } from "../encode/copy-frame.ts";
import {
  dataAfterEnd,
  fieldCountMismatch,
  incorrectBinary,
  invalidFieldSize,
  invalidHeader,
  unexpectedEnd,
  unknownSignature,
  unrecognizedFlags,
} from "./errors.ts";
import { Fields } from "./fields.ts";
import { InputBuffer } from "./input-buffer.ts";
import type { DecoderPlace, RowDecoder } from "./decoder.ts";

export const BINARY_START: DecoderPlace = {
  lineNumber: 0,
  lineEnd: "unknown",
  begun: false,
};

/** Signature, flags, length of the header's extension. */
const HEADER_BYTES = BINARY_SIGNATURE.length + 8;
/** The field that errors inside a value are about. */
const NO_FIELD = -1;

export class BinaryDecoder implements RowDecoder {
  readonly fields: Fields = new Fields();
  readonly showsValues = false;
  readonly #types: readonly DataType[];
  readonly #input = new InputBuffer();
  #begun: boolean;
  #ended = false;
  #began = false;
  #lineNumber: number;
  /** The field being read when it failed, or NO_FIELD. */
  failedField: number = NO_FIELD;

  constructor(fields: readonly ClientField[], place: DecoderPlace) {
    this.#types = fields.map(({ type }) => type);
    this.#begun = place.begun;
    this.#lineNumber = place.lineNumber;
  }

  get place(): DecoderPlace {
    const lineNumber = this.#lineNumber - (this.#began ? 1 : 0);
    return { lineNumber, lineEnd: "unknown", begun: this.#begun };
  }

  get lineName(): string {
    return `line ${this.#lineNumber}`;
  }

  rest(): Uint8Array {
    return this.#input.rest();
  }

  push(piece: Uint8Array): void {
    this.#input.push(piece);
  }

  next(atEnd: boolean): boolean {
    if (!this.#begun && !this.#readHeader(atEnd)) return false;
    this.#begun = true;
    const { bytes, start, size } = this.#input;
    if (this.#ended) {
      if (size > start) throw dataAfterEnd();
      return false;
    }
    if (!this.#began) {
      this.#began = true;
      this.#lineNumber += 1;
    }
    if (size - start < 2) return false;
    const count = bytes.readInt16BE(start);
    if (count === -1) {
      this.#ended = true;
      this.#input.start += 2;
      return this.next(atEnd);
    }
    if (count !== this.#types.length) {
      throw fieldCountMismatch(count, this.#types.length);
    }
    const end = this.#tupleEnd(start + 2, atEnd);
    if (end === undefined) return false;
    this.#readTuple(start + 2);
    this.#input.start = end;
    this.#began = false;
    return true;
  }

  checkCount(): void {
    // Every tuple says its number of fields, and was held to it.
  }

  rowText(): undefined {
    return undefined;
  }

  #readHeader(atEnd: boolean): boolean {
    const { bytes, start, size } = this.#input;
    const left = size - start;
    const signature = bytes.subarray(start, start + BINARY_SIGNATURE.length);
    if (left < HEADER_BYTES && !atEnd) return false;
    if (!signature.equals(BINARY_SIGNATURE) || left < BINARY_SIGNATURE.length) {
      throw unknownSignature();
    }
    const flagsAt = start + BINARY_SIGNATURE.length;
    if (size < flagsAt + 4) throw invalidHeader("missing flags");
    const flags = bytes.readUInt32BE(flagsAt);
    if ((flags & 0x10000) !== 0) throw invalidHeader("WITH OIDS");
    if ((flags & 0xfffe0000) !== 0) throw unrecognizedFlags();
    if (size < flagsAt + 8) throw invalidHeader("missing length");
    const extension = bytes.readInt32BE(flagsAt + 4);
    if (extension < 0) throw invalidHeader("missing length");
    if (left < HEADER_BYTES + extension) {
      if (atEnd) throw invalidHeader("wrong length");
      return false;
    }
    this.#input.start += HEADER_BYTES + extension;
    return true;
  }

  /** Undefined when the tuple has not come whole. Sizes are checked as they come. */
  #tupleEnd(from: number, atEnd: boolean): number | undefined {
    const { bytes, size } = this.#input;
    let at = from;
    for (let place = 0; place < this.#types.length; place++) {
      this.failedField = place;
      if (at + 4 > size) return this.#cutOff(atEnd);
      const length = bytes.readInt32BE(at);
      if (length < -1) throw invalidFieldSize();
      at += 4 + Math.max(0, length);
      if (at > size) return this.#cutOff(atEnd);
    }
    this.failedField = NO_FIELD;
    return at;
  }

  #cutOff(atEnd: boolean): undefined {
    if (atEnd) throw unexpectedEnd();
    this.failedField = NO_FIELD;
    return undefined;
  }

  #readTuple(from: number): void {
    const { bytes } = this.#input;
    this.fields.reset(0);
    let at = from;
    this.#types.forEach((type, place) => {
      this.failedField = place;
      const length = bytes.readInt32BE(at);
      at += 4;
      if (length === -1) {
        this.fields.addNull();
        return;
      }
      this.#readValue(type, bytes.subarray(at, at + length));
      at += length;
    });
    this.failedField = NO_FIELD;
  }

  /** Throws 22P03, 22021, 08P01 for a value that is cut short, 22008. */
  #readValue(type: DataType, value: Buffer): void {
    if (PLAIN.has(type.kind)) {
      decodeText(value);
      this.fields.add(value, 0, value.length);
      return;
    }
    const text = decodeBinary(type, value);
    if (text === undefined) throw incorrectBinary();
    const bytes = Buffer.from(text);
    this.fields.add(bytes, 0, bytes.length);
  }
}

/** Types whose binary format is their text. */
const PLAIN: ReadonlySet<DataType["kind"]> = new Set([
  "text",
  "varchar",
  "bpchar",
  "name",
]);
