// Reading the pieces that a variant's bytes are made of (Parquet's "Variant Binary Encoding"): everything is little-endian, and a
// value cut short is XX001.

import { SqlError } from "../../../../storage/common/errors.ts";

export function damaged(reason: string): SqlError {
  return new SqlError("XX001", "variant value is damaged", {
    detail: `${reason}.`,
  });
}

export function part(bytes: Buffer, at: number, length: number): Buffer {
  if (at + length > bytes.length) throw damaged("It ends too early");
  return bytes.subarray(at, at + length);
}

export function byteAt(bytes: Buffer, at: number): number {
  return part(bytes, at, 1).readUInt8(0);
}

/** 1 to 4 bytes. */
export function unsigned(bytes: Buffer, at: number, width: number): number {
  return part(bytes, at, width).readUIntLE(0, width);
}

/** 1 to 16 bytes. */
export function signed(bytes: Buffer, at: number, width: number): bigint {
  const digits = Buffer.from(part(bytes, at, width))
    .reverse()
    .toString("hex");
  return BigInt.asIntN(8 * width, BigInt(`0x${digits}`));
}

/** Four bytes of length, then as many. */
export function sized(bytes: Buffer, at: number): Buffer {
  return part(bytes, at + 4, unsigned(bytes, at, 4));
}

export function text(bytes: Buffer, from: number, to: number): string {
  if (to < from) throw damaged("A name or text ends before it begins");
  return part(bytes, from, to - from).toString("utf8");
}

/** The inverse of `unsigned`. */
export function unsignedBytes(value: number, width: number): Buffer {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntLE(value, 0, width);
  return bytes;
}

/** The inverse of `signed`. */
export function signedBytes(value: bigint, width: number): Buffer {
  const digits = BigInt.asUintN(8 * width, value)
    .toString(16)
    .padStart(2 * width, "0");
  return Buffer.from(digits, "hex").reverse();
}
