import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import {
  agg,
  and,
  big,
  col,
  exists,
  filter,
  int,
  isNull,
  op,
  or,
  PlanBuilder,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { existsToSemiJoin } from "./exists-to-semi-join.ts";

test("fires: EXISTS over a correlated filter", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      existsToSemiJoin,
      filter(t, exists(b.project(filter(u, op("=", x, a)), { one: int(1) }))),
    ),
  ).toBe(
    `semi join on (x#3 = a#1)
  scan public.t@0 [a#1, s#2]
  scan public.u@0 [x#3, y#4]`,
  );
});

test("fires: NOT EXISTS, other conjuncts stay above", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      existsToSemiJoin,
      filter(
        t,
        and(isNull(a), exists(filter(u, and(op("=", x, a), isNull(x))), true)),
      ),
    ),
  ).toBe(
    `filter (a#1 is null)
  anti join on (x#3 = a#1)
    scan public.t@0 [a#1, s#2]
    filter (x#3 is null)
      scan public.u@0 [x#3, y#4]`,
  );
});

test("does not fire without correlation", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(after(existsToSemiJoin, filter(t, exists(filter(u, isNull(x)))))).toBe(
    DOES_NOT_FIRE,
  );
});

test("does not fire when the correlation is below an aggregate", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  const n = b.aggregate(filter(u, op("=", x, a)), {}, { n: agg("count") });
  expect(
    after(
      existsToSemiJoin,
      filter(t, exists(filter(n, op(">", col(n, "n"), big(0))))),
    ),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire inside OR", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      existsToSemiJoin,
      filter(t, or(isNull(a), exists(filter(u, op("=", x, a))))),
    ),
  ).toBe(DOES_NOT_FIRE);
});
