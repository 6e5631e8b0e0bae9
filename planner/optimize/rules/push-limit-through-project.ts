// limit 5 (project [f(a)] (x))   ->   project [f(a)] (limit 5 (x))
// Puts limit and sort together as a top-n. Wrong for volatile items, whose number of evaluations shows.

import { isVolatile } from "../facts.ts";
import { defineRule, type Rule } from "../rule.ts";

export const pushLimitThroughProject: Rule = defineRule(
  "push-limit-through-project",
  "limit",
  (node, { functions }) => {
    const { input } = node;
    if (input.kind !== "project" || node.ties !== undefined) return undefined;
    if (input.items.some(({ value }) => isVolatile(value, functions)))
      return undefined;
    return { ...input, input: { ...node, input: input.input } };
  },
);
