// How a column's bounds or partition value compare with a predicate's constant, in PostgreSQL's common type of the two. The answer
// is kernel SQL for both sides, or undefined when the comparison is not understood: then nothing may be skipped.

import type { DataType } from "../common/data-type.ts";
import type { Scalar } from "../common/scalar.ts";
import { quoteText } from "../delta/sql.ts";
import {
  ceilDecimal,
  compareToRange,
  floorDecimal,
  isExactDecimal,
} from "./decimal-text.ts";
import type { CompareOperator } from "./predicate.ts";

/** A comparison ready to print: `column(expression) operator value`, or an answer that needs no value. */
export type Comparison =
  | {
      readonly kind: "compare";
      readonly operator: CompareOperator;
      /** The column side as SQL, given the raw expression. */
      readonly column: (expression: string) => string;
      readonly value: string;
      /** True for float columns, where NaN is the largest value. */
      readonly float: boolean;
    }
  /** All rows whose value is not NULL satisfy it. */
  | { readonly kind: "not-null" }
  /** No row does. */
  | { readonly kind: "never" };

const asIs = (expression: string): string => expression;

export function comparison(
  column: DataType,
  operator: CompareOperator,
  value: Scalar,
): Comparison | undefined {
  const { text } = value;
  if (text === null) return { kind: "never" };
  const family = familyOf(column);
  const other = familyOf(value.type);
  if (family === undefined || other === undefined) return undefined;
  if (family === "exact" && other === "exact")
    return exactComparison(column, operator, text);
  if (isNumber(family) && isNumber(other))
    return floatComparison(family, operator, value);
  if (family === "text" || family === "uuid" || family === "time") {
    return family === other
      ? simple(operator, asIs, quoteText(text))
      : undefined;
  }
  if (family === "bool" || family === "bytea")
    return family === other
      ? otherComparison(family, operator, text)
      : undefined;
  return timeComparison(family, other, operator, text);
}

type Family =
  | "exact"
  | "float"
  | "text"
  | "uuid"
  | "time"
  | "bool"
  | "bytea"
  | "date"
  | "timestamp"
  | "timestamptz";

const FAMILIES: Partial<Record<DataType["kind"], Family>> = {
  int1: "exact",
  int2: "exact",
  int4: "exact",
  int8: "exact",
  numeric: "exact",
  float4: "float",
  float8: "float",
  text: "text",
  varchar: "text",
  name: "text",
  uuid: "uuid",
  time: "time",
  bool: "bool",
  bytea: "bytea",
  date: "date",
  timestamp: "timestamp",
  timestamptz: "timestamptz",
};

function familyOf(type: DataType): Family | undefined {
  return FAMILIES[type.kind];
}

function isNumber(family: Family): boolean {
  return family === "exact" || family === "float";
}

function simple(
  operator: CompareOperator,
  column: (expression: string) => string,
  value: string,
): Comparison {
  return { kind: "compare", operator, column, value, float: false };
}

/**
 * Integers and decimals: the constant is rounded to the column's scale in the direction that keeps the comparison true to itself
 * (`c < 5.5` is `c <= 5`), so that nothing is ever computed in another precision.
 */
function exactComparison(
  column: DataType,
  operator: CompareOperator,
  text: string,
): Comparison | undefined {
  const { precision, scale } = decimalShape(column);
  if (text === "NaN" || text === "Infinity") return beyond(operator, "above");
  if (text === "-Infinity") return beyond(operator, "below");
  if (!isExactDecimal(text)) return undefined;
  const floor = floorDecimal(text, scale);
  const ceil = ceilDecimal(text, scale);
  const side = compareToRange(floor, precision, scale);
  if (
    side !== "inside" ||
    compareToRange(ceil, precision, scale) !== "inside"
  ) {
    return beyond(operator, side === "inside" ? "above" : side);
  }
  if (floor === ceil) return simple(operator, asIs, decimalSql(floor));
  switch (operator) {
    case "=":
      return { kind: "never" };
    case "<>":
      return { kind: "not-null" };
    case "<":
    case "<=":
      return simple("<=", asIs, decimalSql(floor));
    case ">":
    case ">=":
      return simple(">=", asIs, decimalSql(ceil));
  }
}

/** The constant lies above or below every value the column can have. */
function beyond(
  operator: CompareOperator,
  side: "above" | "below",
): Comparison {
  const always =
    operator === "<>" ||
    (side === "above" ? operator.startsWith("<") : operator.startsWith(">"));
  return always ? { kind: "not-null" } : { kind: "never" };
}

const INTEGER_DIGITS: Partial<Record<DataType["kind"], number>> = {
  int1: 3,
  int2: 5,
  int4: 10,
  int8: 19,
};

function decimalShape(type: DataType): {
  readonly precision: number;
  readonly scale: number;
} {
  if (type.kind === "numeric")
    return { precision: type.precision ?? 38, scale: type.scale ?? 0 };
  return { precision: INTEGER_DIGITS[type.kind] ?? 38, scale: 0 };
}

function decimalSql(text: string): string {
  const scale = text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
  return `CAST('${text}' AS DECIMAL(38,${scale}))`;
}

/** As soon as one side is a float PostgreSQL compares as float8; the cast of a bound is monotone, so it stays a bound. */
function floatComparison(
  family: Family,
  operator: CompareOperator,
  value: Scalar,
): Comparison {
  const literal = quoteText(value.text ?? "");
  const source =
    value.type.kind === "float4" ? `TRY_CAST(${literal} AS FLOAT)` : literal;
  return {
    kind: "compare",
    operator,
    column: (expression) => `CAST(${expression} AS DOUBLE)`,
    value: `TRY_CAST(${source} AS DOUBLE)`,
    float: family === "float",
  };
}

function otherComparison(
  family: "bool" | "bytea",
  operator: CompareOperator,
  text: string,
): Comparison | undefined {
  if (family === "bool")
    return simple(
      operator,
      asIs,
      text === "t" || text === "true" ? "true" : "false",
    );
  return text.startsWith("\\x")
    ? simple(operator, asIs, `unhex('${text.slice(2)}')`)
    : undefined;
}

const TIME_SQL: Partial<Record<Family, string>> = {
  date: "DATE",
  timestamp: "TIMESTAMP",
  timestamptz: "TIMESTAMPTZ",
};

/** With a zone on one side only, the session's zone decides, which storage does not know. */
function timeComparison(
  family: Family,
  other: Family,
  operator: CompareOperator,
  text: string,
): Comparison | undefined {
  const zoned = family === "timestamptz";
  if (TIME_SQL[other] === undefined || zoned !== (other === "timestamptz"))
    return undefined;
  const sqlType =
    family === "date" && other === "date"
      ? "DATE"
      : zoned
        ? "TIMESTAMPTZ"
        : "TIMESTAMP";
  const value = kernelTime(text);
  if (value === undefined) return undefined;
  const cast = (expression: string): string =>
    `CAST(${expression} AS ${sqlType})`;
  const literal = `TRY_CAST(${quoteText(value)} AS ${TIME_SQL[other] ?? sqlType})`;
  return simple(operator, family === other ? asIs : cast, cast(literal));
}

/** PostgreSQL's text as the kernel reads it; years before Christ and infinities are left to the scan. */
function kernelTime(text: string): string | undefined {
  return /^\d{4,6}-\d\d-\d\d/.test(text) && !text.endsWith("BC")
    ? text
    : undefined;
}
