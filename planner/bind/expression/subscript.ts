// Subscripts: elements and slices of arrays, entries of jsonb.

import { INT4 } from "../../../storage/common/data-type.ts";
import type { Expression } from "../../logical/expression.ts";
import type { Expr, SubscriptExpr } from "../../parse/ast.ts";
import { coerce } from "../coerce.ts";
import type { Scope } from "../scope.ts";
import { callFunction } from "./call-function.ts";
import { applyOperator } from "./operator.ts";
import { bind } from "./predicate.ts";
import { cannotSubscript } from "../errors/errors-value.ts";
import { locationOf } from "../location.ts";

export function bindSubscript(
  scope: Scope,
  expression: SubscriptExpr,
): Expression {
  const operand = bind(scope, expression.operand);
  const { index, slice, position } = expression;
  switch (operand.type.kind) {
    case "array":
      return slice
        ? bindSlice(scope, operand, slice, position)
        : callFunction(
            scope.statement,
            "array_subscript",
            [operand, ...(index ? [bindIndex(scope, index)] : [])],
            position,
          );
    case "jsonb":
    case "variant":
    case "map":
      if (index) {
        return applyOperator(
          scope.statement,
          "->",
          [operand, bind(scope, index)],
          position,
        );
      }
      break;
    default:
  }
  throw cannotSubscript(operand.type, locationOf(operand));
}

function bindIndex(scope: Scope, index: Expr): Expression {
  return coerce(scope.statement, bind(scope, index), INT4, "assignment");
}

/** A bound left out is NULL to the function, which then takes the array's own. */
function bindSlice(
  scope: Scope,
  operand: Expression,
  slice: NonNullable<SubscriptExpr["slice"]>,
  position: number,
): Expression {
  const limits = [
    ["array_slice_from", slice.lower],
    ["array_slice_to", slice.upper],
  ] as const;
  if (slice.lower && slice.upper) {
    return callFunction(
      scope.statement,
      "array_slice",
      [operand, bindIndex(scope, slice.lower), bindIndex(scope, slice.upper)],
      position,
    );
  }
  for (const [name, limit] of limits) {
    if (limit) {
      return callFunction(
        scope.statement,
        name,
        [operand, bindIndex(scope, limit)],
        position,
      );
    }
  }
  return operand;
}
