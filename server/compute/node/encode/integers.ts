// Integers of any storage width as doubles, one column at a time: the formatting loops then see one kind of array, which the
// compiler turns into tight code. Values beyond 2^53 are NaN there and read exactly when needed.

import {
  DuckDBTypeId,
  type DuckDBType,
} from "../../../../storage/kernel/duckdb.ts";
import type { ColumnVector } from "./vector.ts";

/** Gives `values[r]`: the integer, NaN where it is beyond 2^53, anything where it is NULL. Overwritten by the next call. */
export type IntegerReader = (vector: ColumnVector) => Float64Array;

export function integerReader(): IntegerReader {
  let values = new Float64Array(0);
  return (vector) => {
    if (values.length < vector.count)
      values = new Float64Array(Math.max(2048, vector.count));
    read(vector, values);
    return values;
  };
}

type Storage =
  "i8" | "u8" | "i16" | "u16" | "i32" | "u32" | "i64" | "u64" | "i128" | "u128";

function storageOf(type: DuckDBType): Storage {
  if (type.typeId === DuckDBTypeId.DECIMAL) {
    if (type.width <= 4) return "i16";
    if (type.width <= 9) return "i32";
    return type.width <= 18 ? "i64" : "i128";
  }
  return STORAGE.get(type.typeId) ?? "i64";
}

const STORAGE = new Map<DuckDBTypeId, Storage>([
  [DuckDBTypeId.TINYINT, "i8"],
  [DuckDBTypeId.UTINYINT, "u8"],
  [DuckDBTypeId.SMALLINT, "i16"],
  [DuckDBTypeId.USMALLINT, "u16"],
  [DuckDBTypeId.INTEGER, "i32"],
  [DuckDBTypeId.DATE, "i32"],
  [DuckDBTypeId.UINTEGER, "u32"],
  [DuckDBTypeId.UBIGINT, "u64"],
  [DuckDBTypeId.HUGEINT, "i128"],
  [DuckDBTypeId.UHUGEINT, "u128"],
]);

function read(vector: ColumnVector, to: Float64Array): void {
  const { count } = vector;
  const { buffer, byteOffset } = vector.bytes;
  switch (storageOf(vector.type)) {
    case "i8":
      to.set(new Int8Array(buffer, byteOffset, count));
      break;
    case "u8":
      to.set(new Uint8Array(buffer, byteOffset, count));
      break;
    case "i16":
      to.set(new Int16Array(buffer, byteOffset, count));
      break;
    case "u16":
      to.set(new Uint16Array(buffer, byteOffset, count));
      break;
    case "i32":
      to.set(new Int32Array(buffer, byteOffset, count));
      break;
    case "u32":
      to.set(new Uint32Array(buffer, byteOffset, count));
      break;
    case "i64":
      readLongs(new Int32Array(buffer, byteOffset, count * 2), count, to);
      break;
    case "u64":
      readUnsignedLongs(
        new Int32Array(buffer, byteOffset, count * 2),
        count,
        to,
      );
      break;
    case "i128":
    case "u128":
      readHuge(new Int32Array(buffer, byteOffset, count * 4), count, to);
  }
}

const TWO_32 = 4_294_967_296;
/** High words from here on are beyond 2^53. */
const LIMIT = 2_097_152;

function readLongs(words: Int32Array, count: number, to: Float64Array): void {
  for (let row = 0; row < count; row++) {
    const high = words[row * 2 + 1] ?? 0;
    const low = (words[row * 2] ?? 0) >>> 0;
    to[row] = high < LIMIT && high >= -LIMIT ? high * TWO_32 + low : Number.NaN;
  }
}

function readUnsignedLongs(
  words: Int32Array,
  count: number,
  to: Float64Array,
): void {
  for (let row = 0; row < count; row++) {
    const high = words[row * 2 + 1] ?? 0;
    const low = (words[row * 2] ?? 0) >>> 0;
    to[row] = high < LIMIT && high >= 0 ? high * TWO_32 + low : Number.NaN;
  }
}

/** 128 bits: the upper half must repeat the sign. Unsigned ones with their top bit set never pass. */
function readHuge(words: Int32Array, count: number, to: Float64Array): void {
  for (let row = 0; row < count; row++) {
    const at = row * 4;
    const high = words[at + 1] ?? 0;
    const sign = high >> 31;
    const fits =
      words[at + 2] === sign &&
      words[at + 3] === sign &&
      high < LIMIT &&
      high >= -LIMIT;
    to[row] = fits ? high * TWO_32 + ((words[at] ?? 0) >>> 0) : Number.NaN;
  }
}

/** The value of any width, exactly. */
export function exactInteger(vector: ColumnVector, row: number): bigint {
  const storage = storageOf(vector.type);
  const bits = Number(storage.slice(1));
  const width = bits / 8;
  let value = 0n;
  for (let byte = width - 1; byte >= 0; byte--) {
    value = (value << 8n) | BigInt(vector.bytes[row * width + byte] ?? 0);
  }
  return storage.startsWith("i") ? BigInt.asIntN(bits, value) : value;
}
