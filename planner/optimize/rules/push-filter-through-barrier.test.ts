import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import {
  barrier,
  col,
  filter,
  int,
  op,
  PlanBuilder,
  scalar,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { pushFilterThroughBarrier } from "./push-filter-through-barrier.ts";

test("fires: a comparison cannot fail", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(
    after(pushFilterThroughBarrier, filter(barrier(t), op("=", a, int(1)))),
  ).toBe(
    `barrier
  filter (a#1 = 1)
    scan public.t@0 [a#1, s#2]`,
  );
});

test("does not fire: a division can fail on a row that is hidden", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(
    after(
      pushFilterThroughBarrier,
      filter(barrier(t), op("=", op("/", int(1), a), int(1))),
    ),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire: a subquery can fail", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      pushFilterThroughBarrier,
      filter(barrier(t), op("=", a, scalar(b.project(u, { x }), INT4))),
    ),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire: what is compared is computed below by a division", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const below = b.project(t, { q: op("/", int(1), col(t, "a")) });
  const q = col(below, "q");
  expect(
    after(pushFilterThroughBarrier, filter(barrier(below), op("=", q, int(1)))),
  ).toBe(DOES_NOT_FIRE);
});
