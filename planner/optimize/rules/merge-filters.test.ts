import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import {
  barrier,
  col,
  filter,
  int,
  isNull,
  op,
  PlanBuilder,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { mergeFilters } from "./merge-filters.ts";

test("fires: the lower condition comes first", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(
    after(mergeFilters, filter(filter(t, isNull(a)), op("<", a, int(1)))),
  ).toBe(
    `filter ((a#1 is null) and (a#1 < 1))
  scan public.t@0 [a#1, s#2]`,
  );
});

test("does not fire over a barrier", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(
    after(
      mergeFilters,
      filter(barrier(filter(t, isNull(a))), op("<", a, int(1))),
    ),
  ).toBe(DOES_NOT_FIRE);
});
