// filter (a = 1 and 1 / b > 0) (barrier (x))   ->   filter (1 / b > 0) (barrier (filter (a = 1) (x)))
// Below a barrier are rows the user may not see: a conjunct that can fail would tell of them, so only total ones pass, and only over
// columns that are not computed there by something that can fail.

import { conjunctsOf, filterOf, partition } from "../conjuncts.ts";
import { columnsUsed } from "../../logical/columns.ts";
import { isTotal, isVolatile } from "../facts.ts";
import { fragileColumns } from "../fragile-columns.ts";
import { defineRule, type Rule } from "../rule.ts";

export const pushFilterThroughBarrier: Rule = defineRule(
  "push-filter-through-barrier",
  "filter",
  (node, { functions }) => {
    const { input } = node;
    if (input.kind !== "barrier") return undefined;
    const fragile = fragileColumns(input.input, functions);
    const { yes, no } = partition(
      conjunctsOf(node.predicate),
      (conjunct) =>
        isTotal(conjunct, functions) &&
        !isVolatile(conjunct, functions) &&
        ![...columnsUsed(conjunct)].some((id) => fragile.has(id)),
    );
    if (yes.length === 0) return undefined;
    return filterOf({ ...input, input: filterOf(input.input, yes) }, no);
  },
);
