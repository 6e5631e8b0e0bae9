// Casts from text that the kernel's own cast cannot be trusted with: PostgreSQL's input functions over columns.

import { readValue } from "../../../../planner/functions/input.ts";
import { readArray } from "../../../../planner/functions/value/array-text.ts";
import { kernelInterval } from "../../../../planner/functions/literal.ts";
import { readInterval } from "../../../../planner/functions/value/interval-input.ts";
import {
  numeric,
  type DataType,
  type SimpleKind,
} from "../../../../storage/common/data-type.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import { LIST, VARCHAR, listValue } from "../../../../storage/kernel/duckdb.ts";
import { text } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";

const SIMPLE: readonly SimpleKind[] = [
  "bool",
  "int1",
  "int2",
  "int4",
  "int8",
  "float4",
  "float8",
  "bytea",
  "date",
  "time",
  "timestamp",
  "timestamptz",
  "uuid",
  "json",
  "jsonb",
  "variant",
  "oid",
];

function typeOf(code: string): DataType {
  const simple = SIMPLE.find((kind) => kind === code);
  if (simple !== undefined) return { kind: simple };
  const match = /^numeric\((\d+),(\d+)\)$/.exec(code);
  return match === null
    ? { kind: "numeric" }
    : numeric(Number(match[1]), Number(match[2]));
}

/** pg_read(type code, text, time zone, date style): canonical text, for intervals the kernel's. */
function read(
  code: string,
  value: string,
  timeZone: string,
  dateStyle: string,
): string {
  if (code === "interval") return kernelInterval(readInterval(value));
  if (code === "struct" || code === "map") return value;
  return readValue(value, typeOf(code), { timeZone, dateStyle });
}

/** NULL where `read` fails. */
function tryRead([
  code = "",
  value = "",
  zone = "",
  style = "",
]: readonly string[]): string | null {
  try {
    return read(code, value, zone, style);
  } catch (error) {
    if (error instanceof SqlError) return null;
    throw error;
  }
}

const PARAMETERS = [VARCHAR, VARCHAR, VARCHAR, VARCHAR];

export const INPUT_FUNCTIONS: readonly KernelFunction[] = [
  {
    name: "pg_read",
    parameters: PARAMETERS,
    returns: VARCHAR,
    call: (code, value, zone, style) =>
      read(text(code), text(value), text(zone), text(style)),
  },
  {
    name: "pg_try_read",
    parameters: PARAMETERS,
    returns: VARCHAR,
    call: (...args) => tryRead(args.map(text)),
  },
  {
    name: "array_items",
    parameters: [VARCHAR],
    returns: LIST(VARCHAR),
    call: (value) => listValue([...readArray(text(value))]),
  },
];
