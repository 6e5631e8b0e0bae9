import { describe, expect, test } from "vitest";
import { FLOAT8, INT4, INT8, TEXT } from "../../storage/common/data-type.ts";
import type {
  ColumnStatistics,
  ScanStatistics,
} from "../../storage/scan/split.ts";
import type { Aggregate, LogicalPlan } from "../logical/plan.ts";
import { answerFromStatistics } from "./answer-from-statistics.ts";
import { lookupFunction } from "./function-lookup.ts";
import { PlanBuilder, agg, col, int, op } from "./plan.testkit.ts";

const EXACT = { exactBounds: true, exactNullCount: true } as const;

function statistics(
  columns: Readonly<Record<string, ColumnStatistics>> = {},
  rest: Partial<ScanStatistics> = {},
): ScanStatistics {
  return {
    filesTotal: 3,
    filesKept: 3,
    partitionsTotal: 1,
    partitionsKept: 1,
    bytesTotal: 300,
    bytesKept: 300,
    rowCount: 120,
    exact: true,
    prunedBy: [],
    deletionVectors: 0,
    columns,
    ...rest,
  };
}

const KNOWN = statistics({
  a: { min: "7", max: "9", nullCount: 20, ...EXACT },
  t: { min: "x", max: "y", nullCount: 5, exactNullCount: true },
  f: { min: "0", max: "1", nullCount: 0 },
});

const build = new PlanBuilder();
const scan = build.scan("t", { a: INT4, t: TEXT, f: FLOAT8 });
const count = agg("count");

function whole(name: string, column: string): Aggregate {
  return build.aggregate(scan, {}, { x: agg(name, col(scan, column)) });
}

function answer(plan: LogicalPlan, known = KNOWN): LogicalPlan {
  return answerFromStatistics(plan, () => known, lookupFunction);
}

describe("an aggregate over a whole table", () => {
  test("K9: is answered from exact statistics", () => {
    const plan = build.aggregate(
      scan,
      {},
      {
        n: count,
        c: agg("count", col(scan, "a")),
        t: agg("count", col(scan, "t")),
        low: agg("min", col(scan, "a")),
        high: agg("max", col(scan, "a")),
      },
    );
    expect(answer(plan)).toEqual({
      kind: "values",
      columns: plan.aggregates.map(({ column }) => column),
      rows: [
        [
          { kind: "literal", type: INT8, value: "120" },
          { kind: "literal", type: INT8, value: "100" },
          { kind: "literal", type: INT8, value: "115" },
          { kind: "literal", type: INT4, value: "7" },
          { kind: "literal", type: INT4, value: "9" },
        ],
      ],
      note: "from the log of public.t",
    });
  });

  test.each([
    ["the smallest text, which may be cut", whole("min", "t")],
    ["the largest float, which may be NaN", whole("max", "f")],
    ["nulls of wide statistics", whole("count", "f")],
    ["another aggregate", whole("sum", "a")],
    [
      "distinct values",
      build.aggregate(
        scan,
        {},
        { x: { ...agg("count", col(scan, "a")), distinct: true } },
      ),
    ],
    [
      "values that pass a filter of the call",
      build.aggregate(
        scan,
        {},
        { x: { ...count, filter: op("=", col(scan, "a"), int(1)) } },
      ),
    ],
    [
      "rows that pass a filter",
      build.aggregate(
        { ...scan, filters: [op("=", col(scan, "a"), int(1))] },
        {},
        { x: count },
      ),
    ],
    ["groups", build.aggregate(scan, { a: col(scan, "a") }, { x: count })],
    [
      "what a view hides",
      build.aggregate(
        { ...scan, table: { ...scan.table, opaque: true } },
        {},
        { x: count },
      ),
    ],
  ])("is run for %s", (_, plan) => {
    expect(answer(plan)).toBe(plan);
  });

  test("is run when some file does not say how many rows it has", () => {
    const plan = build.aggregate(scan, {}, { n: count });
    expect(answer(plan, statistics({}, { exact: false }))).toBe(plan);
  });
});
