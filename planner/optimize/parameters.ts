// Puts a statement's parameters into its plan as literals: at Bind, before pruning and costing.

import type { Scalar } from "../../storage/common/scalar.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { rewriteExpression } from "../logical/expression-walk.ts";
import type { Parameter } from "../logical/expression.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import { mapExpressions, rewrite } from "../logical/walk.ts";

/** `scalars[i]` is $(i + 1); its text is canonical for the parameter's type. Throws 42P02 for a parameter without a value. */
export function bindParameters(
  plan: LogicalPlan,
  scalars: readonly Scalar[],
): LogicalPlan {
  return rewrite(plan, (node) =>
    mapExpressions(node, (expression) =>
      rewriteExpression(expression, (part) =>
        part.kind === "parameter"
          ? {
              kind: "literal",
              type: part.type,
              value: valueOf(part, scalars),
              position: part.position,
            }
          : part,
      ),
    ),
  );
}

function valueOf(
  parameter: Parameter,
  scalars: readonly Scalar[],
): string | null {
  const scalar = scalars[parameter.index - 1];
  if (scalar === undefined) {
    throw new SqlError("42P02", `there is no parameter $${parameter.index}`, {
      position: parameter.position,
    });
  }
  return scalar.text;
}
