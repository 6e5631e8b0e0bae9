// Integers and exact decimals as text, from their storage widths.

import {
  DuckDBTypeId,
  type DuckDBType,
} from "../../../../storage/kernel/duckdb.ts";
import { CellBuffer, type CellEncoder } from "./cells.ts";
import {
  DOT,
  MINUS,
  writeInteger,
  writePadded,
  writeUnsigned,
} from "./digits.ts";
import { isNull, type ColumnVector } from "./vector.ts";

/** Reads row r as a number, or undefined when it does not fit 53 bits; `exact` reads it whole. */
export interface IntegerReader {
  small(row: number): number | undefined;
  exact(row: number): bigint;
}

export function integerReader(vector: ColumnVector): IntegerReader {
  const { buffer, byteOffset } = vector.bytes;
  const { count } = vector;
  switch (storageOf(vector.type)) {
    case "i8":
      return narrow(new Int8Array(buffer, byteOffset, count));
    case "u8":
      return narrow(new Uint8Array(buffer, byteOffset, count));
    case "i16":
      return narrow(new Int16Array(buffer, byteOffset, count));
    case "u16":
      return narrow(new Uint16Array(buffer, byteOffset, count));
    case "i32":
      return narrow(new Int32Array(buffer, byteOffset, count));
    case "u32":
      return narrow(new Uint32Array(buffer, byteOffset, count));
    case "i64":
      return wide(new Int32Array(buffer, byteOffset, count * 2), 2, true);
    case "u64":
      return wide(new Int32Array(buffer, byteOffset, count * 2), 2, false);
    case "i128":
      return wide(new Int32Array(buffer, byteOffset, count * 4), 4, true);
    default:
      return wide(new Int32Array(buffer, byteOffset, count * 4), 4, false);
  }
}

type Storage =
  "i8" | "u8" | "i16" | "u16" | "i32" | "u32" | "i64" | "u64" | "i128" | "u128";

function storageOf(type: DuckDBType): Storage {
  switch (type.typeId) {
    case DuckDBTypeId.TINYINT:
      return "i8";
    case DuckDBTypeId.UTINYINT:
      return "u8";
    case DuckDBTypeId.SMALLINT:
      return "i16";
    case DuckDBTypeId.USMALLINT:
      return "u16";
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.DATE:
      return "i32";
    case DuckDBTypeId.UINTEGER:
      return "u32";
    case DuckDBTypeId.UBIGINT:
      return "u64";
    case DuckDBTypeId.HUGEINT:
      return "i128";
    case DuckDBTypeId.UHUGEINT:
      return "u128";
    case DuckDBTypeId.DECIMAL:
      if (type.width <= 4) return "i16";
      if (type.width <= 9) return "i32";
      return type.width <= 18 ? "i64" : "i128";
    default:
      return "i64";
  }
}

type NarrowArray =
  Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

function narrow(items: NarrowArray): IntegerReader {
  return {
    small: (row) => items[row],
    exact: (row) => BigInt(items[row] ?? 0),
  };
}

const TWO_32 = 4_294_967_296;
const LIMIT_HIGH = 2_097_152;

/** `words` little-endian 32-bit words a value; BigInt only beyond 53 bits. */
function wide(items: Int32Array, words: 2 | 4, signed: boolean): IntegerReader {
  return {
    small: (row) => {
      const at = row * words;
      const low = (items[at] ?? 0) >>> 0;
      const high = items[at + 1] ?? 0;
      if (words === 4) {
        const sign = high >> 31;
        if (items[at + 2] !== sign || items[at + 3] !== sign) return undefined;
      }
      // Above 2^53 in magnitude, or an unsigned value with its top bit set.
      if (high >= LIMIT_HIGH || high < -LIMIT_HIGH) return undefined;
      if (high < 0 && !signed) return undefined;
      return high * TWO_32 + low;
    },
    exact: (row) => {
      let value = 0n;
      for (let word = words - 1; word >= 0; word--) {
        value = (value << 32n) | BigInt((items[row * words + word] ?? 0) >>> 0);
      }
      return signed ? BigInt.asIntN(words * 32, value) : value;
    },
  };
}

/** Integers, and decimals with `scale` digits behind the point. */
export function decimalText(scale: number): CellEncoder {
  const cells = new CellBuffer();
  // The smallest count of digits: one before the point.
  return (vector) => {
    const { count } = vector;
    const reader = integerReader(vector);
    cells.reserve(count, 48);
    const { bytes, start, length } = cells;
    for (let row = 0; row < count; row++) {
      if (isNull(vector, row)) {
        length[row] = -1;
        continue;
      }
      const at = row * 48;
      const value = reader.small(row);
      const end =
        value === undefined
          ? writeExact(reader.exact(row), scale, bytes, at)
          : writeScaled(value, scale, bytes, at);
      start[row] = at;
      length[row] = end - at;
    }
    return cells;
  };
}

function writeScaled(
  value: number,
  scale: number,
  to: Uint8Array,
  at: number,
): number {
  if (scale === 0) return writeInteger(value, to, at);
  if (scale > 9) return writeExact(BigInt(value), scale, to, at);
  let position = at;
  let magnitude = value;
  if (value < 0) {
    to[position++] = MINUS;
    magnitude = -value;
  }
  const unit = POWERS[scale] ?? 1;
  const whole = Math.floor(magnitude / unit);
  position = writeUnsigned(whole, to, position);
  to[position++] = DOT;
  return writePadded(magnitude - whole * unit, scale, to, position);
}

const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

function writeExact(
  value: bigint,
  scale: number,
  to: Uint8Array,
  at: number,
): number {
  const text = scaledText(value, scale);
  for (let i = 0; i < text.length; i++) to[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** `scaledText(-5n, 2)` is `-0.05`. */
export function scaledText(value: bigint, scale: number): string {
  const negative = value < 0n;
  const digits = String(negative ? -value : value).padStart(scale + 1, "0");
  const split = digits.length - scale;
  const text =
    scale === 0 ? digits : `${digits.slice(0, split)}.${digits.slice(split)}`;
  return negative ? `-${text}` : text;
}
