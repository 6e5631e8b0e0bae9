// A variant taken apart and put together again (Parquet's "Variant Binary Encoding"). On its way through the kernel a variant is one
// BLOB: its metadata (the dictionary of member names, which tells its own length), then its value. Scalars keep the bytes they
// came with, so that copying a variant changes no type.

import {
  byteAt,
  damaged,
  part,
  text,
  unsigned,
  unsignedBytes,
} from "./bytes.ts";

export type Variant =
  | {
      readonly kind: "scalar";
      /** Header byte and payload. */
      readonly bytes: Buffer;
    }
  | { readonly kind: "array"; readonly items: readonly Variant[] }
  | {
      readonly kind: "object";
      readonly members: readonly (readonly [name: string, value: Variant])[];
    };

const VERSION = 1;
const SORTED = 0x10;

/** Throws XX001 for bytes that are not as the encoding says. */
export function readVariant(bytes: Uint8Array): Variant {
  const whole = view(bytes);
  const size = metadataLength(whole);
  return valueAt(names(whole), whole.subarray(size), 0);
}

/** How many of a variant's bytes are its metadata. */
export function metadataLength(bytes: Uint8Array): number {
  const whole = view(bytes);
  const { width, count, start } = dictionary(whole);
  return start + unsigned(whole, 1 + width + count * width, width);
}

interface Dictionary {
  readonly width: number;
  readonly count: number;
  /** Where the names begin. */
  readonly start: number;
}

function dictionary(bytes: Buffer): Dictionary {
  const header = byteAt(bytes, 0);
  if ((header & 0x0f) !== VERSION)
    throw damaged(`Its version is ${header & 0x0f}`);
  const width = (header >> 6) + 1;
  const count = unsigned(bytes, 1, width);
  return { width, count, start: 1 + width + (count + 1) * width };
}

function names(bytes: Buffer): readonly string[] {
  const { width, count, start } = dictionary(bytes);
  const offset = (index: number): number =>
    start + unsigned(bytes, 1 + width + index * width, width);
  return indexes(count, bytes).map((index) =>
    text(bytes, offset(index), offset(index + 1)),
  );
}

/** 0 to count - 1; no more than there are bytes, so that damage allocates nothing large. */
function indexes(count: number, bytes: Buffer): readonly number[] {
  if (count > bytes.length) throw damaged(`It counts ${count} members`);
  return Array.from({ length: count }, (_, index) => index);
}

const SCALAR = 0;
const SHORT_TEXT = 1;
const OBJECT = 2;
const ARRAY = 3;

function valueAt(
  dictionary: readonly string[],
  bytes: Buffer,
  at: number,
): Variant {
  const header = byteAt(bytes, at);
  const own = header >> 2;
  switch (header & 3) {
    case SCALAR:
      return { kind: "scalar", bytes: part(bytes, at, scalarSize(bytes, at)) };
    case SHORT_TEXT:
      return { kind: "scalar", bytes: part(bytes, at, 1 + own) };
    case OBJECT:
      return object(dictionary, bytes, own, at + 1);
    default:
      return array(dictionary, bytes, own, at + 1);
  }
}

/** Payload bytes by type id; -1: four bytes tell it. */
const PAYLOADS: readonly number[] = [
  0, 0, 0, 1, 2, 4, 8, 8, 5, 9, 17, 4, 8, 8, 4, -1, -1, 8, 8, 8, 16,
];

function scalarSize(bytes: Buffer, at: number): number {
  const id = byteAt(bytes, at) >> 2;
  const payload = PAYLOADS[id];
  if (payload === undefined) throw damaged(`Its type ${id} is not known`);
  return payload < 0 ? 5 + unsigned(bytes, at + 1, 4) : 1 + payload;
}

type Container = readonly [
  dictionary: readonly string[],
  bytes: Buffer,
  header: number,
  at: number,
];

function object(...[dictionary, bytes, header, at]: Container): Variant {
  const offsetWidth = (header & 3) + 1;
  const idWidth = ((header >> 2) & 3) + 1;
  const countWidth = (header >> 4) & 1 ? 4 : 1;
  const count = unsigned(bytes, at, countWidth);
  const ids = at + countWidth;
  const offsets = ids + count * idWidth;
  const start = offsets + (count + 1) * offsetWidth;
  const members = indexes(count, bytes).map(
    (index): readonly [string, Variant] => {
      const id = unsigned(bytes, ids + index * idWidth, idWidth);
      const name = dictionary[id];
      if (name === undefined) throw damaged(`It has no name ${id}`);
      const offset = unsigned(
        bytes,
        offsets + index * offsetWidth,
        offsetWidth,
      );
      return [name, valueAt(dictionary, bytes, start + offset)];
    },
  );
  return { kind: "object", members };
}

