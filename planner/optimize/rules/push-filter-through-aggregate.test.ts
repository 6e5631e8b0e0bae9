import { expect, test } from "vitest";
import { BOOL, INT4, TEXT } from "../../../storage/common/data-type.ts";
import {
  agg,
  and,
  big,
  col,
  filter,
  int,
  literal,
  op,
  PlanBuilder,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { pushFilterThroughAggregate } from "./push-filter-through-aggregate.ts";

test("fires: a condition on a group column", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const g = b.aggregate(t, { k: a }, { n: agg("count") });
  expect(
    after(
      pushFilterThroughAggregate,
      filter(
        g,
        and(op("=", col(g, "k"), int(1)), op(">", col(g, "n"), big(2))),
      ),
    ),
  ).toBe(
    `filter (n#4 > '2'::bigint)
  aggregate by [k#3 := a#1] [n#4 := count()]
    filter (a#1 = 1)
      scan public.t@0 [a#1, s#2]`,
  );
});

test("does not fire on an aggregate's value", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const g = b.aggregate(t, { k: a }, { n: agg("count") });
  expect(
    after(pushFilterThroughAggregate, filter(g, op(">", col(g, "n"), big(2)))),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire when a grouping set lacks the column", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const g = {
    ...b.aggregate(t, { k: a }, { n: agg("count") }),
    sets: [[0], []],
  };
  expect(
    after(pushFilterThroughAggregate, filter(g, op("=", col(g, "k"), int(1)))),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire for a constant condition over a total", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  expect(
    after(
      pushFilterThroughAggregate,
      filter(b.aggregate(t, {}, { n: agg("count") }), literal(BOOL, "f")),
    ),
  ).toBe(DOES_NOT_FIRE);
});
