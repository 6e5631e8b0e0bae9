// filter (g = 1 and n > 2) (aggregate [g := a] [n := count] (x))   ->   filter (n > 2) (aggregate … (filter (a = 1) (x)))
// Only conjuncts over group columns that are in every grouping set: a set without the column shows NULL there, and () has a row of its own.

import { substituteColumns } from "../../logical/columns.ts";
import { conjunctsOf, filterOf, partition } from "../conjuncts.ts";
import { isVolatile, readsOnly } from "../facts.ts";
import { columnsUsed } from "../../logical/columns.ts";
import { defineRule, type Rule } from "../rule.ts";

export const pushFilterThroughAggregate: Rule = defineRule(
  "push-filter-through-aggregate",
  "filter",
  (node, { functions }) => {
    const { input } = node;
    if (input.kind !== "aggregate") return undefined;
    const common = input.groups.filter(
      (group, index) =>
        input.sets.every((set) => set.includes(index)) &&
        !isVolatile(group.value, functions),
    );
    const values = new Map(
      common.map((group) => [group.column.id, group.value]),
    );
    const ids = new Set(values.keys());
    const { yes, no } = partition(
      conjunctsOf(node.predicate),
      (conjunct) =>
        columnsUsed(conjunct).size > 0 &&
        readsOnly(conjunct, ids) &&
        !isVolatile(conjunct, functions),
    );
    if (yes.length === 0) return undefined;
    const below = yes.map((conjunct) =>
      substituteColumns(conjunct, (id) => values.get(id)),
    );
    return filterOf({ ...input, input: filterOf(input.input, below) }, no);
  },
);
