import { expect, test } from "vitest";
import { FLOAT8, INT4, TEXT } from "../../../storage/common/data-type.ts";
import {
  and,
  col,
  exists,
  filter,
  fn,
  int,
  isNull,
  literal,
  op,
  PlanBuilder,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { pushFilterIntoScan } from "./push-filter-into-scan.ts";

test("fires: the conjuncts become the scan's", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(
    after(pushFilterIntoScan, filter(t, and(isNull(a), op("=", a, int(1))))),
  ).toBe(`scan public.t@0 [a#1, s#2] where (a#1 is null) and (a#1 = 1)`);
});

test("does not fire for subqueries", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const u = b.scan("u", { x: INT4, y: TEXT });
  expect(after(pushFilterIntoScan, filter(t, exists(u)))).toBe(DOES_NOT_FIRE);
});

test("does not fire for volatile conditions", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  expect(
    after(
      pushFilterIntoScan,
      filter(t, op("<", fn("random"), literal(FLOAT8, "0.5"))),
    ),
  ).toBe(DOES_NOT_FIRE);
});
