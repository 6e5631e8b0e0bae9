// Integers and exact decimals as text, from their storage widths.

import { NULL_CELL, type ColumnEncoder } from "./cells.ts";
import {
  DOT,
  MINUS,
  writeInteger,
  writePadded,
  writeText,
  writeUnsigned,
} from "./digits.ts";
import { exactInteger, integerReader } from "./integers.ts";
import { isNull } from "./vector.ts";

/** Longest decimal: 38 digits, sign and point. */
const WIDTH = 42;
/** Digits behind the point up to which 53 bits are split exactly. */
const QUICK_SCALE = 9;

/** Integers, and decimals with `scale` digits behind the point. */
export function decimalText(scale: number): ColumnEncoder {
  const read = integerReader();
  const unit = 10 ** scale;
  return (vector, to) => {
    const { count } = vector;
    const values = read(vector);
    to.ensure(count * WIDTH);
    const { view, start, length } = to;
    let { at } = to;
    for (let row = 0; row < count; row++) {
      if (isNull(vector, row)) {
        length[row] = NULL_CELL;
        continue;
      }
      const value = values[row] ?? 0;
      let end: number;
      if (Number.isNaN(value) || scale > QUICK_SCALE) {
        end = writeText(scaledText(exactInteger(vector, row), scale), view, at);
      } else if (scale === 0) end = writeInteger(value, view, at);
      else end = writeScaled(value, { unit, scale }, view, at);
      start[row] = at;
      length[row] = end - at;
      at = end;
    }
    to.at = at;
  };
}

function writeScaled(
  value: number,
  { unit, scale }: { readonly unit: number; readonly scale: number },
  to: DataView,
  at: number,
): number {
  let next = at;
  let magnitude = value;
  if (value < 0) {
    to.setUint8(next++, MINUS);
    magnitude = -value;
  }
  const whole = Math.floor(magnitude / unit);
  next = writeUnsigned(whole, to, next);
  to.setUint8(next, DOT);
  return writePadded((magnitude - whole * unit) | 0, scale, to, next + 1);
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
