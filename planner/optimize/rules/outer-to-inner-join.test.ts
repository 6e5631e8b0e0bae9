import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import {
  col,
  filter,
  int,
  isNull,
  join,
  op,
  or,
  PlanBuilder,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { outerToInnerJoin } from "./outer-to-inner-join.ts";

test("fires: a comparison on the padded side", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      outerToInnerJoin,
      filter(join("left", t, u, op("=", a, x)), op(">", x, int(1))),
    ),
  ).toBe(
    `filter (x#3 > 1)
  inner join on (a#1 = x#3)
    scan public.t@0 [a#1, s#2]
    scan public.u@0 [x#3, y#4]`,
  );
});

test("fires: a full join loses the side that is demanded", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      outerToInnerJoin,
      filter(join("full", t, u, op("=", a, x)), isNull(a, true)),
    ),
  ).toBe(
    `filter (a#1 is not null)
  left join on (a#1 = x#3)
    scan public.t@0 [a#1, s#2]
    scan public.u@0 [x#3, y#4]`,
  );
});

test("does not fire: IS NULL wants the padded rows", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      outerToInnerJoin,
      filter(join("left", t, u, op("=", a, x)), isNull(x)),
    ),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire: a condition on the preserved side", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      outerToInnerJoin,
      filter(join("left", t, u, op("=", a, x)), op(">", a, int(1))),
    ),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire: an OR that the preserved side can satisfy", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      outerToInnerJoin,
      filter(
        join("left", t, u, op("=", a, x)),
        or(op(">", x, int(1)), op(">", a, int(1))),
      ),
    ),
  ).toBe(DOES_NOT_FIRE);
});
