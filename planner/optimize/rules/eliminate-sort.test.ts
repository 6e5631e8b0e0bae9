import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import { col, limit, PlanBuilder, sort } from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { eliminateSort } from "./eliminate-sort.ts";

test("fires: the lower order is lost", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(after(eliminateSort, sort(sort(t, col(t, "s")), a))).toBe(
    `sort a#1
  scan public.t@0 [a#1, s#2]`,
  );
});

test("does not fire over a limit", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(after(eliminateSort, sort(limit(sort(t, col(t, "s")), 3), a))).toBe(
    DOES_NOT_FIRE,
  );
});
