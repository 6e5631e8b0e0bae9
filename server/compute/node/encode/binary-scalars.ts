// Binary formats of fixed-width scalars, big-endian, and of jsonb.

import { CellBuffer, type CellEncoder } from "./cells.ts";
import { stringCells, uuidByte } from "./text-bytes.ts";
import { floatsOf } from "./text-floats.ts";
import { exactInteger } from "./integers.ts";
import { isNull } from "./vector.ts";

export function boolBinary(): CellEncoder {
  const cells = new CellBuffer();
  return (vector) => {
    cells.reserve(vector.count, 1);
    for (let row = 0; row < vector.count; row++) {
      cells.start[row] = row;
      cells.length[row] = isNull(vector, row) ? -1 : 1;
      cells.bytes[row] = vector.bytes[row] === 0 ? 0 : 1;
    }
    return cells;
  };
}

/** Two's complement and IEEE values in the kernel's own width: their bytes the other way round. */
export function reversedBytes(width: 2 | 4 | 8): CellEncoder {
  const cells = new CellBuffer();
  return (vector) => {
    const { count } = vector;
    const from = vector.bytes;
    cells.reserve(count, width);
    const { bytes, start, length } = cells;
    for (let row = 0; row < count; row++) {
      start[row] = row * width;
      length[row] = isNull(vector, row) ? -1 : width;
    }
    for (let at = 0; at < count * width; at += width) {
      for (let i = 0; i < width; i++)
        bytes[at + i] = from[at + width - 1 - i] ?? 0;
    }
    return cells;
  };
}

/** Integers whose kernel storage has another width than their SQL type. */
export function integerBinary(width: 2 | 4 | 8): CellEncoder {
  const cells = new CellBuffer();
  return (vector) => {
    cells.reserve(vector.count, width);
    const view = new DataView(cells.bytes.buffer);
    for (let row = 0; row < vector.count; row++) {
      const at = row * width;
      cells.start[row] = at;
      cells.length[row] = isNull(vector, row) ? -1 : width;
      const value = exactInteger(vector, row);
      if (width === 8) view.setBigInt64(at, value);
      else if (width === 4) view.setInt32(at, Number(value));
      else view.setInt16(at, Number(value));
    }
    return cells;
  };
}

/** A float in the other width than its SQL type. */
export function floatBinary(width: 4 | 8): CellEncoder {
  const cells = new CellBuffer();
  return (vector) => {
    const values = floatsOf(vector);
    cells.reserve(vector.count, width);
    const view = new DataView(cells.bytes.buffer);
    for (let row = 0; row < vector.count; row++) {
      const at = row * width;
      cells.start[row] = at;
      cells.length[row] = isNull(vector, row) ? -1 : width;
      if (width === 4) view.setFloat32(at, values[row] ?? 0);
      else view.setFloat64(at, values[row] ?? 0);
    }
    return cells;
  };
}

/** @param fromText the kernel holds the canonical text instead of a UUID */
export function uuidBinary(fromText: boolean): CellEncoder {
  const cells = new CellBuffer();
  const read = fromText ? stringCells() : undefined;
  return (vector) => {
    const texts = read?.(vector);
    cells.reserve(vector.count, 16);
    for (let row = 0; row < vector.count; row++) {
      cells.start[row] = row * 16;
      cells.length[row] = isNull(vector, row) ? -1 : 16;
      if (texts !== undefined && !isNull(vector, row)) {
        const from = texts.start[row] ?? 0;
        const text = Buffer.from(
          texts.bytes.subarray(from, from + (texts.length[row] ?? 0)),
        ).toString("latin1");
        cells.bytes.set(Buffer.from(text.replaceAll("-", ""), "hex"), row * 16);
        continue;
      }
      for (let index = 0; index < 16; index++) {
        cells.bytes[row * 16 + index] =
          texts === undefined ? uuidByte(vector, row, index) : 0;
      }
    }
    return cells;
  };
}

/** jsonb is its text behind a version byte. */
export function jsonbBinary(text: CellEncoder): CellEncoder {
  const cells = new CellBuffer();
  return (vector) => {
    const texts = text(vector);
    cells.rows(vector.count);
    for (let row = 0; row < vector.count; row++) {
      const size = texts.length[row] ?? -1;
      if (size < 0) {
        cells.length[row] = -1;
        continue;
      }
      cells.begin(row);
      cells.byte(1);
      cells.append(texts.bytes, texts.start[row] ?? 0, size);
      cells.end(row);
    }
    return cells;
  };
}
