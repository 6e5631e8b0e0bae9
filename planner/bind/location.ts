// Where an expression begins in the user's text: PostgreSQL's exprLocation, the leftmost place of it and its operands.

import type { Expression } from "../logical/expression.ts";
import { operandsOf } from "../logical/expression-walk.ts";
import type { Expr } from "../parse/ast.ts";
import { partsOf } from "./syntax.ts";

export function locationOf(expression: Expression): number | undefined {
  switch (expression.kind) {
    case "literal":
    case "column":
    case "parameter":
    case "case":
      return expression.position;
    default:
      return leftmost([
        expression.position,
        ...operandsOf(expression).map(locationOf),
      ]);
  }
}

export function syntaxLocation(expression: Expr): number {
  switch (expression.kind) {
    case "case":
    case "array":
    case "row":
    case "call":
      return expression.position;
    default:
      return Math.min(
        expression.position,
        ...partsOf(expression).expressions.map(syntaxLocation),
      );
  }
}

function leftmost(
  positions: readonly (number | undefined)[],
): number | undefined {
  const known = positions.filter((position) => position !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
