// Bytes -> lines, by PostgreSQL's rules (CopyReadLineText in commands/copyfromparse.c): the first line end decides what a line end
// is, quoted ones belong to the value, a backslash hides one in the text format, and `\.` ends the data.

import type {
  CopyCsvFormat,
  CopyTextFormat,
} from "../../../../planner/logical/copy-format.ts";
import { InputBuffer } from "./input-buffer.ts";
import { corruptEndMarker, endMarkerMismatch, strayLineEnd } from "./errors.ts";

const LF = 0x0a;
const CR = 0x0d;
const BACKSLASH = 0x5c;
const DOT = 0x2e;

export type LineEnd = "unknown" | "lf" | "cr" | "crlf";

/** Between two lines: what a reader that goes on there must know. */
export interface LinePlace {
  /** Of the line before. */
  readonly lineNumber: number;
  readonly lineEnd: LineEnd;
}

export const FIRST_LINE: LinePlace = { lineNumber: 0, lineEnd: "unknown" };

type Step = number | { readonly lineEnd: number } | "wait" | "end";

export class LineReader {
  readonly #csv: boolean;
  readonly #quote: number;
  /** -1 when the escape is the quote itself. */
  readonly #escape: number;
  readonly #input = new InputBuffer();
  #scan = 0;
  #began = false;
  #lineBefore: number;
  #inQuote = false;
  #escaped = false;
  #lineEnd: LineEnd;
  #ended = false;
  /** The line being read, or the one read last. From 1. */
  lineNumber: number;
  /** The last line in `bytes`, without its end. */
  start = 0;
  end = 0;

  constructor(format: CopyTextFormat | CopyCsvFormat, place: LinePlace) {
    this.#csv = format.kind === "csv";
    this.#quote = format.kind === "csv" ? format.quote.charCodeAt(0) : -1;
    const escape = format.kind === "csv" ? format.escape.charCodeAt(0) : -1;
    this.#escape = escape === this.#quote ? -1 : escape;
    this.#lineEnd = place.lineEnd;
    this.#lineBefore = place.lineNumber;
    this.lineNumber = place.lineNumber;
  }

  get bytes(): Buffer {
    return this.#input.bytes;
  }

  /** Where the line not yet given begins. */
  get place(): LinePlace {
    const lineNumber = this.#began ? this.#lineBefore : this.lineNumber;
    return { lineNumber, lineEnd: this.#lineEnd };
  }

  /** A copy of what is not yet given. */
  rest(): Uint8Array {
    return this.#input.rest();
  }

  push(piece: Uint8Array): void {
    this.#scan -= this.#input.push(piece);
  }

  /** True when there is a line; false when more bytes are needed or, at the end of input, when there are no more. Throws 22P04. */
  next(atEnd: boolean): boolean {
    if (this.#ended) return false;
    if (!this.#began) {
      // PostgreSQL counts a line when it begins to look for it.
      this.#began = true;
      this.#lineBefore = this.lineNumber;
      this.lineNumber += 1;
    }
    while (this.#scan < this.#input.size) {
      const byte = this.#input.bytes[this.#scan] ?? 0;
      if (this.#csv) this.#trackQuotes(byte);
      const step = this.#step(byte, atEnd);
      if (step === "wait") return this.#wait(byte);
      if (step === "end") return this.#finish(this.#scan);
      if (typeof step !== "number")
        return this.#give(this.#scan, this.#scan + step.lineEnd);
      this.#scan += step;
    }
    return atEnd && this.#finish(this.#input.size);
  }

  /** How many bytes to step over; or how many end the line here; or that the data ends here. */
  #step(byte: number, atEnd: boolean): Step {
    if (byte === BACKSLASH) return this.#backslash(atEnd);
    if (byte !== LF && byte !== CR) return 1;
    if (!this.#inQuote) {
      const lineEnd = this.#lineEndAt(byte, atEnd);
      return lineEnd === 0 ? "wait" : { lineEnd };
    }
    if (byte === (this.#lineEnd === "lf" ? LF : CR)) this.lineNumber += 1;
    return 1;
  }

  #trackQuotes(byte: number): void {
    if (this.#inQuote && byte === this.#escape) this.#escaped = !this.#escaped;
    if (byte === this.#quote && !this.#escaped) this.#inQuote = !this.#inQuote;
    if (byte !== this.#escape) this.#escaped = false;
  }

  /** The byte is looked at again when more have come. */
  #wait(byte: number): false {
    // Tracking a quote twice would undo it.
    if (this.#csv && byte === this.#quote) this.#inQuote = !this.#inQuote;
    return false;
  }

  #give(end: number, next: number): true {
    this.start = this.#input.start;
    this.end = end;
    this.#input.start = next;
    this.#scan = next;
    this.#began = false;
    this.#inQuote = false;
    this.#escaped = false;
    return true;
  }

  /** What stands before the end of the data is a line when it is not empty. */
  #finish(end: number): boolean {
    this.#ended = true;
    return end > this.#input.start && this.#give(end, this.#input.size);
  }

  /** Bytes of the line end here; 0 when the next byte decides. */
  #lineEndAt(byte: number, atEnd: boolean): number {
    if (byte === LF) {
      if (this.#lineEnd === "cr" || this.#lineEnd === "crlf") {
        throw strayLineEnd("newline", this.#csv);
      }
      this.#lineEnd = "lf";
      return 1;
    }
    if (this.#lineEnd === "lf") {
      throw strayLineEnd("carriage return", this.#csv);
    }
    if (this.#lineEnd === "cr") return 1;
    if (this.#scan + 1 >= this.#input.size && !atEnd) return 0;
    if (
      this.#scan + 1 < this.#input.size &&
      this.#input.bytes[this.#scan + 1] === LF
    ) {
      this.#lineEnd = "crlf";
      return 2;
    }
    if (this.#lineEnd === "crlf") {
      throw strayLineEnd("carriage return", this.#csv);
    }
    this.#lineEnd = "cr";
    return 1;
  }

  #backslash(atEnd: boolean): number | "wait" | "end" {
    if (this.#csv && this.#scan !== this.#input.start) return 1;
    const left = this.#input.size - this.#scan;
    if (left < 2) return atEnd ? 1 : "wait";
    if (this.#input.bytes[this.#scan + 1] !== DOT) return this.#csv ? 1 : 2;
    const needed = this.#lineEnd === "crlf" ? 4 : 3;
    if (left < needed && !atEnd) return "wait";
    return this.#endMarker() ? "end" : 1;
  }

  /** False: in CSV it is data. A byte beyond the end reads as NUL. */
  #endMarker(): boolean {
    let at = this.#scan + 2;
    const byteAt = (place: number): number =>
      place < this.#input.size ? (this.#input.bytes[place] ?? 0) : 0;
    if (this.#lineEnd === "crlf") {
      const first = byteAt(at++);
      if (first === LF) return this.#refuse(endMarkerMismatch);
      if (first !== CR) return this.#refuse(corruptEndMarker);
    }
    const last = byteAt(at);
    if (last !== CR && last !== LF) return this.#refuse(corruptEndMarker);
    const lf = this.#lineEnd === "lf" || this.#lineEnd === "crlf";
    if ((lf && last !== LF) || (this.#lineEnd === "cr" && last !== CR)) {
      throw endMarkerMismatch();
    }
    return true;
  }

  #refuse(error: () => Error): false {
    if (!this.#csv) throw error();
    return false;
  }
}
