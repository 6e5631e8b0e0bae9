// One value of COPY TO as text: escaped with backslashes, or quoted as CSV (CopyAttributeOutText and CopyAttributeOutCSV in
// commands/copyto.c).

import type {
  CopyCsvFormat,
  CopyTextFormat,
} from "../../../../planner/logical/copy-format.ts";
import type { CellBuffer } from "./cells.ts";

export interface EscapeCell {
  /** Whether the plain text `bytes[from..end)` cannot be sent as it is. */
  readonly needed: (bytes: Uint8Array, from: number, end: number) => boolean;
  /** Appends what is sent in place of the `size` bytes that lie at `from` in the same memory. */
  readonly write: (cells: CellBuffer, from: number, size: number) => void;
}

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

export function textCell({ delimiter }: CopyTextFormat): EscapeCell {
  /** What stands behind the backslash; 0 for bytes that need none. */
  const escapes = new Uint8Array(256);
  for (const [code, letter] of LETTERS) escapes[code] = letter.charCodeAt(0);
  escapes[BACKSLASH] = BACKSLASH;
  const code = delimiter.charCodeAt(0);
  // A tab is written with its letter even where it separates.
  if (escapes[code] === 0) escapes[code] = code;
  return {
    needed: (bytes, from, end) => holds(escapes, bytes, from, end),
    write: (cells, from, size) => {
      cells.ensure(size * 2);
      const { bytes } = cells;
      let { at } = cells;
      for (let i = from; i < from + size; i++) {
        const byte = bytes[i] ?? 0;
        const escape = escapes[byte] ?? 0;
        if (escape !== 0) bytes[at++] = BACKSLASH;
        bytes[at++] = escape === 0 ? byte : escape;
      }
      cells.at = at;
    },
  };
}

const LF = 0x0a;
const CR = 0x0d;

/** @param force quotes around every value */
export function csvCell(
  format: CopyCsvFormat,
  { force, alone }: { readonly force: boolean; readonly alone: boolean },
): EscapeCell {
  const quote = format.quote.charCodeAt(0);
  const escape = format.escape.charCodeAt(0);
  const special = new Uint8Array(256);
  for (const code of [format.delimiter.charCodeAt(0), quote, LF, CR]) {
    special[code] = 1;
  }
  const nullText = Buffer.from(format.null);
  return {
    needed: (bytes, from, end) =>
      force ||
      equals(bytes, from, end, nullText) ||
      (alone && equals(bytes, from, end, END_OF_DATA)) ||
      holds(special, bytes, from, end),
    write: (cells, from, size) => {
      cells.ensure(size * 2 + 2);
      const { bytes } = cells;
      let { at } = cells;
      bytes[at++] = quote;
      for (let i = from; i < from + size; i++) {
        const byte = bytes[i] ?? 0;
        if (byte === quote || byte === escape) bytes[at++] = escape;
        bytes[at++] = byte;
      }
      bytes[at++] = quote;
      cells.at = at;
    },
  };
}

/** Alone on a line it would end the data. */
const END_OF_DATA = Buffer.from("\\.");

/** Whether some byte's entry in `table` is not 0. */
function holds(
  table: Uint8Array,
  bytes: Uint8Array,
  from: number,
  end: number,
): boolean {
  for (let i = from; i < end; i++) {
    if (table[bytes[i] ?? 0] !== 0) return true;
  }
  return false;
}

function equals(
  bytes: Uint8Array,
  from: number,
  end: number,
  text: Uint8Array,
): boolean {
  if (end - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (bytes[from + i] !== text[i]) return false;
  }
  return true;
}
