import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  BOOL,
  FLOAT8,
  INT4,
  INT8,
  TEXT,
  numeric,
} from "../../storage/common/data-type.ts";
import { fc } from "../../storage/common/property.testkit.ts";
import type { ScanStatistics } from "../../storage/scan/split.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import { nodesOf, outputOf } from "../logical/walk.ts";
import {
  agg,
  ascending,
  col,
  distinct,
  filter,
  int,
  isIn,
  join,
  limit,
  literal,
  op,
  PlanBuilder,
  sort,
} from "../optimize/plan.testkit.ts";
import { kernelType } from "../functions/emit.ts";
import { scansOf } from "../optimize/pruning.ts";
import {
  scanSql,
  SETTINGS,
  TestKernel,
  type TestTables,
} from "./kernel.testkit.ts";
import { lower, type Cluster } from "./lower.ts";
import type { PhysicalColumn, PhysicalPlan, Stage } from "./plan.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
});
afterAll(() => kernel[Symbol.asyncDispose]());

const FACT = {
  id: INT4,
  k: INT4,
  amount: numeric(10, 2),
  ratio: FLOAT8,
  tag: TEXT,
  flag: BOOL,
  big: INT8,
};
const DIM = { k: INT4, name: TEXT };

function statistics(
  bytes: number,
  files: number,
  rows: number,
): ScanStatistics {
  return {
    filesTotal: files,
    filesKept: files,
    partitionsTotal: 1,
    partitionsKept: 1,
    bytesTotal: bytes,
    bytesKept: bytes,
    rowCount: rows,
    exact: true,
    prunedBy: [],
    deletionVectors: 0,
    columns: {
      k: { min: "-3", max: "3", nullCount: 0 },
      name: { min: null, max: null, nullCount: 0, distinctCount: 4 },
      tag: { min: null, max: null, nullCount: 0, distinctCount: 4 },
    },
  };
}

function cluster(plan: LogicalPlan, nodes: number): Cluster {
  const scans = new Map(
    scansOf(plan).map((scan) => [
      scan.table.scanId,
      scan.table.name === "public.fact"
        ? statistics(1_000_000_000, 12, 1_000_000)
        : statistics(1_000, 1, 100),
    ]),
  );
  return { nodes, scans, nodeMemoryBytes: 1e9, settings: SETTINGS };
}

function lowered(plan: LogicalPlan, nodes: number): PhysicalPlan {
  return lower(
    plan,
    outputOf(plan).map((column) => column.id),
    cluster(plan, nodes),
  );
}

/** Runs the stages as a pool would: each fragment over a share of the scattered scan, rows between stages in Parquet. */
async function run(
  plan: LogicalPlan,
  physical: PhysicalPlan,
  tables: TestTables,
  nodes: number,
): Promise<readonly string[]> {
  const files = new Map<number, readonly string[]>();
  let rows: readonly string[] = [];
  for (const stage of physical.stages) {
    const isLast = stage === physical.stages.at(-1);
    const shares = stage.distribution.kind === "scatter" ? nodes : 1;
    const outputs: string[] = [];
    for (let share = 0; share < shares; share += 1) {
      const sql = stageSql(stage, {
        plan,
        physical,
        tables,
        files,
        share,
        shares,
      });
      if (isLast) {
        rows = [
          ...rows,
          ...(await kernel.query(sql)).map((row) => JSON.stringify(row)),
        ];
        continue;
      }
      const path = kernel.path(`stage-${stage.id}-${share}.parquet`);
      await kernel.connection.run(
        `COPY (${sql}) TO '${path}' (FORMAT parquet)`,
      );
      outputs.push(path);
    }
    files.set(stage.id, outputs);
  }
  return rows;
}

interface StageRun {
  readonly plan: LogicalPlan;
  readonly physical: PhysicalPlan;
  readonly tables: TestTables;
  readonly files: ReadonlyMap<number, readonly string[]>;
  readonly share: number;
  readonly shares: number;
}

function stageSql(
  stage: Stage,
  { plan, physical, tables, files, share, shares }: StageRun,
): string {
  const definitions = stage.scans.map(({ scanId }) => {
    const scan = scansOf(plan).find((one) => one.table.scanId === scanId);
    if (scan === undefined) throw new RangeError(`no scan ${scanId}`);
    const all = tables[scan.table.name.replace("public.", "")] ?? [];
    const isShared =
      stage.distribution.kind === "scatter" &&
      stage.distribution.scanId === scanId;
    const rows = isShared
      ? all.filter((_, index) => index % shares === share)
      : all;
    return `scan_${scanId} AS (${scanSql(scan, rows)})`;
  });
  for (const input of stage.inputs) {
    const parts = (files.get(input) ?? [])
      .map((path) => `'${path}'`)
      .join(", ");
    const columns =
      physical.stages.find((one) => one.id === input)?.columns ?? [];
    definitions.push(
      `stage_${input} AS (SELECT ${columns.map(typed).join(", ")} FROM read_parquet([${parts}]))`,
    );
  }
  return definitions.length === 0
    ? stage.sql
    : `WITH ${definitions.join(", ")} ${stage.sql}`;
}

