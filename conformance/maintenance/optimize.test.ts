// OPTIMIZE over the Postgres wire and against the files on disk.

import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { commitLines, liveAdds, locationOf } from "./table-files.ts";

let gateway: TestGateway;
let client: pg.Client;
beforeAll(async () => {
  gateway = await startTestGateway();
  client = await gateway.connect({ raw: true });
  await client.query("CREATE SCHEMA m");
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function rowsOf(query: string): Promise<unknown[][]> {
  const { rows } = await client.query<unknown[]>({
    text: query,
    rowMode: "array",
  });
  return rows;
}

interface Metrics {
  readonly numFilesAdded: number;
  readonly numFilesRemoved: number;
  readonly partitionsOptimized: number;
  readonly deletionVectorStats: Readonly<Record<string, number>>;
}

async function optimize(sql: string): Promise<Metrics> {
  const [row] = await rowsOf(sql);
  return JSON.parse(String(row?.[1])) as Metrics;
}

/** A table of many small files in three partitions, among them values that test what is written again. */
async function scattered(name: string, properties = ""): Promise<string> {
  await client.query(
    `CREATE TABLE m.${name} (day date, id int8, v varchar(5), n numeric(20,4), at timestamptz, tags text[]) PARTITIONED BY (day) ${properties}`,
  );
  for (let file = 0; file < 4; file += 1)
    await client.query(
      `INSERT INTO m.${name} SELECT date '2026-01-01' + (i % 3)::int, ${file} * 30 + i, 'v' || i, i / 7.0, timestamptz '2026-01-01 10:00+01' + i * interval '1 hour', array['a', null, i::text] FROM generate_series(1, 30) AS g(i)`,
    );
  await client.query(
    `INSERT INTO m.${name} VALUES (NULL, 999, NULL, NULL, NULL, NULL), (NULL, 1000, 'x''"', -0.0001, '1999-12-31', '{}')`,
  );
  await client.query(
    `INSERT INTO m.${name} VALUES (NULL, 1001, NULL, NULL, NULL, NULL)`,
  );
  return locationOf(client, `m.${name}`);
}

describe("OPTIMIZE", () => {
  test("makes one file of the small ones of each partition, and changes no row", async () => {
    const location = await scattered("packed");
    const before = await rowsOf("SELECT * FROM m.packed ORDER BY id");
    expect(liveAdds(location).size).toBe(14);
    expect(await optimize("OPTIMIZE m.packed")).toMatchObject({
      numFilesAdded: 4,
      numFilesRemoved: 14,
      partitionsOptimized: 4,
    });
    const live = [...liveAdds(location).values()];
    expect(live.map(({ partitionValues }) => partitionValues["day"])).toEqual(
      expect.arrayContaining(["2026-01-01", "2026-01-02", "2026-01-03", null]),
    );
    expect(live).toHaveLength(4);
    expect(live.every(({ path }) => path.startsWith("day="))).toBe(true);
    expect(live.every(({ stats }) => stats?.includes("numRecords"))).toBe(true);
    expect(await rowsOf("SELECT * FROM m.packed ORDER BY id")).toEqual(before);
    const lines = commitLines(location, 7);
    expect(lines[0]?.commitInfo).toMatchObject({
      operation: "OPTIMIZE",
      isBlindAppend: false,
      operationParameters: { predicate: "[]", zOrderBy: "[]" },
    });
    const changes = lines.flatMap(({ add, remove }) => add ?? remove ?? []);
    expect(changes).toHaveLength(18);
    expect(changes.every(({ dataChange }) => !dataChange)).toBe(true);
    // A second run finds nothing to do, and commits nothing.
    expect(await optimize("OPTIMIZE m.packed")).toMatchObject({
      numFilesAdded: 0,
      numFilesRemoved: 0,
    });
    expect(commitLines(location, 8)).toEqual([]);
  });

  test("WHERE chooses partitions, and nothing else", async () => {
    const location = await scattered("chosen");
    expect(
      await optimize(
        "OPTIMIZE m.chosen WHERE day >= '2026-01-02' AND day IS NOT NULL",
      ),
    ).toMatchObject({ numFilesAdded: 2, numFilesRemoved: 8 });
    expect(commitLines(location, 7)[0]?.commitInfo).toMatchObject({
      operationParameters: {
        predicate: expect.stringContaining("2026-01-02") as string,
      },
    });
    expect(
      await optimize("OPTIMIZE m.chosen WHERE day = '1999-01-01'"),
    ).toMatchObject({ numFilesRemoved: 0 });
    await expect(
      client.query("OPTIMIZE m.chosen WHERE id = 1"),
    ).rejects.toMatchObject({ code: "42P10" });
    await expect(
      client.query(
        "OPTIMIZE m.chosen WHERE day = (SELECT max(day) FROM m.chosen)",
      ),
    ).rejects.toMatchObject({ code: "0A000" });
    await expect(
      client.query("OPTIMIZE m.chosen WHERE nothing = 1"),
    ).rejects.toMatchObject({ code: "42703" });
  });

  test("ZORDER BY puts rows that are near in every column into the same files", async () => {
    await client.query(
      "CREATE TABLE m.grid (x int, y int, pad text) TBLPROPERTIES ('delta.targetFileSize' = '1000000')",
    );
    await client.query(
      "INSERT INTO m.grid SELECT i % 1000, i / 1000, md5(i::text) || md5((i + 1)::text) FROM generate_series(0, 749999) AS g(i)",
    );
    const location = await locationOf(client, "m.grid");
    const kept = async (predicate: string): Promise<number> => {
      const plan = await rowsOf(
        `EXPLAIN SELECT count(*) FROM m.grid WHERE ${predicate}`,
      );
      const [, count] =
        /files: (\d+)\//.exec(plan.map(String).join("\n")) ?? [];
      return Number(count);
    };
    await optimize("OPTIMIZE m.grid ZORDER BY (x, y)");
    const files = liveAdds(location).size;
    expect(files).toBeGreaterThanOrEqual(4);
    expect(await kept("x BETWEEN 10 AND 20")).toBeLessThan(files);
    expect(await kept("y BETWEEN 10 AND 20")).toBeLessThan(files);
    expect(await rowsOf("SELECT count(*), sum(x), sum(y) FROM m.grid")).toEqual(
      [["750000", "374625000", "280875000"]],
    );
  });

  test("columns that cannot order are refused", async () => {
    await scattered("refused");
    for (const [column, code] of [
      ["day", "42P10"],
      ["nothing", "42703"],
      ["tags", "0A000"],
    ])
      await expect(
        client.query(`OPTIMIZE m.refused ZORDER BY (${column})`),
      ).rejects.toMatchObject({ code });
    await client.query("BEGIN");
    await expect(client.query("OPTIMIZE m.refused")).rejects.toMatchObject({
      code: "25001",
    });
    await client.query("ROLLBACK");
  });

  test("a clustered table is clustered step by step, and again as a whole with FULL", async () => {
    await client.query(
      "CREATE TABLE m.steps (a int, b text) CLUSTER BY (a) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', 'delta.targetFileSize' = '1000000')",
    );
    const location = await locationOf(client, "m.steps");
    const fill = (from: number): Promise<unknown> =>
      client.query(
        `INSERT INTO m.steps SELECT (i::int8 * 7919) % 600000, md5(i::text) FROM generate_series(${from}, ${from + 299_999}) AS g(i)`,
      );
    const providers = (): readonly unknown[] =>
      [...liveAdds(location).values()].map((add) => add.clusteringProvider);
    await fill(0);
    expect(new Set(providers())).toEqual(new Set([undefined]));
    await optimize("OPTIMIZE m.steps");
    const first = liveAdds(location);
    expect(first.size).toBeGreaterThan(1);
    expect(new Set(providers())).toEqual(new Set(["liquid"]));
    const idle = { numFilesAdded: 0, numFilesRemoved: 0 };
    expect(await optimize("OPTIMIZE m.steps")).toMatchObject(idle);
    await fill(300_000);
    await optimize("OPTIMIZE m.steps");
    const second = liveAdds(location);
    const large = [...first.values()].filter(({ size }) => size >= 1_000_000);
    expect(large.length).toBeGreaterThan(0);
    for (const { path } of large) expect(second.has(path)).toBe(true);
    expect(new Set(providers())).toEqual(new Set(["liquid"]));
    const sums =
      "SELECT count(*), sum(a), count(DISTINCT a), min(b), max(b) FROM m.steps";
    const before = await rowsOf(sums);
    const full = await optimize("OPTIMIZE m.steps FULL");
    expect(full.numFilesRemoved).toBe(second.size);
    expect(await rowsOf(sums)).toEqual(before);
    // Deleted rows take a file's place in the order with them, not its mark.
    await client.query("DELETE FROM m.steps WHERE a = 5000");
    expect(new Set(providers())).toEqual(new Set(["liquid"]));
    expect(await optimize("OPTIMIZE m.steps")).toMatchObject({
      deletionVectorStats: { numDeletionVectorsRemoved: 1 },
    });
  });

  test.each([
    ["REORG TABLE m.purged_1 APPLY (PURGE)", "purged_1", 3],
    [
      "REORG TABLE m.purged_2 WHERE day = '2026-01-02' APPLY (PURGE)",
      "purged_2",
      1,
    ],
    ["OPTIMIZE m.purged_3", "purged_3", 3],
  ])("%s removes deletion vectors", async (sql, name, removed) => {
    const location = await scattered(
      name,
      "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
    );
    await client.query(`DELETE FROM m.${name} WHERE id IN (5, 6, 37)`);
    const marked = (): number =>
      [...liveAdds(location).values()].filter((add) => add.deletionVector)
        .length;
    expect(marked()).toBe(3);
    const before = await rowsOf(`SELECT * FROM m.${name} ORDER BY id`);
    expect(await optimize(sql)).toMatchObject({
      deletionVectorStats: {
        numDeletionVectorsRemoved: removed,
        numDeletionVectorRowsRemoved: removed,
      },
    });
    expect(marked()).toBe(3 - removed);
    expect(await rowsOf(`SELECT * FROM m.${name} ORDER BY id`)).toEqual(before);
    const again = await optimize(sql);
    expect(again.numFilesRemoved).toBe(0);
  });

  test("X3: appends beside it stay, and neither loses", async () => {
    const location = await scattered("beside");
    const other = await gateway.connect();
    await Promise.all([
      client.query("OPTIMIZE m.beside"),
      ...Array.from({ length: 5 }, (_, index) =>
        other.query(`INSERT INTO m.beside (id) VALUES (${5000 + index})`),
      ),
    ]);
    expect(
      await rowsOf("SELECT count(*), count(DISTINCT id) FROM m.beside"),
    ).toEqual([["128", "128"]]);
    expect(liveAdds(location).size).toBeLessThanOrEqual(10);
  });
});
