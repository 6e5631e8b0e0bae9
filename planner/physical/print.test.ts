import { describe, expect, test } from "vitest";
import { INT4, INT8 } from "../../storage/common/data-type.ts";
import type { ScanStatistics } from "../../storage/scan/split.ts";
import type { LogicalPlan, Scan } from "../logical/plan.ts";
import { outputOf } from "../logical/walk.ts";
import {
  agg,
  barrier,
  col,
  filter,
  int,
  join,
  op,
  PlanBuilder,
} from "../optimize/plan.testkit.ts";
import { explain, type ExplainActuals } from "./explain.ts";
import { SETTINGS } from "./kernel.testkit.ts";
import { lower } from "./lower.ts";
import { explainJson, explainText } from "./print.ts";

const STATISTICS: ScanStatistics = {
  filesTotal: 12,
  filesKept: 3,
  partitionsTotal: 4,
  partitionsKept: 1,
  bytesTotal: 40_000_000,
  bytesKept: 10_000_000,
  rowCount: 900_000,
  exact: true,
  prunedBy: ["partition", "statistics"],
  deletionVectors: 2,
  columns: {},
};

function explained(
  plan: LogicalPlan,
  actuals?: ExplainActuals,
): ReturnType<typeof explain> {
  const scans = new Map([
    [1, STATISTICS],
    [2, STATISTICS],
  ]);
  const output = outputOf(plan).map((column) => column.id);
  const physical = lower(plan, output, {
    nodes: 2,
    scans,
    nodeMemoryBytes: 1e9,
    settings: SETTINGS,
  });
  return explain({
    plan,
    physical,
    scans,
    nodes: 2,
    ...(actuals && { actuals }),
  });
}

function counted(b: PlanBuilder, scan: Scan): LogicalPlan {
  const read = { ...scan, filters: [op("=", col(scan, "day"), int(3))] };
  return b.aggregate(read, {}, { n: agg("count") });
}

describe("EXPLAIN", () => {
  test("shows per scan files, partitions and bytes, and the fragments", () => {
    const b = new PlanBuilder();
    const text = explainText(
      explained(counted(b, b.scan("events", { day: INT4 }))),
    );
    expect(text.slice(1)).toEqual([
      "  ->  Scan public.events  (rows=10)",
      "        files: 3/12  partitions: 1/4  bytes: 10000000/40000000",
      "        pruned by: partition, statistics",
      "        deletion vectors: 2",
      "        filter: (day#1 = 3)",
      "Fragment 0: scatter on 2 nodes (3 files on 2 nodes)  estimated rows=2",
      "Fragment 1: single on 1 node (combines 2 nodes)  estimated rows=1",
      "Engine: local pool (combines 2 nodes)",
    ]);
  });

  test("with ANALYZE shows what each fragment gave, how long it took, and where", () => {
    const b = new PlanBuilder();
    const actuals: ExplainActuals = {
      elapsedMs: 12.5,
      stages: [
        {
          stageId: 0,
          fragments: [
            { node: "n1", rows: 1, elapsedMs: 7 },
            { node: "n2", rows: 1, elapsedMs: 9.25 },
          ],
        },
        { stageId: 1, fragments: [{ node: "n1", rows: 1, elapsedMs: 1 }] },
      ],
    };
    const text = explainText(
      explained(counted(b, b.scan("events", { day: INT4 })), actuals),
    );
    expect(text).toContain(
      "Fragment 0: scatter on 2 nodes (3 files on 2 nodes)  estimated rows=2  actual rows=2  time=9.250 ms  nodes: n1, n2",
    );
    expect(text.at(-1)).toBe("Execution Time: 12.500 ms");
  });

  test("as JSON has the same facts", () => {
    const b = new PlanBuilder();
    const json: unknown = JSON.parse(
      explainJson([explained(counted(b, b.scan("events", { day: INT4 })))]),
    );
    expect(json).toMatchObject([
      {
        Plan: {
          "Node Type": "aggregate",
          Plans: [
            {
              "Node Type": "scan",
              "Relation Name": "public.events",
              files: "3/12",
              partitions: "1/4",
            },
          ],
        },
        Fragments: [
          { Distribution: "scatter", "Node Count": 2 },
          { Distribution: "single" },
        ],
        Engine: { Name: "local pool" },
      },
    ]);
  });

  test("shows a view the user may not look into as one node, without names, filters, files or rows", () => {
    const b = new PlanBuilder();
    const open = b.scan("open", { k: INT8 });
    const secret = b.scan("secret", { k: INT8, hidden: INT4 });
    const inside: Scan = {
      ...secret,
      table: { ...secret.table, opaque: true },
    };
    const view = barrier(
      filter(inside, op("=", col(inside, "hidden"), int(42))),
    );
    const plan = join(
      "inner",
      open,
      view,
      op("=", col(open, "k"), col(inside, "k")),
    );
    const result = explained(plan);
    const text = explainText(result).join("\n");
    expect(text).toContain("->  Restricted view\n");
    expect(text).not.toMatch(/secret|hidden|42/u);
    expect(text.match(/files: /gu)).toHaveLength(1);
    expect(text).not.toMatch(/^Inner join.*rows=/mu);
    expect(explainJson([result])).not.toMatch(/secret|42/u);
  });
});
