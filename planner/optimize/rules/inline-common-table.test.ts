import { expect, test } from "vitest";
import { INT4 } from "../../../storage/common/data-type.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import { fn, join, PlanBuilder } from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { inlineCommonTable } from "./inline-common-table.ts";

test("fires: one reference", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4 });
  const ref = (): LogicalPlan => ({
    kind: "common-table-ref",
    id: 1,
    name: "w",
    columns: [b.column("c", INT4)],
  });
  const withTable = (
    input: LogicalPlan,
    materialized?: boolean,
  ): LogicalPlan => ({
    kind: "common-table",
    id: 1,
    name: "w",
    definition: t,
    materialized,
    input,
  });
  expect(after(inlineCommonTable, withTable(ref()))).toBe(
    `project [c#2 := a#1]
  scan public.t@0 [a#1]`,
  );
});

test("fires: no reference", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4 });
  const withTable = (
    input: LogicalPlan,
    materialized?: boolean,
  ): LogicalPlan => ({
    kind: "common-table",
    id: 1,
    name: "w",
    definition: t,
    materialized,
    input,
  });
  expect(after(inlineCommonTable, withTable(b.values({}, [[]])))).toBe(
    `values [] ()`,
  );
});

test("does not fire on two references", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4 });
  const ref = (): LogicalPlan => ({
    kind: "common-table-ref",
    id: 1,
    name: "w",
    columns: [b.column("c", INT4)],
  });
  const withTable = (
    input: LogicalPlan,
    materialized?: boolean,
  ): LogicalPlan => ({
    kind: "common-table",
    id: 1,
    name: "w",
    definition: t,
    materialized,
    input,
  });
  expect(after(inlineCommonTable, withTable(join("cross", ref(), ref())))).toBe(
    DOES_NOT_FIRE,
  );
});

test("does not fire on AS MATERIALIZED", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4 });
  const ref = (): LogicalPlan => ({
    kind: "common-table-ref",
    id: 1,
    name: "w",
    columns: [b.column("c", INT4)],
  });
  const withTable = (
    input: LogicalPlan,
    materialized?: boolean,
  ): LogicalPlan => ({
    kind: "common-table",
    id: 1,
    name: "w",
    definition: t,
    materialized,
    input,
  });
  expect(after(inlineCommonTable, withTable(ref(), true))).toBe(DOES_NOT_FIRE);
});

test("does not fire over a volatile definition", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4 });
  const ref = (): LogicalPlan => ({
    kind: "common-table-ref",
    id: 1,
    name: "w",
    columns: [b.column("c", INT4)],
  });
  const definition = b.project(t, { r: fn("random") });
  expect(
    after(inlineCommonTable, {
      kind: "common-table",
      id: 1,
      name: "w",
      definition,
      materialized: undefined,
      input: ref(),
    }),
  ).toBe(DOES_NOT_FIRE);
});
