// Chunks of CSV (RFC 4180): lines that end in CR LF, NULL as `null`, the header in front of the result's first row and nowhere else.

import type { ChunkFormat, TextRow } from "./chunk-format.ts";

const QUOTE = 0x22;
const LINE_FEED = 0x0a;

export const csvChunks: ChunkFormat = {
  encoding: "csv",
  contentType: "text/csv; charset=utf-8",
  pieces: ({ bytes }, place, columns) =>
    place === "opens-result"
      ? [Buffer.from(line(columns.map(({ name }) => name))), bytes]
      : [bytes],
  end: new Uint8Array(0),
  firstRows: ({ bytes }, count) => ({
    bytes: bytes.subarray(0, endOfRow(bytes, count)),
    rowCount: count,
  }),
  fromText: (rows) => ({
    bytes: Buffer.from(rows.map(line).join("")),
    rowCount: rows.length,
  }),
};

/** Where row number `count`, from 1, ends: at a line feed outside quotes. */
function endOfRow(bytes: Uint8Array, count: number): number {
  let quoted = false;
  let left = count;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === QUOTE) quoted = !quoted;
    else if (bytes[at] === LINE_FEED && !quoted) left -= 1;
    if (left === 0) return at + 1;
  }
  return bytes.length;
}

function line(row: TextRow): string {
  const lone = row.length === 1;
  return `${row.map((cell) => (cell === null ? "null" : written(cell, lone))).join(",")}\r\n`;
}

/** In quotes also where the text would read as NULL, or as no row at all. */
function written(cell: string, lone: boolean): string {
  const plain =
    !/[",\r\n]/.test(cell) && cell !== "null" && !(lone && cell === "");
  return plain ? cell : `"${cell.replaceAll('"', '""')}"`;
}
