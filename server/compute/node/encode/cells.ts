// The shape in which a column's values are encoded: their bytes in one piece of memory, and where each begins and how long it is.
// Rows are put together from the cells of all columns; arrays, JSON and Arrow combine the cells of their elements.

import { isNull, type ColumnVector } from "./vector.ts";

/** The length of NULL. */
export const NULL_CELL = -1;

/** Bytes are moved in pieces, so that up to this many behind a cell may be written, and are read by who copies it. */
export const SLACK = 16;

export interface Cells {
  readonly bytes: Uint8Array;
  /** Where cell r begins in `bytes`. */
  readonly start: Int32Array;
  /** Its length in bytes; NULL_CELL for NULL. */
  readonly length: Int32Array;
}

/** Appends a column's cells to the column that `to` is at. The batch's memory is not read any more when it returns. */
export type ColumnEncoder = (vector: ColumnVector, to: CellBuffer) => void;

/** Encodes a column by itself. What it returns is overwritten by its next call. */
export type CellEncoder = (vector: ColumnVector) => Cells;

/** Growable cells of one or more columns, reused from batch to batch: both tables and all bytes in one piece of memory. */
export class CellBuffer implements Cells {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** The same memory. */
  view: DataView = new DataView(this.bytes.buffer);
  /** Where the next byte goes. */
  at = 0;
  /** Of all columns: column c's row r is at `c * stride + r`. */
  starts: Int32Array<ArrayBuffer> = new Int32Array(0);
  lengths: Int32Array<ArrayBuffer> = new Int32Array(0);
  stride = 0;
  /** Of the column that is written now. Replaced, like `bytes` and `view`, when room is made. */
  start: Int32Array = this.starts;
  length: Int32Array = this.lengths;
  readonly #allocate: (sizeBytes: number) => ArrayBuffer;
  #columns = 0;
  #column = 0;

  /** @param allocate gives memory of at least that size, filled with anything */
  constructor(
    allocate: (sizeBytes: number) => ArrayBuffer = (sizeBytes) =>
      new ArrayBuffer(sizeBytes),
  ) {
    this.#allocate = allocate;
  }

  /** Forgets all cells, makes room for `count` rows of each column, and goes to the first. */
  reset(count: number, columns = 1): void {
    if (this.stride < count || this.#columns !== columns) {
      this.stride = Math.max(this.stride, grown(count));
      this.#columns = columns;
    }
    this.at = 2 * 4 * columns * this.stride;
    if (this.bytes.length < this.at) this.#replace(grown(this.at), 0);
    else this.#tables();
    this.column(0);
  }

  /** Gives the memory back. */
  release(): void {
    this.#replace(0, 0);
    this.stride = 0;
    this.#columns = 0;
  }

  /** The following cells are column `index`'s. */
  column(index: number): void {
    const from = index * this.stride;
    this.#column = index;
    this.start = this.starts.subarray(from, from + this.stride);
    this.length = this.lengths.subarray(from, from + this.stride);
  }

  /** Makes room for `size` more bytes and the slack, keeping what was written. */
  ensure(size: number): void {
    const needed = this.at + size + SLACK;
    if (this.bytes.length < needed) this.#replace(grown(needed), this.at);
  }

  #replace(sizeBytes: number, kept: number): void {
    const old = this.bytes;
    this.bytes = new Uint8Array(this.#allocate(sizeBytes));
    this.bytes.set(old.subarray(0, kept));
    this.view = new DataView(this.bytes.buffer);
    this.#tables();
    this.column(this.#column);
  }

  #tables(): void {
    const { buffer } = this.bytes;
    const size = this.stride * this.#columns;
    this.starts = new Int32Array(buffer, 0, size);
    this.lengths = new Int32Array(buffer, size * 4, size);
  }

  begin(row: number): void {
    this.start[row] = this.at;
  }

  end(row: number): void {
    this.length[row] = this.at - (this.start[row] ?? 0);
  }

  null(row: number): void {
    this.length[row] = NULL_CELL;
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
    const { bytes, at } = this;
    if (length > COPY_BY_LOOP) {
      bytes.set(from.subarray(start, start + length), at);
    } else {
      for (let i = 0; i < length; i++) bytes[at + i] = from[start + i] ?? 0;
    }
    this.at = at + length;
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

function grown(size: number): number {
  return Math.max(1024, Math.ceil(size * 1.5));
}

/** A column's cells, in memory of their own. */
export function cellsOf(encoder: ColumnEncoder): CellEncoder {
  const cells = new CellBuffer();
  return (vector) => {
    cells.reset(vector.count);
    encoder(vector, cells);
    return cells;
  };
}

/** Writes row r's value, which is not NULL, at `at` and gives where it ends. */
export type CellWriter = (row: number, to: DataView, at: number) => number;

/**
 * An encoder of values of at most `width` bytes, from a function that gives each batch's writer. It costs a call a cell: the types
 * that fill most results have loops of their own.
 */
export function fixedWidth(
  width: number,
  open: (vector: ColumnVector) => CellWriter,
): ColumnEncoder {
  return (vector, to) => {
    const { count } = vector;
    const write = open(vector);
    to.ensure(count * width);
    const { view, start, length } = to;
    let { at } = to;
    for (let row = 0; row < count; row++) {
      if (isNull(vector, row)) {
        length[row] = NULL_CELL;
        continue;
      }
      const end = write(row, view, at);
      start[row] = at;
      length[row] = end - at;
      at = end;
    }
    to.at = at;
  };
}

/** Values too rare, or too long, to be written into memory known to suffice: `write` appends the value of a row that is not NULL. */
export function appended(
  open: (vector: ColumnVector) => (row: number, to: CellBuffer) => void,
): ColumnEncoder {
  return (vector, to) => {
    const write = open(vector);
    for (let row = 0; row < vector.count; row++) {
      if (isNull(vector, row)) {
        to.null(row);
        continue;
      }
      to.begin(row);
      write(row, to);
      to.end(row);
    }
  };
}

/** A column whose every value is NULL. */
export const NULLS: ColumnEncoder = ({ count }, { length }) => {
  length.fill(NULL_CELL, 0, count);
};
