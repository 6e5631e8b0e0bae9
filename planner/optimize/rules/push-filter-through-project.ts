// filter (b > 1) (project [b := f(a)] (x))   ->   project [b := f(a)] (filter (f(a) > 1) (x))
// Wrong for volatile values, and wasteful where a subquery would be evaluated twice: such conjuncts stay above.

import { substituteColumns } from "../../logical/columns.ts";
import { conjunctsOf, filterOf, partition } from "../conjuncts.ts";
import { hasSubquery, isVolatile } from "../facts.ts";
import { columnsUsed } from "../../logical/columns.ts";
import { defineRule, type Rule } from "../rule.ts";

export const pushFilterThroughProject: Rule = defineRule(
  "push-filter-through-project",
  "filter",
  (node, { functions }) => {
    const { input } = node;
    if (input.kind !== "project") return undefined;
    const values = new Map(
      input.items.map((item) => [item.column.id, item.value]),
    );
    const fixed = new Set(
      input.items
        .filter(
          ({ value }) => isVolatile(value, functions) || hasSubquery(value),
        )
        .map(({ column }) => column.id),
    );
    const { yes, no } = partition(
      conjunctsOf(node.predicate),
      (conjunct) =>
        !isVolatile(conjunct, functions) &&
        ![...columnsUsed(conjunct)].some((id) => fixed.has(id)),
    );
    if (yes.length === 0) return undefined;
    const below = yes.map((conjunct) =>
      substituteColumns(conjunct, (id) => values.get(id)),
    );
    return filterOf({ ...input, input: filterOf(input.input, below) }, no);
  },
);
