import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import { limit, PlanBuilder } from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { mergeLimits } from "./merge-limits.ts";

test("fires: the smaller count wins", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  expect(after(mergeLimits, limit(limit(t, 10, 3), 5))).toBe(
    `limit '5'::bigint offset '3'::bigint
  scan public.t@0 [a#1, s#2]`,
  );
});

test("does not fire when the outer limit skips rows", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  expect(after(mergeLimits, limit(limit(t, 10), 5, 1))).toBe(DOES_NOT_FIRE);
});
