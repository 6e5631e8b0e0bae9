// Encoded values of one column of one batch: the common currency of the encoders. Formatting a column fills cells,
// arrays and JSON combine the cells of their children, and row framing gathers cells into the client's bytes.

import type { ColumnVector } from "./vector.ts";

export interface Cells {
  readonly bytes: Uint8Array;
  /** Where cell r begins in `bytes`. */
  readonly start: Int32Array;
  /** Its length in bytes; -1 for NULL. */
  readonly length: Int32Array;
}

/** Formats a column. What it returns is overwritten by its next call. */
export type CellEncoder = (vector: ColumnVector) => Cells;

/** Growable cells, reused from batch to batch. */
export class CellBuffer implements Cells {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  start: Int32Array = new Int32Array(0);
  length: Int32Array = new Int32Array(0);
  /** Where the next byte goes, for the appending methods. */
  at = 0;

  /** Room for `count` cells of at most `width` bytes each, so that fixed-width encoders write without checks. */
  reserve(count: number, width: number): void {
    this.rows(count);
    if (this.bytes.length < count * width) {
      this.bytes = new Uint8Array(grown(count * width));
    }
  }

  /** Room for `count` cells whose bytes are appended. */
  rows(count: number): void {
    this.at = 0;
    if (this.start.length >= count) return;
    this.start = new Int32Array(grown(count));
    this.length = new Int32Array(grown(count));
  }

  /** Makes room for `size` more bytes, keeping what was written. */
  ensure(size: number): void {
    const needed = this.at + size;
    if (this.bytes.length >= needed) return;
    const larger = new Uint8Array(grown(needed));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
  }

  begin(row: number): void {
    this.start[row] = this.at;
  }

  end(row: number): void {
    this.length[row] = this.at - (this.start[row] ?? 0);
  }

  byte(value: number): void {
    this.ensure(1);
    this.bytes[this.at++] = value;
  }

  ascii(text: string): void {
    this.ensure(text.length);
    for (let i = 0; i < text.length; i++) {
      this.bytes[this.at++] = text.charCodeAt(i);
    }
  }

  append(from: Uint8Array, start: number, length: number): void {
    this.ensure(length);
    if (length > COPY_BY_LOOP) {
      this.bytes.set(from.subarray(start, start + length), this.at);
      this.at += length;
      return;
    }
    for (let i = 0; i < length; i++) {
      this.bytes[this.at++] = from[start + i] ?? 0;
    }
  }
}

/** Up to here a loop beats a call of `set` (measured). */
const COPY_BY_LOOP = 40;

function grown(size: number): number {
  return Math.max(1024, Math.ceil(size * 1.5));
}

/** Cells of a column whose every value is NULL. */
export function nullCells(buffer: CellBuffer, count: number): Cells {
  buffer.rows(count);
  buffer.length.fill(-1, 0, count);
  return buffer;
}

/**
 * Copies the cells of rows `from` up to `to` to `position[r]`, each behind its big-endian length (-1 for NULL), and moves the
 * position behind it: the layout of DataRow columns. `position` counts from row 0.
 */
export function gatherLengthPrefixed(
  cells: Cells,
  rows: { readonly from: number; readonly to: number },
  out: Uint8Array,
  position: Int32Array,
): void {
  const { bytes, start, length } = cells;
  for (let row = rows.from; row < rows.to; row++) {
    const size = length[row] ?? 0;
    const at = position[row] ?? 0;
    out[at] = size >>> 24;
    out[at + 1] = size >>> 16;
    out[at + 2] = size >>> 8;
    out[at + 3] = size;
    const begin = at + 4;
    const from = start[row] ?? 0;
    if (size > COPY_BY_LOOP) out.set(bytes.subarray(from, from + size), begin);
    else copyShort(bytes, from, size, out, begin);
    position[row] = size > 0 ? begin + size : begin;
  }
}

// eslint-disable-next-line max-params -- the innermost loop of every result: an object to hold five numbers costs more than the copy
function copyShort(
  from: Uint8Array,
  start: number,
  size: number,
  to: Uint8Array,
  at: number,
): void {
  for (let i = 0; i < size; i++) to[at + i] = from[start + i] ?? 0;
}
