// with t := definition (… common t …)   ->   … project [columns := definition] …
// One reference, not AS MATERIALIZED, not volatile: then inlining computes it once too, and filters reach it. Without any reference it goes.

import type { CommonTable, LogicalPlan } from "../../logical/plan.ts";
import { nodesOf, outputOf, rewrite } from "../../logical/walk.ts";
import { columnRef } from "../conjuncts.ts";
import { isVolatilePlan } from "../facts.ts";
import { defineRule, type Rule } from "../rule.ts";

export const inlineCommonTable: Rule = defineRule(
  "inline-common-table",
  "common-table",
  (node, { functions }) => {
    const references = referencesTo(node);
    if (references === 0) return node.input;
    if (references > 1 || node.materialized === true) return undefined;
    if (isVolatilePlan(node.definition, functions)) return undefined;
    return rewrite(node.input, (plan) => replaced(plan, node));
  },
);

function referencesTo(node: CommonTable): number {
  let count = 0;
  for (const plan of nodesOf(node.input)) {
    if (plan.kind === "common-table-ref" && plan.id === node.id) count += 1;
    // The working step of a recursion runs many times: what it reads is better computed once.
    if (plan.kind === "recursive-table" && refersTo(plan.recursive, node.id))
      count += 1;
  }
  return count;
}

function refersTo(plan: LogicalPlan, id: number): boolean {
  for (const node of nodesOf(plan)) {
    if (node.kind === "common-table-ref" && node.id === id) return true;
  }
  return false;
}

function replaced(plan: LogicalPlan, table: CommonTable): LogicalPlan {
  if (plan.kind !== "common-table-ref" || plan.id !== table.id) return plan;
  const output = outputOf(table.definition);
  return {
    kind: "project",
    items: plan.columns.flatMap((column, index) => {
      const value = output[index];
      return value === undefined ? [] : [{ column, value: columnRef(value) }];
    }),
    input: table.definition,
  };
}
