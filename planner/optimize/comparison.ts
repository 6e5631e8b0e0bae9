// Comparisons as rules, pruning and estimates see them: an operator of the function table by name, its two sides, and ways to build one.

import { BOOL } from "../../storage/common/data-type.ts";
import type { CompareOperator } from "../../storage/scan/predicate.ts";
import { typeKey } from "../functions/types.ts";
import type { Call, ColumnRef, Expression } from "../logical/expression.ts";
import type { FunctionLookup } from "./rule.ts";

export interface Comparison {
  readonly operator: CompareOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export const FLIPPED: Readonly<Record<CompareOperator, CompareOperator>> = {
  "=": "=",
  "<>": "<>",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

export const NEGATED: Readonly<Record<CompareOperator, CompareOperator>> = {
  "=": "<>",
  "<>": "=",
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
};

/** The expression as a comparison; undefined when it is none. */
export function comparisonOf(
  expression: Expression,
  functions: FunctionLookup,
): Comparison | undefined {
  if (expression.kind !== "call") return undefined;
  const operator = compareOperator(expression.function, functions);
  const [left, right] = expression.args;
  if (operator === undefined || left === undefined || right === undefined)
    return undefined;
  return { operator, left, right };
}

/** The comparison a function id means; `!=` is `<>`. */
export function compareOperator(
  id: string,
  functions: FunctionLookup,
): CompareOperator | undefined {
  const row = functions(id);
  if (row?.kind !== "operator" || row.args.length !== 2) return undefined;
  if (row.name === "!=") return "<>";
  return isCompareOperator(row.name) ? row.name : undefined;
}

function isCompareOperator(name: string): name is CompareOperator {
  return Object.hasOwn(FLIPPED, name);
}

/** The same, its sides swapped. */
export function flipped({ operator, left, right }: Comparison): Comparison {
  return { operator: FLIPPED[operator], left: right, right: left };
}

/** The comparison with the constant on the right: `column operator literal`. */
export function withConstantRight(comparison: Comparison): Comparison {
  return comparison.left.kind === "literal" &&
    comparison.right.kind !== "literal"
    ? flipped(comparison)
    : comparison;
}

/** `left operator right` when the function table has that overload for exactly these types. */
export function compare(
  comparison: Comparison,
  functions: FunctionLookup,
): Call | undefined {
  const { operator, left, right } = comparison;
  const id = `${operator}(${typeKey(left.type)},${typeKey(right.type)})`;
  return functions(id) === undefined
    ? undefined
    : { kind: "call", type: BOOL, function: id, args: [left, right] };
}

/** `a = b` between two columns; undefined for anything else. */
export function columnEquality(
  expression: Expression,
  functions: FunctionLookup,
): { readonly left: ColumnRef; readonly right: ColumnRef } | undefined {
  const comparison = comparisonOf(expression, functions);
  if (comparison?.operator !== "=") return undefined;
  const { left, right } = comparison;
  return left.kind === "column" && right.kind === "column"
    ? { left, right }
    : undefined;
}
