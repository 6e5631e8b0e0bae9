// filter (p = 1 and rank < 3) (window partition by p (x))   ->   filter (rank < 3) (window partition by p (filter (p = 1) (x)))
// Only conjuncts over plain partition columns: they drop whole partitions, so no frame loses a row.

import { conjunctsOf, filterOf, partition } from "../conjuncts.ts";
import { isVolatile, readsOnly } from "../facts.ts";
import { columnsUsed } from "../../logical/columns.ts";
import { defineRule, type Rule } from "../rule.ts";

export const pushFilterThroughWindow: Rule = defineRule(
  "push-filter-through-window",
  "filter",
  (node, { functions }) => {
    const { input } = node;
    if (input.kind !== "window") return undefined;
    const keys = new Set(
      input.partitionBy.flatMap((key) =>
        key.kind === "column" ? [key.column] : [],
      ),
    );
    const { yes, no } = partition(
      conjunctsOf(node.predicate),
      (conjunct) =>
        columnsUsed(conjunct).size > 0 &&
        readsOnly(conjunct, keys) &&
        !isVolatile(conjunct, functions),
    );
    if (yes.length === 0) return undefined;
    return filterOf({ ...input, input: filterOf(input.input, yes) }, no);
  },
);
