// Binary formats of fixed-width scalars, big-endian, and of jsonb.

import {
  cellsOf,
  fixedWidth,
  NULL_CELL,
  type CellEncoder,
  type ColumnEncoder,
} from "./cells.ts";
import { exactInteger } from "./integers.ts";
import { stringCells } from "./strings.ts";
import { uuidByte } from "./text-bytes.ts";
import { floatsOf } from "./text-floats.ts";
import { isNull } from "./vector.ts";

export function boolBinary(): ColumnEncoder {
  return fixedWidth(1, ({ bytes }) => (row, to, at) => {
    to.setUint8(at, bytes[row] === 0 ? 0 : 1);
    return at + 1;
  });
}

/** Two's complement and IEEE values in the kernel's own width: their bytes the other way round. */
export function reversedBytes(width: 2 | 4 | 8): ColumnEncoder {
  return (vector, to) => {
    const { count, bytes } = vector;
    const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    to.ensure(count * width);
    const { view, start, length } = to;
    let { at } = to;
    for (let row = 0; row < count; row++, at += width) {
      if (isNull(vector, row)) {
        length[row] = NULL_CELL;
        continue;
      }
      start[row] = at;
      length[row] = width;
      if (width === 2) view.setInt16(at, from.getInt16(row * 2, true));
      else if (width === 4) view.setInt32(at, from.getInt32(row * 4, true));
      else {
        view.setInt32(at, from.getInt32(row * 8 + 4, true));
        view.setInt32(at + 4, from.getInt32(row * 8, true));
      }
    }
    to.at = at;
  };
}

/** Integers whose kernel storage has another width than their SQL type. */
export function integerBinary(width: 2 | 4 | 8): ColumnEncoder {
  return fixedWidth(width, (vector) => (row, to, at) => {
    let value = exactInteger(vector, row);
    for (let i = width - 1; i >= 0; i--) {
      to.setUint8(at + i, Number(value & 255n));
      value >>= 8n;
    }
    return at + width;
  });
}

/** A float in the other width than its SQL type. */
export function floatBinary(width: 4 | 8): ColumnEncoder {
  return fixedWidth(width, (vector) => {
    const values = floatsOf(vector);
    return (row, to, at) => {
      if (width === 4) to.setFloat32(at, values[row] ?? 0);
      else to.setFloat64(at, values[row] ?? 0);
      return at + width;
    };
  });
}

export function uuidBinary(): ColumnEncoder {
  return fixedWidth(16, (vector) => (row, to, at) => {
    for (let i = 0; i < 16; i++) to.setUint8(at + i, uuidByte(vector, row, i));
    return at + 16;
  });
}

/** uuid held as its canonical text. */
export function uuidTextBinary(): ColumnEncoder {
  const read = cellsOf(stringCells());
  return fixedWidth(16, (vector) => {
    const { bytes, start, length } = read(vector);
    return (row, to, at) => {
      const from = start[row] ?? 0;
      const text = Buffer.from(bytes.subarray(from, from + (length[row] ?? 0)));
      const value = Buffer.from(
        text.toString("latin1").replaceAll("-", ""),
        "hex",
      );
      value.forEach((byte, i) => to.setUint8(at + i, byte));
      return at + 16;
    };
  });
}

/** jsonb is its text behind a version byte. */
export function jsonbBinary(text: CellEncoder): ColumnEncoder {
  return (vector, to) => {
    const texts = text(vector);
    for (let row = 0; row < vector.count; row++) {
      const size = texts.length[row] ?? NULL_CELL;
      if (size < 0) {
        to.null(row);
        continue;
      }
      to.begin(row);
      to.byte(1);
      to.append(texts.bytes, texts.start[row] ?? 0, size);
      to.end(row);
    }
  };
}
