// Chunks as one Arrow IPC stream a batch. The kernel's fixed-width vectors and validity masks have Arrow's own layout,
// so they are handed over as they lie; strings are packed behind offsets.

import {
  Binary,
  Bool,
  DateDay,
  Decimal,
  Field,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  List,
  makeData,
  Map_,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
  type Data,
  type DataType as ArrowType,
} from "apache-arrow";
import type { PhysicalColumn } from "../../../../planner/physical/plan.ts";
import type { DataType } from "../../../../storage/common/data-type.ts";
import { invariant } from "../../../../storage/common/invariant.ts";
import {
  DuckDBTypeId,
  type DuckDBDataChunk,
  type DuckDBType,
} from "../../../../storage/kernel/duckdb.ts";
import type { EncodedRows, OutputSettings } from "../../../session/result.ts";
import { listSpan } from "./array-text.ts";
import { cellsOf, type CellEncoder, type Cells } from "./cells.ts";
import { stringCells } from "./strings.ts";
import { apiNotation, textEncoder } from "./text.ts";
import { variantText } from "./variant-text.ts";
import { columnOf, isNull, type ColumnVector } from "./vector.ts";

interface ArrowColumn {
  readonly type: ArrowType;
  readonly build: (vector: ColumnVector) => Data;
}

export function arrowEncoder(
  columns: readonly PhysicalColumn[],
  kernelTypes: readonly DuckDBType[],
  output: OutputSettings,
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
        new Field(name, arrow[index]?.type ?? new Utf8(), true),
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

/** Types whose kernel storage is Arrow's storage. */
function fixedColumn(
  kernel: DuckDBType,
  type: DataType,
): ArrowColumn | undefined {
  switch (kernel.typeId) {
    case DuckDBTypeId.TINYINT:
      return fixed(new Int8(), (rest, bytes) =>
        makeData({ type: new Int8(), ...rest, data: new Int8Array(bytes) }),
      );
    case DuckDBTypeId.SMALLINT:
      return fixed(new Int16(), (rest, bytes) =>
        makeData({ type: new Int16(), ...rest, data: new Int16Array(bytes) }),
      );
    case DuckDBTypeId.INTEGER:
      return fixed(new Int32(), (rest, bytes) =>
        makeData({ type: new Int32(), ...rest, data: new Int32Array(bytes) }),
      );
    case DuckDBTypeId.BIGINT:
      return fixed(new Int64(), (rest, bytes) =>
        makeData({
          type: new Int64(),
          ...rest,
          data: new BigInt64Array(bytes),
        }),
      );
    case DuckDBTypeId.FLOAT:
      return fixed(new Float32(), (rest, bytes) =>
        makeData({
          type: new Float32(),
          ...rest,
          data: new Float32Array(bytes),
        }),
      );
    case DuckDBTypeId.DOUBLE:
      return fixed(new Float64(), (rest, bytes) =>
        makeData({
          type: new Float64(),
          ...rest,
          data: new Float64Array(bytes),
        }),
      );
    default:
      return timeColumn(kernel) ?? decimalOf(kernel, type);
  }
}

function timeColumn(kernel: DuckDBType): ArrowColumn | undefined {
  switch (kernel.typeId) {
    case DuckDBTypeId.DATE:
      return fixed(new DateDay(), (rest, bytes) =>
        makeData({ type: new DateDay(), ...rest, data: new Int32Array(bytes) }),
      );
    case DuckDBTypeId.TIMESTAMP:
      return timestampColumn(new TimestampMicrosecond(null));
    case DuckDBTypeId.TIMESTAMP_TZ:
      return timestampColumn(new TimestampMicrosecond("UTC"));
    default:
      return undefined;
  }
}

function decimalOf(
  kernel: DuckDBType,
  type: DataType,
): ArrowColumn | undefined {
  switch (kernel.typeId) {
    case DuckDBTypeId.HUGEINT:
      return type.kind === "numeric" ? decimalColumn(38, 0, 16) : undefined;
    case DuckDBTypeId.DECIMAL: {
      const width =
        kernel.width <= 4
          ? 2
          : kernel.width <= 9
            ? 4
            : kernel.width <= 18
              ? 8
              : 16;
      return decimalColumn(kernel.width, kernel.scale, width);
    }
    default:
      return undefined;
  }
}

/** The memory is copied: Arrow wants it aligned and the chunk goes away. */
function fixed(
  type: ArrowType,
  make: (rest: Validity, bytes: ArrayBuffer) => Data,
): ArrowColumn {
  return {
    type,
    build: (vector) => make(validity(vector), copyOf(vector.bytes)),
  };
}

function timestampColumn(type: TimestampMicrosecond): ArrowColumn {
  return fixed(type, (rest, bytes) =>
    makeData({ type, ...rest, data: new BigInt64Array(bytes) }),
  );
}

interface Validity {
  readonly length: number;
  readonly nullCount: number;
  readonly nullBitmap: Uint8Array | null;
}

function copyOf(bytes: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy.buffer;
}

function validity(vector: ColumnVector): Validity {
  if (vector.valid === undefined) {
    return { length: vector.count, nullCount: 0, nullBitmap: null };
  }
  let nullCount = 0;
  for (let row = 0; row < vector.count; row++)
    if (isNull(vector, row)) nullCount++;
  return { length: vector.count, nullCount, nullBitmap: vector.valid.slice() };
}

/** Sign-extends 2, 4 and 8 byte storage to Arrow's 16. */
function decimalColumn(
  precision: number,
  scale: number,
  width: number,
): ArrowColumn {
  const type = new Decimal(scale, precision, 128);
  return {
    type,
    build: (vector) => {
      const words = new Uint32Array(vector.count * 4);
      const view = new DataView(
        vector.bytes.buffer,
        vector.bytes.byteOffset,
        vector.bytes.length,
      );
      for (let row = 0; row < vector.count; row++) {
        const sign = (view.getInt8(row * width + width - 1) >> 7) >>> 0;
        const at = row * 4;
        words.fill(sign, at, at + 4);
        if (width === 2) words[at] = view.getInt16(row * 2, true);
        for (let word = 0; word * 4 < width && width > 2; word++) {
          words[at + word] = view.getUint32(row * width + word * 4, true);
        }
      }
      return makeData({ type, ...validity(vector), data: words });
    },
  };
}

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
  for (let row = 0; row < count; row++) {
    const size = cells.length[row] ?? 0;
    const from = cells.start[row] ?? 0;
    if (size > 0)
      data.set(cells.bytes.subarray(from, from + size), valueOffsets[row]);
  }
  return { data, valueOffsets };
}

