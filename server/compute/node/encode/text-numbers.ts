// Integers and exact decimals as text, from their storage widths.

import { CellBuffer, type CellEncoder } from "./cells.ts";
import {
  DOT,
  MINUS,
  writeInteger,
  writePadded,
  writeUnsigned,
} from "./digits.ts";
import { exactInteger, integerReader } from "./integers.ts";

/** Longest decimal: 38 digits, sign and point. */
const WIDTH = 42;

/** Integers, and decimals with `scale` digits behind the point. */
export function decimalText(scale: number): CellEncoder {
  const cells = new CellBuffer();
  const read = integerReader();
  const quick = scale <= 9;
  return (vector) => {
    const { count, valid } = vector;
    const values = read(vector);
    cells.reserve(count, WIDTH);
    const { bytes, start, length } = cells;
    let at = 0;
    for (let row = 0; row < count; row++) {
      if (
        valid !== undefined &&
        ((valid[row >> 3] ?? 0) & (1 << (row & 7))) === 0
      ) {
        length[row] = -1;
        continue;
      }
      const value = values[row] ?? 0;
      let end: number;
      if (!quick || Number.isNaN(value)) {
        end = writeText(
          scaledText(exactInteger(vector, row), scale),
          bytes,
          at,
        );
      } else if (scale === 0) end = writeInteger(value, bytes, at);
      else end = writeScaled(value, scale, bytes, at);
      start[row] = at;
      length[row] = end - at;
      at = end;
    }
    return cells;
  };
}

const POWERS = Float64Array.from({ length: 10 }, (_, i) => 10 ** i);

function writeScaled(
  value: number,
  scale: number,
  to: Uint8Array,
  at: number,
): number {
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

function writeText(text: string, to: Uint8Array, at: number): number {
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
