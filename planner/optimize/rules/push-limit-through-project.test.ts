import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import { col, fn, limit, PlanBuilder, sort } from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { pushLimitThroughProject } from "./push-limit-through-project.ts";

test("fires: limit and sort meet", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(
    after(pushLimitThroughProject, limit(b.project(sort(t, a), { n: a }), 3)),
  ).toBe(
    `project [n#3 := a#1]
  limit '3'::bigint
    sort a#1
      scan public.t@0 [a#1, s#2]`,
  );
});

test("does not fire over a volatile item", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  expect(
    after(pushLimitThroughProject, limit(b.project(t, { n: fn("random") }), 3)),
  ).toBe(DOES_NOT_FIRE);
});
