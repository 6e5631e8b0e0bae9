// Pieces of kernel SQL that rows are made of: type names, literals, errors, values used twice.
// Every piece returned is safe as an operand: a name, a call, a literal with its type, or text in brackets.

import type { DataType } from "../../storage/common/data-type.ts";
import type { SqlState } from "../../storage/common/sqlstate.ts";
import { unreachable } from "../../storage/common/invariant.ts";
import type {
  DecimalRepresentation,
  Emitted,
  Representation,
} from "./function.ts";

export const NATIVE: Representation = { kind: "native" };
export const NUMERIC_TEXT: Representation = { kind: "numeric-text" };
/** The kernel's widest decimal. */
export const MAX_DIGITS = 38;

export function decimal(
  precision: number,
  scale: number,
): DecimalRepresentation {
  return { kind: "decimal", precision: Math.min(precision, MAX_DIGITS), scale };
}

/** How values of a type lie when nothing more is known: stored columns, parameters, elements of arrays. */
export function representationOf(type: DataType): Representation {
  if (type.kind !== "numeric") return NATIVE;
  return type.precision === undefined
    ? NUMERIC_TEXT
    : decimal(type.precision, type.scale ?? 0);
}

/** The kernel's type for values held as `representation` (by default, `representationOf`). */
export function kernelType(
  type: DataType,
  representation: Representation = representationOf(type),
): string {
  switch (representation.kind) {
    case "decimal":
      return `DECIMAL(${representation.precision},${representation.scale})`;
    case "numeric-text":
      return "VARCHAR";
    case "native":
      return nativeType(type);
    default:
      return unreachable(representation);
  }
}

const NATIVE_TYPES: Readonly<Partial<Record<DataType["kind"], string>>> = {
  bool: "BOOLEAN",
  int1: "TINYINT",
  int2: "SMALLINT",
  int4: "INTEGER",
  int8: "BIGINT",
  oid: "BIGINT",
  float4: "FLOAT",
  float8: "DOUBLE",
  bytea: "BLOB",
  date: "DATE",
  time: "TIME",
  timestamp: "TIMESTAMP",
  timestamptz: "TIMESTAMPTZ",
  interval: "INTERVAL",
  /** Metadata, then value, as Parquet encodes them. */
  variant: "BLOB",
};

/** Everything else is text. */
function nativeType(type: DataType): string {
  switch (type.kind) {
    case "array":
      return `${kernelType(type.element)}[]`;
    case "map":
      return `MAP(${kernelType(type.key)}, ${kernelType(type.value)})`;
    case "struct":
      return `STRUCT(${type.fields.map((field) => `${quoteName(field.name)} ${kernelType(field.type)}`).join(", ")})`;
    default:
      return NATIVE_TYPES[type.kind] ?? "VARCHAR";
  }
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A kernel string literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function castTo(sql: string, kernel: string): string {
  return `(${sql})::${kernel}`;
}

/** An expression that fails with this code when evaluated; `message` is plain text. */
export function raise(code: SqlState, message: string): string {
  return `error(${quoteText(`${code}:${message}`)})`;
}

/** As `raise`, with a kernel expression between two pieces of text. */
export function raiseWith(
  code: SqlState,
  before: string,
  sql: string,
  after: string,
): string {
  return `error(${quoteText(`${code}:${before}`)} || ${sql} || ${quoteText(after)})`;
}

const SIMPLE = /^[\w".]{1,80}$|^'[^']{0,40}'$|^\(?-?[\d.]+\)?(::[\w(),]+)?$/;

/**
 * `body` of a value it uses more than once. Names and literals are repeated; anything longer is computed once, as the
 * parameter of a lambda. Its name comes from the text, so a name met again means the same value.
 */
export function once(sql: string, body: (value: string) => string): string {
  if (SIMPLE.test(sql)) return body(sql);
  const name = textName("v", sql);
  return `list_transform([${sql}], lambda ${name}: ${body(name)})[1]`;
}

/** A name made of the text: equal for equal ones. */
export function textName(prefix: string, text: string): string {
  return `${prefix}${hash(text)}`;
}

function hash(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x1b873593;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  return (a >>> 0).toString(36) + (b >>> 0).toString(36);
}

/** True for an emitted number that is surely not zero, so that it may divide. */
export function isNonZeroLiteral(sql: string): boolean {
  return (
    /^\(?-?\d*\.?\d+\)?(::\w+(\([\d,]+\))?)?$/.test(sql) &&
    /[1-9]/.test(sql.replace(/::.*$/, ""))
  );
}

/** The value as PostgreSQL's numeric text, whatever way it is held now. */
export function numericText(value: Emitted): string {
  const { sql, representation } = value;
  if (representation.kind !== "decimal") return sql;
  const { precision, scale } = representation;
  if (precision > scale) return castTo(sql, "VARCHAR");
  // The kernel prints no zero before the point of a decimal that has only a fraction.
  return precision < MAX_DIGITS
    ? castTo(castTo(sql, `DECIMAL(${precision + 1},${scale})`), "VARCHAR")
    : `regexp_replace(${castTo(sql, "VARCHAR")}, '^(-?)[.]', '\\10.')`;
}
