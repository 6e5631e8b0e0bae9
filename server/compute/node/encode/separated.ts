// Rows of separated cells: JSON_ARRAY rows joined by commas, and CSV lines (RFC 4180; NULL as `null`).

import { CellBuffer, type Cells } from "./cells.ts";
import { writeJsonString } from "./json-text.ts";

export type WriteCell = (cells: Cells, row: number, to: CellBuffer) => void;

export function separatedRows(
  kind: "json" | "csv",
  write: WriteCell,
): (columns: readonly Cells[], rowCount: number) => Uint8Array {
  const out = new CellBuffer();
  return (columns, rowCount) => {
    out.at = 0;
    for (let row = 0; row < rowCount; row++) {
      if (kind === "json") out.ascii(row === 0 ? "[" : ",[");
      let first = true;
      for (const cells of columns) {
        if (!first) out.byte(COMMA);
        first = false;
        write(cells, row, out);
      }
      out.ascii(kind === "json" ? "]" : "\r\n");
    }
    return out.bytes.slice(0, out.at);
  };
}

const COMMA = 0x2c;
const QUOTE = 0x22;

export function writeJsonCell(cells: Cells, row: number, to: CellBuffer): void {
  if ((cells.length[row] ?? -1) < 0) to.ascii("null");
  else writeJsonString(cells, row, to);
}

export function writeCsvCell(cells: Cells, row: number, to: CellBuffer): void {
  const size = cells.length[row] ?? -1;
  const from = cells.start[row] ?? 0;
  if (size < 0) {
    to.ascii("null");
    return;
  }
  if (!needsQuotes(cells.bytes, from, size)) {
    to.append(cells.bytes, from, size);
    return;
  }
  to.byte(QUOTE);
  for (let i = from; i < from + size; i++) {
    const byte = cells.bytes[i] ?? 0;
    if (byte === QUOTE) to.byte(QUOTE);
    to.byte(byte);
  }
  to.byte(QUOTE);
}

/** Also where the text would read as NULL. */
function needsQuotes(bytes: Uint8Array, from: number, size: number): boolean {
  for (let i = from; i < from + size; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === COMMA || byte === QUOTE || byte === 10 || byte === 13)
      return true;
  }
  return (
    size === 4 &&
    Buffer.from(bytes.buffer, bytes.byteOffset + from, 4).toString("latin1") ===
      "null"
  );
}
