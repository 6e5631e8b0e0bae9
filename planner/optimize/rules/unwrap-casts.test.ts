import { expect, test } from "vitest";
import {
  DATE,
  INT4,
  INT8,
  TEXT,
  TIMESTAMP,
} from "../../../storage/common/data-type.ts";
import {
  big,
  cast,
  col,
  filter,
  int,
  literal,
  op,
  PlanBuilder,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { unwrapCasts } from "./unwrap-casts.ts";

test("fires: an integer column widened for a constant", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(after(unwrapCasts, filter(t, op("=", cast(a, INT8), big(5))))).toBe(
    `filter (a#1 = 5)
  scan public.t@0 [a#1, s#2]`,
  );
});

test("fires: a date against a moment of the day", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { d: DATE });
  expect(
    after(
      unwrapCasts,
      filter(
        t,
        op("<", col(t, "d"), literal(TIMESTAMP, "2020-02-03 04:05:06")),
      ),
    ),
  ).toBe(
    `filter (d#1 <= '2020-02-03'::date)
  scan public.t@0 [d#1]`,
  );
  expect(
    after(
      unwrapCasts,
      filter(
        t,
        op(
          ">=",
          cast(col(t, "d"), TIMESTAMP),
          literal(TIMESTAMP, "2020-02-03 00:00:00"),
        ),
      ),
    ),
  ).toBe(
    `filter (d#1 >= '2020-02-03'::date)
  scan public.t@0 [d#1]`,
  );
});

test("does not fire where the constant does not fit", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(
    after(unwrapCasts, filter(t, op("=", cast(a, INT8), big(5_000_000_000)))),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire on a narrowing cast", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT8 });
  expect(
    after(unwrapCasts, filter(t, op("=", cast(col(t, "a"), INT4), int(5)))),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire where a moment equals no day", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { d: DATE });
  expect(
    after(
      unwrapCasts,
      filter(
        t,
        op("=", col(t, "d"), literal(TIMESTAMP, "2020-02-03 04:05:06")),
      ),
    ),
  ).toBe(DOES_NOT_FIRE);
});
