import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import { limit, PlanBuilder } from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { eliminateLimit } from "./eliminate-limit.ts";

test("fires: no count and no offset", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  expect(after(eliminateLimit, limit(t, undefined))).toBe(
    `scan public.t@0 [a#1, s#2]`,
  );
});

test("fires: LIMIT 0 reads nothing", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  expect(after(eliminateLimit, limit(t, 0))).toBe(`values [a#1, s#2] `);
});

test("does not fire on a count", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  expect(after(eliminateLimit, limit(t, 1))).toBe(DOES_NOT_FIRE);
});

test("does not fire on a count of 0 beside a wrong offset, which must fail", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  expect(after(eliminateLimit, limit(t, 0, -1))).toBe(DOES_NOT_FIRE);
});
