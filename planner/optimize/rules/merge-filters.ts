// filter a (filter b (x))   ->   filter (b and a) (x)

import { conjunction, conjunctsOf } from "../conjuncts.ts";
import { defineRule, type Rule } from "../rule.ts";

export const mergeFilters: Rule = defineRule(
  "merge-filters",
  "filter",
  (node) => {
    const { input } = node;
    if (input.kind !== "filter") return undefined;
    return {
      kind: "filter",
      predicate: conjunction([
        ...conjunctsOf(input.predicate),
        ...conjunctsOf(node.predicate),
      ]),
      input: input.input,
    };
  },
);
