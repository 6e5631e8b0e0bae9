// What a comparison of f(x) with a constant says of x: bounds that hold wherever the comparison is true, and may hold elsewhere too.

import type { CompareOperator } from "../../../storage/scan/predicate.ts";
import type { Expression, Literal } from "../../logical/expression.ts";

export interface Bound {
  readonly operator: CompareOperator;
  readonly value: Literal;
}

export interface Bounds {
  readonly operand: Expression;
  /** All of them hold wherever the comparison is true. */
  readonly bounds: readonly Bound[];
}

/** The bounds on x that f(x) >= v, <= v, > v and < v give; without the strict ones, those of the others serve. */
export interface Edges<B> {
  readonly atLeast: B;
  readonly atMost: B;
  readonly above?: B;
  readonly below?: B;
}

/** The edges a comparison needs; undefined for `<>`, of which only a function that keeps values apart says something. */
export function edgesOf<B>(
  operator: CompareOperator,
  { atLeast, atMost, above = atLeast, below = atMost }: Edges<B>,
): readonly B[] | undefined {
  switch (operator) {
    case "=":
      return [atLeast, atMost];
    case ">=":
      return [atLeast];
    case "<=":
      return [atMost];
    case ">":
      return [above];
    case "<":
      return [below];
    case "<>":
      return undefined;
  }
}

/** f keeps values apart and in order: the operator stays. */
export function exactly(
  operator: CompareOperator,
  operand: Expression,
  value: Literal,
): Bounds {
  return { operand, bounds: [{ operator, value }] };
}
