import { expect, test } from "vitest";
import { FLOAT8, INT4, TEXT } from "../../../storage/common/data-type.ts";
import {
  and,
  col,
  filter,
  fn,
  isNull,
  join,
  literal,
  op,
  PlanBuilder,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { pushFilterIntoJoin } from "./push-filter-into-join.ts";

test("fires: each conjunct goes where its columns are", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      pushFilterIntoJoin,
      filter(join("cross", t, u), and(isNull(a), isNull(x), op("<", a, x))),
    ),
  ).toBe(
    `inner join on (a#1 < x#3)
  filter (a#1 is null)
    scan public.t@0 [a#1, s#2]
  filter (x#3 is null)
    scan public.u@0 [x#3, y#4]`,
  );
});

test("fires: a left join takes conditions of its left side only", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      pushFilterIntoJoin,
      filter(join("left", t, u, op("=", a, x)), and(isNull(a), isNull(x))),
    ),
  ).toBe(
    `filter (x#3 is null)
  left join on (a#1 = x#3)
    filter (a#1 is null)
      scan public.t@0 [a#1, s#2]
    scan public.u@0 [x#3, y#4]`,
  );
});

test("does not fire on a full join", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      pushFilterIntoJoin,
      filter(join("full", t, u, op("=", a, x)), isNull(a)),
    ),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire for volatile conditions", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const u = b.scan("u", { x: INT4, y: TEXT });
  expect(
    after(
      pushFilterIntoJoin,
      filter(
        join("cross", t, u),
        op("<", fn("random"), literal(FLOAT8, "0.5")),
      ),
    ),
  ).toBe(DOES_NOT_FIRE);
});
