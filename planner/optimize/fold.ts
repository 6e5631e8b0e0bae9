// Evaluation of constant calls and casts where PostgreSQL's answer is certain and cheap to give: comparisons, integer arithmetic,
// date arithmetic. What could fail or depends on a setting is left to the engine.

import type { DataType } from "../../storage/common/data-type.ts";
import type { CompareOperator } from "../../storage/scan/predicate.ts";
import type { Call, Cast, Expression, Literal } from "../logical/expression.ts";
import { comparisonOf } from "./comparison.ts";
import { FALSE, isNullLiteral, NULL_BOOL, TRUE } from "./conjuncts.ts";
import type { FunctionLookup } from "./rule.ts";
import {
  addInterval,
  formatDate,
  formatTimestamp,
  negateInterval,
  parseDate,
  parseInterval,
  parseTimestamp,
} from "./temporal.ts";
import { MICROS_PER_DAY } from "../functions/value/calendar.ts";

/** The literal a call or cast over literals gives; undefined when it is not for us to say. */
export function foldExpression(
  expression: Expression,
  functions: FunctionLookup,
): Literal | undefined {
  if (expression.kind === "call") return foldCall(expression, functions);
  if (expression.kind === "cast") return foldCast(expression);
  if (expression.kind === "is-null" && expression.operand.kind === "literal") {
    return (expression.operand.value === null) !== expression.negated
      ? TRUE
      : FALSE;
  }
  return undefined;
}

function foldCall(call: Call, functions: FunctionLookup): Literal | undefined {
  const row = functions(call.function);
  if (row === undefined || row.volatility === "volatile") return undefined;
  const isCalled = row.kind === "scalar" || row.kind === "operator";
  if (isCalled && row.strict && call.args.some(isNullLiteral))
    return { kind: "literal", type: call.type, value: null };
  const args = literals(call.args);
  if (args === undefined) return undefined;
  const comparison = comparisonOf(call, functions);
  if (comparison !== undefined)
    return foldComparison(comparison.operator, args);
  return row.kind === "operator"
    ? foldArithmetic(row.name, args, call.type)
    : undefined;
}

function literals(args: readonly Expression[]): readonly Literal[] | undefined {
  const found = args.filter((arg) => arg.kind === "literal");
  return found.length === args.length ? found : undefined;
}

function foldComparison(
  operator: CompareOperator,
  args: readonly Literal[],
): Literal | undefined {
  const [left, right] = args;
  if (left === undefined || right === undefined) return undefined;
  if (left.value === null || right.value === null) return NULL_BOOL;
  const order = compareLiterals(left, right);
  if (order === undefined) return undefined;
  return holds(operator, order) ? TRUE : FALSE;
}

