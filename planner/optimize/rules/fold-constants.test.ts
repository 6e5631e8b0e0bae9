import { expect, test } from "vitest";
import {
  DATE,
  INT4,
  INTERVAL,
  TEXT,
} from "../../../storage/common/data-type.ts";
import { col, filter, int, literal, op, PlanBuilder } from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { foldConstants } from "./fold-constants.ts";

test("fires: arithmetic over constants becomes its value", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(
    after(foldConstants, filter(t, op("=", a, op("+", int(1), int(2))))),
  ).toBe(
    `filter (a#1 = 3)
  scan public.t@0 [a#1, s#2]`,
  );
});

test("fires: a date less an interval becomes a timestamp", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { d: DATE });
  const end = op(
    "-",
    literal(DATE, "1998-12-01"),
    literal(INTERVAL, "90 days"),
  );
  expect(after(foldConstants, filter(t, op("<=", col(t, "d"), end)))).toBe(
    `filter (d#1 <= '1998-09-02 00:00:00'::timestamp without time zone)
  scan public.t@0 [d#1]`,
  );
});

test("fires: a strict function of NULL is NULL", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(after(foldConstants, filter(t, op("=", a, literal(INT4, null))))).toBe(
    `filter null::boolean
  scan public.t@0 [a#1, s#2]`,
  );
});

test("does not fire where evaluation would fail", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(
    after(foldConstants, filter(t, op("=", a, op("/", int(1), int(0))))),
  ).toBe(DOES_NOT_FIRE);
  expect(
    after(
      foldConstants,
      filter(t, op("=", a, op("+", int(2147483647), int(1)))),
    ),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire over columns", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(after(foldConstants, filter(t, op("=", a, op("+", a, int(1)))))).toBe(
    DOES_NOT_FIRE,
  );
});
