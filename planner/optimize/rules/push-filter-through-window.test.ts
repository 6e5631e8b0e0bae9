import { expect, test } from "vitest";
import { INT4, INT8, TEXT } from "../../../storage/common/data-type.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import {
  agg,
  col,
  filter,
  int,
  op,
  PlanBuilder,
  text,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { pushFilterThroughWindow } from "./push-filter-through-window.ts";

test("fires: a condition on a partition column", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const w: LogicalPlan = {
    kind: "window",
    partitionBy: [a],
    orderBy: [],
    frame: undefined,
    calls: [
      {
        column: b.column("n", INT8),
        call: { ...agg("count"), ignoreNulls: false },
      },
    ],
    input: t,
  };
  expect(after(pushFilterThroughWindow, filter(w, op("=", a, int(1))))).toBe(
    `window partition by a#1 [n#3 := count()]
  filter (a#1 = 1)
    scan public.t@0 [a#1, s#2]`,
  );
});

test("does not fire on another column, whose rows the frame needs", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const w: LogicalPlan = {
    kind: "window",
    partitionBy: [a],
    orderBy: [],
    frame: undefined,
    calls: [
      {
        column: b.column("n", INT8),
        call: { ...agg("count"), ignoreNulls: false },
      },
    ],
    input: t,
  };
  expect(
    after(pushFilterThroughWindow, filter(w, op("=", col(t, "s"), text("x")))),
  ).toBe(DOES_NOT_FIRE);
});
