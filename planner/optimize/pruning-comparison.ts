// Comparisons with constants and IN lists as scan predicates: of a column itself, or of what is monotone in one.

import type {
  CompareOperator,
  ScanPredicate,
} from "../../storage/scan/predicate.ts";
import type { Expression, InList, Literal } from "../logical/expression.ts";
import {
  flipped,
  NEGATED,
  withConstantRight,
  type Comparison,
} from "./comparison.ts";
import { constantRange } from "./preimage/constant-range.ts";
import { isExact, isFloat } from "./preimage/number.ts";
import { preimage } from "./preimage/preimage.ts";
import { all, any, pathOf, scalarOf, type Context } from "./pruning-parts.ts";

export function translateComparison(
  comparison: Comparison,
  negated: boolean,
  context: Context,
): ScanPredicate | undefined {
  const turned = withConstantRight(
    comparison.left.kind !== "literal" &&
      constantRange(comparison.left, context) !== undefined
      ? flipped(comparison)
      : comparison,
  );
  const operator = negated ? NEGATED[turned.operator] : turned.operator;
  const { left, right } = turned;
  const range = constantRange(right, context);
  return range === undefined
    ? compareWith({ operator, left, right }, context)
    : compareWithin({ operator, left, right }, range, context);
}

/** `left operator literal`. */
export function compareWith(
  comparison: Comparison,
  context: Context,
): ScanPredicate | undefined {
  const { operator, left, right } = comparison;
  if (right.kind !== "literal") return undefined;
  if (right.value === null) return { kind: "constant", value: false };
  const column = pathOf(left, context);
  if (column !== undefined && sameFamily(left, right))
    return { kind: "compare", column, operator, value: scalarOf(right) };
  const found = preimage(comparison, context);
  return (
    found &&
    all(
      found.bounds.map((bound) =>
        compareWith(
          {
            operator: bound.operator,
            left: found.operand,
            right: bound.value,
          },
          context,
        ),
      ),
    )
  );
}

/** The constant on the right lies between `low` and `high`. */
function compareWithin(
  { operator, left }: Comparison,
  { low, high }: { readonly low: Literal; readonly high: Literal },
  context: Context,
): ScanPredicate | undefined {
  const exact = low.value === high.value;
  const side = (
    to: CompareOperator,
    right: Literal,
  ): ScanPredicate | undefined =>
    compareWith({ operator: to, left, right }, context);
  switch (operator) {
    case ">":
    case ">=":
      return side(operator, low);
    case "<":
    case "<=":
      return side(operator, high);
    case "=":
      return exact ? side("=", low) : all([side(">=", low), side("<=", high)]);
    case "<>":
      return exact ? side("<>", low) : undefined;
  }
}

const ORDERED: ReadonlySet<string> = new Set([
  "bool",
  "text",
  "varchar",
  "date",
  "time",
  "timestamp",
  "timestamptz",
  "uuid",
]);

/**
 * Types whose canonical texts storage may compare with the column's statistics without a conversion of ours; numbers among each
 * other, as PostgreSQL does. Not `char(n)`, whose `=` forgets blanks, nor interval and jsonb, whose stored text has another order.
 */
function sameFamily(left: Expression, right: Literal): boolean {
  const isNumber = ({ type }: Expression): boolean =>
    isExact(type) || isFloat(type);
  if (isNumber(left)) return isNumber(right);
  const kind = left.type.kind;
  if (!ORDERED.has(kind)) return false;
  const texts = ["text", "varchar"];
  return (
    kind === right.type.kind ||
    (texts.includes(kind) && texts.includes(right.type.kind))
  );
}

export function inList(
  expression: InList,
  negated: boolean,
  context: Context,
): ScanPredicate | undefined {
  const { operand, items } = expression;
  if (!items.every((item) => item.kind === "literal")) return undefined;
  // NOT IN with a NULL item is never true; IN just never matches it.
  if (negated && items.some((item) => item.value === null))
    return { kind: "constant", value: false };
  const values = items.filter((item) => item.value !== null);
  const column = pathOf(operand, context);
  if (
    column !== undefined &&
    values.every((value) => sameFamily(operand, value))
  ) {
    if (!negated) return { kind: "in", column, values: values.map(scalarOf) };
    return all(
      values.map((value) => ({
        kind: "compare",
        column,
        operator: "<>",
        value: scalarOf(value),
      })),
    );
  }
  const compared = values.map((right) =>
    compareWith(
      { operator: negated ? "<>" : "=", left: operand, right },
      context,
    ),
  );
  return negated ? all(compared) : any(merged(compared));
}

/** Equalities of one column as one IN: a list of thousands must not become thousands of conditions. */
function merged(
  parts: readonly (ScanPredicate | undefined)[],
): readonly (ScanPredicate | undefined)[] {
  const [first] = parts;
  if (first?.kind !== "compare" || parts.length === 1) return parts;
  const { column } = first;
  const values = parts.flatMap((part) =>
    part?.kind === "compare" &&
    part.operator === "=" &&
    part.column.join("\0") === column.join("\0")
      ? [part.value]
      : [],
  );
  return values.length === parts.length
    ? [{ kind: "in", column, values }]
    : parts;
}
