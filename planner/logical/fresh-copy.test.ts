import { expect, test } from "vitest";
import { BOOL, INT4 } from "../../storage/common/data-type.ts";
import { columnId } from "../../storage/common/ids.ts";
import type { Expression, Subquery } from "./expression.ts";
import { withDistinctSubqueries, withIdsOf } from "./fresh-copy.ts";
import type { LogicalPlan, PlanColumn } from "./plan.ts";
import { nodesOf, outputOf } from "./walk.ts";

const column = (id: number): PlanColumn => ({
  id: columnId(id),
  name: `c${id}`,
  type: INT4,
  nullable: true,
});

const refer = (id: number): Expression => ({
  kind: "column",
  column: columnId(id),
  name: `c${id}`,
  type: INT4,
  nullable: true,
});

const values = (id: number): LogicalPlan => ({
  kind: "values",
  columns: [column(id)],
  rows: [[{ kind: "literal", type: INT4, value: "1" }]],
});

/** `(select inner from (values) where outer is null)`, correlated by column 1. */
const subquery = (inner: number): Subquery => ({
  kind: "subquery",
  form: { kind: "scalar" },
  type: INT4,
  plan: {
    kind: "filter",
    predicate: {
      kind: "is-null",
      operand: refer(1),
      negated: false,
      type: BOOL,
    },
    input: {
      kind: "project",
      items: [{ column: column(inner), value: refer(inner) }],
      input: values(inner),
    },
  },
});

const around = (...parts: readonly Expression[]): LogicalPlan => ({
  kind: "project",
  items: parts.map((value, at) => ({ column: column(100 + at), value })),
  input: values(1),
});

function subplans(plan: LogicalPlan): readonly LogicalPlan[] {
  return plan.kind === "project"
    ? plan.items.flatMap(({ value }) =>
        value.kind === "subquery" ? [value.plan] : [],
      )
    : [];
}

test("a subquery that stands in a plan twice gets ids of its own the second time", () => {
  const [first, second] = subplans(
    withDistinctSubqueries(around(subquery(2), subquery(2))),
  );
  expect(first && outputOf(first)).toEqual([column(2)]);
  expect(second && outputOf(second)[0]?.id).not.toBe(columnId(2));
  const inner = second && outputOf(second)[0]?.id;
  const project = second && [...nodesOf(second)][1];
  expect(project).toMatchObject({ items: [{ value: { column: inner } }] });
});

test("the copy still refers to the columns of the query around it", () => {
  const [, second] = subplans(
    withDistinctSubqueries(around(subquery(2), subquery(2))),
  );
  expect(second).toMatchObject({ predicate: { operand: refer(1) } });
});

test("a plan whose subqueries define nothing twice stays as it is", () => {
  const plan = around(subquery(2), subquery(3));
  expect(withDistinctSubqueries(plan)).toBe(plan);
});

test("two bindings of one subquery are equal under the same ids", () => {
  const [one, other] = [subquery(2).plan, subquery(3).plan];
  expect(withIdsOf(one, other)).toEqual({
    ...one,
    input: {
      ...(one.kind === "filter" ? one.input : one),
      items: [
        {
          column: { ...column(3), id: columnId(2) },
          value: { ...refer(3), column: columnId(2) },
        },
      ],
      input: {
        ...values(2),
        columns: [{ ...column(3), id: columnId(2) }],
      },
    },
  });
});

test("plans that define different things are not brought together", () => {
  const one = values(3);
  const two: LogicalPlan = {
    kind: "values",
    rows: [],
    columns: [column(3), column(4)],
  };
  expect(withIdsOf(one, two)).toBeUndefined();
});
