// filter exists (filter (b = a) (y[b])) (x[a])       ->   semi join on (b = a) (x) (y)
// filter not exists (filter (b = a) (y[b])) (x[a])   ->   anti join on (b = a) (x) (y)
// Only for correlated subqueries whose correlation is in liftable filters; an uncorrelated EXISTS is one value, which the engine computes once.

import type { Expression } from "../../logical/expression.ts";
import type { Filter, LogicalPlan } from "../../logical/plan.ts";
import { outputOf } from "../../logical/walk.ts";
import { conjunction, conjunctsOf, filterOf } from "../conjuncts.ts";
import { idsOf, isVolatilePlan, readsOnly } from "../facts.ts";
import { pullCorrelation } from "../pull-correlation.ts";
import { defineRule, type FunctionLookup, type Rule } from "../rule.ts";

export const existsToSemiJoin: Rule = defineRule(
  "exists-to-semi-join",
  "filter",
  (node, { functions }) => {
    const conjuncts = conjunctsOf(node.predicate);
    for (const [index, conjunct] of conjuncts.entries()) {
      const joined = joinFor(node, conjunct, functions);
      if (joined !== undefined)
        return filterOf(joined, conjuncts.toSpliced(index, 1));
    }
    return undefined;
  },
);

function joinFor(
  node: Filter,
  conjunct: Expression,
  functions: FunctionLookup,
): LogicalPlan | undefined {
  if (conjunct.kind !== "subquery" || conjunct.form.kind !== "exists")
    return undefined;
  if (isVolatilePlan(conjunct.plan, functions)) return undefined;
  const rows = rowsOf(conjunct.plan);
  const pulled = pullCorrelation(rows);
  if (pulled === undefined || pulled.conjuncts.length === 0) return undefined;
  const visible = new Set([
    ...idsOf(outputOf(node.input)),
    ...idsOf(outputOf(pulled.plan)),
  ]);
  if (!pulled.conjuncts.every((part) => readsOnly(part, visible)))
    return undefined;
  return {
    kind: "join",
    type: conjunct.form.negated ? "anti" : "semi",
    condition: conjunction(pulled.conjuncts),
    left: node.input,
    right: pulled.plan,
    lateral: false,
    exists: true,
  };
}

/** The plan without what does not change whether it has a row. */
function rowsOf(plan: LogicalPlan): LogicalPlan {
  switch (plan.kind) {
    case "project":
    case "sort":
    case "distinct":
      return rowsOf(plan.input);
    case "limit": {
      const some =
        plan.count?.kind === "literal" &&
        /^[1-9]\d*$/u.test(plan.count.value ?? "");
      return some && plan.offset === undefined ? rowsOf(plan.input) : plan;
    }
    default:
      return plan;
  }
}
