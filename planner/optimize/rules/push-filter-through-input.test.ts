import { expect, test } from "vitest";
import { INT4, TEXT } from "../../../storage/common/data-type.ts";
import {
  col,
  distinct,
  filter,
  isNull,
  limit,
  PlanBuilder,
  sort,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { pushFilterThroughInput } from "./push-filter-through-input.ts";

test("fires: below a sort and below DISTINCT", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(after(pushFilterThroughInput, filter(sort(t, a), isNull(a)))).toBe(
    `sort a#1
  filter (a#1 is null)
    scan public.t@0 [a#1, s#2]`,
  );
  expect(after(pushFilterThroughInput, filter(distinct(t), isNull(a)))).toBe(
    `distinct
  filter (a#1 is null)
    scan public.t@0 [a#1, s#2]`,
  );
});

test("does not fire below a limit", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(after(pushFilterThroughInput, filter(limit(t, 3), isNull(a)))).toBe(
    DOES_NOT_FIRE,
  );
});

test("does not fire below DISTINCT ON another column", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  expect(
    after(
      pushFilterThroughInput,
      filter(
        { kind: "distinct", on: [col(t, "s")], orderBy: [], input: t },
        isNull(a),
      ),
    ),
  ).toBe(DOES_NOT_FIRE);
});
