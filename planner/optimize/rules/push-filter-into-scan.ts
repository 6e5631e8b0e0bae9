// filter (a = 1 and exists (…)) (scan t)   ->   filter (exists (…)) (scan t where a = 1)
// Conjuncts with subqueries, volatile functions or columns of an enclosing plan stay above: a scan is read without them.
// A conjunct the scan has already is dropped.

import { conjunctsOf, filterOf, keyOf, partition } from "../conjuncts.ts";
import { hasSubquery, idsOf, isVolatile, readsOnly } from "../facts.ts";
import { defineRule, type Rule } from "../rule.ts";

export const pushFilterIntoScan: Rule = defineRule(
  "push-filter-into-scan",
  "filter",
  (node, { functions }) => {
    const { input } = node;
    if (input.kind !== "scan") return undefined;
    const columns = idsOf(input.columns);
    const { yes, no } = partition(
      conjunctsOf(node.predicate),
      (conjunct) =>
        readsOnly(conjunct, columns) &&
        !hasSubquery(conjunct) &&
        !isVolatile(conjunct, functions),
    );
    if (yes.length === 0) return undefined;
    const known = new Set(input.filters.map(keyOf));
    const filters = yes.filter((conjunct) => !known.has(keyOf(conjunct)));
    return filterOf({ ...input, filters: [...input.filters, ...filters] }, no);
  },
);
