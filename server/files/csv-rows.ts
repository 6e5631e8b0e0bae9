// Bytes of a CSV file -> its rows as Spark and Databricks read them: a record is a line (with multiLine, line ends may stand in quotes),
// a backslash or what the escape is hides a quote, and so does a second quote. White space belongs to the value.

import { isUtf8 } from "node:buffer";
import type { CsvFormat } from "../../storage/files/format.ts";
import { Fields } from "../compute/node/copy/fields.ts";
import { InputBuffer } from "../compute/node/copy/input-buffer.ts";
import { recordTooLong } from "./errors.ts";

const LF = 0x0a;
const CR = 0x0d;
/** A record that is longer is a file of another kind, or a quote nobody closed. */
export const MAX_RECORD_BYTES: number = 64 * 1024 * 1024;

/** What a reader of rows gives of the row it read last. */
export interface TextRows {
  readonly fields: Fields;
  /** Undefined when the row could be split into fields. */
  readonly problem: string | undefined;
  push(piece: Uint8Array): void;
  /** False when more bytes are needed or, at the end, when there is no row any more. Throws 54000. */
  next(atEnd: boolean): boolean;
  /** The row as it stands in the file; bytes that are no UTF-8 are replaced. */
  record(): Uint8Array;
}

export class CsvRows implements TextRows {
  readonly fields: Fields = new Fields();
  problem: string | undefined;
  readonly #input = new InputBuffer();
  readonly #format: CsvFormat;
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #escape: number;
  readonly #comment: number;
  readonly #null: Buffer;
  #first = true;
  #start = 0;
  #end = 0;

  constructor(format: CsvFormat) {
    this.#format = format;
    this.#delimiter = format.delimiter.charCodeAt(0);
    this.#quote = format.quote.charCodeAt(0);
    this.#escape = format.escape.charCodeAt(0);
    this.#comment = format.comment?.charCodeAt(0) ?? -1;
    this.#null = Buffer.from(format.nullValue);
  }

  push(piece: Uint8Array): void {
    this.#input.push(piece);
  }

  next(atEnd: boolean): boolean {
    const input = this.#input;
    if (this.#first && !this.#input.skipMark(atEnd)) return false;
    this.#first = false;
    let from = input.start;
    for (;;) {
      const found = this.#lineEnd(from, atEnd);
      if (found === undefined) return false;
      const { stop, after } = found;
      this.#place(stop);
      if (this.#isNoRow()) {
        input.start = after;
        from = after;
        continue;
      }
      const closed = this.#split();
      const goesOn = !closed && this.#format.multiLine && after > stop;
      if (goesOn) {
        this.#checkLength(stop);
        from = after;
        continue;
      }
      this.problem = this.#problemOf(closed);
      input.start = after;
      return true;
    }
  }

  /** Where the line that is looked for from there ends, and the next begins; undefined when that is not known, or there is none. */
  #lineEnd(
    from: number,
    atEnd: boolean,
  ): { readonly stop: number; readonly after: number } | undefined {
    const { bytes, start, size } = this.#input;
    const found = bytes.subarray(0, size).indexOf(LF, from);
    if (found >= 0) return { stop: found, after: found + 1 };
    if (atEnd) return size === start ? undefined : { stop: size, after: size };
    this.#checkLength(size);
    return undefined;
  }

  #checkLength(end: number): void {
    if (end - this.#input.start > MAX_RECORD_BYTES) throw recordTooLong();
  }

  /** A carriage return belongs to the line's end. */
  #place(stop: number): void {
    const { bytes, start } = this.#input;
    const returns = stop > start && bytes[stop - 1] === CR;
    this.#start = start;
    this.#end = returns ? stop - 1 : stop;
  }

  record(): Uint8Array {
    const bytes = this.#input.bytes.subarray(this.#start, this.#end);
    return isText(bytes)
      ? bytes
      : Buffer.from(bytes.toString("utf8").replaceAll("\u0000", "\ufffd"));
  }

  #isNoRow(): boolean {
    const first = this.#input.bytes[this.#start];
    return this.#end === this.#start || first === this.#comment;
  }

  #problemOf(closed: boolean): string | undefined {
    if (!closed) return "a quote is not closed";
    const bytes = this.#input.bytes.subarray(this.#start, this.#end);
    return isText(bytes) ? undefined : "it is not UTF-8 text";
  }

  /** False when the record ends inside quotes. */
  #split(): boolean {
    const { bytes } = this.#input;
    const { fields } = this;
    const end = this.#end;
    fields.reset(end - this.#start);
    let from = this.#start;
    for (;;) {
      if (bytes[from] === this.#quote && from < end) {
        const begin = fields.used;
        const stop = this.#unquote(from + 1, end);
        if (stop < 0) return false;
        fields.add(fields.scratch, begin, fields.used);
        if (stop >= end) return true;
        from = stop + 1;
        continue;
      }
      let stop = from;
      while (stop < end && bytes[stop] !== this.#delimiter) stop += 1;
      if (this.#isNull(from, stop)) fields.addNull();
      else fields.add(bytes, from, stop);
      if (stop >= end) return true;
      from = stop + 1;
    }
  }

  /** Into the scratch piece; gives where the delimiter behind the value or the record's end is, -1 when the quote is not closed. */
  #unquote(from: number, end: number): number {
    const { bytes } = this.#input;
    const { fields } = this;
    let at = from;
    for (;;) {
      if (at >= end) return -1;
      const byte = bytes[at] ?? 0;
      const next = at + 1 < end ? bytes[at + 1] : undefined;
      if (
        byte === this.#escape &&
        (next === this.#quote || (next === byte && byte !== this.#quote))
      ) {
        fields.scratch[fields.used++] = next;
        at += 2;
      } else if (byte === this.#quote && next === this.#quote) {
        fields.scratch[fields.used++] = byte;
        at += 2;
      } else if (byte === this.#quote) {
        at += 1;
        break;
      } else {
        fields.scratch[fields.used++] = byte;
        at += 1;
      }
    }
    // What stands between the closing quote and the delimiter belongs to the value.
    while (at < end && bytes[at] !== this.#delimiter) {
      fields.scratch[fields.used++] = bytes[at] ?? 0;
      at += 1;
    }
    return at;
  }

  #isNull(from: number, stop: number): boolean {
    const { bytes } = this.#input;
    return from === stop || bytes.subarray(from, stop).equals(this.#null);
  }
}

/** PostgreSQL's text holds no NUL. */
export function isText(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}
