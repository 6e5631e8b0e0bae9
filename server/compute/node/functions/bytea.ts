// Bits and bytes of a bytea, trimming and replacing.

import { SqlError } from "../../../../storage/common/errors.ts";
import {
  BIGINT,
  BLOB,
  DuckDBBlobValue,
  INTEGER,
  VARCHAR,
} from "../../../../storage/kernel/duckdb.ts";
import { bigint, blobOf, number, text } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";

/** 2202E for an index outside. */
function checkIndex(index: bigint | number, count: number): number {
  const at = Number(index);
  if (at >= 0 && at < count) return at;
  throw new SqlError(
    "2202E",
    `index ${index} out of valid range, 0..${count - 1}`,
  );
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[checkIndex(index, bytes.length)] ?? 0;
}

function withByte(bytes: Uint8Array, index: number, value: number): Uint8Array {
  const at = checkIndex(index, bytes.length);
  const changed = Uint8Array.from(bytes);
  changed[at] = value & 0xff;
  return changed;
}

/** Bits count from the lowest of each byte. */
function bitAt(bytes: Uint8Array, index: bigint): number {
  const at = checkIndex(index, bytes.length * 8);
  return ((bytes[Math.floor(at / 8)] ?? 0) >> (at % 8)) & 1;
}

function withBit(bytes: Uint8Array, index: bigint, value: number): Uint8Array {
  const at = checkIndex(index, bytes.length * 8);
  if (value !== 0 && value !== 1)
    throw new SqlError("22023", "new bit must be 0 or 1");
  const byte = Math.floor(at / 8);
  const mask = 1 << (at % 8);
  const old = bytes[byte] ?? 0;
  return withByte(bytes, byte, value === 1 ? old | mask : old & ~mask);
}

function trimmed(bytes: Uint8Array, set: Uint8Array, side: string): Uint8Array {
  let [start, end] = [0, bytes.length];
  const isIn = (at: number): boolean => set.includes(bytes[at] ?? -1);
  if (side !== "trailing") while (start < end && isIn(start)) start++;
  if (side !== "leading") while (end > start && isIn(end - 1)) end--;
  return bytes.subarray(start, end);
}

/** 22011 for a place before the first byte or a negative count. */
function overlaid(
  bytes: Uint8Array,
  by: Uint8Array,
  { from, count }: { readonly from: number; readonly count: number },
): Uint8Array {
  if (from <= 0) {
    throw new SqlError("22011", "negative substring length not allowed");
  }
  if (from + count > 2_147_483_647) {
    throw new SqlError("22003", "integer out of range");
  }
  return Buffer.concat([
    bytes.subarray(0, from - 1),
    by,
    bytes.subarray(Math.max(from - 1 + count, 0)),
  ]);
}

export const BYTEA_FUNCTIONS: readonly KernelFunction[] = [
  {
    name: "bytea_byte",
    parameters: [BLOB, INTEGER],
    returns: INTEGER,
    call: (value, index) => byteAt(blobOf(value), number(index)),
  },
  {
    name: "bytea_with_byte",
    parameters: [BLOB, INTEGER, INTEGER],
    returns: BLOB,
    call: (value, index, byte) =>
      new DuckDBBlobValue(withByte(blobOf(value), number(index), number(byte))),
  },
  {
    name: "bytea_bit",
    parameters: [BLOB, BIGINT],
    returns: INTEGER,
    call: (value, index) => bitAt(blobOf(value), bigint(index)),
  },
  {
    name: "bytea_with_bit",
    parameters: [BLOB, BIGINT, INTEGER],
    returns: BLOB,
    call: (value, index, bit) =>
      new DuckDBBlobValue(withBit(blobOf(value), bigint(index), number(bit))),
  },
  {
    name: "bytea_trim",
    parameters: [BLOB, BLOB, VARCHAR],
    returns: BLOB,
    call: (value, set, side) =>
      new DuckDBBlobValue(trimmed(blobOf(value), blobOf(set), text(side))),
  },
  {
    name: "bytea_overlay",
    parameters: [BLOB, BLOB, INTEGER, INTEGER],
    returns: BLOB,
    call: (value, by, from, count) =>
      new DuckDBBlobValue(
        overlaid(blobOf(value), blobOf(by), {
          from: number(from),
          count: number(count),
        }),
      ),
  },
];
