// Floats of a column as text. Values with few decimals, which most real ones are, are written by integer arithmetic;
// the rest goes through float-text.ts.

import { DuckDBTypeId } from "../../../../storage/kernel/duckdb.ts";
import { fixedWidth, type ColumnEncoder } from "./cells.ts";
import { DOT, MINUS, writeText, writeUnsigned } from "./digits.ts";
import { formatFloat, formatFloatJson } from "./float-text.ts";
import type { FloatWidth } from "./shortest-float.ts";
import type { ColumnVector } from "./vector.ts";

export type FloatStyle =
  | { readonly kind: "plain"; readonly extraDigits: number }
  /** As JSON numbers inside jsonb. */
  | { readonly kind: "json" };

/** Longest plain notation: 5e-324 with all its zeros, quoted inside JSON. */
const WIDTH = 344;

export function floatText(style: FloatStyle): ColumnEncoder {
  const quick = style.kind === "json" || style.extraDigits > 0;
  const format = (value: number, width: FloatWidth): string =>
    style.kind === "json"
      ? formatFloatJson(value, width)
      : formatFloat(value, width, style.extraDigits);
  return fixedWidth(WIDTH, (vector) => {
    const values = floatsOf(vector);
    const width = values instanceof Float32Array ? 4 : 8;
    return (row, to, at) => {
      const value = values[row] ?? 0;
      const end = quick && width === 8 ? writeShort(value, to, at) : -1;
      return end >= 0 ? end : writeText(format(value, width), to, at);
    };
  });
}

export function floatsOf(vector: ColumnVector): Float32Array | Float64Array {
  const { buffer, byteOffset } = vector.bytes;
  return vector.type.typeId === DuckDBTypeId.FLOAT
    ? new Float32Array(buffer, byteOffset, vector.count)
    : new Float64Array(buffer, byteOffset, vector.count);
}

const LARGEST = 1e15;

/**
 * Writes a float8 of at most 15 significant digits, six of them behind the point; -1 when it is not one.
 * Right because a double is the nearest one to at most one decimal of 15 digits, so the first that reads back is the shortest.
 */
function writeShort(value: number, to: DataView, at: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude < LARGEST && magnitude >= 1e-4)) return -1;
  for (let scale = 0; scale <= 6; scale += 2) {
    const unit = UNITS[scale] ?? 1;
    const scaled = Math.round(magnitude * unit);
    if (scaled >= LARGEST) return -1;
    if (scaled / unit !== magnitude) continue;
    let position = at;
    if (value < 0) to.setUint8(position++, MINUS);
    const whole = Math.floor(scaled / unit);
    position = writeUnsigned(whole, to, position);
    return writeFraction(scaled - whole * unit, scale, to, position);
  }
  return -1;
}

const UNITS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];

/** `.` and the digits without trailing zeros; nothing for 0. */
function writeFraction(
  fraction: number,
  scale: number,
  to: DataView,
  at: number,
): number {
  if (fraction === 0) return at;
  to.setUint8(at, DOT);
  let rest = fraction;
  let end = at;
  for (let i = scale; i > 0; i--) {
    const quotient = Math.floor(rest / 10);
    const digit = rest - quotient * 10;
    rest = quotient;
    if (digit === 0 && end === at) continue;
    if (end === at) end = at + i;
    to.setUint8(at + i, 48 + digit);
  }
  return end + 1;
}
