// numeric in PostgreSQL's binary format: base-10000 digits. Scaled integers of up to 53 bits by arithmetic, the others from
// the value's decimal text.

import {
  CellBuffer,
  fixedWidth,
  NULL_CELL,
  type CellEncoder,
  type Cells,
  type ColumnEncoder,
} from "./cells.ts";
import { integerReader } from "./integers.ts";

const SIGN_NEGATIVE = 0x4000;
/** Sign and scale of what is no number, as PostgreSQL 15 sends them. */
const SPECIAL = new Map<string, readonly [sign: number, scale: number]>([
  ["NaN", [0xc000, 0]],
  ["Infinity", [0xd000, 0x20]],
  ["-Infinity", [0xf000, 0x20]],
]);
const GROUP = 4;
const HEADER = 8;

/** Scaled integers of the kernel, `scale` digits behind the point. @param text the same values in plain notation */
export function numericBinary(scale: number, text: CellEncoder): ColumnEncoder {
  const read = integerReader();
  let values: Float64Array = new Float64Array(0);
  // Text is made only when some value needs it.
  let texts: () => Cells = () => new CellBuffer();
  return fixedWidth(
    LARGEST,
    (vector) => {
      values = read(vector);
      let made: Cells | undefined;
      texts = () => (made ??= text(vector));
    },
    (row, to, at) => {
      const value = values[row] ?? 0;
      return scale > 9 || Number.isNaN(value)
        ? writeFromText(texts(), row, to, at)
        : writeSmall(value, scale, to, at);
    },
  );
}

/** 38 digits that straddle groups on both sides of the point. */
const LARGEST = HEADER + 2 * 12;

/** Values the kernel holds as text, of any length. */
export function numericTextBinary(text: CellEncoder): ColumnEncoder {
  let cells: Cells = new CellBuffer();
  return {
    prepare: (vector) => {
      cells = text(vector);
      let total = 0;
      for (let row = 0; row < vector.count; row++) {
        total += LARGEST + Math.max(0, cells.length[row] ?? 0);
      }
      return total;
    },
    write: (row, to, at) =>
      (cells.length[row] ?? NULL_CELL) === NULL_CELL
        ? NULL_CELL
        : writeFromText(cells, row, to, at),
  };
}

const POWERS = Float64Array.from({ length: 17 }, (_, i) => 10 ** i);

/** Groups of the whole part and of the fraction are found apart, so that nothing leaves 53 bits. */
function writeSmall(
  value: number,
  scale: number,
  to: Uint8Array,
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
    to[end] = digits >> 8;
    to[end + 1] = digits;
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

function writeHeader(to: Uint8Array, at: number, header: Header): void {
  for (let i = 0; i < 4; i++) {
    const word = header[i] ?? 0;
    to[at + i * 2] = word >> 8;
    to[at + i * 2 + 1] = word;
  }
}

function writeFromText(
  texts: Cells,
  row: number,
  to: Uint8Array,
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
    to[end++] = group >> 8;
    to[end++] = group & 255;
  }
  return end;
}
