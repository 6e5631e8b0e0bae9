// inner join on (a = b) (filter (a > 5) (x)) (y)   ->   inner join on (a = b) (filter (a > 5) (x)) (filter (b > 5) (y))
// Over every inner and semi join of a group at once; a left, anti or single join takes over from left to right only.
// Only comparisons of the bare column with constants: anything else might tell equal values apart (1.0 and 1.00).

import type { ColumnId } from "../../../storage/common/ids.ts";
import type { ColumnRef, Expression } from "../../logical/expression.ts";
import { substituteColumns } from "../../logical/columns.ts";
import type { Join, LogicalPlan } from "../../logical/plan.ts";
import {
  mapChildren,
  mapExpressions,
  outputOf,
  rewriteSubqueries,
} from "../../logical/walk.ts";
import { columnEquality, comparisonOf } from "../comparison.ts";
import { conjunctsOf, filterOf, keyOf } from "../conjuncts.ts";
import { idsOf } from "../facts.ts";
import { knownPredicates } from "../known-predicates.ts";
import { definePlanRule, type FunctionLookup, type Rule } from "../rule.ts";

export const inferPredicates: Rule = definePlanRule(
  "infer-predicates",
  (root, { functions }) => {
    const inferred = infer(root, functions);
    return inferred === root ? undefined : inferred;
  },
);

function infer(plan: LogicalPlan, functions: FunctionLookup): LogicalPlan {
  const inner = mapExpressions(plan, (expression) =>
    rewriteSubqueries(expression, (subplan) => infer(subplan, functions)),
  );
  if (inner.kind !== "join" || inner.lateral)
    return mapChildren(inner, (child) => infer(child, functions));
  if (joinsGroup(inner)) return inferGroup(inner, functions);
  const below = mapChildren(inner, (child) => infer(child, functions));
  return below.kind === "join" ? inferRight(below, functions) : below;
}

function joinsGroup(plan: LogicalPlan): plan is Join {
  return (
    plan.kind === "join" &&
    !plan.lateral &&
    ["inner", "cross", "semi"].includes(plan.type)
  );
}

type Equality = NonNullable<ReturnType<typeof columnEquality>>;

function equalitiesOf(
  plan: LogicalPlan,
  functions: FunctionLookup,
): readonly Equality[] {
  if (!joinsGroup(plan)) return [];
  return [
    ...conjunctsOf(plan.condition).flatMap(
      (c) => columnEquality(c, functions) ?? [],
    ),
    ...equalitiesOf(plan.left, functions),
    ...equalitiesOf(plan.right, functions),
  ];
}

function inferGroup(group: Join, functions: FunctionLookup): LogicalPlan {
  const mapLeaves = (
    plan: LogicalPlan,
    change: (leaf: LogicalPlan) => LogicalPlan,
  ): LogicalPlan =>
    joinsGroup(plan)
      ? mapChildren(plan, (child) => mapLeaves(child, change))
      : change(plan);
  const below = mapLeaves(group, (leaf) => infer(leaf, functions));
  const known: Expression[] = [];
  mapLeaves(below, (leaf) => {
    known.push(...knownPredicates(leaf));
    return leaf;
  });
  const facts = known.flatMap(
    (predicate) => factOf(predicate, functions) ?? [],
  );
  const classes = classesOf(equalitiesOf(below, functions));
  return mapLeaves(below, (leaf) =>
    withFacts(leaf, facts, (id) => classes.get(id) ?? []),
  );
}

function inferRight(join: Join, functions: FunctionLookup): LogicalPlan {
  if (!["left", "anti", "single"].includes(join.type)) return join;
  const left = idsOf(outputOf(join.left));
  const pairs = new Map<ColumnId, ColumnRef[]>();
  for (const conjunct of conjunctsOf(join.condition)) {
    const equality = columnEquality(conjunct, functions);
    if (equality === undefined) continue;
    const [from, to] = left.has(equality.left.column)
      ? [equality.left, equality.right]
      : [equality.right, equality.left];
    pairs.set(from.column, [...(pairs.get(from.column) ?? []), to]);
  }
  const facts = knownPredicates(join.left).flatMap(
    (predicate) => factOf(predicate, functions) ?? [],
  );
  const right = withFacts(join.right, facts, (id) => pairs.get(id) ?? []);
  return right === join.right ? join : { ...join, right };
}

/** A predicate over one bare column and constants. */
interface Fact {
  readonly column: ColumnRef;
  readonly predicate: Expression;
}

function factOf(
  predicate: Expression,
  functions: FunctionLookup,
): Fact | undefined {
  if (predicate.kind === "in-list") {
    const { operand, items } = predicate;
    return operand.kind === "column" &&
      items.every((item) => item.kind === "literal")
      ? { column: operand, predicate }
      : undefined;
  }
  if (predicate.kind === "or") {
    const [first, ...others] = predicate.operands.map((operand) =>
      factOf(operand, functions),
    );
    return first &&
      others.every((other) => other?.column.column === first.column.column)
      ? { column: first.column, predicate }
      : undefined;
  }
  const comparison = comparisonOf(predicate, functions);
  if (comparison === undefined) return undefined;
  const { left, right } = comparison;
  if (left.kind === "column" && right.kind === "literal")
    return { column: left, predicate };
  return right.kind === "column" && left.kind === "literal"
    ? { column: right, predicate }
    : undefined;
}

/** The plan under the facts that hold for its columns by equality and that it does not filter by already. */
function withFacts(
  plan: LogicalPlan,
  facts: readonly Fact[],
  equalTo: (id: ColumnId) => readonly ColumnRef[],
): LogicalPlan {
  const mine = idsOf(outputOf(plan));
  const known = new Set(knownPredicates(plan).map(keyOf));
  const added: Expression[] = [];
  for (const { column, predicate } of facts) {
    for (const other of equalTo(column.column)) {
      if (!mine.has(other.column) || other.type.kind !== column.type.kind)
        continue;
      const copy = substituteColumns(predicate, (id) =>
        id === column.column ? other : undefined,
      );
      const key = keyOf(copy);
      if (known.has(key)) continue;
      known.add(key);
      added.push(copy);
    }
  }
  return filterOf(plan, added);
}

/** For each column, all columns equal to it (itself included). */
function classesOf(
  equalities: readonly Equality[],
): ReadonlyMap<ColumnId, readonly ColumnRef[]> {
  const classes = new Map<ColumnId, readonly ColumnRef[]>();
  for (const { left, right } of equalities) {
    const members = new Map<ColumnId, ColumnRef>();
    for (const side of [left, right]) {
      for (const member of classes.get(side.column) ?? [side])
        members.set(member.column, member);
    }
    const merged = [...members.values()];
    for (const member of merged) classes.set(member.column, merged);
  }
  return classes;
}
