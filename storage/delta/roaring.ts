// The portable serialization of 64-bit roaring bitmaps, as deletion vectors hold it (checklist D3; RoaringFormatSpec, "extension for
// 64-bit implementations"). All numbers little-endian.

import { damagedDeletionVector } from "./errors.ts";

const MAGIC = 1681511377;
const COOKIE_WITHOUT_RUNS = 12346;
const COOKIE_WITH_RUNS = 12347;
/** With runs, the offset header is left out below this number of containers. */
const NO_OFFSET_THRESHOLD = 4;
const ARRAY_LIMIT = 4096;
const BITMAP_BYTES = 8192;

interface Cursor {
  readonly view: DataView;
  readonly name: string;
  at: number;
}

/** Set bits, ascending. `name` is for the error, XX001. */
export function decodeRoaring64(
  data: Uint8Array,
  name: string,
): readonly bigint[] {
  const cursor: Cursor = {
    view: new DataView(data.buffer, data.byteOffset, data.byteLength),
    name,
    at: 0,
  };
  const magic = u32(cursor);
  if (magic !== MAGIC)
    throw damagedDeletionVector(
      name,
      `Its magic number is ${magic}, not ${MAGIC}`,
    );
  const buckets = u32(cursor) + u32(cursor) * 2 ** 32;
  const positions: bigint[] = [];
  let previous = -1;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const high = u32(cursor);
    if (high <= previous || high >= 2 ** 31)
      throw damagedDeletionVector(name, "Its buckets are not in order");
    previous = high;
    const base = BigInt(high) << 32n;
    for (const low of readBitmap32(cursor)) positions.push(base + BigInt(low));
  }
  if (cursor.at !== data.length)
    throw damagedDeletionVector(name, "Bytes follow its last bucket");
  return positions;
}

interface Container {
  readonly key: number;
  readonly cardinality: number;
  readonly isRun: boolean;
}

function readBitmap32(cursor: Cursor): readonly number[] {
  const containers = readHeader(cursor);
  const values: number[] = [];
  for (const container of containers) {
    const base = container.key * 65536;
    const before = values.length;
    if (container.isRun) readRuns(cursor, base, values);
    else if (container.cardinality <= ARRAY_LIMIT)
      readArray(cursor, base, container.cardinality, values);
    else readBits(cursor, base, values);
    if (values.length - before !== container.cardinality) {
      throw damagedDeletionVector(
        cursor.name,
        "A container has not as many values as it says",
      );
    }
  }
  return values;
}

function readHeader(cursor: Cursor): readonly Container[] {
  const cookie = u32(cursor);
  const withRuns = (cookie & 0xffff) === COOKIE_WITH_RUNS;
  if (!withRuns && cookie !== COOKIE_WITHOUT_RUNS) {
    throw damagedDeletionVector(cursor.name, `Its bitmap has cookie ${cookie}`);
  }
  const count = withRuns ? (cookie >>> 16) + 1 : u32(cursor);
  if (count > 65536)
    throw damagedDeletionVector(
      cursor.name,
      "Its bitmap has too many containers",
    );
  const runFlags = withRuns
    ? bytes(cursor, Math.ceil(count / 8))
    : new Uint8Array();
  const containers: Container[] = [];
  for (let index = 0; index < count; index += 1) {
    const isRun = (((runFlags[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
    containers.push({ key: u16(cursor), cardinality: u16(cursor) + 1, isRun });
  }
  // Containers follow one another, so the offsets say nothing new.
  if (!withRuns || count >= NO_OFFSET_THRESHOLD) bytes(cursor, 4 * count);
  return containers;
}

function readArray(
  cursor: Cursor,
  base: number,
  count: number,
  values: number[],
): void {
  for (let index = 0; index < count; index += 1)
    values.push(base + u16(cursor));
}

function readBits(cursor: Cursor, base: number, values: number[]): void {
  const bits = bytes(cursor, BITMAP_BYTES);
  bits.forEach((byte, index) => {
    for (let bit = 0; byte >> bit !== 0; bit += 1) {
      if (((byte >> bit) & 1) === 1) values.push(base + index * 8 + bit);
    }
  });
}

function readRuns(cursor: Cursor, base: number, values: number[]): void {
  const runs = u16(cursor);
  for (let run = 0; run < runs; run += 1) {
    const start = u16(cursor);
    const length = u16(cursor) + 1;
    if (start + length > 65536)
      throw damagedDeletionVector(cursor.name, "A run leaves its container");
    for (let offset = 0; offset < length; offset += 1)
      values.push(base + start + offset);
  }
}

function u16(cursor: Cursor): number {
  const value = cursor.view.getUint16(take(cursor, 2), true);
  return value;
}

function u32(cursor: Cursor): number {
  return cursor.view.getUint32(take(cursor, 4), true);
}

function bytes(cursor: Cursor, length: number): Uint8Array {
  const at = take(cursor, length);
  return new Uint8Array(
    cursor.view.buffer,
    cursor.view.byteOffset + at,
    length,
  );
}

/** Where the next `length` bytes begin; moves past them. */
function take(cursor: Cursor, length: number): number {
  const { at } = cursor;
  if (at + length > cursor.view.byteLength)
    throw damagedDeletionVector(cursor.name, "It ends too early");
  cursor.at += length;
  return at;
}
