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
import { CellBuffer, type ColumnEncoder } from "./cells.ts";
import { copyLines } from "./copy-lines.ts";
import { separatedRows } from "./separated.ts";
import { apiNotation, isPlain, postgresNotation, textEncoder } from "./text.ts";
import { COPY_DATA, DATA_ROW, tuples, type WriteRows } from "./tuples.ts";
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
      const write = tuples(DATA_ROW, columns.length);
      return rowByRow(encoders, kernelTypes, write);
    }
    case "copy": {
      const { copy, output } = format;
      const one = copy.kind === "binary" ? "binary" : "text";
      const formats = columns.map(() => one);
      const encoders = postgresEncoders(columns, kernelTypes, {
        formats,
        output,
      });
      const write =
        copy.kind === "binary"
          ? tuples(COPY_DATA, columns.length)
          : copyLines(copy, kernelTypes.map(isPlain));
      return rowByRow(encoders, kernelTypes, write);
    }
    case "json":
    case "csv": {
      const encoders = apiEncoders(columns, kernelTypes, format.output);
      const write = separatedRows(format.kind, columns.length);
      return rowByRow(encoders, kernelTypes, write);
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

function rowByRow(
  encoders: readonly ColumnEncoder[],
  kernelTypes: readonly DuckDBType[],
  write: WriteRows,
): RowEncoder {
  const cells = new CellBuffer();
  const encodeOne = (chunk: DuckDBDataChunk): Uint8Array => {
    cells.reset(chunk.rowCount, encoders.length);
    encoders.forEach((encode, index) => {
      cells.column(index);
      encode(columnOf(chunk, index, at(kernelTypes, index)), cells);
    });
    return write(cells, chunk.rowCount);
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