/** Offsets of lists; the kernel's children of one chunk lie in order, those of NULL rows left out. */
function offsetsOf(vector: ColumnVector): Int32Array {
  const offsets = new Int32Array(vector.count + 1);
  let at = 0;
  for (let row = 0; row < vector.count; row++) {
    offsets[row] = at;
    if (!isNull(vector, row)) at = listSpan(vector, row).end;
  }
  offsets[vector.count] = at;
  return offsets;
}

function listColumn(element: ArrowColumn): ArrowColumn {
  const type = new List(new Field("element", element.type, true));
  return {
    type,
    build: (vector) => {
      const [child] = vector.children;
      invariant(child !== undefined, "a list has elements");
      return makeData({
        type,
        ...validity(vector),
        valueOffsets: offsetsOf(vector),
        child: element.build(child),
      });
    },
  };
}

/** Arrow's own shape of a map's child. */
type MapEntries = Struct<{ key: ArrowType; value: ArrowType }>;

function mapColumn(key: ArrowColumn, value: ArrowColumn): ArrowColumn {
  const entry: MapEntries = new Struct([
    new Field("key", key.type, false),
    new Field("value", value.type, true),
  ]);
  const type = new Map_(new Field<MapEntries>("entries", entry, false));
  return {
    type,
    build: (vector) => {
      const [keys, values] = vector.children;
      invariant(
        keys !== undefined && values !== undefined,
        "a map has entries",
      );
      const child: Data<Struct> = makeData({
        type: entry,
        length: keys.count,
        nullCount: 0,
        children: [key.build(keys), value.build(values)],
      });
      return makeData({
        type,
        ...validity(vector),
        valueOffsets: offsetsOf(vector),
        child,
      });
    },
  };
}

function structColumn(
  fields: readonly { readonly name: string; readonly column: ArrowColumn }[],
): ArrowColumn {
  const type = new Struct(
    fields.map(({ name, column }) => new Field(name, column.type, true)),
  );
  return {
    type,
    build: (vector) =>
      makeData({
        type,
        ...validity(vector),
        children: fields.flatMap(({ column }, index) => {
          const child = vector.children[index];
          return child === undefined ? [] : [column.build(child)];
        }),
      }),
  };
}
