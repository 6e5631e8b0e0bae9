// numeric in PostgreSQL's binary format: base-10000 digits. Scaled integers of up to 53 bits by arithmetic, the others from
// the value's decimal text.

import {
  NULL_CELL,
  type CellEncoder,
  type Cells,
  type ColumnEncoder,
} from "./cells.ts";
import { integerReader } from "./integers.ts";
import { isNull } from "./vector.ts";

const SIGN_NEGATIVE = 0x4000;
/** Sign and scale of what is no number, as PostgreSQL 15 sends them. */
const SPECIAL = new Map<string, readonly [sign: number, scale: number]>([
  ["NaN", [0xc000, 0]],
  ["Infinity", [0xd000, 0x20]],
  ["-Infinity", [0xf000, 0x20]],
]);
const GROUP = 4;
const HEADER = 8;

/** Digits behind the point up to which 53 bits are split exactly. */
const QUICK_SCALE = 9;

/** Scaled integers of the kernel, `scale` digits behind the point. @param text the same values in plain notation */
export function numericBinary(scale: number, text: CellEncoder): ColumnEncoder {
  const read = integerReader();
  return (vector, to) => {
    const { count } = vector;
    const values = read(vector);
    // Text is made only when some value needs it.
    let texts: Cells | undefined;
    to.ensure(count * LARGEST);
    const { view, start, length } = to;
    let { at } = to;
    for (let row = 0; row < count; row++) {
      if (isNull(vector, row)) {
        length[row] = NULL_CELL;
        continue;
      }
      const value = values[row] ?? 0;
      let end: number;
      if (scale > QUICK_SCALE || Number.isNaN(value)) {
        texts ??= text(vector);
        end = writeFromText(texts, row, view, at);
      } else if (scale <= GROUP && Math.abs(value) < SHORT) {
        end = writeShort(value, scale, view, at);
      } else end = writeSmall(value, scale, view, at);
      start[row] = at;
      length[row] = end - at;
      at = end;
    }
    to.at = at;
  };
}

/** 38 digits that straddle groups on both sides of the point. */
const LARGEST = HEADER + 2 * 12;

/** Values the kernel holds as text, of any length. */
export function numericTextBinary(text: CellEncoder): ColumnEncoder {
  return (vector, to) => {
    const texts = text(vector);
    for (let row = 0; row < vector.count; row++) {
      const size = texts.length[row] ?? NULL_CELL;
      if (size === NULL_CELL) {
        to.null(row);
        continue;
      }
      to.ensure(LARGEST + size);
      to.begin(row);
      to.at = writeFromText(texts, row, to.view, to.at);
      to.end(row);
    }
  };
}

const POWERS = Float64Array.from({ length: 17 }, (_, i) => 10 ** i);

/** Magnitudes below it fill two groups, and one more behind the point. */
const SHORT = 100_000_000;

/** Most values: at most two groups before the point, and one behind it. */
function writeShort(
  value: number,
  scale: number,
  to: DataView,
  at: number,
): number {
  const magnitude = Math.abs(value);
  const unit = POWERS[scale] ?? 1;
  const whole = Math.floor(magnitude / unit) | 0;
  const fraction = ((magnitude - whole * unit) | 0) * (10_000 / unit);
  const high = (whole / 10_000) | 0;
  const low = whole - high * 10_000;
  let end = at + HEADER;
  if (high > 0) {
    to.setInt16(end, high);
    end += 2;
  }
  if (whole > 0 && (low > 0 || fraction > 0)) {
    to.setInt16(end, low);
    end += 2;
  }
  if (fraction > 0) {
    to.setInt16(end, fraction);
    end += 2;
  }
  const count = (end - at - HEADER) >> 1;
  const weight = high > 0 ? 1 : whole > 0 || count === 0 ? 0 : -1;
  to.setInt16(at, count);
  to.setInt16(at + 2, weight);
  to.setInt16(at + 4, value < 0 ? SIGN_NEGATIVE : 0);
  to.setInt16(at + 6, scale);
  return end;
}

/** Groups of the whole part and of the fraction are found apart, so that nothing leaves 53 bits. */
function writeSmall(
  value: number,
  scale: number,
  to: DataView,
  at: number,
): number {
  const magnitude = Math.abs(value);
  const unit = POWERS[scale] ?? 1;
  const whole = Math.floor(magnitude / unit);
  const fractionGroups = Math.ceil(scale / GROUP);
  const fraction =
    (magnitude - whole * unit) * (POWERS[fractionGroups * GROUP - scale] ?? 1);
  let wholeGroups = 0;
  while (wholeGroups < 4 && whole >= (POWERS[wholeGroups * GROUP] ?? 1))
    wholeGroups++;
  let weight = wholeGroups - 1;
  let end = at + HEADER;
  let used = end;
  for (let group = 0; group < wholeGroups + fractionGroups; group++) {
    const digits =
      group < wholeGroups
        ? groupAt(whole, wholeGroups - 1 - group)
        : groupAt(fraction, wholeGroups + fractionGroups - 1 - group);
    if (digits === 0 && end === at + HEADER) {
      weight--;
      continue;
    }
    to.setInt16(end, digits);
    end += 2;
    if (digits !== 0) used = end;
  }
  const count = (used - at - HEADER) / 2;
  const sign = value < 0 && count > 0 ? SIGN_NEGATIVE : 0;
  writeHeader(to, at, [count, count === 0 ? 0 : weight, sign, scale]);
  return used;
}

function groupAt(value: number, index: number): number {
  return Math.floor(value / (POWERS[index * GROUP] ?? 1)) % 10_000;
}

type Header = readonly [
  count: number,
  weight: number,
  sign: number,
  scale: number,
];

function writeHeader(to: DataView, at: number, header: Header): void {
  for (let i = 0; i < 4; i++) {
    to.setInt16(at + i * 2, header[i] ?? 0);
  }
}

function writeFromText(
  texts: Cells,
  row: number,
  to: DataView,
  at: number,
): number {
  const from = texts.start[row] ?? 0;
  const text = Buffer.from(
    texts.bytes.buffer,
    texts.bytes.byteOffset + from,
    texts.length[row] ?? 0,
  ).toString("latin1");
  const special = SPECIAL.get(text);
  if (special !== undefined) {
    writeHeader(to, at, [0, 0, ...special]);
    return at + HEADER;
  }
  const negative = text.startsWith("-");
  const [whole = "", fraction = ""] = text.slice(negative ? 1 : 0).split(".");
  const padded = whole.padStart(Math.ceil(whole.length / GROUP) * GROUP, "0");
  const digits =
    padded + fraction.padEnd(Math.ceil(fraction.length / GROUP) * GROUP, "0");
  const groups = (digits.match(/.{4}/g) ?? []).map(Number);
  const first = groups.findIndex((group) => group !== 0);
  const last = groups.findLastIndex((group) => group !== 0);
  const kept = first < 0 ? [] : groups.slice(first, last + 1);
  const weight = first < 0 ? 0 : padded.length / GROUP - 1 - first;
  const sign = negative && kept.length > 0 ? SIGN_NEGATIVE : 0;
  writeHeader(to, at, [kept.length, weight, sign, fraction.length]);
  let end = at + HEADER;
  for (const group of kept) {
    to.setInt16(end, group);
    end += 2;
  }
  return end;
}