export function holds(operator: CompareOperator, order: number): boolean {
  switch (operator) {
    case "=":
      return order === 0;
    case "<>":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

/** Negative, zero or positive; undefined for types whose order we do not compute here. */
export function compareLiterals(a: Literal, b: Literal): number | undefined {
  if (a.value === null || b.value === null) return undefined;
  if (isText(a.type) && isText(b.type)) {
    return compareText(a.value, b.value);
  }
  const left = ordinal(a);
  const right = ordinal(b);
  if (left === undefined || right === undefined) return undefined;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** By code points, which is the order of UTF-8 bytes. */
function compareText(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  for (const [index, char] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (char !== other)
      return (char.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
  }
  return left.length - right.length;
}

function isText(type: DataType): boolean {
  return type.kind === "text" || type.kind === "varchar";
}

/** Position on the number line that literals of comparable types share. */
function ordinal(literal: Literal): bigint | undefined {
  const { value } = literal;
  if (value === null) return undefined;
  switch (literal.type.kind) {
    case "int1":
    case "int2":
    case "int4":
    case "int8":
      return BigInt(value);
    case "bool":
      return value === "t" ? 1n : 0n;
    case "date": {
      const days = parseDate(value);
      return days === undefined ? undefined : days * MICROS_PER_DAY;
    }
    case "timestamp":
      return parseTimestamp(value);
    default:
      return undefined;
  }
}

const INTEGER_RANGE: Readonly<Record<string, bigint>> = {
  int2: 1n << 15n,
  int4: 1n << 31n,
  int8: 1n << 63n,
};

function foldArithmetic(
  name: string,
  args: readonly Literal[],
  type: DataType,
): Literal | undefined {
  const [left, right] = args;
  if (left === undefined || right === undefined) return undefined;
  const limit = INTEGER_RANGE[type.kind];
  const result =
    limit === undefined
      ? dateArithmetic(name, left, right)
      : integerArithmetic(name, left, right, limit);
  return result === undefined
    ? undefined
    : { kind: "literal", type, value: result };
}

function integerArithmetic(
  name: string,
  left: Literal,
  right: Literal,
  limit: bigint,
): string | undefined {
  if (
    INTEGER_RANGE[left.type.kind] === undefined ||
    INTEGER_RANGE[right.type.kind] === undefined
  )
    return undefined;
  const a = BigInt(left.value ?? 0);
  const b = BigInt(right.value ?? 0);
  const value =
    name === "+"
      ? a + b
      : name === "-"
        ? a - b
        : name === "*"
          ? a * b
          : undefined;
  return value === undefined || value < -limit || value >= limit
    ? undefined
    : String(value);
}

/** `date ± int4` is a date; `date|timestamp ± interval` a timestamp. */
function dateArithmetic(
  name: string,
  left: Literal,
  right: Literal,
): string | undefined {
  if (
    (name !== "+" && name !== "-") ||
    left.value === null ||
    right.value === null
  )
    return undefined;
  if (left.type.kind === "date" && right.type.kind === "int4") {
    const days = parseDate(left.value);
    if (days === undefined) return undefined;
    const shift = BigInt(right.value);
    return inDateRange(days + (name === "+" ? shift : -shift));
  }
  if (right.type.kind !== "interval") return undefined;
  const start = ordinal(left);
  const parts = parseInterval(right.value);
  if (start === undefined || parts === undefined) return undefined;
  if (left.type.kind !== "date" && left.type.kind !== "timestamp")
    return undefined;
  return inTimestampRange(
    addInterval(start, name === "+" ? parts : negateInterval(parts)),
  );
}

/** Years 1 to 9999: beyond, formats and limits differ, and the engine shall decide. */
const FIRST_DAY = -719_162n;
const LAST_DAY = 2_932_896n;

function inDateRange(days: bigint): string | undefined {
  return days < FIRST_DAY || days > LAST_DAY ? undefined : formatDate(days);
}

function inTimestampRange(micros: bigint): string | undefined {
  return micros < FIRST_DAY * MICROS_PER_DAY ||
    micros > LAST_DAY * MICROS_PER_DAY
    ? undefined
    : formatTimestamp(micros, "");
}

const WIDENING: readonly string[] = ["int1", "int2", "int4", "int8"];

function foldCast(cast: Cast): Literal | undefined {
  const { operand, type } = cast;
  if (operand.kind !== "literal") return undefined;
  if (operand.value === null) return { kind: "literal", type, value: null };
  const from = operand.type.kind;
  if (
    WIDENING.includes(from) &&
    WIDENING.indexOf(type.kind) > WIDENING.indexOf(from)
  )
    return { kind: "literal", type, value: operand.value };
  if (from === "date" && type.kind === "timestamp") {
    const days = parseDate(operand.value);
    return days === undefined
      ? undefined
      : {
          kind: "literal",
          type,
          value: formatTimestamp(days * MICROS_PER_DAY, ""),
        };
  }
  if (from === "timestamp" && type.kind === "date") {
    const micros = parseTimestamp(operand.value);
    return micros === undefined
      ? undefined
      : {
          kind: "literal",
          type,
          value: operand.value.replace(/ [\d:.]+/u, ""),
        };
  }
  return undefined;
}
