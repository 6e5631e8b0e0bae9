// One value of a variant column, from its two byte strings (Parquet's "Variant Binary Encoding"), as JSON. Numbers keep every digit;
// what JSON has no form for is written as to_jsonb writes it: dates, instants in UTC, bytes, NaN.

import { formatDate } from "../../../planner/functions/value/date-time-text.ts";
import { formatTime } from "../../../planner/functions/value/date-time-text.ts";
import { formatTimestamp } from "../../../planner/functions/value/date-time-text.ts";
import { formatDecimal } from "../../../planner/functions/value/decimal.ts";
import {
  JSON_NULL,
  objectOf,
  parseJson,
  type Json,
} from "../../../planner/functions/value/json.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import { formatFloatJson } from "./encode/float-text.ts";

/** Throws XX001 for bytes that are not as the encoding says. */
export function decodeVariant(metadata: Uint8Array, value: Uint8Array): Json {
  return valueAt(names(view(metadata)), view(value), 0);
}

function damaged(reason: string): SqlError {
  return new SqlError("XX001", "variant value is damaged", {
    detail: `${reason}.`,
  });
}

const VERSION = 1;

/** The dictionary of member names. */
function names(bytes: Buffer): readonly string[] {
  const header = byteAt(bytes, 0);
  if ((header & 0x0f) !== VERSION)
    throw damaged(`Its version is ${header & 0x0f}`);
  const width = (header >> 6) + 1;
  const count = unsigned(bytes, 1, width);
  const first = 1 + width;
  const start = first + (count + 1) * width;
  const offset = (index: number): number =>
    start + unsigned(bytes, first + index * width, width);
  return indexes(count, bytes).map((index) =>
    text(bytes, offset(index), offset(index + 1)),
  );
}

/** 0 to count - 1; no more than there are bytes, so that damage allocates nothing large. */
function indexes(count: number, bytes: Buffer): readonly number[] {
  if (count > bytes.length) throw damaged(`It counts ${count} members`);
  return Array.from({ length: count }, (_, index) => index);
}

function valueAt(
  dictionary: readonly string[],
  bytes: Buffer,
  at: number,
): Json {
  const header = byteAt(bytes, at);
  const own = header >> 2;
  switch (header & 3) {
    case 0:
      return primitive(bytes, own, at + 1);
    case 1:
      return { kind: "string", value: text(bytes, at + 1, at + 1 + own) };
    case 2:
      return object(dictionary, bytes, own, at + 1);
    default:
      return array(dictionary, bytes, own, at + 1);
  }
}

type Container = readonly [
  dictionary: readonly string[],
  bytes: Buffer,
  header: number,
  at: number,
];

function object(...[dictionary, bytes, header, at]: Container): Json {
  const offsetWidth = (header & 3) + 1;
  const idWidth = ((header >> 2) & 3) + 1;
  const countWidth = (header >> 4) & 1 ? 4 : 1;
  const count = unsigned(bytes, at, countWidth);
  const ids = at + countWidth;
  const offsets = ids + count * idWidth;
  const start = offsets + (count + 1) * offsetWidth;
  const members = indexes(count, bytes).map(
    (index): readonly [string, Json] => {
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
  return objectOf(members);
}

function array(...[dictionary, bytes, header, at]: Container): Json {
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

type Primitive = (bytes: Buffer, at: number) => Json;

/** By type id. */
const PRIMITIVES: readonly Primitive[] = [
  () => JSON_NULL,
  () => ({ kind: "boolean", value: true }),
  () => ({ kind: "boolean", value: false }),
  (bytes, at) => number(signed(bytes, at, 1)),
  (bytes, at) => number(signed(bytes, at, 2)),
  (bytes, at) => number(signed(bytes, at, 4)),
  (bytes, at) => number(signed(bytes, at, 8)),
  (bytes, at) => float(part(bytes, at, 8).readDoubleLE(0), 8),
  (bytes, at) => decimal(bytes, at, 4),
  (bytes, at) => decimal(bytes, at, 8),
  (bytes, at) => decimal(bytes, at, 16),
  (bytes, at) => string(formatDate(Number(signed(bytes, at, 4)))),
  (bytes, at) => instant(signed(bytes, at, 8)),
  (bytes, at) => string(wall(signed(bytes, at, 8))),
  (bytes, at) => float(part(bytes, at, 4).readFloatLE(0), 4),
  (bytes, at) => string(`\\x${sized(bytes, at).toString("hex")}`),
  (bytes, at) => string(sized(bytes, at).toString("utf8")),
  (bytes, at) => string(formatTime(Number(signed(bytes, at, 8)))),
  (bytes, at) => instant(micros(signed(bytes, at, 8))),
  (bytes, at) => string(wall(micros(signed(bytes, at, 8)))),
  (bytes, at) => string(uuid(part(bytes, at, 16).toString("hex"))),
];

function primitive(bytes: Buffer, id: number, at: number): Json {
  const read = PRIMITIVES[id];
  if (read === undefined) throw damaged(`Its type ${id} is not known`);
  return read(bytes, at);
}

function number(value: bigint): Json {
  return { kind: "number", text: String(value) };
}

function string(value: string): Json {
  return { kind: "string", value };
}

function float(value: number, width: 4 | 8): Json {
  return parseJson(formatFloatJson(value, width));
}

/** A byte of scale, then the coefficient. */
function decimal(bytes: Buffer, at: number, width: number): Json {
  const coefficient = signed(bytes, at + 1, width);
  const scale = byteAt(bytes, at);
  return { kind: "number", text: formatDecimal({ coefficient, scale }) };
}

function wall(value: bigint): string {
  return formatTimestamp(value).replace(" ", "T");
}

function instant(value: bigint): Json {
  const moment = wall(value);
  return string(
    moment.endsWith(" BC")
      ? `${moment.slice(0, -3)}+00:00 BC`
      : `${moment}+00:00`,
  );
}

/** Nanoseconds, cut down. */
function micros(nanos: bigint): bigint {
  const cut = nanos / 1000n;
  return nanos < 0n && cut * 1000n !== nanos ? cut - 1n : cut;
}

function uuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function part(bytes: Buffer, at: number, length: number): Buffer {
  if (at + length > bytes.length) throw damaged("It ends too early");
  return bytes.subarray(at, at + length);
}

function byteAt(bytes: Buffer, at: number): number {
  return part(bytes, at, 1).readUInt8(0);
}

/** Little-endian, 1 to 4 bytes. */
function unsigned(bytes: Buffer, at: number, width: number): number {
  return part(bytes, at, width).readUIntLE(0, width);
}

/** Little-endian, 1 to 16 bytes. */
function signed(bytes: Buffer, at: number, width: number): bigint {
  const digits = Buffer.from(part(bytes, at, width))
    .reverse()
    .toString("hex");
  return BigInt.asIntN(8 * width, BigInt(`0x${digits}`));
}

/** Four bytes of length, then as many. */
function sized(bytes: Buffer, at: number): Buffer {
  return part(bytes, at + 4, unsigned(bytes, at, 4));
}

function text(bytes: Buffer, from: number, to: number): string {
  if (to < from) throw damaged("A name or text ends before it begins");
  return part(bytes, from, to - from).toString("utf8");
}