function typed({ name, type, representation }: PhysicalColumn): string {
  return `${name}::${kernelType(type, representation)} AS ${name}`;
}

const cell = fc.option(fc.integer({ min: -3, max: 3 }), { nil: null, freq: 5 });
const rowOfFact = fc
  .tuple(
    fc.integer({ min: 0, max: 50 }),
    cell,
    cell,
    cell,
    fc.constantFrom("'a'", "'b'", "'ä'", "NULL"),
    fc.constantFrom("true", "false", "NULL"),
    cell,
  )
  .map((cells) =>
    cells.map((value) => (value === null ? "NULL" : String(value))),
  );

type MakePlan = (b: PlanBuilder) => LogicalPlan;

/** Each is scattered over the fact table; the name says in what way. */
const SCATTERED: Readonly<Record<string, MakePlan>> = {
  "rows straight to the client": (b) => {
    const fact = b.scan("fact", FACT);
    return b.project(filter(fact, op(">", col(fact, "id"), int(5))), {
      id: col(fact, "id"),
      twice: op("+", col(fact, "k"), col(fact, "k")),
    });
  },
  "a partial aggregate without groups": (b) => {
    const fact = b.scan("fact", FACT);
    return b.aggregate(fact, {}, aggregatesOf(fact));
  },
  "a partial aggregate by group, joined to a small table": (b) => {
    const fact = b.scan("fact", FACT);
    const dim = b.scan("dim", DIM);
    const joined = join(
      "inner",
      fact,
      dim,
      op("=", col(fact, "k"), col(dim, "k")),
    );
    const total = b.aggregate(
      joined,
      { name: col(dim, "name") },
      aggregatesOf(fact),
    );
    return sort(total, col(total, "name"));
  },
  "a filtered aggregate under a filter on its result": (b) => {
    const fact = b.scan("fact", FACT);
    const total = b.aggregate(
      fact,
      { tag: col(fact, "tag") },
      {
        n: { ...agg("count"), filter: op(">", col(fact, "id"), int(10)) },
        m: agg("max", col(fact, "amount")),
      },
    );
    return filter(total, op(">", col(total, "n"), literal(INT8, "0")));
  },
  "a partial top-n": (b) => {
    const fact = b.scan("fact", FACT);
    const ids = b.project(fact, { id: col(fact, "id") });
    return limit(sort(ids, col(ids, "id")), 3, 2);
  },
  "partial distinct rows": (b) => {
    const fact = b.scan("fact", FACT);
    return distinct(
      b.project(fact, { k: col(fact, "k"), tag: col(fact, "tag") }),
    );
  },
  "a left join that keeps the large side": (b) => {
    const fact = b.scan("fact", FACT);
    const dim = b.scan("dim", DIM);
    const joined = join(
      "left",
      fact,
      dim,
      op("=", col(fact, "k"), col(dim, "k")),
    );
    return b.aggregate(
      joined,
      { name: col(dim, "name") },
      { n: agg("count"), s: agg("sum", col(fact, "big")) },
    );
  },
  "semi and anti joins from the large side": (b) => {
    const fact = b.scan("fact", FACT);
    const dim = b.scan("dim", DIM);
    const other = b.scan("dim", DIM);
    const semi = join(
      "semi",
      fact,
      dim,
      op("=", col(fact, "k"), col(dim, "k")),
    );
    const anti = join(
      "anti",
      semi,
      other,
      op("=", col(fact, "tag"), col(other, "name")),
    );
    return b.aggregate(
      anti,
      {},
      { n: agg("count"), a: agg("avg", col(fact, "amount")) },
    );
  },
  "a common table that the fragment reads": (b) => {
    const fact = b.scan("fact", FACT);
    const dim = b.scan("dim", DIM);
    const k = b.column("k", INT4);
    const name = b.column("name", TEXT);
    const ref: LogicalPlan = {
      kind: "common-table-ref",
      id: 1,
      name: "d",
      columns: [k, name],
    };
    const joined = join(
      "inner",
      fact,
      ref,
      op("=", col(fact, "k"), col(ref, "k")),
    );
    return {
      kind: "common-table",
      id: 1,
      name: "d",
      definition: filter(dim, op(">", col(dim, "k"), int(-2))),
      materialized: true,
      input: b.aggregate(
        joined,
        { name: col(ref, "name") },
        { n: agg("count") },
      ),
    };
  },
  "a subquery inside the fragment": (b) => {
    const fact = b.scan("fact", FACT);
    const dim = b.scan("dim", DIM);
    const keys = b.project(dim, { k: col(dim, "k") });
    return b.aggregate(
      filter(fact, isIn(col(fact, "k"), keys)),
      { flag: col(fact, "flag") },
      { n: agg("count") },
    );
  },
};

