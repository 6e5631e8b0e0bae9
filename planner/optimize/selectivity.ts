// The share of rows a predicate keeps, 0 to 1.

import type { CompareOperator } from "../../storage/scan/predicate.ts";
import type { Expression, Literal } from "../logical/expression.ts";
import { comparisonOf, withConstantRight } from "./comparison.ts";
import { isFalse, isNullLiteral, isTrue } from "./conjuncts.ts";
import { positionOf, type ColumnProfile, type Profile } from "./profile.ts";
import type { FunctionLookup } from "./rule.ts";

const DEFAULT = 1 / 3;
const EQUAL = 0.05;
const PATTERN = 0.1;

export function selectivity(
  predicate: Expression,
  input: Profile,
  functions: FunctionLookup,
): number {
  const of = (part: Expression): number => selectivity(part, input, functions);
  if (isTrue(predicate)) return 1;
  if (isFalse(predicate) || isNullLiteral(predicate)) return 0;
  switch (predicate.kind) {
    case "and":
      return predicate.operands.reduce((share, part) => share * of(part), 1);
    case "or":
      return (
        1 - predicate.operands.reduce((rest, part) => rest * (1 - of(part)), 1)
      );
    case "not":
      return 1 - of(predicate.operand);
    case "is-null": {
      const nulls = columnOf(predicate.operand, input)?.nulls ?? 0.01;
      return predicate.negated ? 1 - nulls : nulls;
    }
    case "in-list": {
      const one =
        1 / (columnOf(predicate.operand, input)?.distinct ?? 1 / EQUAL);
      const share = Math.min(1, one * predicate.items.length);
      return predicate.negated ? 1 - share : share;
    }
    default:
      return ofComparison(predicate, input, functions);
  }
}

function ofComparison(
  predicate: Expression,
  input: Profile,
  functions: FunctionLookup,
): number {
  const found = comparisonOf(predicate, functions);
  if (found === undefined) {
    const name =
      predicate.kind === "call"
        ? functions(predicate.function)?.name
        : undefined;
    return name === "~~" || name === "~~*" || name === "~" ? PATTERN : DEFAULT;
  }
  const { operator, left, right } = withConstantRight(found);
  const first = columnOf(left, input);
  if (operator === "=" || operator === "<>") {
    const share = equalShare(first, columnOf(right, input));
    return operator === "=" ? share : 1 - share;
  }
  return right.kind === "literal" && first !== undefined
    ? rangeShare(operator, first, right)
    : DEFAULT;
}

/** One of the distinct values, of the side that has more. */
function equalShare(
  first: ColumnProfile | undefined,
  second: ColumnProfile | undefined,
): number {
  const distinct = Math.max(first?.distinct ?? 0, second?.distinct ?? 0);
  return distinct > 0 ? 1 / distinct : EQUAL;
}

function columnOf(
  expression: Expression,
  input: Profile,
): ColumnProfile | undefined {
  if (expression.kind === "cast") return columnOf(expression.operand, input);
  return expression.kind === "column"
    ? input.columns.get(expression.column)
    : undefined;
}

/** Even spread between the bounds. */
function rangeShare(
  operator: CompareOperator,
  column: ColumnProfile,
  literal: Literal,
): number {
  const at = positionOf(literal.type, literal.value);
  const { range } = column;
  if (at === undefined || range === undefined) return DEFAULT;
  const width = range.max - range.min;
  const below =
    width <= 0 ? (at > range.min ? 1 : 0.5) : (at - range.min) / width;
  const share = Math.min(1, Math.max(0, below));
  const kept = operator === "<" || operator === "<=" ? share : 1 - share;
  return Math.max(kept, 0.000_1) * (1 - column.nulls);
}
