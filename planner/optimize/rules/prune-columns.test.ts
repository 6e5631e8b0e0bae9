import { expect, test } from "vitest";
import { BOOL, INT4, TEXT } from "../../../storage/common/data-type.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import {
  agg,
  col,
  distinct,
  filter,
  isNull,
  join,
  op,
  PlanBuilder,
} from "../plan.testkit.ts";
import { after, DOES_NOT_FIRE } from "../rule.testkit.ts";
import { pruneColumns } from "./prune-columns.ts";

test("fires: scans read what the plan reads", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  expect(
    after(
      pruneColumns,
      b.project(
        join("inner", t, filter(u, isNull(col(u, "y"))), op("=", a, x)),
        { a },
      ),
    ),
  ).toBe(
    `project [a#5 := a#1]
  inner join on (a#1 = x#3)
    scan public.t@0 [a#1]
    filter (y#4 is null)
      scan public.u@0 [x#3, y#4]`,
  );
});

test("fires: a count reads the narrowest column", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { s: TEXT, a: INT4, f: BOOL });
  expect(after(pruneColumns, b.aggregate(t, {}, { n: agg("count") }))).toBe(
    `aggregate by [] [n#4 := count()]
  scan public.t@0 [f#3]`,
  );
});

test("fires: UNION ALL drops a column on both sides, by place", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const a = col(t, "a");
  const u = b.scan("u", { x: INT4, y: TEXT });
  const x = col(u, "x");
  const both = b.union(
    b.project(t, { a, s: col(t, "s") }),
    b.project(u, { x, y: col(u, "y") }),
  );
  expect(after(pruneColumns, b.project(both, { s: col(both, "s") }))).toBe(
    `project [s#11 := s#10]
  union all [s#10]
    project [s#6 := s#2]
      scan public.t@0 [s#2]
    project [y#8 := y#4]
      scan public.u@0 [y#4]`,
  );
});

test("fires: a common table gives what its references read", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const ref = (): LogicalPlan => ({
    kind: "common-table-ref",
    id: 1,
    name: "w",
    columns: [b.column("c", INT4), b.column("d", TEXT)],
  });
  const first = ref();
  const second = ref();
  const input = b.project(
    join("inner", first, second, op("=", col(first, "c"), col(second, "c"))),
    { n: col(second, "c") },
  );
  expect(
    after(pruneColumns, {
      kind: "common-table",
      id: 1,
      name: "w",
      definition: t,
      materialized: undefined,
      input,
    }),
  ).toBe(
    `with w(1)
  scan public.t@0 [a#1]
  project [n#7 := c#5]
    inner join on (c#3 = c#5)
      common w(1) [c#3]
      common w(1) [c#5]`,
  );
});

test("does not fire below DISTINCT, which compares whole rows", () => {
  const b = new PlanBuilder();
  const t = b.scan("t", { a: INT4, s: TEXT });
  const rows = distinct(t);
  expect(after(pruneColumns, rows)).toBe(DOES_NOT_FIRE);
});
