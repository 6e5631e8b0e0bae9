// limit 5 offset 2 (union all (x) (y))   ->   limit 5 offset 2 (union all (limit 7 (x)) (limit 7 (y)))

import { INT8 } from "../../../storage/common/data-type.ts";
import type { Expression } from "../../logical/expression.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import { defineRule, type Rule } from "../rule.ts";

export const pushLimitIntoUnion: Rule = defineRule(
  "push-limit-into-union",
  "limit",
  (node) => {
    const { input } = node;
    if (
      input.kind !== "set-operation" ||
      input.operator !== "union" ||
      !input.all
    )
      return undefined;
    const rows = constant(node.count);
    const skipped = node.offset === undefined ? 0n : constant(node.offset);
    if (rows === undefined || skipped === undefined || node.ties)
      return undefined;
    const [first, second] = input.inputs;
    if (isLimited(first) && isLimited(second)) return undefined;
    const limited = (plan: LogicalPlan): LogicalPlan =>
      isLimited(plan)
        ? plan
        : {
            kind: "limit",
            count: {
              kind: "literal",
              type: INT8,
              value: String(rows + skipped),
            },
            offset: undefined,
            ties: undefined,
            input: plan,
          };
    return {
      ...node,
      input: { ...input, inputs: [limited(first), limited(second)] },
    };
  },
);

/** Below a projection too: a limit that was pushed through it stays a limit. */
function isLimited(plan: LogicalPlan): boolean {
  if (plan.kind === "project") return isLimited(plan.input);
  if (plan.kind === "set-operation" && plan.operator === "union" && plan.all) {
    return plan.inputs.every(isLimited);
  }
  return (
    plan.kind === "limit" || (plan.kind === "values" && plan.rows.length === 0)
  );
}

function constant(expression: Expression | undefined): bigint | undefined {
  if (expression?.kind !== "literal" || expression.value === null)
    return undefined;
  return /^\d+$/u.test(expression.value) ? BigInt(expression.value) : undefined;
}
