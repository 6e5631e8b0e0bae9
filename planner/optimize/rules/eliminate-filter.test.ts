import { expect, test } from "vitest";
import { BOOL, INT4, TEXT } from "../../../storage/common/data-type.ts";
import { col, filter, isNull, literal, PlanBuilder } from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { eliminateFilter } from "./eliminate-filter.ts";

test("fires: TRUE goes", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  expect(after(eliminateFilter, filter(t, literal(BOOL, "t")))).toBe(
    `scan public.t@0 [a#1, s#2]`,
  );
});

test("fires: FALSE and NULL leave no rows", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  expect(after(eliminateFilter, filter(t, literal(BOOL, "f")))).toBe(
    `values [a#1, s#2] `,
  );
  expect(after(eliminateFilter, filter(t, literal(BOOL, null)))).toBe(
    `values [a#1, s#2] `,
  );
});

test("does not fire on a condition over columns", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(after(eliminateFilter, filter(t, isNull(a)))).toBe(DOES_NOT_FIRE);
});
