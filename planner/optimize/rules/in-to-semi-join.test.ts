import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import {
  col,
  filter,
  isIn,
  isNull,
  limit,
  not,
  op,
  PlanBuilder,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { inToSemiJoin } from "./in-to-semi-join.ts";

test("fires: IN", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      inToSemiJoin,
      filter(t, isIn(a, b.project(filter(u, isNull(col(u, "y"))), { x }))),
    ),
  ).toBe(
    `semi join on (a#1 = x#3)
  scan public.t@0 [a#1, s#2]
  filter (y#4 is null)
    scan public.u@0 [x#3, y#4]`,
  );
});

test("fires: IN with a correlated filter inside", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      inToSemiJoin,
      filter(
        t,
        isIn(a, b.project(filter(u, op("=", col(u, "y"), col(t, "s"))), { x })),
      ),
    ),
  ).toBe(
    `semi join on ((a#1 = x#3) and (y#4 = s#2))
  scan public.t@0 [a#1, s#2]
  scan public.u@0 [x#3, y#4]`,
  );
});

test("fires: NOT IN when neither side can be NULL", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4 }, false);
  const u = b.scan("u", { x: INT4 }, false);
  expect(after(inToSemiJoin, filter(t, not(isIn(col(t, "a"), u))))).toBe(
    `anti join on (a#1 = x#2)
  scan public.t@0 [a#1]
  scan public.u@0 [x#2]`,
  );
});

test("does not fire: NOT IN over a column that may be NULL", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(inToSemiJoin, filter(t, not(isIn(a, b.project(u, { x }))))),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire over a LIMIT that depends on the row outside", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      inToSemiJoin,
      filter(t, isIn(a, limit(b.project(filter(u, op("=", x, a)), { x }), 1))),
    ),
  ).toBe(DOES_NOT_FIRE);
});
