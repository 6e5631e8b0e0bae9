// sort a (sort b (x))   ->   sort a (x)
// sort [] (x)           ->   x

import { defineRule, type Rule } from "../rule.ts";

export const eliminateSort: Rule = defineRule(
  "eliminate-sort",
  "sort",
  (node) => {
    if (node.keys.length === 0) return node.input;
    return node.input.kind === "sort"
      ? { ...node, input: node.input.input }
      : undefined;
  },
);
