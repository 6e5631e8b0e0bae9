// Calls of session functions that binding left: those that act (they must run once, and only when the statement does) and those
// whose arguments were parameters then.

import type { Scalar } from "../../storage/common/scalar.ts";
import { rewriteExpression } from "../logical/expression-walk.ts";
import type { Expression, Literal } from "../logical/expression.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import { mapExpressions, rewrite } from "../logical/walk.ts";
import { lookupFunction } from "./function-lookup.ts";

/** `valueOf` gives a session function's value, undefined for other functions. Calls on columns stay: emitting them is 0A000. */
export function settleSessionCalls(
  plan: LogicalPlan,
  valueOf: (name: string, args: readonly Scalar[]) => Scalar | undefined,
): LogicalPlan {
  const settle = (part: Expression): Expression => {
    if (part.kind !== "call") return part;
    const row = lookupFunction(part.function);
    if (row?.session !== true) return part;
    const args = part.args.filter(
      (arg): arg is Literal => arg.kind === "literal",
    );
    if (args.length !== part.args.length) return part;
    const value = valueOf(
      row.name,
      args.map((arg) => ({ type: arg.type, text: arg.value })),
    );
    return value === undefined
      ? part
      : { kind: "literal", type: value.type, value: value.text };
  };
  return rewrite(plan, (node) =>
    mapExpressions(node, (expression) => rewriteExpression(expression, settle)),
  );
}
