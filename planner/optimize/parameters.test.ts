import { expect, test } from "vitest";
import { BOOL, INT4 } from "../../storage/common/data-type.ts";
import type { Expression } from "../logical/expression.ts";
import { printPlan } from "../logical/print.ts";
import { bindParameters } from "./parameters.ts";
import { col, exists, filter, op, PlanBuilder } from "./plan.testkit.ts";

const first: Expression = { kind: "parameter", type: INT4, index: 1 };

test("a parameter becomes a literal of its type, inside subqueries too", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4 });
  const u = b.scan("u", { x: INT4 });
  const plan = filter(t, exists(filter(u, op("=", col(u, "x"), first))));
  const bound = bindParameters(plan, [{ type: INT4, text: "7" }]);
  expect(printPlan(bound)).toContain("filter (x#2 = 7)");
});

test("NULL stays NULL", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4 });
  const plan = filter(t, {
    kind: "is-null",
    type: BOOL,
    operand: first,
    negated: false,
  });
  const bound = bindParameters(plan, [{ type: INT4, text: null }]);
  expect(printPlan(bound)).toContain("null::integer is null");
});

test("a parameter without a value is 42P02", () => {
  const b = new PlanBuilder();
  const plan = filter(b.scan("t", { a: INT4 }), op("=", first, first));
  expect(() => bindParameters(plan, [])).toThrow("there is no parameter $1");
});
