// Thrift's compact protocol, as far as Parquet footers need it: a tree that keeps what it does not understand, so that a footer
// can be changed in one place and written back (https://github.com/apache/thrift, doc/specs/thrift-compact-protocol.md).

import { invariant } from "../../../../storage/common/invariant.ts";

export type ThriftValue =
  /** Truth values, numbers: the bytes as they stand; of a truth value in a struct the type says it all. */
  | { readonly kind: "plain"; readonly bytes: Buffer }
  | { readonly kind: "binary"; readonly bytes: Buffer }
  | {
      readonly kind: "list";
      readonly itemType: number;
      readonly items: readonly ThriftValue[];
    }
  | ThriftStruct;

export interface ThriftStruct {
  readonly kind: "struct";
  /** In the order of their ids. */
  readonly fields: readonly ThriftField[];
}

export interface ThriftField {
  readonly id: number;
  readonly type: number;
  readonly value: ThriftValue;
}

export const THRIFT = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  struct: 12,
} as const;

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

export function readThrift(bytes: Buffer): ThriftStruct {
  return readStruct({ bytes, at: 0 });
}

function readStruct(cursor: Cursor): ThriftStruct {
  const fields: ThriftField[] = [];
  let id = 0;
  for (;;) {
    const header = take(cursor, 1).readUInt8(0);
    if (header === 0) return { kind: "struct", fields };
    const delta = header >> 4;
    id = delta === 0 ? unzigzag(varint(cursor)) : id + delta;
    const type = header & 0x0f;
    const isTruth = type === THRIFT.true || type === THRIFT.false;
    const value: ThriftValue = isTruth
      ? { kind: "plain", bytes: Buffer.alloc(0) }
      : readValue(cursor, type);
    fields.push({ id, type, value });
  }
}

function readValue(cursor: Cursor, type: number): ThriftValue {
  switch (type) {
    case THRIFT.true:
    case THRIFT.false:
    case THRIFT.byte:
      return { kind: "plain", bytes: take(cursor, 1) };
    case THRIFT.i16:
    case THRIFT.i32:
    case THRIFT.i64: {
      const start = cursor.at;
      varint(cursor);
      return { kind: "plain", bytes: cursor.bytes.subarray(start, cursor.at) };
    }
    case THRIFT.double:
      return { kind: "plain", bytes: take(cursor, 8) };
    case THRIFT.binary:
      return { kind: "binary", bytes: take(cursor, Number(varint(cursor))) };
    case THRIFT.list:
    case THRIFT.set:
      return readList(cursor);
    default:
      invariant(type === THRIFT.struct, "a footer holds no maps");
      return readStruct(cursor);
  }
}

const LONG_LIST = 15;

function readList(cursor: Cursor): ThriftValue {
  const header = take(cursor, 1).readUInt8(0);
  const itemType = header & 0x0f;
  const short = header >> 4;
  const count = short === LONG_LIST ? Number(varint(cursor)) : short;
  const items = Array.from({ length: count }, () =>
    readValue(cursor, itemType),
  );
  return { kind: "list", itemType, items };
}

function take(cursor: Cursor, length: number): Buffer {
  const end = cursor.at + length;
  invariant(end <= cursor.bytes.length, "a footer the kernel wrote is whole");
  const bytes = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return bytes;
}

function varint(cursor: Cursor): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = take(cursor, 1).readUInt8(0);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

function unzigzag(value: bigint): number {
  return Number(value >> 1n) ^ -Number(value & 1n);
}

export function writeThrift(struct: ThriftStruct): Buffer {
  const pieces: Buffer[] = [];
  writeStruct(struct, pieces);
  return Buffer.concat(pieces);
}

function writeStruct({ fields }: ThriftStruct, to: Buffer[]): void {
  let last = 0;
  for (const { id, type, value } of fields) {
    const delta = id - last;
    if (delta > 0 && delta <= 15) to.push(Buffer.of((delta << 4) | type));
    else to.push(Buffer.of(type), numberBytes(id));
    writeValue(value, to);
    last = id;
  }
  to.push(Buffer.of(0));
}

function writeValue(value: ThriftValue, to: Buffer[]): void {
  switch (value.kind) {
    case "plain":
      to.push(value.bytes);
      return;
    case "binary":
      to.push(varintBytes(value.bytes.length), value.bytes);
      return;
    case "list": {
      const { length } = value.items;
      if (length < LONG_LIST)
        to.push(Buffer.of((length << 4) | value.itemType));
      else
        to.push(
          Buffer.of((LONG_LIST << 4) | value.itemType),
          varintBytes(length),
        );
      for (const item of value.items) writeValue(item, to);
      return;
    }
    case "struct":
      writeStruct(value, to);
  }
}

function varintBytes(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80))
    bytes.push((rest % 0x80) | 0x80);
  return Buffer.of(...bytes, rest);
}

/** Zigzag, as Thrift writes integers. */
function numberBytes(value: number): Buffer {
  return varintBytes(value < 0 ? -2 * value - 1 : 2 * value);
}

export function thriftNumber(value: number): ThriftValue {
  return { kind: "plain", bytes: numberBytes(value) };
}

export function numberOf(value: ThriftValue | undefined): number | undefined {
  return value?.kind === "plain"
    ? unzigzag(varint({ bytes: value.bytes, at: 0 }))
    : undefined;
}

export function fieldOf(
  struct: ThriftStruct,
  id: number,
): ThriftValue | undefined {
  return struct.fields.find((field) => field.id === id)?.value;
}

/** The struct with these fields, and without those that are undefined here. */
export function withFields(
  struct: ThriftStruct,
  changed: readonly {
    readonly id: number;
    readonly type: number;
    readonly value: ThriftValue | undefined;
  }[],
): ThriftStruct {
  const kept = struct.fields.filter(({ id }) =>
    changed.every((change) => change.id !== id),
  );
  const added = changed.flatMap(({ id, type, value }): ThriftField[] =>
    value === undefined ? [] : [{ id, type, value }],
  );
  return {
    kind: "struct",
    fields: [...kept, ...added].sort((a, b) => a.id - b.id),
  };
}
