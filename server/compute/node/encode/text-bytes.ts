// Text of bytea, uuid and bool, and of what is formatted by way of a JS string.

import {
  appended,
  cellsOf,
  fixedWidth,
  NULL_CELL,
  type CellBuffer,
  type ColumnEncoder,
} from "./cells.ts";
import { writeText } from "./digits.ts";
import { formatInterval, type IntervalParts } from "./interval-text.ts";
import { stringCells } from "./strings.ts";
import { isNull, type ColumnVector } from "./vector.ts";

const HEX = "0123456789abcdef";
const HEX_HIGH = Uint8Array.from({ length: 256 }, (_, i) =>
  HEX.charCodeAt(i >> 4),
);
const HEX_LOW = Uint8Array.from({ length: 256 }, (_, i) =>
  HEX.charCodeAt(i & 15),
);

export type ByteaStyle = "hex" | "escape" | "base64";

export function byteaText(style: ByteaStyle): ColumnEncoder {
  const read = cellsOf(stringCells());
  return appended((vector) => {
    const raw = read(vector);
    return (row, to) => {
      const from = raw.start[row] ?? 0;
      const value = raw.bytes.subarray(from, from + (raw.length[row] ?? 0));
      if (style === "hex") writeHex(value, to);
      else if (style === "escape") writeEscaped(value, to);
      else to.ascii(Buffer.from(value).toString("base64"));
    };
  });
}

function writeHex(value: Uint8Array, cells: CellBuffer): void {
  cells.ensure(2 + value.length * 2);
  cells.ascii("\\x");
  for (const byte of value) {
    cells.bytes[cells.at++] = HEX_HIGH[byte] ?? 0;
    cells.bytes[cells.at++] = HEX_LOW[byte] ?? 0;
  }
}

function writeEscaped(value: Uint8Array, cells: CellBuffer): void {
  for (const byte of value) {
    if (byte === 0x5c) cells.ascii("\\\\");
    else if (byte < 0x20 || byte > 0x7e) {
      cells.ascii(`\\${byte.toString(8).padStart(3, "0")}`);
    } else cells.byte(byte);
  }
}

/** The 16 bytes of a kernel UUID in network order: stored as a little-endian integer with its top bit flipped. */
export function uuidByte(
  vector: ColumnVector,
  row: number,
  index: number,
): number {
  const byte = vector.bytes[row * 16 + 15 - index] ?? 0;
  return index === 0 ? byte ^ 0x80 : byte;
}

const DASHES = new Set([4, 6, 8, 10]);

export function uuidText(): ColumnEncoder {
  return fixedWidth(36, (vector) => (row, to, at) => {
    let end = at;
    for (let index = 0; index < 16; index++) {
      if (DASHES.has(index)) to.setUint8(end++, 0x2d);
      const byte = uuidByte(vector, row, index);
      to.setUint8(end++, HEX_HIGH[byte] ?? 0);
      to.setUint8(end++, HEX_LOW[byte] ?? 0);
    }
    return end;
  });
}

export function intervalAt(vector: ColumnVector, row: number): IntervalParts {
  const view = new DataView(
    vector.bytes.buffer,
    vector.bytes.byteOffset + row * 16,
    16,
  );
  return {
    months: view.getInt32(0, true),
    days: view.getInt32(4, true),
    micros: view.getBigInt64(8, true),
  };
}

export function intervalText(style: string): ColumnEncoder {
  return textCells((vector, row) =>
    formatInterval(intervalAt(vector, row), style),
  );
}

/** Cells from a function that gives each value's text: for types too rare to have bytes written by hand. */
export function textCells(
  text: (vector: ColumnVector, row: number) => string | null,
): ColumnEncoder {
  const encoder = new TextEncoder();
  return (vector, to) => {
    for (let row = 0; row < vector.count; row++) {
      const value = isNull(vector, row) ? null : text(vector, row);
      if (value === null) {
        to.null(row);
        continue;
      }
      to.begin(row);
      to.ensure(value.length * 3);
      const { written } = encoder.encodeInto(value, to.bytes.subarray(to.at));
      to.at += written;
      to.end(row);
    }
  };
}

/** Booleans as two constant words, which are written once a batch. */
export function boolText(yes: string, no: string): ColumnEncoder {
  return (vector, to) => {
    const { bytes, count } = vector;
    to.ensure(yes.length + no.length);
    const yesAt = to.at;
    const noAt = writeText(yes, to.view, yesAt);
    to.at = writeText(no, to.view, noAt);
    const { start, length } = to;
    for (let row = 0; row < count; row++) {
      const isYes = bytes[row] !== 0;
      start[row] = isYes ? yesAt : noAt;
      if (isNull(vector, row)) length[row] = NULL_CELL;
      else length[row] = isYes ? yes.length : no.length;
    }
  };
}
