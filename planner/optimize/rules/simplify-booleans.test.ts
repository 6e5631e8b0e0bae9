import { expect, test } from "vitest";
import { BOOL, FLOAT8, INT4, TEXT } from "../../../storage/common/data-type.ts";
import {
  and,
  col,
  filter,
  fn,
  int,
  isNull,
  literal,
  not,
  op,
  or,
  PlanBuilder,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { simplifyBooleans } from "./simplify-booleans.ts";

test("fires: constants and repeats drop out of AND and OR", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(
    after(
      simplifyBooleans,
      filter(
        t,
        and(
          isNull(a),
          literal(BOOL, "t"),
          or(isNull(a), literal(BOOL, "f")),
          isNull(a),
        ),
      ),
    ),
  ).toBe(
    `filter (a#1 is null)
  scan public.t@0 [a#1, s#2]`,
  );
});

test("fires: FALSE decides an AND", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(
    after(simplifyBooleans, filter(t, and(isNull(a), literal(BOOL, "f")))),
  ).toBe(
    `filter false
  scan public.t@0 [a#1, s#2]`,
  );
});

test("fires: NOT turns a comparison round", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(after(simplifyBooleans, filter(t, not(op("<", a, int(1)))))).toBe(
    `filter (a#1 >= 1)
  scan public.t@0 [a#1, s#2]`,
  );
});

test("does not fire on distinct operands", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(
    after(simplifyBooleans, filter(t, and(isNull(a), op("<", a, int(1))))),
  ).toBe(DOES_NOT_FIRE);
});

test("does not fire on the same volatile condition twice", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const half = (): ReturnType<typeof op> =>
    op("<", fn("random"), literal(FLOAT8, "0.5"));
  expect(after(simplifyBooleans, filter(t, and(half(), half())))).toBe(
    DOES_NOT_FIRE,
  );
});
