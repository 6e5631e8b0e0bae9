// filter (a::int8 = 5::int8)                        ->   filter (a = 5)                 (a int4)
// filter (d <= '1998-09-02 00:00:00'::timestamp)    ->   filter (d <= '1998-09-02')     (d date)
// The bare column can be pruned by statistics and pushed into the file reader. Wrong where the constant does not fit the column's type.

import { DATE, type DataType } from "../../../storage/common/data-type.ts";
import { rewriteExpression } from "../../logical/expression-walk.ts";
import type { Cast, Expression, Literal } from "../../logical/expression.ts";
import { mapExpressions } from "../../logical/walk.ts";
import {
  compare,
  comparisonOf,
  withConstantRight,
  type Comparison,
} from "../comparison.ts";
import { isTotalCast } from "../facts.ts";
import { defineNodeRule, type FunctionLookup, type Rule } from "../rule.ts";

export const unwrapCasts: Rule = defineNodeRule(
  "unwrap-casts",
  (node, { functions }) => {
    const unwrapped = mapExpressions(node, (expression) =>
      rewriteExpression(expression, (part) => unwrap(part, functions) ?? part),
    );
    return unwrapped === node ? undefined : unwrapped;
  },
);

function unwrap(
  part: Expression,
  functions: FunctionLookup,
): Expression | undefined {
  const comparison = comparisonOf(part, functions);
  if (comparison === undefined) return undefined;
  const { operator, left, right } = withConstantRight(comparison);
  if (right.kind !== "literal" || right.value === null) return undefined;
  const bare = left.kind === "cast" && isWidening(left) ? left.operand : left;
  if (
    bare.kind !== "column" ||
    (bare === left && bare.type.kind === right.type.kind)
  )
    return undefined;
  const narrowed =
    bare.type.kind === "date"
      ? asDate({ operator, left: bare, right }, right)
      : asInteger({ operator, left: bare, right }, right, bare.type);
  return narrowed && compare(narrowed, functions);
}

/** A cast that keeps every value apart and in order; any other could fail or round. */
function isWidening({ operand, type, attempt }: Cast): boolean {
  if (attempt) return false;
  return operand.type.kind === "date"
    ? type.kind === "timestamp"
    : isTotalCast(operand.type, type);
}

const LIMITS: Readonly<Record<string, bigint>> = {
  int1: 1n << 7n,
  int2: 1n << 15n,
  int4: 1n << 31n,
  int8: 1n << 63n,
};

/** A whole number of an integer or numeric type that fits the column. */
function asInteger(
  comparison: Comparison,
  literal: Literal,
  type: DataType,
): Comparison | undefined {
  const limit = LIMITS[type.kind];
  const from = literal.type.kind;
  const whole = /^(-?\d+)(?:\.0*)?$/u.exec(literal.value ?? "")?.[1];
  if (limit === undefined || whole === undefined) return undefined;
  if (LIMITS[from] === undefined && from !== "numeric") return undefined;
  const value = BigInt(whole);
  if (value < -limit || value >= limit) return undefined;
  return {
    ...comparison,
    right: { kind: "literal", type, value: String(value) },
  };
}

/** A day against a moment: below or at it means not after its day, unless the moment is midnight itself. */
function asDate(
  comparison: Comparison,
  literal: Literal,
): Comparison | undefined {
  if (literal.type.kind !== "timestamp") return undefined;
  const match = /^(\d{4}-\d\d-\d\d) ([\d:.]+)$/u.exec(literal.value ?? "");
  const [, day, clock] = match ?? [];
  if (day === undefined || clock === undefined) return undefined;
  const right: Literal = { kind: "literal", type: DATE, value: day };
  if (/^[0:.]+$/u.test(clock)) return { ...comparison, right };
  switch (comparison.operator) {
    case "<":
    case "<=":
      return { ...comparison, operator: "<=", right };
    case ">":
    case ">=":
      return { ...comparison, operator: ">", right };
    default:
      return undefined;
  }
}
