import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import { col, PlanBuilder } from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { eliminateProject } from "./eliminate-project.ts";

test("fires: every column under its own id", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const p: LogicalPlan = {
    kind: "project",
    items: t.columns.map((column) => ({ column, value: col(t, column.name) })),
    input: t,
  };
  expect(after(eliminateProject, p)).toBe(`scan public.t@0 [a#1, s#2]`);
});

test("does not fire when a column is dropped or renamed", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(after(eliminateProject, b.project(t, { a, s: col(t, "s") }))).toBe(
    DOES_NOT_FIRE,
  );
});
