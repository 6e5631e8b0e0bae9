// Binary formats of fixed-width scalars, big-endian, and of jsonb.

import {
  CellBuffer,
  fixedWidth,
  type CellEncoder,
  type ColumnEncoder,
} from "./cells.ts";
import { exactInteger } from "./integers.ts";
import { stringCells, uuidByte } from "./text-bytes.ts";
import { floatsOf } from "./text-floats.ts";
import type { ColumnVector } from "./vector.ts";

export function boolBinary(): ColumnEncoder {
  let bytes: Uint8Array = new Uint8Array(0);
  return fixedWidth(
    1,
    (vector) => {
      bytes = vector.bytes;
    },
    (row, to, at) => {
      to[at] = bytes[row] === 0 ? 0 : 1;
      return at + 1;
    },
  );
}

/** Two's complement and IEEE values in the kernel's own width: their bytes the other way round. */
export function reversedBytes(width: 2 | 4 | 8): ColumnEncoder {
  let bytes: Uint8Array = new Uint8Array(0);
  const last = width - 1;
  return fixedWidth(
    width,
    (vector) => {
      bytes = vector.bytes;
    },
    (row, to, at) => {
      const from = row * width + last;
      for (let i = 0; i <= last; i++) to[at + i] = bytes[from - i] ?? 0;
      return at + width;
    },
  );
}

/** Integers whose kernel storage has another width than their SQL type. */
export function integerBinary(width: 2 | 4 | 8): ColumnEncoder {
  let current: ColumnVector | undefined;
  return fixedWidth(
    width,
    (vector) => {
      current = vector;
    },
    (row, to, at) => {
      let value = current === undefined ? 0n : exactInteger(current, row);
      for (let i = width - 1; i >= 0; i--) {
        to[at + i] = Number(value & 255n);
        value >>= 8n;
      }
      return at + width;
    },
  );
}

/** A float in the other width than its SQL type. */
export function floatBinary(width: 4 | 8): ColumnEncoder {
  let values: Float32Array | Float64Array = new Float64Array(0);
  const view = new DataView(new ArrayBuffer(8));
  return fixedWidth(
    width,
    (vector) => {
      values = floatsOf(vector);
    },
    (row, to, at) => {
      if (width === 4) view.setFloat32(0, values[row] ?? 0);
      else view.setFloat64(0, values[row] ?? 0);
      for (let i = 0; i < width; i++) to[at + i] = view.getUint8(i);
      return at + width;
    },
  );
}

export function uuidBinary(): ColumnEncoder {
  let current: ColumnVector | undefined;
  return fixedWidth(
    16,
    (vector) => {
      current = vector;
    },
    (row, to, at) => {
      for (let i = 0; i < 16; i++) {
        to[at + i] = current === undefined ? 0 : uuidByte(current, row, i);
      }
      return at + 16;
    },
  );
}

/** uuid held as its canonical text. */
export function uuidTextBinary(): ColumnEncoder {
  const read = stringCells();
  let hex: (row: number) => string = () => "";
  return fixedWidth(
    16,
    (vector) => {
      const cells = read(vector);
      hex = (row) => {
        const start = cells.start[row] ?? 0;
        const end = start + (cells.length[row] ?? 0);
        return Buffer.from(cells.bytes.subarray(start, end))
          .toString("latin1")
          .replaceAll("-", "");
      };
    },
    (row, to, at) => {
      to.set(Buffer.from(hex(row), "hex"), at);
      return at + 16;
    },
  );
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
