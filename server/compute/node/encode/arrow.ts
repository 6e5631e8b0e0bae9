// Chunks as one Arrow IPC stream a batch. The kernel's fixed-width vectors and validity masks have Arrow's own layout,
// so they are handed over as they lie; strings are packed behind offsets.

import {
  Binary,
  Bool,
  Field,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Utf8,
  type Data,
} from "apache-arrow";
import type { PhysicalColumn } from "../../../../planner/physical/plan.ts";
import type { DataType } from "../../../../storage/common/data-type.ts";
import {
  DuckDBTypeId,
  type DuckDBDataChunk,
  type DuckDBType,
} from "../../../../storage/kernel/duckdb.ts";
import type {
  EncodedRows,
  OutputSettings,
  ResultFormat,
} from "../../../session/result.ts";
import { validity, type ArrowColumn } from "./arrow-column.ts";
import { fixedColumn } from "./arrow-fixed.ts";
import { listColumn, mapColumn, structColumn } from "./arrow-nested.ts";
import { cellsOf, type CellEncoder, type Cells } from "./cells.ts";
import { stringCells } from "./strings.ts";
import { apiNotation, textEncoder } from "./text.ts";
import { variantText } from "./variant-text.ts";
import { columnOf, type ColumnVector } from "./vector.ts";

type ArrowFormat = Extract<ResultFormat, { readonly kind: "arrow" }>;

/** `names` of the fields; columns have names of their own inside a plan. */
export function arrowEncoder(
  columns: readonly PhysicalColumn[],
  kernelTypes: readonly DuckDBType[],
  { names, output }: Omit<ArrowFormat, "kind">,
): (chunks: readonly DuckDBDataChunk[]) => EncodedRows {
  const arrow = columns.flatMap((column, index) => {
    const kernel = kernelTypes[index];
    return kernel === undefined
      ? []
      : [{ kernel, ...arrowColumn(column.type, kernel, output) }];
  });
  const schema = new Schema(
    columns.map(
      ({ name }, index) =>
        new Field(names[index] ?? name, arrow[index]?.type ?? new Utf8(), true),
    ),
  );
  return (chunks) => {
    let rowCount = 0;
    const batches = chunks.map((chunk) => {
      rowCount += chunk.rowCount;
      const children = arrow.map(({ kernel, build }, index) =>
        build(columnOf(chunk, index, kernel)),
      );
      const length = chunk.rowCount;
      return new RecordBatch(
        schema,
        makeData({
          type: new Struct(schema.fields),
          length,
          nullCount: 0,
          children,
        }),
      );
    });
    const writer = RecordBatchStreamWriter.writeAll(batches);
    return { bytes: writer.toUint8Array(true), rowCount };
  };
}

function arrowColumn(
  type: DataType,
  kernel: DuckDBType,
  output: OutputSettings,
): ArrowColumn {
  switch (kernel.typeId) {
    case DuckDBTypeId.LIST: {
      const element = type.kind === "array" ? type.element : TEXT;
      return listColumn(arrowColumn(element, kernel.valueType, output));
    }
    case DuckDBTypeId.STRUCT: {
      const fields = type.kind === "struct" ? type.fields : [];
      return structColumn(
        kernel.entryTypes.map((entry, index) => ({
          name: fields[index]?.name ?? kernel.entryNames[index] ?? "",
          column: arrowColumn(fields[index]?.type ?? TEXT, entry, output),
        })),
      );
    }
    case DuckDBTypeId.MAP:
      return mapColumn(
        arrowColumn(
          type.kind === "map" ? type.key : TEXT,
          kernel.keyType,
          output,
        ),
        arrowColumn(
          type.kind === "map" ? type.value : TEXT,
          kernel.valueType,
          output,
        ),
      );
    case DuckDBTypeId.BLOB:
      return type.kind === "variant"
        ? packed(new Utf8(), cellsOf(variantText()))
        : packed(new Binary(), cellsOf(stringCells()));
    case DuckDBTypeId.BOOLEAN:
      return { type: new Bool(), build: boolData };
    default:
      return (
        fixedColumn(kernel, type) ??
        packed(
          new Utf8(),
          cellsOf(textEncoder(type, kernel, apiNotation(output), output)),
        )
      );
  }
}

const TEXT: DataType = { kind: "text" };

function boolData(vector: ColumnVector): Data<Bool> {
  const data = new Uint8Array(Math.ceil(vector.count / 8));
  for (let row = 0; row < vector.count; row++) {
    if (vector.bytes[row] !== 0)
      data[row >> 3] = (data[row >> 3] ?? 0) | (1 << (row & 7));
  }
  return makeData({ type: new Bool(), ...validity(vector), data });
}

function packed(type: Utf8 | Binary, encode: CellEncoder): ArrowColumn {
  return {
    type,
    build: (vector) => {
      const rest = {
        ...validity(vector),
        ...pack(encode(vector), vector.count),
      };
      return type instanceof Utf8
        ? makeData({ type, ...rest })
        : makeData({ type, ...rest });
    },
  };
}

function pack(
  cells: Cells,
  count: number,
): { readonly data: Uint8Array; readonly valueOffsets: Int32Array } {
  const valueOffsets = new Int32Array(count + 1);
  let total = 0;
  for (let row = 0; row < count; row++) {
    total += Math.max(0, cells.length[row] ?? 0);
    valueOffsets[row + 1] = total;
  }
  const data = new Uint8Array(total);
  // Cells mostly lie one behind the other: what does is copied at once.
  let [from, end, to] = [0, 0, 0];
  for (let row = 0; row < count; row++) {
    const size = cells.length[row] ?? 0;
    if (size <= 0) continue;
    const start = cells.start[row] ?? 0;
    if (start !== end) {
      data.set(cells.bytes.subarray(from, end), to);
      to += end - from;
      from = start;
    }
    end = start + size;
  }
  data.set(cells.bytes.subarray(from, end), to);
  return { data, valueOffsets };
}
