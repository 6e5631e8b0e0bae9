// Decimal digits straight into bytes, four at a time. Writers store whole words: up to three bytes behind the end are written too.

export const MINUS = 45;
export const DOT = 46;

/** Four digits, zeros in front, as a little-endian word. */
const QUADS = new Int32Array(10_000);
/** Digits without the zeros in front (one for 0). */
const COUNTS = new Uint8Array(10_000);
/** Two digits. */
const PAIRS = new Uint16Array(100);
for (let i = 0; i < 10_000; i++) {
  const text = String(i);
  COUNTS[i] = text.length;
  QUADS[i] = wordOf(text.padStart(4, "0"));
  if (i < 100) PAIRS[i] = wordOf(text.padStart(2, "0"));
}

function wordOf(digits: string): number {
  let word = 0;
  for (let i = digits.length - 1; i >= 0; i--) {
    word = (word << 8) | digits.charCodeAt(i);
  }
  return word;
}

/** Without zeros in front; `value` is below 10,000. */
function writeLeading(value: number, to: DataView, at: number): number {
  const digits = COUNTS[value] ?? 0;
  to.setInt32(at, (QUADS[value] ?? 0) >>> (32 - digits * 8), true);
  return at + digits;
}

/** Four digits of a number below 10,000. */
function writeQuad(value: number, to: DataView, at: number): number {
  to.setInt32(at, QUADS[value] ?? 0, true);
  return at + 4;
}

/** Two digits of a number below 100. */
export function writePair(value: number, to: DataView, at: number): number {
  to.setUint16(at, PAIRS[value] ?? 0, true);
  return at + 2;
}

/** Exactly `width` digits, zeros in front; `value` is below 10^width and below 2^31. */
export function writePadded(
  value: number,
  width: number,
  to: DataView,
  at: number,
): number {
  const end = at + width;
  let rest = value;
  let i = end;
  while (i - at > 2) {
    const quotient = (rest / 100) | 0;
    i -= 2;
    writePair(rest - quotient * 100, to, i);
    rest = quotient;
  }
  if (i - at === 2) writePair(rest, to, at);
  else if (i > at) to.setUint8(at, 48 + rest);
  return end;
}

function writeBelow1e8(value: number, to: DataView, at: number): number {
  if (value < 10_000) return writeLeading(value, to, at);
  const high = (value / 10_000) | 0;
  const middle = writeLeading(high, to, at);
  return writeQuad(value - high * 10_000, to, middle);
}

/** A non-negative integer below 2^53; returns where it ends. At most 16 bytes. */
export function writeUnsigned(value: number, to: DataView, at: number): number {
  if (value < 100_000_000) return writeBelow1e8(value | 0, to, at);
  const high = Math.floor(value / 100_000_000);
  const low = (value - high * 100_000_000) | 0;
  const middle = writeBelow1e8(high | 0, to, at);
  const quotient = (low / 10_000) | 0;
  const last = writeQuad(quotient, to, middle);
  return writeQuad(low - quotient * 10_000, to, last);
}

/** An integer whose magnitude is below 2^53. At most 17 bytes. */
export function writeInteger(value: number, to: DataView, at: number): number {
  if (value >= 0) return writeUnsigned(value, to, at);
  to.setUint8(at, MINUS);
  return writeUnsigned(-value, to, at + 1);
}

/** ASCII text; returns where it ends. */
export function writeText(text: string, to: DataView, at: number): number {
  for (let i = 0; i < text.length; i++) to.setUint8(at + i, text.charCodeAt(i));
  return at + text.length;
}
