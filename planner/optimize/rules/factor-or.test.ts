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
import { factorOr } from "./factor-or.ts";

test("fires: what every branch demands comes out", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  const same = op("=", a, x);
  expect(
    after(
      factorOr,
      filter(
        join("cross", t, u),
        or(and(same, isNull(a)), and(same, isNull(x))),
      ),
    ),
  ).toBe(
    `filter ((a#1 = x#3) and ((a#1 is null) or (x#3 is null)))
  cross join
    scan public.t@0 [a#1, s#2]
    scan public.u@0 [x#3, y#4]`,
  );
});

test("does not fire when branches share nothing", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(after(factorOr, filter(t, or(isNull(a), op("=", a, int(1)))))).toBe(
    DOES_NOT_FIRE,
  );
});
