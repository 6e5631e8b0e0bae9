// Integers and exact decimals as text, from their storage widths.

import { fixedWidth, type ColumnEncoder } from "./cells.ts";
import {
  DOT,
  MINUS,
  writeInteger,
  writePadded,
  writeText,
  writeUnsigned,
} from "./digits.ts";
import { exactInteger, integerReader } from "./integers.ts";
import type { ColumnVector } from "./vector.ts";

/** Longest decimal: 38 digits, sign and point. */
const WIDTH = 42;

/** Integers, and decimals with `scale` digits behind the point. */
export function decimalText(scale: number): ColumnEncoder {
  const read = integerReader();
  let current: ColumnVector | undefined;
  let values: Float64Array = new Float64Array(0);
  const open = (vector: ColumnVector): void => {
    current = vector;
    values = read(vector);
  };
  const exact = (row: number, to: Uint8Array, at: number): number =>
    current === undefined
      ? at
      : writeText(scaledText(exactInteger(current, row), scale), to, at);
  if (scale === 0) {
    return fixedWidth(WIDTH, open, (row, to, at) => {
      const value = values[row] ?? 0;
      return Number.isNaN(value)
        ? exact(row, to, at)
        : writeInteger(value, to, at);
    });
  }
  if (scale > 9) return fixedWidth(WIDTH, open, exact);
  const unit = 10 ** scale;
  return fixedWidth(WIDTH, open, (row, to, at) => {
    const value = values[row] ?? 0;
    if (Number.isNaN(value)) return exact(row, to, at);
    let position = at;
    let magnitude = value;
    if (value < 0) {
      to[position++] = MINUS;
      magnitude = -value;
    }
    const whole = Math.floor(magnitude / unit);
    position = writeUnsigned(whole, to, position);
    to[position++] = DOT;
    return writePadded(magnitude - whole * unit, scale, to, position);
  });
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
