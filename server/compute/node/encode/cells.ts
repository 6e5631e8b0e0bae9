// The two shapes in which a column's values are encoded. A ColumnEncoder writes one cell at a time straight to where it
// belongs, which is what row formats want; Cells hold a whole column's values, which is what arrays, JSON and Arrow combine.

import type { ColumnVector } from "./vector.ts";

/** What a CellWriter answers for NULL. */
export const NULL_CELL = -1;

/** Writes row r's value at `at` and gives where it ends; NULL_CELL, with nothing written, for NULL. */
export type CellWriter = (row: number, to: Uint8Array, at: number) => number;

export interface ColumnEncoder {
  /** Points the writer at a batch and tells how many bytes all its cells take at most. The batch's memory is read until the next call. */
  readonly prepare: (vector: ColumnVector) => number;
  readonly write: CellWriter;
}

export interface Cells {
  readonly bytes: Uint8Array;
  /** Where cell r begins in `bytes`. */
  readonly start: Int32Array;
  /** Its length in bytes; -1 for NULL. */
  readonly length: Int32Array;
}

/** Encodes a column. What it returns is overwritten by its next call. */
export type CellEncoder = (vector: ColumnVector) => Cells;

/** Growable cells, reused from batch to batch. */
export class CellBuffer implements Cells {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  start: Int32Array = new Int32Array(0);
  length: Int32Array = new Int32Array(0);
  /** Where the next byte goes. */
  at = 0;

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
    this.at = copyCell({ bytes: from, start, length }, this.bytes, this.at);
  }
}

/** A cell's bytes in some larger piece. */
export interface ByteRange {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly length: number;
}

/** Up to here a loop beats a call of `set` (measured). */
const COPY_BY_LOOP = 40;

/** Gives where the copy ends. */
export function copyCell(range: ByteRange, to: Uint8Array, at: number): number {
  const { bytes, start, length } = range;
  if (length > COPY_BY_LOOP) to.set(bytes.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = bytes[start + i] ?? 0;
  return at + length;
}

function grown(size: number): number {
  return Math.max(1024, Math.ceil(size * 1.5));
}

/** A column's cells, one behind the other. */
export function cellsOf(encoder: ColumnEncoder): CellEncoder {
  const cells = new CellBuffer();
  return (vector) => {
    cells.rows(vector.count);
    cells.ensure(encoder.prepare(vector));
    const { bytes, start, length } = cells;
    let at = 0;
    for (let row = 0; row < vector.count; row++) {
      const end = encoder.write(row, bytes, at);
      start[row] = at;
      length[row] = end === NULL_CELL ? NULL_CELL : end - at;
      if (end !== NULL_CELL) at = end;
    }
    return cells;
  };
}

/** Cells that exist already, written one by one. */
export function writerOf(encode: CellEncoder): ColumnEncoder {
  let cells: Cells = new CellBuffer();
  return {
    prepare: (vector) => {
      cells = encode(vector);
      let total = 0;
      for (let row = 0; row < vector.count; row++) {
        total += Math.max(0, cells.length[row] ?? 0);
      }
      return total;
    },
    write: (row, to, at) => {
      const length = cells.length[row] ?? NULL_CELL;
      if (length === NULL_CELL) return NULL_CELL;
      const { bytes } = cells;
      const start = cells.start[row] ?? 0;
      if (length > COPY_BY_LOOP) {
        to.set(bytes.subarray(start, start + length), at);
      } else {
        for (let i = 0; i < length; i++) to[at + i] = bytes[start + i] ?? 0;
      }
      return at + length;
    },
  };
}

/** An encoder of values of at most `width` bytes, from a function that gives each batch's writer for rows that are not NULL. */
export function fixedWidth(
  width: number,
  open: (vector: ColumnVector) => void,
  writeValue: CellWriter,
): ColumnEncoder {
  let valid: Uint8Array | undefined;
  return {
    prepare: (vector) => {
      valid = vector.valid;
      open(vector);
      return vector.count * width;
    },
    write: (row, to, at) =>
      valid !== undefined && ((valid[row >> 3] ?? 0) & (1 << (row & 7))) === 0
        ? NULL_CELL
        : writeValue(row, to, at),
  };
}

/** A column whose every value is NULL. */
export const NULLS: ColumnEncoder = {
  prepare: () => 0,
  write: () => NULL_CELL,
};

/** Big-endian; gives where it ends. */
export function writeInt32(value: number, to: Uint8Array, at: number): number {
  to[at] = value >>> 24;
  to[at + 1] = value >>> 16;
  to[at + 2] = value >>> 8;
  to[at + 3] = value;
  return at + 4;
}
