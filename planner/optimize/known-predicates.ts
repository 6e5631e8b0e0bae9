// What is true of every row a plan gives, as conjuncts over its output columns: the filters it has already passed.

import type { Expression } from "../logical/expression.ts";
import { substituteColumns } from "../logical/columns.ts";
import type { Barrier, LogicalPlan, ProjectItem } from "../logical/plan.ts";
import { columnRef, conjunctsOf } from "./conjuncts.ts";
import { readsOnly } from "./facts.ts";

export function knownPredicates(plan: LogicalPlan): readonly Expression[] {
  switch (plan.kind) {
    case "scan":
      return plan.filters;
    case "filter":
      return [...conjunctsOf(plan.predicate), ...knownPredicates(plan.input)];
    case "project":
      return renamed(plan.items, plan.input);
    case "aggregate":
      return renamed(
        plan.groups.filter((_, index) =>
          plan.sets.every((set) => set.includes(index)),
        ),
        plan.input,
      );
    case "join":
      return throughJoin(plan);
    case "sort":
    case "limit":
    case "distinct":
    case "window":
    case "unnest":
    case "series":
    case "common-table":
    case "recursive-table":
      return knownPredicates(plan.input);
    case "barrier":
      return throughBarrier(plan);
    default:
      return [];
  }
}

/** A filter made of a policy elsewhere in the plan would show in EXPLAIN. */
function throughBarrier({ policy, input }: Barrier): readonly Expression[] {
  return policy === undefined ? knownPredicates(input) : [];
}

/** What is known of the input's columns that pass under another id. */
function renamed(
  items: readonly ProjectItem[],
  input: LogicalPlan,
): readonly Expression[] {
  const names = new Map(
    items.flatMap(({ column, value }) =>
      value.kind === "column"
        ? [[value.column, columnRef(column)] as const]
        : [],
    ),
  );
  const passed = new Set(names.keys());
  return knownPredicates(input)
    .filter((known) => readsOnly(known, passed))
    .map((known) => substituteColumns(known, (id) => names.get(id)));
}

function throughJoin(
  plan: Extract<LogicalPlan, { kind: "join" }>,
): readonly Expression[] {
  switch (plan.type) {
    case "inner":
    case "cross":
      return [
        ...conjunctsOf(plan.condition),
        ...knownPredicates(plan.left),
        ...knownPredicates(plan.right),
      ];
    case "right":
      return knownPredicates(plan.right);
    case "full":
      return [];
    default:
      return knownPredicates(plan.left);
  }
}
