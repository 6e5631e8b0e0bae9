// The portable serialization of 64-bit roaring bitmaps, as deletion vectors hold it (checklist D3; RoaringFormatSpec, "extension for
// 64-bit implementations"). All numbers little-endian.

import { damagedDeletionVector } from "../errors.ts";
import {
  ARRAY_LIMIT,
  bitCount,
  BITMAP_BYTES,
  CHUNK_ROWS,
  chunkCount,
  chunkOf,
  valuesOf,
  type RowChunk,
  type RowSet,
} from "./row-set.ts";

const MAGIC = 1681511377;
const COOKIE_WITHOUT_RUNS = 12346;
const COOKIE_WITH_RUNS = 12347;
/** With runs, the offset header is left out below this number of containers. */
const NO_OFFSET_THRESHOLD = 4;
/** Chunks of 2^16 positions in a bucket of 2^32. */
const BUCKET_CHUNKS = 65536;

interface Cursor {
  readonly view: DataView;
  readonly name: string;
  at: number;
}

/** The set bits. `name` is for the error, XX001. */
export function decodeRoaring64(data: Uint8Array, name: string): RowSet {
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
  const chunks = new Map<number, RowChunk>();
  let previous = -1;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const high = u32(cursor);
    if (high <= previous || high >= 2 ** 31)
      throw damagedDeletionVector(name, "Its buckets are not in order");
    previous = high;
    readBitmap32(cursor, high * BUCKET_CHUNKS, chunks);
  }
  if (cursor.at !== data.length)
    throw damagedDeletionVector(name, "Bytes follow its last bucket");
  return chunks;
}

interface Container {
  readonly key: number;
  readonly cardinality: number;
  readonly isRun: boolean;
}

/** Containers of one bucket, into `chunks`. `firstChunk` is the number of the bucket's chunk 0. */
function readBitmap32(
  cursor: Cursor,
  firstChunk: number,
  chunks: Map<number, RowChunk>,
): void {
  let previous = -1;
  for (const container of readHeader(cursor)) {
    if (container.key <= previous)
      throw damagedDeletionVector(
        cursor.name,
        "Its containers are not in order",
      );
    previous = container.key;
    const chunk = readContainer(cursor, container);
    if (chunkCount(chunk) !== container.cardinality) {
      throw damagedDeletionVector(
        cursor.name,
        "A container has not as many values as it says",
      );
    }
    chunks.set(firstChunk + container.key, chunk);
  }
}

