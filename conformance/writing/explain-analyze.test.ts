import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type pg from "pg";
import { connectTo, startWritingLake, type WritingLake } from "./lake.ts";

const COLUMNS = { id: "long", day: "date" };

let lake: WritingLake;
let client: pg.Client;
beforeAll(async () => {
  lake = await startWritingLake({
    t: { columns: COLUMNS, partitionBy: ["day"] },
    s: { columns: COLUMNS },
  });
  client = await connectTo(lake.writer);
  await client.query(
    "INSERT INTO s SELECT i, date '2020-01-01' + (i % 2)::int FROM generate_series(1, 10) g(i)",
  );
});
afterAll(() => lake[Symbol.asyncDispose]());

async function lines(sql: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ "QUERY PLAN": string }>(sql);
  return rows.map((row) => row["QUERY PLAN"]);
}

const state = (): Promise<readonly string[]> =>
  lake.read("SELECT count(*), sum(id) FROM t");

describe("EXPLAIN ANALYZE of a write runs it", () => {
  test.each([
    ["INSERT INTO t SELECT * FROM s", ["Insert on t"], "10|55"],
    [
      "INSERT INTO t VALUES (100, NULL) RETURNING id",
      ["Insert on t"],
      "11|155",
    ],
    ["UPDATE t SET id = 200 WHERE id = 100", ["Update on t"], "11|255"],
    [
      "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED AND s.id = 1 THEN DELETE WHEN NOT MATCHED BY SOURCE THEN UPDATE SET id = 0 RETURNING merge_action()",
      ["Merge on t"],
      "10|54",
    ],
    ["DELETE FROM t WHERE id = 2 RETURNING *", ["Delete on t"], "9|52"],
    [
      "INSERT INTO t REPLACE WHERE id > 8 VALUES (9, '2020-01-01')",
      ["Delete on t", "Insert on t"],
      "8|42",
    ],
  ])("%s", async (sql, heads, after) => {
    const before = await state();
    const planned = await lines(`EXPLAIN ${sql}`);
    expect(await state()).toEqual(before);
    expect(planned.filter((line) => /^\w+ on t$/.test(line))).toEqual(heads);
    const ran = await lines(`EXPLAIN ANALYZE ${sql}`);
    expect(ran.filter((line) => /^\w+ on t$/.test(line))).toEqual(heads);
    expect(
      ran.filter((line) => /^Fragment \d+: .* actual rows=\d+/.test(line)),
    ).toHaveLength(ran.filter((line) => line.startsWith("Fragment")).length);
    expect(ran.filter((line) => line.startsWith("Execution Time"))).toEqual([
      expect.stringMatching(/^Execution Time: \d+\.\d{3} ms$/),
    ]);
    expect(ran.at(-1)).toMatch(/^Execution Time/);
    expect(await state()).toEqual([after]);
  });

  test("what the log alone answers has no fragment", async () => {
    const sql = "DELETE FROM t WHERE day IS NULL";
    const planned = await lines(`EXPLAIN ${sql}`);
    expect(planned.some((line) => line.startsWith("Fragment"))).toBe(false);
    expect(planned.at(-1)).toBe("Engine: gateway (the log alone)");
    for (const reading of [`${sql} OR id = 5`, `${sql} RETURNING id`]) {
      const lookedAt = await lines(`EXPLAIN ${reading}`);
      expect(lookedAt.some((line) => line.startsWith("Fragment"))).toBe(true);
    }
    const ran = await lines("EXPLAIN ANALYZE DELETE FROM t WHERE day IS NULL");
    expect(ran.some((line) => line.startsWith("Fragment"))).toBe(false);
    expect(ran).toContain("Engine: gateway (the log alone)");
    expect(await lake.read("SELECT id FROM t WHERE day IS NULL")).toEqual([]);
  });

  test("as JSON, a plan for each table scan of a replacement", async () => {
    const [text = ""] = await lines(
      "EXPLAIN (ANALYZE, FORMAT JSON) INSERT OVERWRITE t PARTITION (day = '2020-01-02') VALUES (77)",
    );
    expect(JSON.parse(text)).toMatchObject([
      { Plan: { "Node Type": "delete" }, Fragments: [] },
      {
        Plan: { "Node Type": "insert" },
        Fragments: [{ "Actual Rows": expect.any(Number) as unknown }],
        "Execution Time": expect.any(Number) as unknown,
      },
    ]);
    expect(
      await lake.read("SELECT id FROM t WHERE day = '2020-01-02'"),
    ).toEqual(["77"]);
  });

  test("in a block it is undone by ROLLBACK, and a failed one changes nothing", async () => {
    const before = await state();
    await client.query("BEGIN");
    await client.query("EXPLAIN ANALYZE DELETE FROM t WHERE id > 3");
    const inside = await client.query<{ count: string }>(
      "SELECT count(*) FROM t WHERE id > 3",
    );
    expect(inside.rows[0]?.count).toBe("0");
    await client.query("ROLLBACK");
    await expect(
      client.query(
        "EXPLAIN ANALYZE MERGE INTO t USING (VALUES (77), (77)) v(i) ON t.id = v.i WHEN MATCHED THEN DELETE",
      ),
    ).rejects.toMatchObject({ code: "21000" });
    expect(await state()).toEqual(before);
  });

  test("a read-only transaction refuses it", async () => {
    await client.query("BEGIN READ ONLY");
    await expect(
      client.query("EXPLAIN ANALYZE DELETE FROM t"),
    ).rejects.toMatchObject({ code: "25006" });
    await client.query("ROLLBACK");
  });
});
