import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import {
  and,
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
import { deriveOrPredicates } from "./derive-or-predicates.ts";

test("fires: each side of the join gets what the branches demand of it", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      deriveOrPredicates,
      filter(
        join("inner", t, u, op("=", col(t, "s"), col(u, "y"))),
        or(
          and(op("=", a, int(1)), op("=", x, int(2))),
          and(op("=", a, int(3)), op("=", x, int(4))),
        ),
      ),
    ),
  ).toBe(
    `filter (((a#1 = 1) and (x#3 = 2)) or ((a#1 = 3) and (x#3 = 4)))
  inner join on (s#2 = y#4)
    filter ((a#1 = 1) or (a#1 = 3))
      scan public.t@0 [a#1, s#2]
    filter ((x#3 = 2) or (x#3 = 4))
      scan public.u@0 [x#3, y#4]`,
  );
});

test("does not fire when a branch demands nothing of either side alone", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      deriveOrPredicates,
      filter(
        join("inner", t, u, op("=", col(t, "s"), col(u, "y"))),
        or(op("=", a, int(1)), op("=", x, int(4))),
      ),
    ),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire over an outer join", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      deriveOrPredicates,
      filter(
        join("left", t, u, op("=", a, x)),
        or(
          and(isNull(a), isNull(x)),
          and(op("=", a, int(3)), op("=", x, int(4))),
        ),
      ),
    ),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire for ranges, which keep most rows", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  const ranges = or(
    and(op("<", a, int(1)), op("<", x, int(2))),
    and(op(">", a, int(3)), op(">", x, int(4))),
  );
  const joined = join("inner", t, u, op("=", col(t, "s"), col(u, "y")));
  expect(after(deriveOrPredicates, filter(joined, ranges))).toBe(DOES_NOT_FIRE);
});
