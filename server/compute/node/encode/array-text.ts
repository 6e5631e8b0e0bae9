// Array literals: `{1,NULL,"a b"}` (PostgreSQL's array_out), and the elements of lists for the encoders of arrays and JSON.

import { DuckDBTypeId } from "../../../../storage/kernel/duckdb.ts";
import {
  appended,
  CellBuffer,
  type CellEncoder,
  type Cells,
  type ColumnEncoder,
} from "./cells.ts";
import type { ColumnVector } from "./vector.ts";

/** Where the elements of row r lie in the child vector. */
export interface ListSpan {
  readonly begin: number;
  readonly end: number;
}

export function listSpan(vector: ColumnVector, row: number): ListSpan {
  if (vector.type.typeId === DuckDBTypeId.ARRAY) {
    const size = vector.type.length;
    return { begin: row * size, end: (row + 1) * size };
  }
  // Entries are u64 offset and length; a chunk's child never has 2^32 elements.
  const words = new Uint32Array(
    vector.bytes.buffer,
    vector.bytes.byteOffset + row * 16,
    4,
  );
  const begin = words[0] ?? 0;
  return { begin, end: begin + (words[2] ?? 0) };
}

const NO_CELLS: Cells = new CellBuffer();

/** The cells of all rows' elements. */
export function elementsOf(vector: ColumnVector, element: CellEncoder): Cells {
  const [child] = vector.children;
  return child === undefined ? NO_CELLS : element(child);
}

export function arrayText(element: CellEncoder): ColumnEncoder {
  return appended((vector) => {
    const elements = elementsOf(vector, element);
    return (row, cells) => {
      const { begin, end } = listSpan(vector, row);
      cells.byte(OPEN);
      for (let i = begin; i < end; i++) {
        if (i > begin) cells.byte(COMMA);
        writeElement(elements, i, cells);
      }
      cells.byte(CLOSE);
    };
  });
}

const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Bytes that force quotes: delimiters, quotes, backslash and white space. */
const SPECIAL = new Set([
  OPEN,
  CLOSE,
  COMMA,
  QUOTE,
  BACKSLASH,
  9,
  10,
  11,
  12,
  13,
  32,
]);

function writeElement(elements: Cells, index: number, to: CellBuffer): void {
  const size = elements.length[index] ?? -1;
  const from = elements.start[index] ?? 0;
  if (size < 0) to.ascii("NULL");
  else if (!needsQuotes(elements.bytes, from, size)) {
    to.append(elements.bytes, from, size);
  } else {
    to.byte(QUOTE);
    for (let i = from; i < from + size; i++) {
      const byte = elements.bytes[i] ?? 0;
      if (byte === QUOTE || byte === BACKSLASH) to.byte(BACKSLASH);
      to.byte(byte);
    }
    to.byte(QUOTE);
  }
}

function needsQuotes(bytes: Uint8Array, from: number, size: number): boolean {
  if (size === 0 || isNullWord(bytes, from, size)) return true;
  for (let i = from; i < from + size; i++) {
    if (SPECIAL.has(bytes[i] ?? 0)) return true;
  }
  return false;
}

function isNullWord(bytes: Uint8Array, from: number, size: number): boolean {
  if (size !== 4) return false;
  for (let i = 0; i < 4; i++) {
    if (((bytes[from + i] ?? 0) | 0x20) !== "null".charCodeAt(i)) return false;
  }
  return true;
}
