// The kernel's vectors as typed memory, read in place (design.md D8). A view is valid while its chunk is referenced:
// everything made from it is copied out before the next chunk is fetched.

import {
  bindings,
  DuckDBTypeId,
  type DuckDBDataChunk,
  type DuckDBType,
  type RawVector,
} from "../../../../storage/kernel/duckdb.ts";

/** One column of a chunk, or a child of one. */
export interface ColumnVector {
  readonly type: DuckDBType;
  readonly count: number;
  /** Fixed-width values, 16-byte string headers, or 16-byte list entries; empty for structs. */
  readonly bytes: Uint8Array;
  /** Bit r is set when row r is not NULL; undefined when no row is. */
  readonly valid: Uint8Array | undefined;
  /** Fields of a struct, the elements of a list, the key-value structs of a map. */
  readonly children: readonly ColumnVector[];
  readonly raw: RawVector;
}

export function columnOf(
  chunk: DuckDBDataChunk,
  index: number,
  type: DuckDBType,
): ColumnVector {
  return readVector(
    bindings.data_chunk_get_vector(chunk.chunk, index),
    type,
    chunk.rowCount,
  );
}

export function isNull(vector: ColumnVector, row: number): boolean {
  const { valid } = vector;
  return (
    valid !== undefined && ((valid[row >> 3] ?? 0) & (1 << (row & 7))) === 0
  );
}

/** The rows of `vector` that `rows` names, in that order; children of lists stay as they are, since entries say where they lie. */
export function takeRows(
  vector: ColumnVector,
  rows: Uint32Array,
): ColumnVector {
  const width = vector.count === 0 ? 0 : vector.bytes.length / vector.count;
  const bytes = new Uint8Array(rows.length * width);
  const valid = vector.valid && new Uint8Array(Math.ceil(rows.length / 64) * 8);
  rows.forEach((row, at) => {
    bytes.set(
      vector.bytes.subarray(row * width, (row + 1) * width),
      at * width,
    );
    if (valid !== undefined && !isNull(vector, row))
      valid[at >> 3] = (valid[at >> 3] ?? 0) | (1 << (at & 7));
  });
  const { typeId } = vector.type;
  const children =
    typeId === DuckDBTypeId.STRUCT
      ? vector.children.map((child) => takeRows(child, rows))
      : vector.children;
  return { ...vector, count: rows.length, bytes, valid, children };
}

function readVector(
  raw: RawVector,
  type: DuckDBType,
  count: number,
): ColumnVector {
  const width = WIDTHS.get(type.typeId) ?? widthOf(type);
  return {
    type,
    count,
    bytes: width === 0 ? EMPTY : bindings.vector_get_data(raw, count * width),
    valid: validityOf(raw, count),
    children: childrenOf(raw, type, count),
    raw,
  };
}

const EMPTY = new Uint8Array(0);

const WIDTHS = new Map<DuckDBTypeId, number>([
  [DuckDBTypeId.BOOLEAN, 1],
  [DuckDBTypeId.TINYINT, 1],
  [DuckDBTypeId.UTINYINT, 1],
  [DuckDBTypeId.SMALLINT, 2],
  [DuckDBTypeId.USMALLINT, 2],
  [DuckDBTypeId.INTEGER, 4],
  [DuckDBTypeId.UINTEGER, 4],
  [DuckDBTypeId.FLOAT, 4],
  [DuckDBTypeId.DATE, 4],
  [DuckDBTypeId.BIGINT, 8],
  [DuckDBTypeId.UBIGINT, 8],
  [DuckDBTypeId.DOUBLE, 8],
  [DuckDBTypeId.TIME, 8],
  [DuckDBTypeId.TIMESTAMP, 8],
  [DuckDBTypeId.TIMESTAMP_S, 8],
  [DuckDBTypeId.TIMESTAMP_MS, 8],
  [DuckDBTypeId.TIMESTAMP_NS, 8],
  [DuckDBTypeId.TIMESTAMP_TZ, 8],
  [DuckDBTypeId.HUGEINT, 16],
  [DuckDBTypeId.UHUGEINT, 16],
  [DuckDBTypeId.UUID, 16],
  [DuckDBTypeId.INTERVAL, 16],
  [DuckDBTypeId.VARCHAR, 16],
  [DuckDBTypeId.BLOB, 16],
  [DuckDBTypeId.BIT, 16],
  [DuckDBTypeId.LIST, 16],
  [DuckDBTypeId.MAP, 16],
]);

function widthOf(type: DuckDBType): number {
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL:
      if (type.width <= 4) return 2;
      if (type.width <= 9) return 4;
      return type.width <= 18 ? 8 : 16;
    case DuckDBTypeId.ENUM:
      if (type.values.length < 256) return 1;
      return type.values.length < 65536 ? 2 : 4;
    default:
      return 0;
  }
}

function validityOf(raw: RawVector, count: number): Uint8Array | undefined {
  // The binding answers null for a vector without a mask, which its type does not say.
  const bytes: unknown = bindings.vector_get_validity(
    raw,
    Math.ceil(count / 64) * 8,
  );
  return bytes instanceof Uint8Array ? bytes : undefined;
}

function childrenOf(
  raw: RawVector,
  type: DuckDBType,
  count: number,
): readonly ColumnVector[] {
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
      return [
        readVector(
          bindings.list_vector_get_child(raw),
          type.valueType,
          bindings.list_vector_get_size(raw),
        ),
      ];
    case DuckDBTypeId.MAP: {
      const entries = bindings.list_vector_get_child(raw);
      const size = bindings.list_vector_get_size(raw);
      return [
        readVector(
          bindings.struct_vector_get_child(entries, 0),
          type.keyType,
          size,
        ),
        readVector(
          bindings.struct_vector_get_child(entries, 1),
          type.valueType,
          size,
        ),
      ];
    }
    case DuckDBTypeId.STRUCT:
      return type.entryTypes.map((entry, index) =>
        readVector(bindings.struct_vector_get_child(raw, index), entry, count),
      );
    case DuckDBTypeId.ARRAY:
      return [
        readVector(
          bindings.array_vector_get_child(raw),
          type.valueType,
          count * type.length,
        ),
      ];
    default:
      return [];
  }
}
