// The few rows of Arrow that the gateway itself makes: answers of commands, and what a limit leaves of a batch.

import {
  Bool,
  Field,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Utf8,
  makeData,
  tableFromIPC,
  vectorFromArray,
  type DataType as ArrowType,
} from "apache-arrow";
import type { DataType } from "../../../storage/common/data-type.ts";
import type { EncodedRows, OutputColumn } from "../../session/result.ts";
import type { TextRow } from "./chunk-format.ts";

export function firstArrowRows(
  { bytes }: EncodedRows,
  count: number,
): EncodedRows {
  const { batches } = tableFromIPC(bytes);
  const kept: RecordBatch[] = [];
  let left = count;
  for (const batch of batches) {
    if (left <= 0) break;
    kept.push(batch.slice(0, left));
    left -= batch.numRows;
  }
  return encoded(kept, count);
}

/** Booleans, integers and floats as such, all else as text. */
export function arrowOfText(
  rows: readonly TextRow[],
  columns: readonly OutputColumn[],
): EncodedRows {
  const made = columns.map(({ name, type }, index) => {
    const { arrow, read } = kindOf(type);
    const values = rows.map((row) => {
      const cell = row[index] ?? null;
      return cell === null ? null : read(cell);
    });
    const [data] = vectorFromArray(values, arrow).data;
    return { field: new Field(name, arrow, true), data };
  });
  const schema = new Schema(made.map(({ field }) => field));
  const data = makeData({
    type: new Struct(schema.fields),
    length: rows.length,
    nullCount: 0,
    children: made.flatMap((column) => column.data ?? []),
  });
  return encoded([new RecordBatch(schema, data)], rows.length);
}

function encoded(
  batches: readonly RecordBatch[],
  rowCount: number,
): EncodedRows {
  const writer = RecordBatchStreamWriter.writeAll(batches);
  return { bytes: writer.toUint8Array(true), rowCount };
}

interface Kind {
  readonly arrow: ArrowType;
  readonly read: (text: string) => unknown;
}

function kindOf({ kind }: DataType): Kind {
  switch (kind) {
    case "bool":
      return { arrow: new Bool(), read: (text) => text.startsWith("t") };
    case "int1":
      return { arrow: new Int8(), read: Number };
    case "int2":
      return { arrow: new Int16(), read: Number };
    case "int4":
      return { arrow: new Int32(), read: Number };
    case "int8":
      return { arrow: new Int64(), read: BigInt };
    case "float4":
      return { arrow: new Float32(), read: Number };
    case "float8":
      return { arrow: new Float64(), read: Number };
    default:
      return { arrow: new Utf8(), read: (text) => text };
  }
}
