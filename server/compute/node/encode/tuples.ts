// Cells -> messages that hold a tuple each: DataRow, and CopyData of COPY's binary format. Both are the number of columns, then
// each behind its length (-1 for NULL).

import { NULL_CELL, SLACK, type CellBuffer } from "./cells.ts";

/** Writes the rows of a batch whose columns' cells are in `cells`. What it returns is the caller's. */
export type WriteRows = (cells: CellBuffer, rowCount: number) => Uint8Array;

/** Message types. */
export const DATA_ROW = 0x44;
export const COPY_DATA = 0x64;
/** Type, message length, column count. */
const ROW_HEAD = 7;

export function tuples(
  type: typeof DATA_ROW | typeof COPY_DATA,
  columnCount: number,
): WriteRows {
  return (cells, rowCount) => {
    const { starts, lengths, stride, view } = cells;
    const out = new Uint8Array(
      cellBytes(cells, rowCount, columnCount) +
        rowCount * (ROW_HEAD + 4 * columnCount) +
        SLACK,
    );
    const to = new DataView(out.buffer);
    let next = 0;
    for (let row = 0; row < rowCount; row++) {
      let at = next + ROW_HEAD;
      for (let column = 0, i = row; column < columnCount; column++) {
        const length = lengths[i] ?? NULL_CELL;
        to.setInt32(at, length);
        at += 4;
        if (length > 0) {
          at = copyWords({ view, start: starts[i] ?? 0, length }, to, at);
        }
        i += stride;
      }
      to.setUint8(next, type);
      to.setInt32(next + 1, at - next - 1);
      to.setInt16(next + 5, columnCount);
      next = at;
    }
    return out.subarray(0, next);
  };
}

/** What all cells take together. */
export function cellBytes(
  { lengths, stride }: CellBuffer,
  rowCount: number,
  columnCount: number,
): number {
  let total = 0;
  for (let column = 0; column < columnCount; column++) {
    const from = column * stride;
    for (let i = from; i < from + rowCount; i++) {
      const length = lengths[i] ?? NULL_CELL;
      if (length > 0) total += length;
    }
  }
  return total;
}

/** Up to here a loop beats a call of `set` (measured). */
const COPY_BY_LOOP = 128;

/** Copies a cell by words, with up to three bytes behind it; gives where it ends. */
export function copyWords(
  from: {
    readonly view: DataView;
    readonly start: number;
    readonly length: number;
  },
  to: DataView,
  at: number,
): number {
  const { view, start, length } = from;
  if (length > COPY_BY_LOOP) {
    const bytes = new Uint8Array(view.buffer, start, length);
    new Uint8Array(to.buffer).set(bytes, at);
  } else {
    for (let i = 0; i < length; i += 4) {
      to.setInt32(at + i, view.getInt32(start + i));
    }
  }
  return at + length;
}
