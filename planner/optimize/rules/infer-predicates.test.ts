import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import {
  col,
  filter,
  inList,
  int,
  join,
  op,
  PlanBuilder,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { inferPredicates } from "./infer-predicates.ts";

test("fires: an equal column is bounded alike", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      inferPredicates,
      join("inner", filter(t, op(">", a, int(5))), u, op("=", a, x)),
    ),
  ).toBe(
    `inner join on (a#1 = x#3)
  filter (a#1 > 5)
    scan public.t@0 [a#1, s#2]
  filter (x#3 > 5)
    scan public.u@0 [x#3, y#4]`,
  );
});

test("fires: through a chain of joins", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  const v = b.scan("v", { z: INT4 });
  expect(
    after(
      inferPredicates,
      join(
        "inner",
        join("inner", t, u, op("=", a, x)),
        filter(v, inList(col(v, "z"), [int(1), int(2)])),
        op("=", x, col(v, "z")),
      ),
    ),
  ).toBe(
    `inner join on (x#3 = z#5)
  inner join on (a#1 = x#3)
    filter (a#1 in (1, 2))
      scan public.t@0 [a#1, s#2]
    filter (x#3 in (1, 2))
      scan public.u@0 [x#3, y#4]
  filter (z#5 in (1, 2))
    scan public.v@0 [z#5]`,
  );
});

test("fires: a left join bounds its right side", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      inferPredicates,
      join("left", filter(t, op("=", a, int(5))), u, op("=", a, x)),
    ),
  ).toBe(
    `left join on (a#1 = x#3)
  filter (a#1 = 5)
    scan public.t@0 [a#1, s#2]
  filter (x#3 = 5)
    scan public.u@0 [x#3, y#4]`,
  );
});

test("does not fire: a left join's right side says nothing of the left", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      inferPredicates,
      join("left", t, filter(u, op("=", x, int(5))), op("=", a, x)),
    ),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire when the other side has the condition already", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      inferPredicates,
      join(
        "inner",
        filter(t, op(">", a, int(5))),
        filter(u, op(">", x, int(5))),
        op("=", a, x),
      ),
    ),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire for a condition that may tell equal values apart", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      inferPredicates,
      join(
        "inner",
        filter(t, op(">", op("+", a, int(1)), int(5))),
        u,
        op("=", a, x),
      ),
    ),
  ).toBe(DOES_NOT_FIRE);
});
