// Memory for the cells of a batch, and the routines that put its rows together in it. One for the process: nothing of a batch
// outlives the call that encodes it, and memory for WebAssembly is costly to make.

import { invariant } from "../../../../../storage/common/invariant.ts";
import { CellBuffer, type ColumnEncoder } from "../cells.ts";
import { NUMERIC_BYTES } from "./numerics.ts";
import { MODULE } from "./routines.ts";
import { takeMemory } from "./row-memory.ts";

/** Message types. */
export const DATA_ROW = 0x44;
export const COPY_DATA = 0x64;
/** A number of 64 bits: its digits, sign and point. */
const LONGEST = 22;
/** Type and length. */
const MESSAGE_HEAD = 5;

type Integers = readonly number[];

/** Parameters in the order written in routines.ts and numbers.ts. */
type Routine = (...parameters: Integers) => number;

/** Those of columns, one for each scale. */
type Scaled = `${"decimals" | "numerics"}${number}`;

type Routines = Readonly<
  Record<"cellBytes" | "tuples" | "lines" | Scaled, Routine>
>;

interface Memory {
  readonly buffer: ArrayBuffer;
}

interface Module {
  readonly kind: "module";
}

/** The part of the runtime's WebAssembly that is used here. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => Module;
  readonly Memory: new (descriptor: { readonly initial: number }) => Memory;
  readonly Instance: new (
    module: Module,
    imports: { readonly host: { readonly memory: Memory } },
  ) => { readonly exports: Routines };
};

const PAGE = 65_536;
/** What is kept from batch to batch at most. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** How a line of COPY is put together. */
export interface LineStyle {
  /** One byte. */
  readonly delimiter: number;
  readonly nullText: Uint8Array;
}

export class RowMachine {
  /** Memory is replaced when more is needed, never grown: a buffer that may be detached makes every access of the runtime slower. */
  readonly cells: CellBuffer;
  readonly #module = new WebAssembly.Module(MODULE);
  #routines: Routines | undefined;

  constructor() {
    this.cells = new CellBuffer((sizeBytes) => {
      const initial = Math.ceil(sizeBytes / PAGE);
      const memory = new WebAssembly.Memory({ initial });
      const host = { memory };
      const { exports } = new WebAssembly.Instance(this.#module, { host });
      this.#routines = exports;
      return memory.buffer;
    });
  }

  /** An encoder, into this machine's cells, of integers of 2, 4 or 8 bytes with `scale` digits behind the point, at most {@link MOST_SCALE}. */
  decimals(scale: number): ColumnEncoder {
    return this.#scaled(`decimals${scale}`, LONGEST);
  }

  /** The same in numeric's binary format, `scale` being at most {@link MOST_BINARY_SCALE}. */
  numerics(scale: number): ColumnEncoder {
    return this.#scaled(`numerics${scale}`, NUMERIC_BYTES);
  }

  /** @param longest bytes a cell takes */
  #scaled(name: Scaled, longest: number): ColumnEncoder {
    return (vector, cells) => {
      const { bytes, valid, count } = vector;
      if (count === 0) return;
      const values = cells.at;
      cells.append(bytes, 0, bytes.length);
      const validAt = valid === undefined ? 0 : cells.at;
      if (valid !== undefined) cells.append(valid, 0, valid.length);
      cells.ensure(count * longest);
      const run = this.#ready()[name];
      invariant(run !== undefined, "there is a routine of every scale");
      cells.at = run(
        values,
        bytes.length / count,
        validAt,
        count,
        cells.start.byteOffset,
        cells.length.byteOffset,
        cells.at,
      );
    };
  }

  /** Messages back to back: the number of columns, then each column behind its length (-1 for NULL). What it returns is the caller's. */
  tuples(
    rowCount: number,
    columnCount: number,
    type: typeof DATA_ROW | typeof COPY_DATA,
  ): Uint8Array {
    const fixed = MESSAGE_HEAD + 2 + 4 * columnCount;
    return this.#write({ rowCount, columnCount, fixed }, (routines, tables) =>
      routines.tuples(...tables, type, this.cells.at),
    );
  }

  /** CopyData messages of a line each. What it returns is the caller's. */
  lines(
    rowCount: number,
    columnCount: number,
    { delimiter, nullText }: LineStyle,
  ): Uint8Array {
    const nullAt = this.cells.at;
    this.cells.append(nullText, 0, nullText.length);
    const fixed = MESSAGE_HEAD + 1 + columnCount * (1 + nullText.length);
    return this.#write({ rowCount, columnCount, fixed }, (routines, tables) =>
      routines.lines(
        ...tables,
        COPY_DATA,
        this.cells.at,
        delimiter,
        nullAt,
        nullText.length,
      ),
    );
  }

  /** @param size `fixed` is what a row takes at most besides its cells; @param run gives where the rows, written behind all cells, end */
  #write(
    size: {
      readonly rowCount: number;
      readonly columnCount: number;
      readonly fixed: number;
    },
    run: (routines: Routines, tables: Integers) => number,
  ): Uint8Array {
    const { cells } = this;
    const { rowCount, columnCount, fixed } = size;
    if (rowCount === 0) return new Uint8Array(0);
    const shape = [cells.stride * 4, rowCount, columnCount];
    const lengthsAt = (): number => cells.lengths.byteOffset;
    const total = this.#ready().cellBytes(lengthsAt(), ...shape);
    cells.ensure(total + rowCount * fixed);
    const end = run(this.#ready(), [0, lengthsAt(), ...shape]);
    const rows = takeMemory(end - cells.at);
    rows.set(cells.bytes.subarray(cells.at, end));
    if (cells.bytes.length > KEPT_BYTES) cells.release();
    return rows;
  }

  #ready(): Routines {
    invariant(this.#routines !== undefined, "cells are written before rows");
    return this.#routines;
  }
}

/** Puts together the rows of the batch whose cells the machine holds. What it returns is the caller's. */
export type WriteRows = (machine: RowMachine, rowCount: number) => Uint8Array;

let shared: RowMachine | undefined;

/** The process's; made when the first result is encoded. */
export function rowMachine(): RowMachine {
  shared ??= new RowMachine();
  return shared;
}
