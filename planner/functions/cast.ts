// Casts as kernel SQL, with PostgreSQL's rounding, ranges and messages. Casts that do not change the bytes vanish.

import { sameType, type DataType } from "../../storage/common/data-type.ts";
import { textOf, toJson } from "./cast-text.ts";
import { fromText } from "./cast-from-text.ts";
import type { EmitSettings, Emitted, Representation } from "./function.ts";
import {
  NATIVE,
  NUMERIC_TEXT,
  castTo,
  decimal,
  kernelType,
  numericText,
  once,
  quoteText,
  raise,
  representationOf,
} from "./emit.ts";
import { constantInteger, emitLiteral } from "./literal.ts";
import { isNull } from "./unify.ts";
import { asInstant, asWall } from "./zone.ts";
import { categoryOf, sameKind } from "./types.ts";

/** `attempt`: NULL where the cast would fail. */
export function emitCast(
  value: Emitted,
  to: DataType,
  settings: EmitSettings,
  attempt = false,
): Emitted {
  if (isNull(value)) return emitLiteral(null, to);
  if (value.type.kind === "variant" && to.kind !== "variant")
    return emitCast(asJsonb(value), to, settings, attempt);
  if (isStringKind(to)) return toStringKind(value, to, settings);
  const from = value.type;
  if (categoryOf(from) === "S" || from.kind === "unknown") {
    return fromText(value, to, settings, attempt);
  }
  if (to.kind === "numeric") return toNumeric(value, to, attempt);
  if (from.kind === "numeric") return fromNumeric(value, to, attempt);
  if (sameKind(from, to) && from.kind !== "array")
    return { ...value, type: to };
  return {
    sql: nativeCast(value, to, settings, attempt),
    type: to,
    representation: representationOf(to),
  };
}

function asJsonb({ sql }: Emitted): Emitted {
  return {
    sql: `variant_json(${sql})`,
    type: { kind: "jsonb" },
    representation: NATIVE,
  };
}

function isStringKind(to: DataType): boolean {
  return categoryOf(to) === "S" || to.kind === "unknown";
}

/** character types are cut to their length, char(n) padded with blanks, as by an explicit cast. */
function toStringKind(
  value: Emitted,
  to: DataType,
  settings: EmitSettings,
): Emitted {
  const text = textOf(value, settings);
  const result = (sql: string): Emitted => ({
    sql,
    type: to,
    representation: NATIVE,
  });
  if (to.kind === "varchar" && to.length !== undefined) {
    if (
      value.type.kind === "varchar" &&
      (value.type.length ?? Infinity) <= to.length
    )
      return result(text);
    return result(`left(${text}, ${to.length})`);
  }
  if (to.kind === "bpchar" && to.length !== undefined) {
    return result(
      once(text, (v) => `rpad(left(${v}, ${to.length}), ${to.length}, ' ')`),
    );
  }
  if (to.kind === "bpchar" && value.type.kind === "bpchar")
    return result(value.sql);
  if (to.kind === "name") return result(`left(${text}, 63)`);
  return result(text);
}

function tryable(sql: string, kernel: string, attempt: boolean): string {
  return attempt ? `TRY_CAST(${sql} AS ${kernel})` : castTo(sql, kernel);
}

const INTEGER_DIGITS: Readonly<Partial<Record<DataType["kind"], number>>> = {
  int1: 3,
  int2: 5,
  int4: 10,
  int8: 19,
  oid: 19,
};

type NumericType = DataType & { readonly kind: "numeric" };

function toNumeric(value: Emitted, to: NumericType, attempt: boolean): Emitted {
  const result = (sql: string, representation: Representation): Emitted => ({
    sql,
    type: to,
    representation,
  });
  const digits = INTEGER_DIGITS[value.type.kind];
  const target = representationOf(to);
  if (target.kind === "decimal") {
    return result(intoDecimal(value, target, attempt), target);
  }
  if (value.type.kind === "numeric") return { ...value, type: to };
  const constant = constantInteger(value.sql);
  if (constant !== undefined) return emitLiteral(integerText(value.sql), to);
  if (digits !== undefined) {
    return result(
      castTo(value.sql, `DECIMAL(${digits},0)`),
      decimal(digits, 0),
    );
  }
  return result(textFromOther(value), NUMERIC_TEXT);
}

/** The digits of an integer literal as it was emitted. */
function integerText(sql: string): string {
  return sql.replace(/::.*$/, "").replace(/[()]/g, "");
}

/** float4 and float8 become numeric by their 6 or 15 significant digits; jsonb by its number. */
function textFromOther(value: Emitted): string {
  switch (value.type.kind) {
    case "float4":
      return `float4_numeric(${value.sql})`;
    case "float8":
      return `float8_numeric(${value.sql})`;
    case "numeric":
      return numericText(value);
    default:
      return `jsonb_number(${value.sql}, 'numeric')`;
  }
}

