// One value of COPY TO as text: escaped with backslashes, or quoted as CSV, in place behind where its plain text was written
// (CopyAttributeOutText and CopyAttributeOutCSV in commands/copyto.c).

import type {
  CopyCsvFormat,
  CopyTextFormat,
} from "../../../../planner/logical/copy-format.ts";

/** Rewrites `to[at..end)`, which holds the plain text, and gives the new end. Room for twice the text and two bytes follows `at`. */
export type FinishCell = (to: Uint8Array, at: number, end: number) => number;

/** A cell takes at most this many times its text, and two quotes. */
export const CELL_GROWTH = 2;
export const CELL_EXTRA = 2;

const BACKSLASH = 0x5c;
/** Control characters with a letter of their own. */
const LETTERS: readonly (readonly [number, string])[] = [
  [0x08, "b"],
  [0x0c, "f"],
  [0x0a, "n"],
  [0x0d, "r"],
  [0x09, "t"],
  [0x0b, "v"],
];

export function textCell({ delimiter }: CopyTextFormat): FinishCell {
  /** What stands behind the backslash; 0 for bytes that need none. */
  const escapes = new Uint8Array(256);
  for (const [code, letter] of LETTERS) escapes[code] = letter.charCodeAt(0);
  escapes[BACKSLASH] = BACKSLASH;
  const code = delimiter.charCodeAt(0);
  // A tab is written with its letter even where it separates.
  if (escapes[code] === 0) escapes[code] = code;
  return (to, at, end) => {
    let extra = 0;
    for (let i = at; i < end; i++) if (escapes[to[i] ?? 0] !== 0) extra++;
    if (extra === 0) return end;
    const newEnd = end + extra;
    let write = newEnd;
    for (let i = end - 1; write - 1 > i; i--) {
      const byte = to[i] ?? 0;
      const escape = escapes[byte] ?? 0;
      if (escape === 0) to[--write] = byte;
      else {
        to[--write] = escape;
        to[--write] = BACKSLASH;
      }
    }
    return newEnd;
  };
}

const LF = 0x0a;
const CR = 0x0d;

/** @param force quotes around every value */
export function csvCell(
  format: CopyCsvFormat,
  { force, alone }: { readonly force: boolean; readonly alone: boolean },
): FinishCell {
  const quote = format.quote.charCodeAt(0);
  const escape = format.escape.charCodeAt(0);
  const special = new Uint8Array(256);
  for (const code of [format.delimiter.charCodeAt(0), quote, LF, CR]) {
    special[code] = 1;
  }
  const nullText = Buffer.from(format.null);
  const needsQuotes = (to: Uint8Array, at: number, end: number): boolean => {
    if (equals(to, at, end, nullText)) return true;
    if (alone && equals(to, at, end, END_OF_DATA)) return true;
    for (let i = at; i < end; i++) if (special[to[i] ?? 0] !== 0) return true;
    return false;
  };
  return (to, at, end) => {
    if (!force && !needsQuotes(to, at, end)) return end;
    let extra = CELL_EXTRA;
    for (let i = at; i < end; i++) {
      const byte = to[i];
      if (byte === quote || byte === escape) extra++;
    }
    const newEnd = end + extra;
    let write = newEnd;
    to[--write] = quote;
    for (let i = end - 1; i >= at; i--) {
      const byte = to[i] ?? 0;
      to[--write] = byte;
      if (byte === quote || byte === escape) to[--write] = escape;
    }
    to[at] = quote;
    return newEnd;
  };
}

/** Alone on a line it would end the data. */
const END_OF_DATA = Buffer.from("\\.");

function equals(
  bytes: Uint8Array,
  at: number,
  end: number,
  text: Uint8Array,
): boolean {
  if (end - at !== text.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] !== text[i]) return false;
  }
  return true;
}