function array(...[dictionary, bytes, header, at]: Container): Variant {
  const offsetWidth = (header & 3) + 1;
  const countWidth = (header >> 2) & 1 ? 4 : 1;
  const count = unsigned(bytes, at, countWidth);
  const offsets = at + countWidth;
  const start = offsets + (count + 1) * offsetWidth;
  const items = indexes(count, bytes).map((index) => {
    const offset = unsigned(bytes, offsets + index * offsetWidth, offsetWidth);
    return valueAt(dictionary, bytes, start + offset);
  });
  return { kind: "array", items };
}

/** The inverse of `readVariant`; of members with one name the first counts. */
export function writeVariant(value: Variant): Buffer {
  const found = new Set<string>();
  collectNames(value, found);
  const sorted = [...found].sort(byBytes);
  const ids = new Map(sorted.map((name, id) => [name, id]));
  return Buffer.concat([metadataOf(sorted), valueBytes(value, ids)]);
}

/** As UTF-8 compares, which is not as JavaScript does. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function collectNames(value: Variant, found: Set<string>): void {
  if (value.kind === "array")
    for (const item of value.items) collectNames(item, found);
  if (value.kind !== "object") return;
  for (const [name, member] of value.members) {
    found.add(name);
    collectNames(member, found);
  }
}

function metadataOf(sorted: readonly string[]): Buffer {
  const texts = sorted.map((name) => Buffer.from(name));
  const { offsets, total } = offsetsOf(texts);
  const width = widthOf(Math.max(total, texts.length));
  return Buffer.concat([
    Buffer.of(VERSION | SORTED | ((width - 1) << 6)),
    unsignedBytes(texts.length, width),
    ...offsets.map((offset) => unsignedBytes(offset, width)),
    ...texts,
  ]);
}

/** Where each piece begins, and where the last one ends. */
function offsetsOf(pieces: readonly Buffer[]): {
  readonly offsets: readonly number[];
  readonly total: number;
} {
  const offsets = [0];
  let total = 0;
  for (const { length } of pieces) {
    total += length;
    offsets.push(total);
  }
  return { offsets, total };
}

/** Bytes that hold the number. */
function widthOf(value: number): number {
  return value < 0x100 ? 1 : value < 0x1_0000 ? 2 : value < 0x100_0000 ? 3 : 4;
}

const MOST_SMALL = 255;

function valueBytes(value: Variant, ids: ReadonlyMap<string, number>): Buffer {
  switch (value.kind) {
    case "scalar":
      return value.bytes;
    case "array":
      return arrayBytes(value.items.map((item) => valueBytes(item, ids)));
    case "object":
      return objectBytes(value.members, ids);
  }
}

function arrayBytes(items: readonly Buffer[]): Buffer {
  const { offsets, total } = offsetsOf(items);
  const width = widthOf(total);
  const large = items.length > MOST_SMALL;
  const own = (width - 1) | (large ? 4 : 0);
  return Buffer.concat([
    Buffer.of(ARRAY | (own << 2)),
    unsignedBytes(items.length, large ? 4 : 1),
    ...offsets.map((offset) => unsignedBytes(offset, width)),
    ...items,
  ]);
}

/** Members stand in the order of their names, which is that of their ids. */
function objectBytes(
  members: readonly (readonly [string, Variant])[],
  ids: ReadonlyMap<string, number>,
): Buffer {
  const byId = new Map<number, Buffer>();
  for (const [name, member] of members) {
    const id = ids.get(name) ?? 0;
    if (!byId.has(id)) byId.set(id, valueBytes(member, ids));
  }
  const sorted = [...byId].sort(([a], [b]) => a - b);
  const values = sorted.map(([, bytes]) => bytes);
  const { offsets, total } = offsetsOf(values);
  const offsetWidth = widthOf(total);
  const idWidth = widthOf(ids.size);
  const large = values.length > MOST_SMALL;
  const own = (offsetWidth - 1) | ((idWidth - 1) << 2) | (large ? 16 : 0);
  return Buffer.concat([
    Buffer.of(OBJECT | (own << 2)),
    unsignedBytes(values.length, large ? 4 : 1),
    ...sorted.map(([id]) => unsignedBytes(id, idWidth)),
    ...offsets.map((offset) => unsignedBytes(offset, offsetWidth)),
    ...values,
  ]);
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
