// filter (a = any (project [b] (y))) (x[a])              ->   semi join on (a = b) (x) (y)
// filter (not (a = any (project [b] (y)))) (x[a])        ->   anti join on (a = b) (x) (y), when neither a nor b can be NULL
// NOT IN over a NULL is never true, which an anti join does not know: with nullable columns the engine's own NOT IN is kept.

import type {
  Expression,
  Subquery,
  SubqueryForm,
} from "../../logical/expression.ts";
import { BOOL } from "../../../storage/common/data-type.ts";
import type { Filter, LogicalPlan } from "../../logical/plan.ts";
import { outputOf } from "../../logical/walk.ts";
import { compareOperator } from "../comparison.ts";
import { columnRef, conjunction, conjunctsOf, filterOf } from "../conjuncts.ts";
import {
  hasSubquery,
  idsOf,
  isVolatile,
  isVolatilePlan,
  readsOnly,
} from "../facts.ts";
import { pullCorrelation } from "../pull-correlation.ts";
import { defineRule, type FunctionLookup, type Rule } from "../rule.ts";

type Quantified = Extract<SubqueryForm, { kind: "quantified" }>;

export const inToSemiJoin: Rule = defineRule(
  "in-to-semi-join",
  "filter",
  (node, { functions }) => {
    const conjuncts = conjunctsOf(node.predicate);
    for (const [index, conjunct] of conjuncts.entries()) {
      const test = membership(conjunct, functions);
      const joined = test && joinFor(node, test, functions);
      if (joined !== undefined)
        return filterOf(joined, conjuncts.toSpliced(index, 1));
    }
    return undefined;
  },
);

interface Membership {
  readonly subquery: Subquery;
  readonly operands: readonly Expression[];
  /** The equality of each column. */
  readonly equalities: readonly string[];
  readonly negated: boolean;
}

/** `x IN (…)` and `x NOT IN (…)`; `x <> ALL` needs the equality's id and is left to the engine. */
function membership(
  conjunct: Expression,
  functions: FunctionLookup,
): Membership | undefined {
  const negated = conjunct.kind === "not";
  const subquery = negated ? conjunct.operand : conjunct;
  if (subquery.kind !== "subquery" || subquery.form.kind !== "quantified")
    return undefined;
  const form: Quantified = subquery.form;
  const equal = form.functions.every(
    (id) => compareOperator(id, functions) === "=",
  );
  return form.quantifier === "any" && equal
    ? { subquery, operands: form.operands, equalities: form.functions, negated }
    : undefined;
}

function joinFor(
  node: Filter,
  test: Membership,
  functions: FunctionLookup,
): LogicalPlan | undefined {
  const { operands, equalities, negated, subquery } = test;
  if (
    operands.some(
      (operand) => hasSubquery(operand) || isVolatile(operand, functions),
    )
  )
    return undefined;
  if (isVolatilePlan(subquery.plan, functions)) return undefined;
  const { values, rows } = selected(subquery.plan);
  if (values.some(hasSubquery)) return undefined;
  if (negated && ![...operands, ...values].every(isNeverNull)) return undefined;
  const pulled = pullCorrelation(rows);
  if (pulled === undefined) return undefined;
  const equal = equalities.map((id, index): Expression => {
    const args = [operands[index], values[index]].filter(
      (arg) => arg !== undefined,
    );
    return { kind: "call", type: BOOL, function: id, args };
  });
  const condition = [...equal, ...pulled.conjuncts];
  const visible = new Set([
    ...idsOf(outputOf(node.input)),
    ...idsOf(outputOf(pulled.plan)),
  ]);
  if (!condition.every((part) => readsOnly(part, visible))) return undefined;
  return {
    kind: "join",
    type: negated ? "anti" : "semi",
    condition: conjunction(condition),
    left: node.input,
    right: pulled.plan,
    lateral: false,
  };
}

/** The values a subquery gives and the rows they are taken from. */
function selected(plan: LogicalPlan): {
  readonly values: readonly Expression[];
  readonly rows: LogicalPlan;
} {
  if (
    plan.kind === "sort" ||
    (plan.kind === "distinct" && plan.on === undefined)
  )
    return selected(plan.input);
  if (plan.kind === "project") {
    return { values: plan.items.map((item) => item.value), rows: plan.input };
  }
  return { values: outputOf(plan).map(columnRef), rows: plan };
}

function isNeverNull(expression: Expression): boolean {
  if (expression.kind === "column") return !expression.nullable;
  return expression.kind === "literal" && expression.value !== null;
}
