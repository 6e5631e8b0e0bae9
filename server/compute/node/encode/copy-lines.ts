// Cells -> lines of COPY TO in text and CSV, each in a CopyData message.

import type {
  CopyCsvFormat,
  CopyTextFormat,
} from "../../../../planner/logical/copy-format.ts";
import { NULL_CELL, SLACK, type CellBuffer } from "./cells.ts";
import { csvCell, textCell, type EscapeCell } from "./copy-cell.ts";
import { cellBytes, COPY_DATA, copyWords, type WriteRows } from "./tuples.ts";

/** `d` and the message length. */
const HEAD = 5;
const LF = 0x0a;

/** What numbers, dates and the words of such types are written with. */
const PLAIN = /^[0-9A-Za-z+\-.:/ ]+$/;

type LineFormat = CopyTextFormat | CopyCsvFormat;

/** @param plain by column: its cells hold letters, digits and the punctuation above alone, and are never empty */
export function copyLines(
  format: LineFormat,
  plain: readonly boolean[],
): WriteRows {
  const columnCount = plain.length;
  const delimiter = format.delimiter.charCodeAt(0);
  const nullText = Buffer.from(format.null);
  const escapes = plain.map((isPlain, place) =>
    isPlain && leavesPlain(format, place)
      ? undefined
      : escapeOf(format, place, columnCount),
  );
  const fixed = HEAD + columnCount * (1 + nullText.length);
  return (cells, rowCount) => {
    escapes.forEach((escape, column) => {
      if (escape === undefined) return;
      cells.column(column);
      escapeColumn(cells, rowCount, escape);
    });
    const { starts, lengths, stride, view } = cells;
    const out = new Uint8Array(
      cellBytes(cells, rowCount, columnCount) + rowCount * fixed + SLACK,
    );
    const to = new DataView(out.buffer);
    let next = 0;
    for (let row = 0; row < rowCount; row++) {
      let at = next + HEAD;
      for (let column = 0, i = row; column < columnCount; column++) {
        const length = lengths[i] ?? NULL_CELL;
        if (length > 0) {
          at = copyWords({ view, start: starts[i] ?? 0, length }, to, at);
        } else if (length === NULL_CELL) {
          out.set(nullText, at);
          at += nullText.length;
        }
        to.setUint8(at++, delimiter);
        i += stride;
      }
      // In place of the last delimiter.
      if (columnCount > 0) at--;
      to.setUint8(at++, LF);
      to.setUint8(next, COPY_DATA);
      to.setInt32(next + 1, at - next - 1);
      next = at;
    }
    return out.subarray(0, next);
  };
}

/** Whether nothing in a plain cell of that column is ever escaped or quoted. */
function leavesPlain(format: LineFormat, place: number): boolean {
  if (PLAIN.test(format.delimiter)) return false;
  if (format.kind === "text") return true;
  return (
    !format.forceQuote.includes(place) &&
    !PLAIN.test(format.quote) &&
    !PLAIN.test(format.null)
  );
}

function escapeOf(
  format: LineFormat,
  place: number,
  columnCount: number,
): EscapeCell {
  return format.kind === "text"
    ? textCell(format)
    : csvCell(format, {
        force: format.forceQuote.includes(place),
        alone: columnCount === 1,
      });
}

/** Cells that need it are written again, escaped, behind all others. */
function escapeColumn(
  cells: CellBuffer,
  rowCount: number,
  { needed, write }: EscapeCell,
): void {
  const { start, length } = cells;
  for (let row = 0; row < rowCount; row++) {
    const size = length[row] ?? NULL_CELL;
    if (size === NULL_CELL) continue;
    const from = start[row] ?? 0;
    if (!needed(cells.bytes, from, from + size)) continue;
    cells.begin(row);
    write(cells, from, size);
    cells.end(row);
  }
}
