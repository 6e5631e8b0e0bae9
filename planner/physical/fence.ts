// Whether the kernel must be kept from moving filters below the plan's barriers: it does not know which of them can fail.

import type { FunctionRow } from "../functions/function.ts";
import type { Expression } from "../logical/expression.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import { nodesOf } from "../logical/walk.ts";
import { isTotal } from "../optimize/facts.ts";

/** True when the plan has a barrier and, anywhere, a predicate that can raise an error. */
export function needsFence(
  plan: LogicalPlan,
  functions: (id: string) => FunctionRow,
): boolean {
  let barrier = false;
  let partial = false;
  for (const node of nodesOf(plan)) {
    barrier ||= node.kind === "barrier";
    partial ||= predicatesOf(node).some(
      (predicate) => !isTotal(predicate, functions),
    );
  }
  return barrier && partial;
}

function predicatesOf(node: LogicalPlan): readonly Expression[] {
  switch (node.kind) {
    case "filter":
      return [node.predicate];
    case "join":
      return node.condition === undefined ? [] : [node.condition];
    case "scan":
      return node.filters;
    default:
      return [];
  }
}
