import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import { agg, col, join, op, PlanBuilder } from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { propagateEmpty } from "./propagate-empty.ts";

test("fires: an inner join with nothing has no rows", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const nothing = b.values({ n: INT4 }, []);
  expect(
    after(
      propagateEmpty,
      join("inner", t, nothing, op("=", a, col(nothing, "n"))),
    ),
  ).toBe(`values [a#1, s#2, n#3] `);
});

test("fires: no row makes no group", () => {
  const b = new PlanBuilder();
  const nothing = b.values({ n: INT4 }, []);
  expect(
    after(
      propagateEmpty,
      b.aggregate(nothing, { n: col(nothing, "n") }, { c: agg("count") }),
    ),
  ).toBe(`values [n#2, c#3] `);
});

test("does not fire under a count without groups", () => {
  const b = new PlanBuilder();
  expect(
    after(
      propagateEmpty,
      b.aggregate(b.values({ n: INT4 }, []), {}, { c: agg("count") }),
    ),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire for the padded side of a left join", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const nothing = b.values({ n: INT4 }, []);
  expect(
    after(
      propagateEmpty,
      join("left", t, nothing, op("=", a, col(nothing, "n"))),
    ),
  ).toBe(DOES_NOT_FIRE);
});
