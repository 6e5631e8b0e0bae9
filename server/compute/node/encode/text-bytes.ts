// Values that are bytes to begin with: text, bytea and uuid, and what is formatted by way of a JS string.

import { bindings } from "../../../../storage/kernel/duckdb.ts";
import {
  CellBuffer,
  fixedWidth,
  type CellEncoder,
  type ColumnEncoder,
} from "./cells.ts";
import { writeText } from "./digits.ts";
import { formatInterval, type IntervalParts } from "./interval-text.ts";
import { isNull, type ColumnVector } from "./vector.ts";

/** Strings up to this length lie inside their 16-byte header, from byte 4 on. */
const INLINE = 12;
const HEADER = 16;
const PAGE = 4096;

/**
 * The bytes of VARCHAR and BLOB values, unchanged. Longer ones lie elsewhere in the kernel's memory, mostly one behind
 * the other, and a call into the kernel costs more than copying: runs of them are read by one call. Bytes between two
 * values of a run are skipped over, which is safe while both ends lie on the same or on neighbouring pages.
 */
export function stringCells(): CellEncoder {
  const cells = new CellBuffer();
  const pointer = new Float64Array(1);
  const pointerWords = new Uint32Array(pointer.buffer);
  return (vector) => {
    const { count } = vector;
    const words = new Uint32Array(
      vector.bytes.buffer,
      vector.bytes.byteOffset,
      count * 4,
    );
    cells.rows(count);
    cells.append(vector.bytes, 0, count * HEADER);
    const { start, length } = cells;
    let runBegin = -1;
    let runEnd = -1;
    let runAt = 0;
    const flush = (): void => {
      if (runBegin < 0) return;
      pointerWords[0] = runBegin >>> 0;
      pointerWords[1] = Math.floor(runBegin / 4_294_967_296);
      const size = runEnd - runBegin;
      const bytes = bindings.get_data_from_pointer(pointer.buffer, 0, size);
      cells.at = runAt;
      cells.append(bytes, 0, size);
    };
    for (let row = 0; row < count; row++) {
      if (isNull(vector, row)) {
        length[row] = -1;
        continue;
      }
      const size = words[row * 4] ?? 0;
      length[row] = size;
      if (size <= INLINE) {
        start[row] = row * HEADER + 4;
        continue;
      }
      const address =
        (words[row * 4 + 2] ?? 0) + (words[row * 4 + 3] ?? 0) * 4_294_967_296;
      if (runBegin < 0 || address < runEnd || pageGap(runEnd, address) > 1) {
        flush();
        runAt = cells.at;
        runBegin = address;
      }
      start[row] = runAt + address - runBegin;
      runEnd = address + size;
    }
    flush();
    return cells;
  };
}

function pageGap(end: number, begin: number): number {
  return Math.floor(begin / PAGE) - Math.floor((end - 1) / PAGE);
}

const HEX = "0123456789abcdef";
const HEX_HIGH = Uint8Array.from({ length: 256 }, (_, i) =>
  HEX.charCodeAt(i >> 4),
);
const HEX_LOW = Uint8Array.from({ length: 256 }, (_, i) =>
  HEX.charCodeAt(i & 15),
);

export type ByteaStyle = "hex" | "escape" | "base64";

export function byteaText(style: ByteaStyle): CellEncoder {
  const read = stringCells();
  const cells = new CellBuffer();
  return (vector) => {
    const raw = read(vector);
    cells.rows(vector.count);
    for (let row = 0; row < vector.count; row++) {
      const size = raw.length[row] ?? 0;
      if (size < 0) {
        cells.length[row] = -1;
        continue;
      }
      const from = raw.start[row] ?? 0;
      const value = raw.bytes.subarray(from, from + size);
      cells.begin(row);
      if (style === "hex") writeHex(value, cells);
      else if (style === "escape") writeEscaped(value, cells);
      else cells.ascii(Buffer.from(value).toString("base64"));
      cells.end(row);
    }
    return cells;
  };
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
  let current: ColumnVector | undefined;
  return fixedWidth(
    36,
    (vector) => {
      current = vector;
    },
    (row, to, at) => {
      let end = at;
      for (let index = 0; index < 16; index++) {
        if (DASHES.has(index)) to[end++] = 0x2d;
        const byte = current === undefined ? 0 : uuidByte(current, row, index);
        to[end++] = HEX_HIGH[byte] ?? 0;
        to[end++] = HEX_LOW[byte] ?? 0;
      }
      return end;
    },
  );
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

export function intervalText(style: string): CellEncoder {
  return textCells((vector, row) =>
    formatInterval(intervalAt(vector, row), style),
  );
}

/** Cells from a function that gives each value's text: for types too rare to have bytes written by hand. */
export function textCells(
  text: (vector: ColumnVector, row: number) => string | null,
): CellEncoder {
  const cells = new CellBuffer();
  const encoder = new TextEncoder();
  return (vector) => {
    cells.rows(vector.count);
    for (let row = 0; row < vector.count; row++) {
      const value = isNull(vector, row) ? null : text(vector, row);
      if (value === null) {
        cells.length[row] = -1;
        continue;
      }
      cells.begin(row);
      cells.ensure(value.length * 3);
      const { written } = encoder.encodeInto(
        value,
        cells.bytes.subarray(cells.at),
      );
      cells.at += written;
      cells.end(row);
    }
    return cells;
  };
}

/** Booleans as two constant words. */
export function boolText(yes: string, no: string): ColumnEncoder {
  let bytes: Uint8Array = new Uint8Array(0);
  return fixedWidth(
    Math.max(yes.length, no.length),
    (vector) => {
      bytes = vector.bytes;
    },
    (row, to, at) => writeText(bytes[row] === 0 ? no : yes, to, at),
  );
}
