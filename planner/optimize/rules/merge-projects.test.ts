import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import { col, fn, int, op, PlanBuilder } from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { mergeProjects } from "./merge-projects.ts";

test("fires: a value read once moves up", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const p = b.project(t, { n: op("+", a, int(1)) });
  expect(
    after(mergeProjects, b.project(p, { m: op("*", col(p, "n"), int(2)) })),
  ).toBe(
    `project [m#4 := ((a#1 + 1) * 2)]
  scan public.t@0 [a#1, s#2]`,
  );
});

test("does not fire when a computed value is read twice", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const p = b.project(t, { n: op("+", a, int(1)) });
  const n = col(p, "n");
  expect(after(mergeProjects, b.project(p, { m: op("*", n, n) }))).toBe(
    DOES_NOT_FIRE,
  );
});

test("does not fire over a volatile value", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const p = b.project(t, { n: fn("random") });
  expect(after(mergeProjects, b.project(p, { m: col(p, "n") }))).toBe(
    DOES_NOT_FIRE,
  );
});
