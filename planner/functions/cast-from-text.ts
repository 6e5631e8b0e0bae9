// Casts from text. Constants are read here; columns by the kernel's fast cast where the text has the plain shape that both read
// the same way, and by PostgreSQL's input function (registered as pg_read) for every other row.

import type { DataType } from "../../storage/common/data-type.ts";
import type { EmitSettings, Emitted } from "./function.ts";
import {
  NATIVE,
  NUMERIC_TEXT,
  castTo,
  kernelType,
  once,
  quoteText,
  representationOf,
} from "./emit.ts";
import { readValue } from "./input.ts";
import { constantText, emitLiteral, nestedFromText } from "./literal.ts";

export function fromText(
  value: Emitted,
  to: DataType,
  settings: EmitSettings,
  attempt: boolean,
): Emitted {
  const constant = constantText(value.sql);
  if (constant !== undefined && !attempt) {
    return emitLiteral(readValue(constant, to, settings), to);
  }
  const representation =
    to.kind === "numeric" && to.precision === undefined
      ? NUMERIC_TEXT
      : representationOf(to);
  return {
    sql: readSql(value.sql, to, settings, attempt),
    type: to,
    representation: to.kind === "numeric" ? representation : NATIVE,
  };
}

/** PostgreSQL has no year 0. */
const DAY =
  "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})-[0-9]{2}-[0-9]{2}";
const MOMENT = `${DAY} [0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?`;

/** Text that the kernel's cast reads exactly as PostgreSQL does. */
const PLAIN: Readonly<Partial<Record<DataType["kind"], string>>> = {
  int1: "-?[0-9]{1,9}",
  int2: "-?[0-9]{1,9}",
  int4: "-?[0-9]{1,18}",
  int8: "-?[0-9]{1,18}",
  oid: "[0-9]{1,9}",
  float8: "-?[0-9]{1,15}([.][0-9]{1,15})?",
  bool: "t|f|true|false",
  date: DAY,
  time: "([01][0-9]|2[0-3])(:[0-5][0-9]){2}([.][0-9]{1,6})?",
  timestamp: MOMENT,
  timestamptz: `${MOMENT}[+-](0[0-9]|1[0-4])(:[0-5][0-9])?`,
};

/** Text that a value held as text is itself. */
const CANONICAL: Readonly<Partial<Record<DataType["kind"], string>>> = {
  uuid: "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
  numeric: "0([.][0-9]{1,18})?|-?[1-9][0-9]{0,17}([.][0-9]{1,18})?",
};

function plainPattern(to: DataType): string | undefined {
  return to.kind === "numeric"
    ? plainNumeric(to.precision, to.scale ?? 0)
    : PLAIN[to.kind];
}

/** Digits that fit and need no rounding; where numerics are held as text there is no kernel cast. */
function plainNumeric(
  precision: number | undefined,
  scale: number,
): string | undefined {
  if (precision === undefined || scale < 0 || precision <= scale)
    return undefined;
  const fraction = scale === 0 ? "" : `([.][0-9]{1,${scale}})?`;
  return `-?[0-9]{1,${precision - scale}}${fraction}`;
}

/** Digits that a decimal of 64 bits holds: the kernel reads them a hundred times as fast as those of a wider one. */
const NARROW_DIGITS = 18;

/** The kernel's cast of plain text by way of a narrow decimal; undefined where the type is none wider. */
function narrowRead(
  v: string,
  { precision, scale = 0 }: DataType & { readonly kind: "numeric" },
): string | undefined {
  if (precision === undefined || precision <= NARROW_DIGITS) return undefined;
  const fraction = Math.min(scale, NARROW_DIGITS / 2);
  const whole = Math.min(NARROW_DIGITS - fraction, precision - scale);
  const plain = plainNumeric(whole + fraction, fraction);
  return plain === undefined
    ? undefined
    : `TRY_CAST(TRY_CAST(CASE WHEN regexp_full_match(${v}, '${plain}') THEN ${v} END AS DECIMAL(${NARROW_DIGITS},${fraction})) AS DECIMAL(${precision},${scale}))`;
}

function readSql(
  sql: string,
  to: DataType,
  settings: EmitSettings,
  attempt: boolean,
): string {
  if (to.kind === "array")
    return readArraySql(sql, to.element, settings, attempt);
  const kernel = kernelType(to);
  const canonical = kernel === "VARCHAR" ? CANONICAL[to.kind] : undefined;
  if (canonical !== undefined)
    return once(
      sql,
      (v) =>
        `CASE WHEN regexp_full_match(${v}, '${canonical}') THEN ${v} ELSE ${slowSql(v, to, settings, attempt)} END`,
    );
  const plain = plainPattern(to);
  if (plain === undefined) return slowSql(sql, to, settings, attempt);
  return once(sql, (v) => {
    const narrow = to.kind === "numeric" ? narrowRead(v, to) : undefined;
    const readings = [
      ...(narrow === undefined ? [] : [narrow]),
      `TRY_CAST(CASE WHEN regexp_full_match(${v}, '${plain}') THEN ${v} END AS ${kernel})`,
      slowSql(v, to, settings, attempt),
    ];
    return `coalesce(${readings.join(", ")})`;
  });
}

function slowSql(
  sql: string,
  to: DataType,
  settings: EmitSettings,
  attempt: boolean,
): string {
  const name = attempt ? "pg_try_read" : "pg_read";
  const read = `${name}(${quoteText(typeCode(to))}, ${sql}, ${quoteText(settings.timeZone)}, ${quoteText(settings.dateStyle)})`;
  switch (to.kind) {
    case "bytea":
      return `unhex(substring(${read}, 3))`;
    case "variant":
      return `variant_of(${read})`;
    case "date":
    case "timestamp":
    case "timestamptz":
      return castTo(
        `regexp_replace(${read}, '^(\\S+)(.*) BC$', '\\1 (BC)\\2')`,
        kernelType(to),
      );
    case "struct":
    case "map":
      return nestedFromText(read, to);
    default: {
      const kernel = kernelType(to);
      return kernel === "VARCHAR" ? read : castTo(read, kernel);
    }
  }
}

/** How pg_read is told the type: its kind, and numeric's modifier. */
export function typeCode(type: DataType): string {
  return type.kind === "numeric" && type.precision !== undefined
    ? `numeric(${type.precision},${type.scale ?? 0})`
    : type.kind;
}

function readArraySql(
  sql: string,
  element: DataType,
  settings: EmitSettings,
  attempt: boolean,
): string {
  const items = `array_items(${sql})`;
  if (
    kernelType(element) === "VARCHAR" &&
    ["text", "varchar", "name", "unknown"].includes(element.kind)
  ) {
    return items;
  }
  return `list_transform(${items}, lambda item: ${readSql("item", element, settings, attempt)})`;
}
