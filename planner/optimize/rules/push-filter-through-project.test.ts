import { expect, test } from "vitest";
import { FLOAT8, INT4, TEXT } from "../../../storage/common/data-type.ts";
import {
  col,
  filter,
  fn,
  int,
  literal,
  op,
  PlanBuilder,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { pushFilterThroughProject } from "./push-filter-through-project.ts";

test("fires: the condition is said in terms of the input", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const p = b.project(t, { n: op("+", a, int(1)) });
  expect(
    after(pushFilterThroughProject, filter(p, op(">", col(p, "n"), int(3)))),
  ).toBe(
    `project [n#3 := (a#1 + 1)]
  filter ((a#1 + 1) > 3)
    scan public.t@0 [a#1, s#2]`,
  );
});

test("does not fire over a volatile column", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const p = b.project(t, { r: fn("random") });
  expect(
    after(
      pushFilterThroughProject,
      filter(p, op(">", col(p, "r"), literal(FLOAT8, "0.5"))),
    ),
  ).toBe(DOES_NOT_FIRE);
});