function readContainer(cursor: Cursor, container: Container): RowChunk {
  if (container.isRun) return readRuns(cursor);
  return container.cardinality <= ARRAY_LIMIT
    ? readArray(cursor, container.cardinality)
    : readBits(cursor);
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

function readArray(cursor: Cursor, count: number): RowChunk {
  const values = new Uint16Array(count);
  for (let index = 0; index < count; index += 1) {
    values[index] = u16(cursor);
    if (index > 0 && (values[index] ?? 0) <= (values[index - 1] ?? 0))
      throw damagedDeletionVector(cursor.name, "An array is not in order");
  }
  return { kind: "array", values };
}

function readBits(cursor: Cursor): RowChunk {
  const bits = bytes(cursor, BITMAP_BYTES).slice();
  return { kind: "bits", bits, count: bitCount(bits) };
}

function readRuns(cursor: Cursor): RowChunk {
  const runs = u16(cursor);
  const values: number[] = [];
  let end = -1;
  for (let run = 0; run < runs; run += 1) {
    const start = u16(cursor);
    const length = u16(cursor) + 1;
    if (start + length > CHUNK_ROWS)
      throw damagedDeletionVector(cursor.name, "A run leaves its container");
    if (start <= end)
      throw damagedDeletionVector(cursor.name, "Its runs are not in order");
    end = start + length - 1;
    for (let offset = 0; offset < length; offset += 1)
      values.push(start + offset);
  }
  return chunkOf(Uint16Array.from(values));
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

/** What `decodeRoaring64` reads: each container in its smallest form, as the reference writes it. */
export function encodeRoaring64(set: RowSet): Uint8Array {
  const buckets = new Map<number, [number, RowChunk][]>();
  for (const [number, chunk] of set) {
    const high = Math.floor(number / BUCKET_CHUNKS);
    const bucket = buckets.get(high) ?? [];
    buckets.set(high, bucket);
    bucket.push([number % BUCKET_CHUNKS, chunk]);
  }
  const head = Buffer.alloc(12);
  head.writeUInt32LE(MAGIC);
  head.writeUInt32LE(buckets.size, 4);
  return Buffer.concat([
    head,
    ...[...buckets].flatMap(([high, chunks]) => bucketBytes(high, chunks)),
  ]);
}

function bucketBytes(
  high: number,
  chunks: readonly (readonly [key: number, chunk: RowChunk])[],
): readonly Uint8Array[] {
  const bodies = chunks.map(([, chunk]) => containerBody(chunk));
  const withRuns = bodies.some(({ isRun }) => isRun);
  const count = chunks.length;
  const flagBytes = withRuns ? Math.ceil(count / 8) : 0;
  const withOffsets = !withRuns || count >= NO_OFFSET_THRESHOLD;
  const cookieBytes = withRuns ? 4 : 8;
  const bitmapHead = cookieBytes + flagBytes + 4 * count;
  const head = Buffer.alloc(4 + bitmapHead + (withOffsets ? 4 * count : 0));
  head.writeUInt32LE(high);
  if (withRuns) {
    head.writeUInt32LE((((count - 1) << 16) | COOKIE_WITH_RUNS) >>> 0, 4);
  } else {
    head.writeUInt32LE(COOKIE_WITHOUT_RUNS, 4);
    head.writeUInt32LE(count, 8);
  }
  let offset = head.length - 4;
  chunks.forEach(([key, chunk], index) => {
    const flags = 4 + cookieBytes + (index >> 3);
    if (bodies[index]?.isRun === true)
      head[flags] = (head[flags] ?? 0) | (1 << (index & 7));
    const at = 4 + cookieBytes + flagBytes + 4 * index;
    head.writeUInt16LE(key, at);
    head.writeUInt16LE(chunkCount(chunk) - 1, at + 2);
    if (withOffsets) head.writeUInt32LE(offset, 4 + bitmapHead + 4 * index);
    offset += bodies[index]?.bytes.length ?? 0;
  });
  return [head, ...bodies.map((body) => body.bytes)];
}

interface ContainerBody {
  readonly isRun: boolean;
  readonly bytes: Uint8Array;
}

function containerBody(chunk: RowChunk): ContainerBody {
  const values = valuesOf(chunk);
  const runs = runsOf(values);
  const plain = chunk.kind === "bits" ? BITMAP_BYTES : 2 * values.length;
  if (2 + 2 * runs.length < plain) {
    const body = Buffer.alloc(2 + 2 * runs.length);
    body.writeUInt16LE(runs.length / 2);
    runs.forEach((value, index) => body.writeUInt16LE(value, 2 + 2 * index));
    return { isRun: true, bytes: body };
  }
  if (chunk.kind === "bits") return { isRun: false, bytes: chunk.bits };
  const body = Buffer.alloc(2 * values.length);
  values.forEach((value, index) => body.writeUInt16LE(value, 2 * index));
  return { isRun: false, bytes: body };
}

/** Start and length less one of each run, one after the other. */
function runsOf(values: Uint16Array): readonly number[] {
  const runs: number[] = [];
  let start = -1;
  let previous = -2;
  for (const value of values) {
    if (value !== previous + 1) {
      if (start >= 0) runs.push(start, previous - start);
      start = value;
    }
    previous = value;
  }
  if (start >= 0) runs.push(start, previous - start);
  return runs;
}
