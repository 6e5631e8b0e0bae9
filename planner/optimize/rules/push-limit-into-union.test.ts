import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import { col, limit, PlanBuilder } from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { pushLimitIntoUnion } from "./push-limit-into-union.ts";

test("fires: each input needs no more than count and offset", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      pushLimitIntoUnion,
      limit(b.union(b.project(t, { a }), b.project(u, { x })), 3, 2),
    ),
  ).toBe(
    `limit '3'::bigint offset '2'::bigint
  union all [a#7]
    limit '5'::bigint
      project [a#5 := a#1]
        scan public.t@0 [a#1, s#2]
    limit '5'::bigint
      project [x#6 := x#3]
        scan public.u@0 [x#3, y#4]`,
  );
});

test("does not fire on UNION, which drops rows first", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      pushLimitIntoUnion,
      limit(
        b.union(b.project(t, { a }), b.project(u, { x }), "union", false),
        3,
      ),
    ),
  ).toBe(DOES_NOT_FIRE);
});
