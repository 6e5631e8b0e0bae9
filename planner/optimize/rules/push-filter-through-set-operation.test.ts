import { expect, test } from "vitest";
import { FLOAT8, INT4, TEXT } from "../../../storage/common/data-type.ts";
import {
  col,
  filter,
  fn,
  isNull,
  literal,
  op,
  PlanBuilder,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { pushFilterThroughSetOperation } from "./push-filter-through-set-operation.ts";

test("fires: both inputs are filtered by their own columns", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  const both = b.union(b.project(t, { a }), b.project(u, { x }));
  expect(
    after(pushFilterThroughSetOperation, filter(both, isNull(col(both, "a")))),
  ).toBe(
    `union all [a#7]
  filter (a#5 is null)
    project [a#5 := a#1]
      scan public.t@0 [a#1, s#2]
  filter (x#6 is null)
    project [x#6 := x#3]
      scan public.u@0 [x#3, y#4]`,
  );
});

test("does not fire for volatile conditions", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  const both = b.union(b.project(t, { a }), b.project(u, { x }));
  expect(
    after(
      pushFilterThroughSetOperation,
      filter(both, op("<", fn("random"), literal(FLOAT8, "0.5"))),
    ),
  ).toBe(DOES_NOT_FIRE);
});
