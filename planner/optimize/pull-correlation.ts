// Takes the correlated filters out of a subquery's plan, so that they can become the condition of a join with what is left.

import type { ColumnId } from "../../storage/common/ids.ts";
import type { Expression } from "../logical/expression.ts";
import { columnsUsed, freeColumns } from "../logical/columns.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import { conjunctsOf, filterOf, partition } from "./conjuncts.ts";
import { hasSubquery } from "./facts.ts";

export interface Uncorrelated {
  readonly plan: LogicalPlan;
  /** What was taken out, over the plan's columns and the enclosing ones. */
  readonly conjuncts: readonly Expression[];
}

/** Undefined when some correlation is not a filter that can be lifted to the top. */
export function pullCorrelation(plan: LogicalPlan): Uncorrelated | undefined {
  const free = freeColumns(plan);
  if (free.size === 0) return { plan, conjuncts: [] };
  switch (plan.kind) {
    case "filter":
      return pullFromFilter(plan, free);
    case "join":
      return pullFromJoin(plan);
    case "sort":
      return pullCorrelation(plan.input);
    default:
      return undefined;
  }
}

function pullFromFilter(
  plan: Extract<LogicalPlan, { kind: "filter" }>,
  free: ReadonlySet<ColumnId>,
): Uncorrelated | undefined {
  const { yes, no } = partition(conjunctsOf(plan.predicate), (conjunct) =>
    [...columnsUsed(conjunct)].some((id) => free.has(id)),
  );
  if (yes.some(hasSubquery)) return undefined;
  const below = pullCorrelation(plan.input);
  return (
    below && {
      plan: filterOf(below.plan, no),
      conjuncts: [...below.conjuncts, ...yes],
    }
  );
}

function pullFromJoin(
  plan: Extract<LogicalPlan, { kind: "join" }>,
): Uncorrelated | undefined {
  if (plan.lateral) return undefined;
  if (plan.type === "inner" || plan.type === "cross")
    return pullFromInner(plan);
  const onlyLeft = ["left", "semi", "anti", "mark", "single"].includes(
    plan.type,
  );
  if (!onlyLeft || freeColumns(plan.right).size > 0) return undefined;
  const left = pullCorrelation(plan.left);
  if (left === undefined) return undefined;
  const joined = { ...plan, left: left.plan };
  return freeColumns(joined).size > 0
    ? undefined
    : { plan: joined, conjuncts: left.conjuncts };
}

function pullFromInner(
  plan: Extract<LogicalPlan, { kind: "join" }>,
): Uncorrelated | undefined {
  const left = pullCorrelation(plan.left);
  const right = pullCorrelation(plan.right);
  if (left === undefined || right === undefined) return undefined;
  const bare: LogicalPlan = {
    ...plan,
    type: "cross",
    condition: undefined,
    left: left.plan,
    right: right.plan,
  };
  const condition = conjunctsOf(plan.condition);
  const free = freeColumns({ ...plan, left: left.plan, right: right.plan });
  const { yes, no } = partition(condition, (conjunct) =>
    [...columnsUsed(conjunct)].some((id) => free.has(id)),
  );
  if (yes.some(hasSubquery)) return undefined;
  return {
    plan: no.length === 0 ? bare : filterOf(bare, no),
    conjuncts: [...left.conjuncts, ...right.conjuncts, ...yes],
  };
}
