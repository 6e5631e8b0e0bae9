import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import { and, col, isNull, join, op, PlanBuilder } from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { pushJoinCondition } from "./push-join-condition.ts";

test("fires: a left join's condition over its right side", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(pushJoinCondition, join("left", t, u, and(op("=", a, x), isNull(x)))),
  ).toBe(
    `left join on (a#1 = x#3)
  scan public.t@0 [a#1, s#2]
  filter (x#3 is null)
    scan public.u@0 [x#3, y#4]`,
  );
});

test("fires: an inner join without a condition of both is a cross join", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(pushJoinCondition, join("inner", t, u, and(isNull(a), isNull(x)))),
  ).toBe(
    `cross join
  filter (a#1 is null)
    scan public.t@0 [a#1, s#2]
  filter (x#3 is null)
    scan public.u@0 [x#3, y#4]`,
  );
});

test("does not fire for the preserved side", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(pushJoinCondition, join("left", t, u, and(op("=", a, x), isNull(a)))),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire for the left side of an anti join", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(pushJoinCondition, join("anti", t, u, and(op("=", a, x), isNull(a)))),
  ).toBe(DOES_NOT_FIRE);
});
