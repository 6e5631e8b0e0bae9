// Rows of the text format and of CSV: lines, valid UTF-8, the header line, and as many fields as there are columns.

import type {
  CopyCsvFormat,
  CopyTextFormat,
} from "../../../../planner/logical/copy-format.ts";
import { decodeText } from "../../../pgwire/utf8.ts";
import type { ClientField } from "../../fragment.ts";
import { csvSplitter } from "./csv-fields.ts";
import {
  extraData,
  headerFieldCount,
  headerMismatch,
  missingData,
} from "./errors.ts";
import { Fields, type SplitLine } from "./fields.ts";
import { FIRST_LINE, LineReader } from "./line-reader.ts";
import type { DecoderPlace, RowDecoder } from "./decoder.ts";
import { textSplitter } from "./text-fields.ts";

export const LINES_START: DecoderPlace = { ...FIRST_LINE, begun: false };

export class LineDecoder implements RowDecoder {
  readonly fields: Fields = new Fields();
  readonly showsValues = true;
  readonly #format: CopyTextFormat | CopyCsvFormat;
  readonly #names: readonly string[];
  readonly #reader: LineReader;
  readonly #split: SplitLine;
  #begun: boolean;
  #hasLine = false;

  constructor(
    format: CopyTextFormat | CopyCsvFormat,
    fields: readonly ClientField[],
    place: DecoderPlace,
  ) {
    this.#format = format;
    this.#names = fields.map(({ column }) => column);
    this.#reader = new LineReader(format, place);
    this.#split =
      format.kind === "csv" ? csvSplitter(format) : textSplitter(format);
    this.#begun = place.begun;
  }

  get place(): DecoderPlace {
    return { ...this.#reader.place, begun: this.#begun };
  }

  get lineName(): string {
    return `line ${this.#reader.lineNumber}`;
  }

  rest(): Uint8Array {
    return this.#reader.rest();
  }

  push(piece: Uint8Array): void {
    this.#reader.push(piece);
  }

  next(atEnd: boolean): boolean {
    this.#hasLine = false;
    if (!this.#begun) {
      if (this.#format.header !== "none" && !this.#readHeader(atEnd)) {
        return false;
      }
      this.#begun = true;
    }
    if (!this.#readLine(atEnd)) return false;
    if (this.fields.count > this.#names.length) throw extraData();
    return true;
  }

  checkCount(): void {
    const missing = this.#names[this.fields.count];
    if (missing !== undefined) throw missingData(missing);
  }

  rowText(): string | undefined {
    const { bytes, start, end } = this.#reader;
    return this.#hasLine ? bytes.toString("utf8", start, end) : undefined;
  }

  #readHeader(atEnd: boolean): boolean {
    if (this.#format.header === "names") {
      const found = this.#reader.next(atEnd);
      return found;
    }
    if (!this.#readLine(atEnd)) return false;
    this.#matchHeader();
    this.#hasLine = false;
    return true;
  }

  #matchHeader(): void {
    const { count } = this.fields;
    if (count !== this.#names.length) {
      throw headerFieldCount(count, this.#names.length);
    }
    this.#names.forEach((expected, place) => {
      const found = this.fields.text(place);
      if (found === expected) return;
      throw headerMismatch(
        place + 1,
        found === null ? `null value ("${this.#format.null}")` : `"${found}"`,
        expected,
      );
    });
  }

  #readLine(atEnd: boolean): boolean {
    const reader = this.#reader;
    if (!reader.next(atEnd)) return false;
    const { bytes, start, end } = reader;
    decodeCheck(bytes, start, end);
    this.#hasLine = true;
    this.#split(bytes, start, end, this.fields);
    return true;
  }
}

/** Throws 22021. */
function decodeCheck(bytes: Buffer, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === 0 || byte > 0x7f) {
      decodeText(bytes.subarray(start, end));
      return;
    }
  }
}