function intoDecimal(
  value: Emitted,
  target: Representation & { readonly kind: "decimal" },
  attempt: boolean,
): string {
  const kernel = `DECIMAL(${target.precision},${target.scale})`;
  const from = value.representation;
  if (
    from.kind === "decimal" &&
    from.precision === target.precision &&
    from.scale === target.scale
  ) {
    return value.sql;
  }
  const exact =
    INTEGER_DIGITS[value.type.kind] !== undefined || from.kind === "decimal";
  if (exact) return tryable(value.sql, kernel, attempt);
  return tryable(
    `num_fit(${textFromOther(value)}, ${target.precision}::INTEGER, ${target.scale}::INTEGER)`,
    kernel,
    attempt,
  );
}

function fromNumeric(value: Emitted, to: DataType, attempt: boolean): Emitted {
  const result = (sql: string): Emitted => ({
    sql,
    type: to,
    representation: NATIVE,
  });
  const from = value.representation;
  const kernel = kernelType(to);
  if (to.kind === "float8" || to.kind === "float4") {
    const exact = from.kind === "decimal" && from.precision <= 15;
    return result(castTo(exact ? value.sql : numericText(value), kernel));
  }
  if (from.kind === "decimal")
    return result(tryable(value.sql, kernel, attempt));
  return result(
    tryable(
      `num_integer(${value.sql}, ${quoteText(to.kind)})`,
      kernel,
      attempt,
    ),
  );
}

function nativeCast(
  value: Emitted,
  to: DataType,
  settings: EmitSettings,
  attempt: boolean,
): string {
  const { sql, type: from } = value;
  if (from.kind === "array" && to.kind === "array")
    return arrayCast(sql, from.element, to.element, settings);
  switch (to.kind) {
    case "timestamp":
    case "timestamptz":
    case "date":
    case "time":
      return momentCast(value, to, settings);
    case "interval":
      return `to_microseconds(epoch_us(${sql}))`;
    case "oid":
      return once(
        sql,
        (v) =>
          `CASE WHEN ${v} < 0 THEN ${v}::BIGINT + 4294967296 ELSE ${v}::BIGINT END`,
      );
    case "bool":
      return from.kind === "jsonb" ? `jsonb_boolean(${sql})` : `(${sql} <> 0)`;
    case "json":
    case "jsonb":
      return jsonCast(value, to, settings);
    case "variant":
      return `variant_of(${jsonCast(value, to, settings)})`;
    default:
      return numberCast(value, to, attempt);
  }
}

function numberCast(
  { sql, type: from }: Emitted,
  to: DataType,
  attempt: boolean,
): string {
  const kernel = kernelType(to);
  if (from.kind === "jsonb") {
    return castTo(`jsonb_number(${sql}, ${quoteText(to.kind)})`, kernel);
  }
  if (from.kind === "float8" && to.kind === "float4" && !attempt) {
    return once(sql, (v) => {
      const single = castTo(v, "FLOAT");
      return (
        `CASE WHEN isinf(TRY_CAST(${v} AS FLOAT)) AND NOT isinf(${v}) OR TRY_CAST(${v} AS FLOAT) IS NULL AND ${v} IS NOT NULL THEN ${raise("22003", "value out of range: overflow")} ` +
        `WHEN ${v} <> 0 AND TRY_CAST(${v} AS FLOAT) = 0 THEN ${raise("22003", "value out of range: underflow")} ELSE ${single} END`
      );
    });
  }
  return tryable(sql, kernel, attempt);
}

function jsonCast(
  value: Emitted,
  to: DataType,
  settings: EmitSettings,
): string {
  const { sql, type: from } = value;
  if (from.kind === "json")
    return to.kind === "json" ? sql : `jsonb_text(${sql})`;
  if (from.kind === "jsonb") return sql;
  return to.kind === "json"
    ? toJson(value, settings)
    : `jsonb_text(${toJson(value, settings)})`;
}

/** The session's zone stands between instants and wall clocks. */
function momentCast(
  { sql, type: from }: Emitted,
  to: DataType,
  settings: EmitSettings,
): string {
  if (from.kind === "interval") return `(TIME '00:00:00' + ${sql})`;
  if (to.kind === "timestamptz") return asInstant(sql, from, settings.timeZone);
  const wall = asWall(sql, from, settings.timeZone);
  if (to.kind === "timestamp") return wall;
  if (to.kind === "date") return castTo(wall, "DATE");
  return `(${once(wall, (v) => `CASE WHEN isfinite(${v}) THEN ${castTo(v, "TIME")} END`)})`;
}

function arrayCast(
  sql: string,
  from: DataType,
  to: DataType,
  settings: EmitSettings,
): string {
  const cut =
    (to.kind === "varchar" || to.kind === "bpchar") &&
    to.length !== undefined &&
    !sameType(from, to);
  if (!cut && kernelType(from) === kernelType(to) && sameKind(from, to))
    return sql;
  const item: Emitted = {
    sql: "item",
    type: from,
    representation: representationOf(from),
  };
  const cast = emitCast(item, to, settings);
  const converted =
    cast.representation.kind === "decimal" &&
    to.kind === "numeric" &&
    to.precision === undefined
      ? numericText(cast)
      : cast.sql;
  return `list_transform(${sql}, lambda item: ${converted})`;
}
