// Whether the kernel must be kept from moving filters below the plan's barriers: it does not know which of them can fail.

import type { Expression } from "../logical/expression.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import { expressionsOf, nodesOf } from "../logical/walk.ts";
import { isTotal } from "../optimize/facts.ts";
import type { FunctionLookup } from "../optimize/rule.ts";

/**
 * True when the plan has a barrier and, anywhere, a predicate that can raise an error; or computes below a barrier what can, and has
 * a predicate above that the kernel would put in its place.
 */
export function needsFence(
  plan: LogicalPlan,
  functions: FunctionLookup,
): boolean {
  const nodes = [...nodesOf(plan)];
  const barriers = nodes.filter((node) => node.kind === "barrier");
  if (barriers.length === 0) return false;
  const predicates = nodes.flatMap(predicatesOf);
  return (
    predicates.some((predicate) => !isTotal(predicate, functions)) ||
    barriers.some(({ input }) => {
      const below = [...nodesOf(input)];
      return (
        below.flatMap(predicatesOf).length < predicates.length &&
        below.some((node) => computesPartially(node, functions))
      );
    })
  );
}

/** The first table, as errors name it, whose row filter or masks can raise an error. */
export function falliblePolicy(
  plan: LogicalPlan,
  functions: FunctionLookup,
): string | undefined {
  for (const node of nodesOf(plan)) {
    if (node.kind !== "barrier" || node.policy === undefined) continue;
    const fails = [...nodesOf(node.input)].some((below) =>
      expressionsOf(below).some((part) => !isTotal(part, functions)),
    );
    if (fails) return node.policy;
  }
  return undefined;
}

function computesPartially(
  node: LogicalPlan,
  functions: FunctionLookup,
): boolean {
  return (
    node.kind === "project" &&
    node.items.some(({ value }) => !isTotal(value, functions))
  );
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
