// Positions of rows in a data file, compactly: what a deletion vector holds. Chunks of 65,536 positions are a sorted array while
// they are sparse and a bitmap when they are dense, as in roaring bitmaps, so ten million rows take a few megabytes at most.

/** A chunk's members are the low 16 bits of its positions. */
export type RowChunk =
  | {
      readonly kind: "array";
      /** Ascending. */
      readonly values: Uint16Array;
    }
  | {
      readonly kind: "bits";
      /** 8192 bytes; value v is bit `v & 7` of byte `v >> 3`. */
      readonly bits: Uint8Array;
      readonly count: number;
    };

/** By `position / 65536`, ascending. */
export type RowSet = ReadonlyMap<number, RowChunk>;

export const NO_ROWS: RowSet = new Map();

export const CHUNK_ROWS = 65536;
/** Above, a bitmap is smaller. */
export const ARRAY_LIMIT = 4096;
export const BITMAP_BYTES = 8192;

/** Positions in ascending order, below 2^53; equal neighbours count once. */
export function rowSetOf(positions: Iterable<number>): RowSet {
  const builder = rowSetBuilder();
  for (const position of positions) builder.add(position);
  return builder.finish();
}

export interface RowSetBuilder {
  /** False when the position is the one added last. Positions come in ascending order. */
  add(position: number): boolean;
  finish(): RowSet;
}

export function rowSetBuilder(): RowSetBuilder {
  const chunks = new Map<number, RowChunk>();
  let key = -1;
  let last = -1;
  let values = new Uint16Array(64);
  let count = 0;
  const close = (): void => {
    if (count > 0) chunks.set(key, chunkOf(values.subarray(0, count)));
    count = 0;
  };
  return {
    add: (position) => {
      if (position === last) return false;
      last = position;
      const chunk = Math.floor(position / CHUNK_ROWS);
      if (chunk !== key) {
        close();
        key = chunk;
      }
      if (count === values.length) {
        const larger = new Uint16Array(values.length * 4);
        larger.set(values);
        values = larger;
      }
      values[count] = position % CHUNK_ROWS;
      count += 1;
      return true;
    },
    finish: () => {
      close();
      return chunks;
    },
  };
}

/** The smaller form of ascending values, which are copied. */
export function chunkOf(values: Uint16Array): RowChunk {
  if (values.length <= ARRAY_LIMIT)
    return { kind: "array", values: values.slice() };
  const bits = new Uint8Array(BITMAP_BYTES);
  for (const value of values) setBit(bits, value);
  return { kind: "bits", bits, count: values.length };
}

export function setBit(bits: Uint8Array, value: number): void {
  const at = value >> 3;
  bits[at] = (bits[at] ?? 0) | (1 << (value & 7));
}

export function countOf(set: RowSet): number {
  let count = 0;
  for (const chunk of set.values()) count += chunkCount(chunk);
  return count;
}

export function chunkCount(chunk: RowChunk): number {
  return chunk.kind === "array" ? chunk.values.length : chunk.count;
}

/** All positions, ascending. */
export function* rowsOf(set: RowSet): Generator<number, void, undefined> {
  for (const [key, chunk] of set) {
    const base = key * CHUNK_ROWS;
    for (const value of valuesOf(chunk)) yield base + value;
  }
}

/** A chunk's members, ascending. */
export function valuesOf(chunk: RowChunk): Uint16Array {
  if (chunk.kind === "array") return chunk.values;
  const values = new Uint16Array(chunk.count);
  let count = 0;
  chunk.bits.forEach((byte, index) => {
    for (let bit = 0; byte >> bit !== 0; bit += 1) {
      if (((byte >> bit) & 1) === 1) {
        values[count] = index * 8 + bit;
        count += 1;
      }
    }
  });
  return values;
}

export function unionOf(a: RowSet, b: RowSet): RowSet {
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  const keys = [...new Set([...a.keys(), ...b.keys()])].sort((x, y) => x - y);
  return new Map(
    keys.flatMap((key): [number, RowChunk][] => {
      const [left, right] = [a.get(key), b.get(key)];
      const chunk = left && right ? chunkUnion(left, right) : (left ?? right);
      return chunk === undefined ? [] : [[key, chunk]];
    }),
  );
}

function chunkUnion(a: RowChunk, b: RowChunk): RowChunk {
  const bits =
    a.kind === "bits" ? a.bits.slice() : new Uint8Array(BITMAP_BYTES);
  if (a.kind === "array") for (const value of a.values) setBit(bits, value);
  if (b.kind === "array") for (const value of b.values) setBit(bits, value);
  else
    b.bits.forEach((byte, at) => {
      bits[at] = (bits[at] ?? 0) | byte;
    });
  const count = bitCount(bits);
  const chunk: RowChunk = { kind: "bits", bits, count };
  return count > ARRAY_LIMIT
    ? chunk
    : { kind: "array", values: valuesOf(chunk) };
}

/** Whether some row is in both. */
export function overlap(a: RowSet, b: RowSet): boolean {
  for (const [key, chunk] of a) {
    const other = b.get(key);
    if (other === undefined) continue;
    if (chunkCount(chunkDifference(chunk, other)) < chunkCount(chunk))
      return true;
  }
  return false;
}

/** The rows of `a` that are not in `b`. */
export function differenceOf(a: RowSet, b: RowSet): RowSet {
  const left = new Map<number, RowChunk>();
  for (const [key, chunk] of a) {
    const taken = b.get(key);
    const rest = taken === undefined ? chunk : chunkDifference(chunk, taken);
    if (chunkCount(rest) > 0) left.set(key, rest);
  }
  return left;
}

function chunkDifference(a: RowChunk, b: RowChunk): RowChunk {
  const taken = new Uint8Array(BITMAP_BYTES);
  for (const value of valuesOf(b)) setBit(taken, value);
  return chunkOf(
    valuesOf(a).filter(
      (value) => ((taken[value >> 3] ?? 0) & (1 << (value & 7))) === 0,
    ),
  );
}

export function bitCount(bits: Uint8Array): number {
  let count = 0;
  for (const byte of bits) {
    for (let rest = byte; rest !== 0; rest &= rest - 1) count += 1;
  }
  return count;
}
