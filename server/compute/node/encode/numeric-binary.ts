// numeric in PostgreSQL's binary format: base-10000 digits, made from the value's decimal text.

import type { CellBuffer, CellEncoder, Cells } from "./cells.ts";
import { CellBuffer as Buffers } from "./cells.ts";

const SIGN_NEGATIVE = 0x4000;
const SPECIAL = new Map<string, number>([
  ["NaN", 0xc000],
  ["Infinity", 0xd000],
  ["-Infinity", 0xf000],
]);
const GROUP = 4;

/** `text` gives each value in plain notation. */
export function numericBinary(text: CellEncoder): CellEncoder {
  const cells = new Buffers();
  return (vector) => {
    const texts = text(vector);
    cells.rows(vector.count);
    for (let row = 0; row < vector.count; row++) {
      if ((texts.length[row] ?? -1) < 0) {
        cells.length[row] = -1;
        continue;
      }
      cells.begin(row);
      writeNumeric(texts, row, cells);
      cells.end(row);
    }
    return cells;
  };
}

function writeNumeric(texts: Cells, row: number, to: CellBuffer): void {
  const { bytes } = texts;
  let from = texts.start[row] ?? 0;
  const end = from + (texts.length[row] ?? 0);
  // Every group of four digits takes two bytes, and each end may hold a part of one.
  to.ensure(16 + (end - from));
  const negative = bytes[from] === 0x2d;
  if (negative) from++;
  const first = bytes[from] ?? 0;
  if (first === 0x4e || first === 0x49) {
    const word = first === 0x4e ? "NaN" : negative ? "-Infinity" : "Infinity";
    writeHeader(to, 0, 0, { sign: SPECIAL.get(word) ?? 0, scale: 0 });
    return;
  }
  let point = from;
  while (point < end && bytes[point] !== 0x2e) point++;
  const scale = point < end ? end - point - 1 : 0;
  const header = to.at;
  to.at += 8;
  const digitsAt = to.at;
  const whole = point - from;
  const wholeGroups = Math.ceil(whole / GROUP);
  let weight = wholeGroups - 1;
  // Digit i counts from the first of the first group, which the whole part fills from its right.
  const lead = wholeGroups * GROUP - whole;
  const groups = wholeGroups + Math.ceil(scale / GROUP);
  let lastUsed = digitsAt;
  for (let group = 0; group < groups; group++) {
    let value = 0;
    for (let i = 0; i < GROUP; i++) {
      const digit = group * GROUP + i - lead;
      value = value * 10 + digitAt(bytes, digit, { from, point, end });
    }
    if (value === 0 && to.at === digitsAt) {
      weight--;
      continue;
    }
    to.bytes[to.at++] = value >> 8;
    to.bytes[to.at++] = value & 255;
    if (value !== 0) lastUsed = to.at;
  }
  to.at = lastUsed;
  const count = (lastUsed - digitsAt) / 2;
  const resume = to.at;
  to.at = header;
  const sign = negative && count > 0 ? SIGN_NEGATIVE : 0;
  writeHeader(to, count, count === 0 ? 0 : weight, { sign, scale });
  to.at = resume;
}

function digitAt(
  bytes: Uint8Array,
  digit: number,
  text: { readonly from: number; readonly point: number; readonly end: number },
): number {
  if (digit < 0) return 0;
  const whole = text.point - text.from;
  const at = digit < whole ? text.from + digit : text.point + 1 + digit - whole;
  return at < text.end ? (bytes[at] ?? 48) - 48 : 0;
}

function writeHeader(
  to: CellBuffer,
  digits: number,
  weight: number,
  rest: { readonly sign: number; readonly scale: number },
): void {
  for (const word of [digits, weight, rest.sign, rest.scale]) {
    to.bytes[to.at++] = (word >> 8) & 255;
    to.bytes[to.at++] = word & 255;
  }
}
