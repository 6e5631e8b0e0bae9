// A chunk of the kernel's result -> rows as the client wants them. One encoder a result: it keeps its buffers.

import type {
  DuckDBDataChunk,
  DuckDBType,
} from "../../../../storage/kernel/duckdb.ts";
import type { PhysicalColumn } from "../../../../planner/physical/plan.ts";
import type {
  EncodedRows,
  OutputSettings,
  ResultFormat,
} from "../../../session/result.ts";
import { invariant } from "../../../../storage/common/invariant.ts";
import { binaryEncoder } from "./binary.ts";
import { NULL_CELL, writeInt32, type ColumnEncoder } from "./cells.ts";
import { copyRows } from "./copy-rows.ts";
import { separatedRows, writeCsvCell, writeJsonCell } from "./separated.ts";
import { apiNotation, postgresNotation, textEncoder } from "./text.ts";
import { columnOf } from "./vector.ts";

export interface RowEncoder {
  /** More than one where a batch has a fixed cost, as an Arrow stream has. */
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
      return rowByRow(encoders, kernelTypes, dataRows(encoders));
    }
    case "copy": {
      const { copy, output } = format;
      const one = copy.kind === "binary" ? "binary" : "text";
      const formats = columns.map(() => one);
      const encoders = postgresEncoders(columns, kernelTypes, {
        formats,
        output,
      });
      return rowByRow(encoders, kernelTypes, copyRows(copy, encoders));
    }
    case "json":
    case "csv": {
      const encoders = apiEncoders(columns, kernelTypes, format.output);
      const write = format.kind === "json" ? writeJsonCell : writeCsvCell;
      const rows = separatedRows(format.kind, encoders, write);
      return rowByRow(encoders, kernelTypes, rows);
    }
    case "arrow": {
      // A quarter of what a node would load at its start, for a format few clients ask for.
      const { arrowEncoder } = await import("./arrow.ts");
      return {
        chunksPerBatch: 16,
        encode: arrowEncoder(columns, kernelTypes, format.output),
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
      ? binaryEncoder(type, kernel)
      : textEncoder(type, kernel, notation, format.output);
  });
}

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

/** Writes `rowCount` rows of the batch the encoders are pointed at, of whose cells none is longer together than `cellBytes`. */
type WriteRows = (rowCount: number, cellBytes: number) => Uint8Array;

function rowByRow(
  encoders: readonly ColumnEncoder[],
  kernelTypes: readonly DuckDBType[],
  write: WriteRows,
): RowEncoder {
  const encodeOne = (chunk: DuckDBDataChunk): Uint8Array => {
    let cellBytes = 0;
    encoders.forEach(({ prepare }, index) => {
      cellBytes += prepare(columnOf(chunk, index, at(kernelTypes, index)));
    });
    return write(chunk.rowCount, cellBytes);
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

const DATA_ROW = 0x44;
/** `D`, message length, column count. */
const ROW_HEAD = 7;

/** DataRow messages back to back: a head, then each column behind its length (-1 for NULL). */
function dataRows(encoders: readonly ColumnEncoder[]): WriteRows {
  const writers = encoders.map(({ write }) => write);
  const headBytes = ROW_HEAD + 4 * writers.length;
  let buffer = new Uint8Array(0);
  return (rowCount, cellBytes) => {
    const most = rowCount * headBytes + cellBytes;
    if (buffer.length < most) buffer = new Uint8Array(most);
    let next = 0;
    for (let row = 0; row < rowCount; row++) {
      let cell = next + ROW_HEAD;
      for (const write of writers) {
        const end = write(row, buffer, cell + 4);
        writeInt32(
          end === NULL_CELL ? NULL_CELL : end - cell - 4,
          buffer,
          cell,
        );
        cell = end === NULL_CELL ? cell + 4 : end;
      }
      buffer[next] = DATA_ROW;
      writeInt32(cell - next - 1, buffer, next + 1);
      buffer[next + 5] = writers.length >>> 8;
      buffer[next + 6] = writers.length;
      next = cell;
    }
    // The buffer is used again while the rows are still on their way.
    return buffer.slice(0, next);
  };
}
