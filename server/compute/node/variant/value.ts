// Variant values as JSON and from JSON. Numbers keep every digit; what JSON has no form for is written as to_jsonb writes it: dates,
// instants in UTC, bytes, NaN. From JSON a number takes the smallest type that holds it exactly, as parse_json of Spark gives it.

import { formatDate } from "../../../../planner/functions/value/date-time-text.ts";
import { formatTime } from "../../../../planner/functions/value/date-time-text.ts";
import { formatTimestamp } from "../../../../planner/functions/value/date-time-text.ts";
import { formatDecimal } from "../../../../planner/functions/value/decimal.ts";
import {
  JSON_NULL,
  objectOf,
  parseJson,
  type Json,
} from "../../../../planner/functions/value/json.ts";
import { formatFloatJson } from "../encode/float-text.ts";
import { byteAt, damaged, part, signed, sized } from "./bytes.ts";
import {
  decimalScalar,
  integerScalar,
  scalarOf,
  textScalar,
} from "./scalar.ts";
import { readVariant, type Variant } from "./tree.ts";

/** `bytes`: metadata, then value. Throws XX001 for bytes that are not as the encoding says. */
export function variantJson(bytes: Uint8Array): Json {
  return jsonOf(readVariant(bytes));
}

function jsonOf(value: Variant): Json {
  switch (value.kind) {
    case "scalar":
      return scalarJson(value.bytes);
    case "array":
      return { kind: "array", items: value.items.map(jsonOf) };
    case "object":
      return objectOf(
        value.members.map(([name, member]) => [name, jsonOf(member)]),
      );
  }
}

const SHORT_TEXT = 1;

function scalarJson(bytes: Buffer): Json {
  const header = byteAt(bytes, 0);
  return (header & 3) === SHORT_TEXT
    ? string(bytes.toString("utf8", 1))
    : primitive(bytes, header >> 2, 1);
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

/** Throws 22003 for a number that no double holds. */
export function variantOf(json: Json): Variant {
  switch (json.kind) {
    case "null":
      return scalarOf("null");
    case "boolean":
      return scalarOf(json.value ? "true" : "false");
    case "number":
      return numberScalar(json.text);
    case "string":
      return textScalar(json.value);
    case "array":
      return { kind: "array", items: json.items.map(variantOf) };
    case "object":
      return {
        kind: "object",
        members: json.members.map(([name, value]) => [name, variantOf(value)]),
      };
  }
}

function numberScalar(value: string): Variant {
  const match = /^-?\d+(?:\.(\d+))?$/.exec(value);
  if (match === null) return scalarOf("float8", value);
  const scale = match[1]?.length ?? 0;
  const coefficient = BigInt(value.replace(".", ""));
  return scale === 0
    ? integerScalar(coefficient)
    : decimalScalar(coefficient, scale);
}
