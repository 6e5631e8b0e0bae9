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
import { arrowEncoder } from "./arrow.ts";
import { binaryEncoder } from "./binary.ts";
import { gatherLengthPrefixed, type CellEncoder, type Cells } from "./cells.ts";
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
export function rowEncoder(
  format: ResultFormat,
  columns: readonly PhysicalColumn[],
  kernelTypes: readonly DuckDBType[],
): RowEncoder {
  switch (format.kind) {
    case "postgres": {
      const notation = postgresNotation(format.output);
      const encoders = columns.map(({ type }, index) => {
        const kernel = at(kernelTypes, index);
        return format.formats[index] === "binary"
          ? binaryEncoder(type, kernel)
          : textEncoder(type, kernel, notation, format.output);
      });
      return cellsThen(encoders, kernelTypes, dataRows);
    }
    case "json":
    case "csv": {
      const encoders = apiCells(columns, kernelTypes, format.output);
      const write = format.kind === "json" ? writeJsonCell : writeCsvCell;
      return cellsThen(
        encoders,
        kernelTypes,
        separatedRows(format.kind, write),
      );
    }
    case "arrow":
      return {
        chunksPerBatch: 16,
        encode: arrowEncoder(columns, kernelTypes, format.output),
      };
  }
}

function apiCells(
  columns: readonly PhysicalColumn[],
  kernelTypes: readonly DuckDBType[],
  output: OutputSettings,
): readonly CellEncoder[] {
  const notation = apiNotation(output);
  return columns.map(({ type }, index) =>
    textEncoder(type, at(kernelTypes, index), notation, output),
  );
}

type Framing = (columns: readonly Cells[], rowCount: number) => Uint8Array;

function cellsThen(
  encoders: readonly CellEncoder[],
  kernelTypes: readonly DuckDBType[],
  frame: Framing,
): RowEncoder {
  const encodeOne = (chunk: DuckDBDataChunk): Uint8Array =>
    frame(
      encoders.map((encode, index) =>
        encode(columnOf(chunk, index, at(kernelTypes, index))),
      ),
      chunk.rowCount,
    );
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
const BLOCK_ROWS = 128;

/** DataRow messages back to back: `D`, length, column count, then each column behind its length. */
function dataRows(columns: readonly Cells[], rowCount: number): Uint8Array {
  const size = new Int32Array(rowCount).fill(7 + 4 * columns.length);
  for (const { length } of columns) {
    for (let row = 0; row < rowCount; row++) {
      const cell = length[row] ?? 0;
      if (cell > 0) size[row] = (size[row] ?? 0) + cell;
    }
  }
  let total = 0;
  for (const row of size) total += row;
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(total).buffer);
  const position = new Int32Array(rowCount);
  let next = 0;
  for (let row = 0; row < rowCount; row++) {
    const rowSize = size[row] ?? 0;
    const body = rowSize - 1;
    bytes[next] = DATA_ROW;
    bytes[next + 1] = body >>> 24;
    bytes[next + 2] = body >>> 16;
    bytes[next + 3] = body >>> 8;
    bytes[next + 4] = body;
    bytes[next + 5] = columns.length >>> 8;
    bytes[next + 6] = columns.length;
    position[row] = next + 7;
    next += rowSize;
  }
  // In blocks of rows, so that the lines of the output stay in the processor's cache from column to column.
  for (let from = 0; from < rowCount; from += BLOCK_ROWS) {
    const rows = { from, to: Math.min(rowCount, from + BLOCK_ROWS) };
    for (const cells of columns)
      gatherLengthPrefixed(cells, rows, bytes, position);
  }
  return bytes;
}
