// Comparisons of a monotone function of a column with a constant, as bounds on the column itself: casts between dates and
// timestamps, widening casts, date_trunc and extract(year). The bounds may keep more rows than the comparison, never fewer.

import type { CompareOperator } from "../../storage/scan/predicate.ts";
import { DATE, TIMESTAMP } from "../../storage/common/data-type.ts";
import type { Expression, Literal } from "../logical/expression.ts";
import type { Comparison } from "./comparison.ts";
import type { FunctionLookup } from "./rule.ts";
import {
  addInterval,
  formatDate,
  formatTimestamp,
  MICROS_PER_DAY,
  floorDivide,
  parseDate,
  parseInterval,
  parseTimestamp,
} from "./temporal.ts";

export interface Bounds {
  readonly column: Expression;
  /** All of them hold wherever the comparison is true. */
  readonly bounds: readonly {
    readonly operator: CompareOperator;
    readonly value: Literal;
  }[];
}

/** `f(column) operator literal`; undefined when nothing is known of the column. */
export function widenedComparison(
  comparison: Comparison,
  functions: FunctionLookup,
): Bounds | undefined {
  const { operator, left, right } = comparison;
  if (right.kind !== "literal" || right.value === null) return undefined;
  if (left.kind === "cast" && !left.attempt)
    return throughCast(operator, left.operand, left.type.kind, right);
  if (left.kind === "call")
    return throughCall(operator, left, right, functions);
  return crossType(operator, left, right);
}

/** date against timestamp, either way round: the other's type with the time of day given up. */
function crossType(
  operator: CompareOperator,
  column: Expression,
  right: Literal,
): Bounds | undefined {
  if (column.type.kind === "date" && right.type.kind === "timestamp") {
    const micros = parseTimestamp(right.value ?? "");
    return micros === undefined
      ? undefined
      : dayBounds(operator, column, micros);
  }
  if (column.type.kind === "timestamp" && right.type.kind === "date") {
    const days = parseDate(right.value ?? "");
    return days === undefined
      ? undefined
      : bounded(operator, column, timestamp(days * MICROS_PER_DAY));
  }
  return undefined;
}

function bounded(
  operator: CompareOperator,
  column: Expression,
  value: Literal,
): Bounds {
  return { column, bounds: [{ operator, value }] };
}

/** A day compared with a moment: what the moment's day says. */
function dayBounds(
  operator: CompareOperator,
  column: Expression,
  micros: bigint,
): Bounds | undefined {
  const days = floorDivide(micros, MICROS_PER_DAY);
  const midnight = days * MICROS_PER_DAY === micros;
  const value = date(days);
  if (midnight) return bounded(operator, column, value);
  switch (operator) {
    case "<":
    case "<=":
      return bounded("<=", column, value);
    case ">":
    case ">=":
      return bounded(">", column, value);
    case "=":
    case "<>":
      return undefined;
  }
}

function throughCast(
  operator: CompareOperator,
  operand: Expression,
  to: string,
  right: Literal,
): Bounds | undefined {
  const from = operand.type.kind;
  if (from === "timestamp" && to === "date") {
    const days = parseDate(right.value ?? "");
    return days === undefined || right.type.kind !== "date"
      ? undefined
      : truncated(
          operator,
          operand,
          days * MICROS_PER_DAY,
          (days + 1n) * MICROS_PER_DAY,
        );
  }
  if (from === "date" && to === "timestamp")
    return crossType(operator, operand, right);
  return keepsIntegers(from, to)
    ? integerBounds(operator, operand, right)
    : undefined;
}

const INTEGERS: readonly string[] = ["int1", "int2", "int4", "int8"];

/** A double holds every int4, not every int8. */
function keepsIntegers(from: string, to: string): boolean {
  const size = INTEGERS.indexOf(from);
  if (size < 0) return false;
  return (
    to === "numeric" ||
    INTEGERS.indexOf(to) > size ||
    (to === "float8" && from !== "int8")
  );
}

