// What is true of every row a plan gives, as conjuncts over its output columns: the filters it has already passed.

import type { Expression } from "../logical/expression.ts";
import { substituteColumns } from "../logical/columns.ts";
import type { LogicalPlan, Project } from "../logical/plan.ts";
import { columnRef, conjunctsOf } from "./conjuncts.ts";
import { readsOnly } from "./facts.ts";

export function knownPredicates(plan: LogicalPlan): readonly Expression[] {
  switch (plan.kind) {
    case "scan":
      return plan.filters;
    case "filter":
      return [...conjunctsOf(plan.predicate), ...knownPredicates(plan.input)];
    case "project":
      return throughProject(plan);
    case "join":
      return throughJoin(plan);
    case "sort":
    case "limit":
    case "distinct":
    case "window":
    case "barrier":
    case "unnest":
    case "series":
    case "common-table":
    case "recursive-table":
      return knownPredicates(plan.input);
    default:
      return [];
  }
}

function throughProject(plan: Project): readonly Expression[] {
  const renamed = new Map(
    plan.items.flatMap(({ column, value }) =>
      value.kind === "column"
        ? [[value.column, columnRef(column)] as const]
        : [],
    ),
  );
  const passed = new Set(renamed.keys());
  return knownPredicates(plan.input)
    .filter((known) => readsOnly(known, passed))
    .map((known) => substituteColumns(known, (id) => renamed.get(id)));
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
