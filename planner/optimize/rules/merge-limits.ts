// limit 5 (limit 10 offset 3 (x))   ->   limit 5 offset 3 (x)
// Only over constants, without WITH TIES, and when the outer limit skips nothing.

import type { Expression } from "../../logical/expression.ts";
import { defineRule, type Rule } from "../rule.ts";

export const mergeLimits: Rule = defineRule("merge-limits", "limit", (node) => {
  const { input } = node;
  if (input.kind !== "limit" || node.offset || node.ties || input.ties)
    return undefined;
  const outer = constant(node.count);
  const inner = constant(input.count);
  if (outer === undefined || inner === undefined) return undefined;
  return { ...input, count: outer < inner ? node.count : input.count };
});

function constant(expression: Expression | undefined): bigint | undefined {
  if (expression?.kind !== "literal" || expression.value === null)
    return undefined;
  return /^\d+$/u.test(expression.value) ? BigInt(expression.value) : undefined;
}
