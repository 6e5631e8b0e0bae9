import { describe, expect, test } from "vitest";
import { DATE, INT4, TEXT } from "../../storage/common/data-type.ts";
import type { ScanStatistics } from "../../storage/scan/split.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import { estimator } from "./estimate.ts";
import { lookupFunction } from "./function-lookup.ts";
import {
  agg,
  and,
  col,
  filter,
  int,
  isNull,
  join,
  limit,
  literal,
  op,
  PlanBuilder,
} from "./plan.testkit.ts";

const STATISTICS: ScanStatistics = {
  filesTotal: 10,
  filesKept: 5,
  partitionsTotal: 1,
  partitionsKept: 1,
  bytesTotal: 1_000,
  bytesKept: 500,
  rowCount: 1_000,
  exact: true,
  prunedBy: ["statistics"],
  deletionVectors: 0,
  columns: {
    a: { min: "1", max: "100", nullCount: 0 },
    d: { min: "2020-01-01", max: "2020-04-10", nullCount: 100 },
    s: { min: "a", max: "z", nullCount: 0, distinctCount: 20 },
  },
};

function rows(plan: LogicalPlan): number {
  return Math.round(estimator(() => STATISTICS, lookupFunction)(plan).rows);
}

function table(b = new PlanBuilder()): LogicalPlan {
  return b.scan("t", { a: INT4, d: DATE, s: TEXT });
}

describe("rows of", () => {
  test("a scan are the live rows of the files kept", () => {
    expect(rows(table())).toBe(1_000);
  });

  test("an equality are those of one value", () => {
    const t = table();
    expect(rows(filter(t, op("=", col(t, "a"), int(7))))).toBe(10);
    expect(rows(filter(t, op("=", col(t, "s"), literal(TEXT, "q"))))).toBe(50);
  });

  test("a range are its part of the bounds, without NULLs", () => {
    const t = table();
    expect(rows(filter(t, op("<", col(t, "a"), int(26))))).toBe(253);
    expect(
      rows(filter(t, op(">=", col(t, "d"), literal(DATE, "2020-02-20")))),
    ).toBe(450);
  });

  test("IS NULL are the counted NULLs", () => {
    const t = table();
    expect(rows(filter(t, isNull(col(t, "d"))))).toBe(100);
  });

  test("a conjunction multiply", () => {
    const t = table();
    expect(
      rows(
        filter(
          t,
          and(
            op("=", col(t, "a"), int(7)),
            op("=", col(t, "s"), literal(TEXT, "q")),
          ),
        ),
      ),
    ).toBe(1);
  });

  test("a join on a key are those of the larger side", () => {
    const b = new PlanBuilder();
    const t = table(b);
    const u = table(b);
    expect(rows(join("inner", t, u, op("=", col(t, "a"), col(u, "a"))))).toBe(
      10_000,
    );
    expect(
      rows(
        join(
          "left",
          t,
          filter(u, op("=", col(u, "a"), int(1))),
          op("=", col(t, "a"), col(u, "a")),
        ),
      ),
    ).toBe(1_000);
  });

  test("an aggregate are the groups", () => {
    const b = new PlanBuilder();
    const t = table(b);
    expect(rows(b.aggregate(t, { s: col(t, "s") }, { n: agg("count") }))).toBe(
      20,
    );
    expect(rows(b.aggregate(t, {}, { n: agg("count") }))).toBe(1);
  });

  test("a limit are at most its count", () => {
    expect(rows(limit(table(), 5))).toBe(5);
  });
});
