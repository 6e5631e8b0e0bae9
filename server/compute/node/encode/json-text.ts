// Structs, maps, lists and variants as jsonb prints them: `{"a": 1, "b": [1, null]}`, keys ordered by length, then bytes.

import {
  appended,
  CellBuffer,
  type ByteRange,
  type CellEncoder,
  type Cells,
  type ColumnEncoder,
} from "./cells.ts";
import { writeText } from "./digits.ts";
import { elementsOf, listSpan } from "./array-text.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX = "0123456789abcdef";

const ESCAPES = new Map<number, string>([
  [8, "\\b"],
  [9, "\\t"],
  [10, "\\n"],
  [12, "\\f"],
  [13, "\\r"],
  [QUOTE, '\\"'],
  [BACKSLASH, "\\\\"],
]);

/** A quoted JSON string, escaped as PostgreSQL's escape_json does. */
export function writeJsonString(text: ByteRange, to: CellBuffer): void {
  const { bytes, start, length } = text;
  // One byte becomes at most six.
  to.ensure(length * 6 + 2);
  const out = to.bytes;
  let at = to.at;
  out[at++] = QUOTE;
  for (let i = start; i < start + length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) out[at++] = byte;
    else {
      const escape =
        ESCAPES.get(byte) ??
        `\\u00${HEX[byte >> 4] ?? ""}${HEX[byte & 15] ?? ""}`;
      at = writeText(escape, to.view, at);
    }
  }
  out[at++] = QUOTE;
  to.at = at;
}

function rangeOf(cells: Cells, index: number): ByteRange {
  return {
    bytes: cells.bytes,
    start: cells.start[index] ?? 0,
    length: cells.length[index] ?? 0,
  };
}

/** The cells of `inner` as JSON strings. */
export function jsonString(inner: CellEncoder): ColumnEncoder {
  return (vector, to) => {
    const values = inner(vector);
    for (let row = 0; row < vector.count; row++) {
      if ((values.length[row] ?? -1) < 0) {
        to.null(row);
        continue;
      }
      to.begin(row);
      writeJsonString(rangeOf(values, row), to);
      to.end(row);
    }
  };
}

function writeValue(values: Cells, index: number, to: CellBuffer): void {
  const size = values.length[index] ?? -1;
  if (size < 0) to.ascii("null");
  else to.append(values.bytes, values.start[index] ?? 0, size);
}

export function jsonList(element: CellEncoder): ColumnEncoder {
  return appended((vector) => {
    const elements = elementsOf(vector, element);
    return (row, cells) => {
      const { begin, end } = listSpan(vector, row);
      cells.byte(0x5b);
      for (let i = begin; i < end; i++) {
        if (i > begin) cells.ascii(", ");
        writeValue(elements, i, cells);
      }
      cells.byte(0x5d);
    };
  });
}

const NO_CELLS: Cells = new CellBuffer();

export interface JsonField {
  readonly name: string;
  readonly encoder: CellEncoder;
}

/** `fields[i]` encodes the struct's child i. */
export function jsonStruct(fields: readonly JsonField[]): ColumnEncoder {
  const order = fields
    .map((field, index) => ({
      index,
      key: Buffer.from(field.name),
      prefix: `${JSON.stringify(field.name)}: `,
    }))
    .sort((a, b) => compareKeys(a.key, b.key));
  const utf8 = order.map(({ index, prefix }) => ({
    index,
    prefix: Buffer.from(prefix),
  }));
  return appended((vector) => {
    const children = fields.map((field, index) => {
      const child = vector.children[index];
      return child === undefined ? NO_CELLS : field.encoder(child);
    });
    return (row, cells) => {
      cells.byte(0x7b);
      utf8.forEach(({ index, prefix }, position) => {
        if (position > 0) cells.ascii(", ");
        cells.append(prefix, 0, prefix.length);
        writeValue(children[index] ?? NO_CELLS, row, cells);
      });
      cells.byte(0x7d);
    };
  });
}

/** `key` encodes the keys' text, without quotes; `value` the values as JSON. */
export function jsonMap(key: CellEncoder, value: CellEncoder): ColumnEncoder {
  return appended((vector) => {
    const [keyVector, valueVector] = vector.children;
    const keys = keyVector === undefined ? NO_CELLS : key(keyVector);
    const values = valueVector === undefined ? NO_CELLS : value(valueVector);
    return (row, cells) => {
      const { begin, end } = listSpan(vector, row);
      const entries = Array.from({ length: end - begin }, (_, i) => begin + i);
      entries.sort((a, b) => compareKeys(keyBytes(keys, a), keyBytes(keys, b)));
      cells.byte(0x7b);
      entries.forEach((entry, position) => {
        if (position > 0) cells.ascii(", ");
        writeJsonString(rangeOf(keys, entry), cells);
        cells.ascii(": ");
        writeValue(values, entry, cells);
      });
      cells.byte(0x7d);
    };
  });
}

function keyBytes(keys: Cells, index: number): Uint8Array {
  const from = keys.start[index] ?? 0;
  return keys.bytes.subarray(from, from + (keys.length[index] ?? 0));
}

/** jsonb's order of keys. */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return a.length - b.length || Buffer.compare(a, b);
}
