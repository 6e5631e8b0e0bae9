// filter (a = 1) (sort | distinct | unnest | series | with … (x[a]))   ->   sort … (filter (a = 1) (x))
// DISTINCT ON takes only conjuncts over its keys, unnest and series only those over their input. A limit keeps its filter above.

import type { ColumnId } from "../../../storage/common/ids.ts";
import type { Distinct, LogicalPlan } from "../../logical/plan.ts";
import { mapChildren, outputOf } from "../../logical/walk.ts";
import { conjunctsOf, filterOf, partition } from "../conjuncts.ts";
import { idsOf, isVolatile, readsOnly } from "../facts.ts";
import { defineRule, type Rule } from "../rule.ts";

export const pushFilterThroughInput: Rule = defineRule(
  "push-filter-through-input",
  "filter",
  (node, { functions }) => {
    const { input } = node;
    const columns = passable(input);
    if (columns === undefined) return undefined;
    const { yes, no } = partition(
      conjunctsOf(node.predicate),
      (conjunct) =>
        readsOnly(conjunct, columns) && !isVolatile(conjunct, functions),
    );
    if (yes.length === 0) return undefined;
    const pushed =
      input.kind === "common-table" || input.kind === "recursive-table"
        ? { ...input, input: filterOf(input.input, yes) }
        : mapChildren(input, (child) => filterOf(child, yes));
    return filterOf(pushed, no);
  },
);

/** Columns a filter may read to go below the node; undefined where none may. */
function passable(plan: LogicalPlan): ReadonlySet<ColumnId> | undefined {
  switch (plan.kind) {
    case "sort":
    case "unnest":
    case "series":
    case "common-table":
    case "recursive-table":
      return idsOf(outputOf(plan.input));
    case "distinct":
      return keysOf(plan);
    default:
      return undefined;
  }
}

function keysOf(plan: Distinct): ReadonlySet<ColumnId> {
  if (plan.on === undefined) return idsOf(outputOf(plan.input));
  return new Set(
    plan.on.flatMap((key) => (key.kind === "column" ? [key.column] : [])),
  );
}
