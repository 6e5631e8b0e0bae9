// Rows of separated cells: JSON_ARRAY rows joined by commas, and CSV lines (RFC 4180; NULL as `null`).

import { CellBuffer, NULL_CELL, type ByteRange } from "./cells.ts";
import { writeJsonString } from "./json-text.ts";

/** Appends a cell's text in the notation of the format. */
type WriteCell = (cell: ByteRange, to: CellBuffer) => void;

export function separatedRows(
  kind: "json" | "csv",
  columnCount: number,
): (cells: CellBuffer, rowCount: number) => Uint8Array {
  const out = new CellBuffer();
  const write: WriteCell =
    kind === "json"
      ? writeJsonString
      : columnCount === 1
        ? writeLoneCsvCell
        : writeCsvCell;
  return ({ bytes, starts, lengths, stride }, rowCount) => {
    out.at = 0;
    for (let row = 0; row < rowCount; row++) {
      if (kind === "json") out.ascii(row === 0 ? "[" : ",[");
      for (let column = 0; column < columnCount; column++) {
        if (column > 0) out.byte(COMMA);
        const i = column * stride + row;
        const length = lengths[i] ?? NULL_CELL;
        if (length === NULL_CELL) out.ascii("null");
        else write({ bytes, start: starts[i] ?? 0, length }, out);
      }
      out.ascii(kind === "json" ? "]" : "\r\n");
    }
    return out.bytes.slice(0, out.at);
  };
}

const COMMA = 0x2c;
const QUOTE = 0x22;

function writeCsvCell(cell: ByteRange, to: CellBuffer): void {
  const { bytes, start, length } = cell;
  if (!needsQuotes(cell)) {
    to.append(bytes, start, length);
    return;
  }
  to.ensure(length * 2 + 2);
  to.bytes[to.at++] = QUOTE;
  for (let i = start; i < start + length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === QUOTE) to.bytes[to.at++] = QUOTE;
    to.bytes[to.at++] = byte;
  }
  to.bytes[to.at++] = QUOTE;
}

/** Nothing at all in a line of its own would be no row. */
function writeLoneCsvCell(cell: ByteRange, to: CellBuffer): void {
  if (cell.length === 0) to.ascii('""');
  else writeCsvCell(cell, to);
}

/** Also where the text would read as NULL. */
function needsQuotes({ bytes, start, length }: ByteRange): boolean {
  for (let i = start; i < start + length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === COMMA || byte === QUOTE || byte === 10 || byte === 13) {
      return true;
    }
  }
  return (
    length === 4 &&
    Buffer.from(bytes.buffer, bytes.byteOffset + start, 4).toString(
      "latin1",
    ) === "null"
  );
}
