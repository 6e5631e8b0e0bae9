// Rows of separated cells: JSON_ARRAY rows joined by commas, and CSV lines (RFC 4180; NULL as `null`).

import { CellBuffer, NULL_CELL, type ColumnEncoder } from "./cells.ts";
import { writeJsonString } from "./json-text.ts";

/** Writes the text `bytes[0..length)`, which may lie anywhere but in `to`. */
export type WriteCell = (
  bytes: Uint8Array,
  length: number,
  to: CellBuffer,
) => void;

export function separatedRows(
  kind: "json" | "csv",
  encoders: readonly ColumnEncoder[],
  write: WriteCell,
): (rowCount: number, cellBytes: number) => Uint8Array {
  const out = new CellBuffer();
  let cell = new Uint8Array(0);
  return (rowCount, cellBytes) => {
    if (cell.length < cellBytes) cell = new Uint8Array(cellBytes);
    out.at = 0;
    for (let row = 0; row < rowCount; row++) {
      if (kind === "json") out.ascii(row === 0 ? "[" : ",[");
      let first = true;
      for (const encoder of encoders) {
        if (!first) out.byte(COMMA);
        first = false;
        const end = encoder.write(row, cell, 0);
        if (end === NULL_CELL) out.ascii("null");
        else write(cell, end, out);
      }
      out.ascii(kind === "json" ? "]" : "\r\n");
    }
    return out.bytes.slice(0, out.at);
  };
}

const COMMA = 0x2c;
const QUOTE = 0x22;

export function writeJsonCell(
  bytes: Uint8Array,
  length: number,
  to: CellBuffer,
): void {
  writeJsonString({ bytes, start: 0, length }, to);
}

export function writeCsvCell(
  bytes: Uint8Array,
  length: number,
  to: CellBuffer,
): void {
  if (!needsQuotes(bytes, length)) {
    to.append(bytes, 0, length);
    return;
  }
  to.ensure(length * 2 + 2);
  to.bytes[to.at++] = QUOTE;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === QUOTE) to.bytes[to.at++] = QUOTE;
    to.bytes[to.at++] = byte;
  }
  to.bytes[to.at++] = QUOTE;
}

/** Also where the text would read as NULL. */
function needsQuotes(bytes: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === COMMA || byte === QUOTE || byte === 10 || byte === 13) {
      return true;
    }
  }
  return (
    length === 4 &&
    Buffer.from(bytes.buffer, bytes.byteOffset, 4).toString("latin1") === "null"
  );
}
