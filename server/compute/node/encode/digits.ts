// Decimal digits straight into bytes, two at a time.

const TENS = new Uint8Array(100);
const ONES = new Uint8Array(100);
for (let i = 0; i < 100; i++) {
  TENS[i] = 48 + Math.floor(i / 10);
  ONES[i] = 48 + (i % 10);
}

export const MINUS = 45;
export const DOT = 46;
const BILLION = 1_000_000_000;

/** Digits of an integer below 1e9 (one for 0). */
function digitCount(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1_000) return 3;
  if (value < 10_000) return 4;
  if (value < 100_000) return 5;
  if (value < 1_000_000) return 6;
  if (value < 10_000_000) return 7;
  return value < 100_000_000 ? 8 : 9;
}

/** Exactly `width` digits, zeros in front; `value` is below 10^width and below 1e9. */
export function writePadded(
  value: number,
  width: number,
  to: Uint8Array,
  at: number,
): number {
  const end = at + width;
  let rest = value;
  let i = end;
  while (i - at >= 2) {
    const quotient = (rest / 100) | 0;
    const pair = rest - quotient * 100;
    i -= 2;
    to[i] = TENS[pair] ?? 0;
    to[i + 1] = ONES[pair] ?? 0;
    rest = quotient;
  }
  if (i > at) to[at] = 48 + rest;
  return end;
}

/** Two digits of a number below 100. */
export function writePair(value: number, to: Uint8Array, at: number): void {
  to[at] = TENS[value] ?? 0;
  to[at + 1] = ONES[value] ?? 0;
}

/** A non-negative integer below 2^53; returns where it ends. At most 16 bytes. */
export function writeUnsigned(
  value: number,
  to: Uint8Array,
  at: number,
): number {
  if (value < BILLION) return writePadded(value, digitCount(value), to, at);
  const high = Math.floor(value / BILLION);
  const middle = writeUnsigned(high, to, at);
  return writePadded(value - high * BILLION, 9, to, middle);
}

/** An integer whose magnitude is below 2^53. At most 17 bytes. */
export function writeInteger(
  value: number,
  to: Uint8Array,
  at: number,
): number {
  if (value >= 0) return writeUnsigned(value, to, at);
  to[at] = MINUS;
  return writeUnsigned(-value, to, at + 1);
}

/** ASCII text; returns where it ends. */
export function writeText(text: string, to: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) to[at + i] = text.charCodeAt(i);
  return at + text.length;
}
