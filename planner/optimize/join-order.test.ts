import { describe, expect, test } from "vitest";
import { INT4 } from "../../storage/common/data-type.ts";
import { fc } from "../../storage/common/property.testkit.ts";
import type { ScanStatistics } from "../../storage/scan/split.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import { nodesOf, outputOf } from "../logical/walk.ts";
import { conjunctsOf } from "./conjuncts.ts";
import { costOf } from "./cost.ts";
import { estimator } from "./estimate.ts";
import { lookupFunction } from "./function-lookup.ts";
import { orderJoins } from "./join-order.ts";
import {
  and,
  col,
  filter,
  int,
  join,
  op,
  PlanBuilder,
} from "./plan.testkit.ts";
import { scansOf } from "./pruning.ts";

function statistics(rows: number, distinct: number): ScanStatistics {
  const column = {
    min: "0",
    max: String(distinct - 1),
    nullCount: 0,
    distinctCount: distinct,
  };
  return {
    filesTotal: 1,
    filesKept: 1,
    partitionsTotal: 1,
    partitionsKept: 1,
    bytesTotal: rows * 8,
    bytesKept: rows * 8,
    rowCount: rows,
    exact: true,
    prunedBy: [],
    deletionVectors: 0,
    columns: { k: column, f: column },
  };
}

/** Tables joined in a chain on k, in the order given. */
function chain(sizes: readonly number[]): {
  readonly plan: LogicalPlan;
  readonly scans: ReadonlyMap<number, ScanStatistics>;
} {
  const b = new PlanBuilder();
  const tables = sizes.map((_, index) =>
    b.scan(`t${index}`, { k: INT4, f: INT4 }),
  );
  const scans = new Map(
    tables.map((table, index) => [
      table.table.scanId,
      statistics(sizes[index] ?? 1, sizes[index] ?? 1),
    ]),
  );
  const [first, ...others] = tables;
  if (first === undefined) throw new RangeError("a chain has a table");
  let plan: LogicalPlan = first;
  let last = first;
  for (const table of others) {
    plan = join("inner", plan, table, op("=", col(last, "f"), col(table, "k")));
    last = table;
  }
  return { plan, scans };
}

function order(
  plan: LogicalPlan,
  scans: ReadonlyMap<number, ScanStatistics>,
): LogicalPlan {
  return orderJoins(plan, (id) => scans.get(id), lookupFunction);
}

function conditions(plan: LogicalPlan): number {
  let count = 0;
  for (const node of nodesOf(plan)) {
    if (node.kind === "join") count += conjunctsOf(node.condition).length;
    if (node.kind === "filter") count += conjunctsOf(node.predicate).length;
  }
  return count;
}

describe("join order", () => {
  test("keeps every table, every condition and the output, and never costs more than what was written", () => {
    const sizes = fc.array(fc.constantFrom(1, 10, 1_000, 100_000), {
      minLength: 3,
      maxLength: 12,
    });
    fc.assert(
      fc.property(sizes, (rows) => {
        const { plan, scans } = chain(rows);
        const ordered = order(plan, scans);
        const estimate = estimator((id) => scans.get(id), lookupFunction);
        expect(outputOf(ordered).map((column) => column.id)).toEqual(
          outputOf(plan).map((column) => column.id),
        );
        expect(scansOf(ordered)).toHaveLength(rows.length);
        expect(conditions(ordered)).toBe(conditions(plan));
        if (rows.length <= 10)
          expect(costOf(joins(ordered), estimate)).toBeLessThanOrEqual(
            costOf(plan, estimate) * 1.000_001,
          );
      }),
      { numRuns: 60 },
    );
  });

  test("starts from the small filtered table", () => {
    const b = new PlanBuilder();
    const big = b.scan("big", { k: INT4, f: INT4 });
    const middle = b.scan("middle", { k: INT4, f: INT4 });
    const small = b.scan("small", { k: INT4, f: INT4 });
    const scans = new Map([
      [big.table.scanId, statistics(1_000_000, 1_000_000)],
      [middle.table.scanId, statistics(10_000, 10_000)],
      [small.table.scanId, statistics(100, 100)],
    ]);
    const plan = join(
      "inner",
      join("inner", big, middle, op("=", col(big, "k"), col(middle, "k"))),
      filter(small, op("=", col(small, "f"), int(1))),
      op("=", col(middle, "f"), col(small, "k")),
    );
    const [top] = [...nodesOf(order(plan, scans))].filter(
      (node) => node.kind === "join",
    );
    expect(top?.left.kind).toBe("scan");
    expect(top?.right.kind).toBe("join");
  });

  test("leaves outer joins where they are", () => {
    const { plan, scans } = chain([1_000, 10, 1]);
    const outer =
      plan.kind === "join" ? { ...plan, type: "left" as const } : plan;
    expect(order(outer, scans)).toBe(outer);
  });

  test("a condition over one table or none is kept when nothing pushed it down", () => {
    const { plan, scans } = chain([1_000, 10, 1]);
    if (plan.kind !== "join") throw new RangeError("a chain is a join");
    const one = op("=", int(1), int(1));
    const extra = {
      ...plan,
      condition: and(...conjunctsOf(plan.condition), one),
    };
    expect(conditions(order(extra, scans))).toBe(conditions(plan) + 1);
  });
});

/** Below the projection that restores the order of columns. */
function joins(plan: LogicalPlan): LogicalPlan {
  return plan.kind === "project" ? joins(plan.input) : plan;
}