function aggregatesOf(
  fact: LogicalPlan,
): Record<string, ReturnType<typeof agg>> {
  return {
    rows: agg("count"),
    ks: agg("count", col(fact, "k")),
    total: agg("sum", col(fact, "amount")),
    mean: agg("avg", col(fact, "amount")),
    small: agg("min", col(fact, "tag")),
    large: agg("max", col(fact, "id")),
    ints: agg("sum", col(fact, "k")),
    bigs: agg("sum", col(fact, "big")),
    meanInt: agg("avg", col(fact, "k")),
    meanFloat: agg("avg", col(fact, "ratio")),
    every: agg("bool_and", col(fact, "flag")),
    some: agg("bool_or", col(fact, "flag")),
  };
}

describe("scattered over three nodes, the rows are those of one node", () => {
  for (const [name, make] of Object.entries(SCATTERED)) {
    test(name, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(rowOfFact, { maxLength: 30 }),
          async (fact) => {
            const tables: TestTables = {
              fact,
              dim: [
                ["1", "'a'"],
                ["2", "'b'"],
                ["2", "'c'"],
                ["NULL", "'d'"],
              ],
            };
            const plan = make(new PlanBuilder());
            const alone = lowered(plan, 1);
            const spread = lowered(plan, 3);
            expect(spread.stages[0]?.distribution.kind).toBe("scatter");
            expect(spread.output.map((column) => column.type)).toEqual(
              alone.output.map((column) => column.type),
            );
            expect(
              spread.output.map((column) => column.representation),
            ).toEqual(alone.output.map((column) => column.representation));
            const expected = await run(plan, alone, tables, 1);
            const actual = await run(plan, spread, tables, 3);
            expect(actual.toSorted()).toEqual(expected.toSorted());
          },
        ),
        { numRuns: 25 },
      );
    });
  }
});

describe("placement", () => {
  const count = (b: PlanBuilder, table: string): LogicalPlan =>
    b.aggregate(b.scan(table, FACT), {}, { n: agg("count") });

  test("a small scan stays on one node", () => {
    const physical = lowered(count(new PlanBuilder(), "dim"), 4);
    expect(physical.stages.map((stage) => stage.reason)).toEqual([
      "small scan",
    ]);
  });

  test("one node has nothing to scatter to", () => {
    const physical = lowered(count(new PlanBuilder(), "fact"), 1);
    expect(physical.stages.map((stage) => stage.reason)).toEqual(["one node"]);
  });

  test("a query without a table is one stage without scans", () => {
    const b = new PlanBuilder();
    const physical = lowered(b.project(b.values({}, [[]]), { one: int(1) }), 4);
    expect(physical.stages).toHaveLength(1);
    expect(physical.stages[0]?.sql).toBe("SELECT 1::INTEGER AS c1");
    expect(physical.stages[0]?.scans).toEqual([]);
  });

  test("DISTINCT inside an aggregate that would carry most rows stays on one node", () => {
    const b = new PlanBuilder();
    const fact = b.scan("fact", FACT);
    const plan = b.aggregate(
      fact,
      {},
      { n: { ...agg("count", col(fact, "k")), distinct: true } },
    );
    expect(lowered(plan, 4).stages).toHaveLength(1);
  });

  test("a full join is not cut below either side", () => {
    const b = new PlanBuilder();
    const fact = b.scan("fact", FACT);
    const dim = b.scan("dim", DIM);
    const plan = b.aggregate(
      join("full", fact, dim, op("=", col(fact, "k"), col(dim, "k"))),
      {},
      { n: agg("count") },
    );
    const physical = lowered(plan, 4);
    expect(
      physical.stages.every((stage) => stage.distribution.kind === "single"),
    ).toBe(true);
  });

  test("two large sides of a join are not broadcast to every node", () => {
    const b = new PlanBuilder();
    const fact = b.scan("fact", FACT);
    const second = b.scan("fact", FACT);
    const third = b.scan("fact", FACT);
    const pair = join(
      "inner",
      second,
      third,
      op("=", col(second, "k"), col(third, "k")),
    );
    const plan = b.aggregate(
      join("inner", fact, pair, op("=", col(fact, "k"), col(second, "k"))),
      {},
      { n: agg("count") },
    );
    expect(lowered(plan, 4).stages).toHaveLength(1);
  });

  test("an ordered result has a last stage that sorts", () => {
    const b = new PlanBuilder();
    const fact = b.scan("fact", FACT);
    const total = b.aggregate(
      fact,
      { tag: col(fact, "tag") },
      { n: agg("count") },
    );
    const physical = lowered(
      { kind: "sort", keys: [ascending(col(total, "n"))], input: total },
      4,
    );
    expect(physical.stages.map((stage) => stage.inputs)).toEqual([[], [0]]);
    expect(physical.stages[1]?.sql).toContain("ORDER BY");
    expect([...nodesOf(total)].length).toBe(2);
  });

  test("scattering can be switched off", () => {
    const b = new PlanBuilder();
    const plan = count(b, "fact");
    const physical = lower(
      plan,
      outputOf(plan).map((column) => column.id),
      { ...cluster(plan, 4), disabled: new Set(["scatter"]) },
    );
    expect(physical.stages).toHaveLength(1);
  });
});
