// Cells -> lines of COPY TO in text and CSV, each in a CopyData message.

import type {
  CopyCsvFormat,
  CopyTextFormat,
} from "../../../../planner/logical/copy-format.ts";
import { NULL_CELL, type CellBuffer } from "./cells.ts";
import { csvCell, textCell, type EscapeCell } from "./copy-cell.ts";
import type { WriteRows } from "./machine/machine.ts";

/** What numbers, dates and the words of such types are written with. */
const PLAIN = /^[0-9A-Za-z+\-.:/ ]+$/;

type LineFormat = CopyTextFormat | CopyCsvFormat;

/** @param plain by column: its cells hold letters, digits and the punctuation above alone, and are never empty */
export function copyLines(
  format: LineFormat,
  plain: readonly boolean[],
): WriteRows {
  const columnCount = plain.length;
  const style = {
    delimiter: format.delimiter.charCodeAt(0),
    nullText: Buffer.from(format.null),
  };
  const escapes = plain.map((isPlain, place) =>
    isPlain && leavesPlain(format, place)
      ? undefined
      : escapeOf(format, place, columnCount),
  );
  return (machine, rowCount) => {
    const { cells } = machine;
    escapes.forEach((escape, column) => {
      if (escape === undefined) return;
      cells.column(column);
      escapeColumn(cells, rowCount, escape);
    });
    return machine.lines(rowCount, columnCount, style);
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