/** An integer against a wider number: the whole numbers on the same side. */
function integerBounds(
  operator: CompareOperator,
  column: Expression,
  right: Literal,
): Bounds | undefined {
  const match = /^(-?\d{1,18})(?:\.(\d+))?$/u.exec(right.value ?? "");
  const [, whole, fraction] = match ?? [];
  if (whole === undefined) return undefined;
  const exact = /^0*$/u.test(fraction ?? "");
  const value = (n: bigint): Literal => ({
    kind: "literal",
    type: { kind: "int8" },
    value: String(n),
  });
  if (exact) return bounded(operator, column, value(BigInt(whole)));
  const below = whole.startsWith("-") ? BigInt(whole) - 1n : BigInt(whole);
  switch (operator) {
    case "<":
    case "<=":
      return bounded("<=", column, value(below));
    case ">":
    case ">=":
      return bounded(">", column, value(below));
    case "=":
    case "<>":
      return undefined;
  }
}

const UNITS: Readonly<Record<string, string>> = {
  year: "1 year",
  month: "1 mon",
  week: "7 days",
  day: "1 day",
  hour: "01:00:00",
  minute: "00:01:00",
  second: "00:00:01",
};

/** `date_trunc('month', ts) op moment` and `extract(year from d) op n`. */
function throughCall(
  operator: CompareOperator,
  call: Extract<Expression, { kind: "call" }>,
  right: Literal,
  functions: FunctionLookup,
): Bounds | undefined {
  const name = functions(call.function)?.name;
  const [first, column] = call.args;
  if (first?.kind !== "literal" || column === undefined) return undefined;
  const unit = first.value?.toLowerCase() ?? "";
  if (name === "date_trunc")
    return truncatedTo(unit, { operator, left: column, right });
  const isYear =
    (name === "date_part" || name === "extract") && unit === "year";
  return isYear ? yearBounds(operator, column, right) : undefined;
}

function truncatedTo(unit: string, comparison: Comparison): Bounds | undefined {
  const { operator, left, right } = comparison;
  if (left.type.kind !== "timestamp" || right.type.kind !== "timestamp")
    return undefined;
  if (right.kind !== "literal") return undefined;
  const step = UNITS[unit];
  const start = parseTimestamp(right.value ?? "");
  const parts = step === undefined ? undefined : parseInterval(step);
  if (start === undefined || parts === undefined) return undefined;
  return truncated(operator, left, start, addInterval(start, parts));
}

/**
 * `floor(column) op start` where values from `start` to before `end` round down to `start`. A start that is no such multiple
 * makes the bounds wider than need be, which is allowed.
 */
function truncated(
  operator: CompareOperator,
  column: Expression,
  start: bigint,
  end: bigint,
): Bounds | undefined {
  switch (operator) {
    case "=":
      return {
        column,
        bounds: [
          { operator: ">=", value: timestamp(start) },
          { operator: "<", value: timestamp(end) },
        ],
      };
    case "<":
    case "<=":
      return bounded("<", column, timestamp(end));
    case ">":
    case ">=":
      return bounded(">=", column, timestamp(start));
    case "<>":
      return undefined;
  }
}

function yearBounds(
  operator: CompareOperator,
  column: Expression,
  right: Literal,
): Bounds | undefined {
  const year = /^(\d{1,4})(?:\.0*)?$/u.exec(right.value ?? "")?.[1];
  if (year === undefined || Number(year) < 1 || Number(year) > 9998)
    return undefined;
  const first = parseDate(`${year.padStart(4, "0")}-01-01`);
  const next = parseDate(`${String(Number(year) + 1).padStart(4, "0")}-01-01`);
  if (first === undefined || next === undefined) return undefined;
  const wide = truncated(
    operator,
    column,
    first * MICROS_PER_DAY,
    next * MICROS_PER_DAY,
  );
  if (column.type.kind === "timestamp") return wide;
  if (column.type.kind !== "date" || wide === undefined) return undefined;
  return {
    column,
    bounds: wide.bounds.map((bound) => ({
      operator: bound.operator,
      value: date(
        floorDivide(
          parseTimestamp(bound.value.value ?? "") ?? 0n,
          MICROS_PER_DAY,
        ),
      ),
    })),
  };
}

function timestamp(micros: bigint): Literal {
  return {
    kind: "literal",
    type: TIMESTAMP,
    value: formatTimestamp(micros, ""),
  };
}

function date(days: bigint): Literal {
  return { kind: "literal", type: DATE, value: formatDate(days) };
}
