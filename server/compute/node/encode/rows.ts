// A chunk of the kernel's result -> rows as the client wants them. One encoder a result: it keeps its buffers.

import {
  DuckDBTypeId,
  type DuckDBDataChunk,
  type DuckDBType,
} from "../../../../storage/kernel/duckdb.ts";
import type { DataType } from "../../../../storage/common/data-type.ts";
import type { PhysicalColumn } from "../../../../planner/physical/plan.ts";
import type {
  EncodedRows,
  OutputSettings,
  ResultFormat,
} from "../../../session/result.ts";
import { invariant } from "../../../../storage/common/invariant.ts";
import { binaryEncoder } from "./binary.ts";
import type { ColumnEncoder } from "./cells.ts";
import { copyLines } from "./copy-lines.ts";
import {
  COPY_DATA,
  DATA_ROW,
  rowMachine,
  type WriteRows,
} from "./machine/machine.ts";
import { MOST_SCALE } from "./machine/numbers.ts";
import { MOST_BINARY_SCALE } from "./machine/numerics.ts";
import { separatedRows } from "./separated.ts";
import { apiNotation, isPlain, postgresNotation, textEncoder } from "./text.ts";
import { columnOf } from "./vector.ts";

export interface RowEncoder {
  /** The most: more than one where a batch has a fixed cost, as an Arrow stream has. */
  readonly chunksPerBatch: number;
  /** The chunks' memory is read now and not kept. */
  readonly encode: (chunks: readonly DuckDBDataChunk[]) => EncodedRows;
}

/** @param kernelTypes of the result's columns, in the order of `columns` */
export async function rowEncoder(
  format: ResultFormat,
  columns: readonly PhysicalColumn[],
  kernelTypes: readonly DuckDBType[],
): Promise<RowEncoder> {
  switch (format.kind) {
    case "postgres": {
      const encoders = postgresEncoders(columns, kernelTypes, format);
      return rowByRow(encoders, kernelTypes, (machine, rowCount) =>
        machine.tuples(rowCount, columns.length, DATA_ROW),
      );
    }
    case "copy": {
      const { copy, output } = format;
      const one = copy.kind === "binary" ? "binary" : "text";
      const formats = columns.map(() => one);
      const encoders = postgresEncoders(columns, kernelTypes, {
        formats,
        output,
      });
      const write: WriteRows =
        copy.kind === "binary"
          ? (machine, rowCount) =>
              machine.tuples(rowCount, columns.length, COPY_DATA)
          : copyLines(copy, kernelTypes.map(isPlain));
      return rowByRow(encoders, kernelTypes, write);
    }
    case "json":
    case "csv": {
      const encoders = apiEncoders(columns, kernelTypes, format.output);
      const write = separatedRows(format.kind, columns.length);
      return rowByRow(encoders, kernelTypes, (machine, rowCount) =>
        write(machine.cells, rowCount),
      );
    }
    case "arrow": {
      // A quarter of what a node would load at its start, for a format few clients ask for.
      const { arrowEncoder } = await import("./arrow.ts");
      return {
        chunksPerBatch: 16,
        encode: arrowEncoder(columns, kernelTypes, format),
      };
    }
  }
}

function postgresEncoders(
  columns: readonly PhysicalColumn[],
  kernelTypes: readonly DuckDBType[],
  format: {
    readonly formats: readonly ("text" | "binary" | undefined)[];
    readonly output: OutputSettings;
  },
): readonly ColumnEncoder[] {
  const notation = postgresNotation(format.output);
  return columns.map(({ type }, index) => {
    const kernel = at(kernelTypes, index);
    return format.formats[index] === "binary"
      ? (quickNumerics(type, kernel) ?? binaryEncoder(type, kernel))
      : (quickNumbers(kernel) ??
          textEncoder(type, kernel, notation, format.output));
  });
}

/** Integers and decimals that fit 64 bits, which are written alike in every notation. */
function quickNumbers(kernel: DuckDBType): ColumnEncoder | undefined {
  switch (kernel.typeId) {
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.BIGINT:
      return rowMachine().decimals(0);
    case DuckDBTypeId.DECIMAL:
      return kernel.width <= MOST_WIDTH && kernel.scale <= MOST_SCALE
        ? rowMachine().decimals(kernel.scale)
        : undefined;
    default:
      return undefined;
  }
}

/** Decimals that fit 64 bits, in numeric's binary format. */
function quickNumerics(
  type: DataType,
  kernel: DuckDBType,
): ColumnEncoder | undefined {
  return type.kind === "numeric" &&
    kernel.typeId === DuckDBTypeId.DECIMAL &&
    kernel.width <= MOST_WIDTH &&
    kernel.scale <= MOST_BINARY_SCALE
    ? rowMachine().numerics(kernel.scale)
    : undefined;
}

/** Decimals of so many digits are held in 64 bits. */
const MOST_WIDTH = 18;

function apiEncoders(
  columns: readonly PhysicalColumn[],
  kernelTypes: readonly DuckDBType[],
  output: OutputSettings,
): readonly ColumnEncoder[] {
  const notation = apiNotation(output);
  return columns.map(({ type }, index) =>
    textEncoder(type, at(kernelTypes, index), notation, output),
  );
}

function rowByRow(
  encoders: readonly ColumnEncoder[],
  kernelTypes: readonly DuckDBType[],
  write: WriteRows,
): RowEncoder {
  const encodeOne = (chunk: DuckDBDataChunk): Uint8Array => {
    const machine = rowMachine();
    const { cells } = machine;
    cells.reset(chunk.rowCount, encoders.length);
    encoders.forEach((encode, index) => {
      cells.column(index);
      encode(columnOf(chunk, index, at(kernelTypes, index)), cells);
    });
    return write(machine, chunk.rowCount);
  };
  return {
    chunksPerBatch: 1,
    encode: (chunks) => ({
      bytes: joined(chunks.map(encodeOne)),
      rowCount: chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0),
    }),
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return parts.length === 1 && first !== undefined
    ? first
    : Buffer.concat(parts);
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  invariant(item !== undefined, "the kernel answers every column of the plan");
  return item;
}
