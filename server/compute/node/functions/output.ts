// Casts to text that the kernel writes otherwise than PostgreSQL: floats, intervals, zoned timestamps, arrays.

import { formatArray } from "../../../../planner/functions/value/array-text.ts";
import { offsetAt } from "../../../../planner/functions/value/calendar.ts";
import {
  formatInterval,
  formatTimestamptz,
} from "../../../../planner/functions/value/date-time-text.ts";
import {
  formatDecimal,
  readDecimal,
} from "../../../../planner/functions/value/decimal.ts";
import { formatFloat } from "../../../../planner/functions/value/scalar-input.ts";
import {
  BIGINT,
  BLOB,
  DOUBLE,
  FLOAT,
  INTEGER,
  INTERVAL,
  LIST,
  VARCHAR,
  type DuckDBValue,
} from "../../../../storage/kernel/duckdb.ts";
import {
  bigint,
  blobOf,
  intervalOf,
  listOf,
  number,
  text,
} from "./arguments.ts";
import type { KernelFunction } from "./define.ts";

const LAST_INSTANT = 9223372036854775807n;

function instantText(micros: bigint, zone: string): string {
  if (micros === LAST_INSTANT) return "infinity";
  if (micros === -LAST_INSTANT) return "-infinity";
  const seconds = micros / 1_000_000n - (micros % 1_000_000n < 0n ? 1n : 0n);
  return formatTimestamptz(micros, offsetAt(zone, Number(seconds)));
}

function byteaEscape(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte === 92
      ? "\\\\"
      : byte < 32 || byte > 126
        ? `\\${byte.toString(8).padStart(3, "0")}`
        : String.fromCharCode(byte),
  ).join("");
}

/** float8 to numeric keeps 15 significant digits, float4 six. */
function floatNumeric(value: number, digits: number): string {
  return formatDecimal(readDecimal(formatFloat(value, false, digits - 15)));
}

/** record_out: fields in brackets, quoted where needed, NULL as nothing. */
function recordText(fields: readonly (string | null)[]): string {
  const shown = fields.map((field) => {
    if (field === null) return "";
    if (field !== "" && !/[(),"\\\s]/.test(field)) return field;
    return `"${field.replace(/["\\]/g, "$&$&")}"`;
  });
  return `(${shown.join(",")})`;
}

/** string_agg over [delimiter, text] pairs; NULL pairs are rows without a text. */
function joinParts(pairs: readonly DuckDBValue[]): string | null {
  const present = pairs.filter((pair) => pair !== null).map(listOf);
  if (present.length === 0) return null;
  return present
    .map(
      ([delimiter, part], i) => (i === 0 ? "" : text(delimiter)) + text(part),
    )
    .join("");
}

export const OUTPUT_FUNCTIONS: readonly KernelFunction[] = [
  {
    name: "float8_text",
    parameters: [DOUBLE, INTEGER],
    returns: VARCHAR,
    call: (value, digits) => formatFloat(number(value), false, number(digits)),
  },
  {
    name: "float4_text",
    parameters: [FLOAT, INTEGER],
    returns: VARCHAR,
    call: (value, digits) => formatFloat(number(value), true, number(digits)),
  },
  {
    name: "float8_numeric",
    parameters: [DOUBLE],
    returns: VARCHAR,
    call: (value) => floatNumeric(number(value), 15),
  },
  {
    name: "float4_numeric",
    parameters: [FLOAT],
    returns: VARCHAR,
    call: (value) => floatNumeric(number(value), 6),
  },
  {
    name: "interval_text",
    parameters: [INTERVAL, VARCHAR],
    returns: VARCHAR,
    call: (value, style) => formatInterval(intervalOf(value), text(style)),
  },
  {
    name: "timestamptz_text",
    parameters: [BIGINT, VARCHAR],
    returns: VARCHAR,
    call: (micros, zone) => instantText(bigint(micros), text(zone)),
  },
  {
    name: "bytea_escape",
    parameters: [BLOB],
    returns: VARCHAR,
    call: (value) => byteaEscape(blobOf(value)),
  },
  {
    name: "array_text",
    parameters: [LIST(VARCHAR)],
    returns: VARCHAR,
    call: (value) =>
      formatArray(
        listOf(value).map((item) => (item === null ? null : text(item))),
      ),
  },
  {
    name: "record_text",
    parameters: [LIST(VARCHAR)],
    returns: VARCHAR,
    call: (value) =>
      recordText(
        listOf(value).map((item) => (item === null ? null : text(item))),
      ),
  },
  {
    name: "join_parts",
    parameters: [LIST(LIST(VARCHAR))],
    returns: VARCHAR,
    call: (value) => joinParts(listOf(value)),
  },
];
