import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type pg from "pg";
import { connectTo, startWritingLake, type WritingLake } from "./lake.ts";

const COLUMNS = { id: "long", name: "string", day: "date", n: "integer" };
const FILES = 10;
const ROWS = 1000;

let lake: WritingLake;
let client: pg.Client;
beforeAll(async () => {
  lake = await startWritingLake(
    {
      t: { columns: COLUMNS },
      twin: { columns: COLUMNS },
      s: { columns: COLUMNS },
    },
    { nodes: 2 },
  );
  client = await connectTo(lake.writer);
  for (const table of ["t", "twin"])
    for (let file = 0; file < FILES; file += 1)
      await client.query(
        `INSERT INTO ${table} SELECT i, 'n' || lpad(i::text, 6, '0'), date '2020-01-01' + ${file}, i % 7 FROM generate_series(${file * ROWS}, ${(file + 1) * ROWS - 1}) g(i)`,
      );
  await client.query(
    "INSERT INTO s SELECT i, 'n' || lpad(i::text, 6, '0'), '2020-01-05', 0 FROM generate_series(4100, 4200) g(i)",
  );
});
afterAll(() => lake[Symbol.asyncDispose]());

/** Files of the target that the statement reads, run inside a block that is rolled back. */
async function filesRead(sql: string): Promise<string> {
  await client.query("BEGIN");
  try {
    const { rows } = await client.query<{ "QUERY PLAN": string }>(
      `EXPLAIN ANALYZE ${sql}`,
    );
    const lines = rows.map((row) => row["QUERY PLAN"].trim());
    const scan = lines.findIndex((line) => line.includes("Scan public.t "));
    const files = lines
      .slice(scan)
      .flatMap((line) => /^files: (\d+\/\d+)/.exec(line)?.[1] ?? []);
    return files[0] ?? "none";
  } finally {
    await client.query("ROLLBACK");
  }
}

const UPSERT =
  "WHEN MATCHED THEN UPDATE SET n = t.n + 1 WHEN NOT MATCHED THEN INSERT (id, n) VALUES (s.id, -1)";

/** Statement over `t` with `KEY` for the target's key, and the files of it that can matter. */
const STATEMENTS: readonly (readonly [sql: string, files: string])[] = [
  [
    `MERGE INTO t USING (VALUES (17), (9500), (123456)) s(id) ON KEY = s.id ${UPSERT}`,
    "2/10",
  ],
  [
    `MERGE INTO t USING (SELECT 2500 AS id) s ON KEY = s.id WHEN MATCHED AND t.n > 100 THEN DELETE ${UPSERT}`,
    "1/10",
  ],
  [`MERGE INTO t USING s ON KEY = s.id ${UPSERT}`, "1/10"],
  [
    `MERGE INTO t USING (SELECT id * 2 AS id FROM s WHERE id < 4110) s ON KEY = s.id ${UPSERT}`,
    "1/10",
  ],
  [
    `MERGE INTO t USING (SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY n) AS r FROM s) q WHERE r = 1) s ON KEY = s.id AND t.day = s.day ${UPSERT}`,
    "1/10",
  ],
  [
    "MERGE INTO t USING s ON KEY = s.id WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)",
    "1/10",
  ],
  [
    `MERGE INTO t USING (SELECT id FROM s WHERE name LIKE '%zzz') s ON KEY = s.id ${UPSERT}`,
    "0/10",
  ],
  [
    `MERGE INTO t USING (VALUES (NULL::bigint), (5)) s(id) ON KEY = s.id ${UPSERT}`,
    "1/10",
  ],
  [
    `MERGE INTO t USING (SELECT i::bigint * 3 AS id FROM generate_series(700, 1300) g(i)) s ON KEY = s.id ${UPSERT}`,
    "2/10",
  ],
  ["UPDATE t SET n = -5 FROM s WHERE KEY = s.id AND s.id < 4150", "1/10"],
  [
    "DELETE FROM t USING (VALUES (3100), (3200)) s(id) WHERE KEY = s.id",
    "1/10",
  ],
];

describe("a change that joins a small source reads the files its keys can lie in", () => {
  test.each(STATEMENTS)("%s: %s", async (sql, files) => {
    expect(await filesRead(sql.replace("KEY", "t.id"))).toBe(files);
  });

  test.each([
    [
      "MERGE INTO t USING s ON t.name = s.name WHEN MATCHED THEN DELETE",
      "1/10",
    ],
    [
      "MERGE INTO t USING (SELECT DISTINCT day FROM s) s ON t.day = s.day WHEN MATCHED AND false THEN DELETE WHEN NOT MATCHED THEN INSERT (day) VALUES (s.day)",
      "1/10",
    ],
    [
      "MERGE INTO t USING (SELECT id FROM s ORDER BY n LIMIT 3) s ON t.id = s.id WHEN MATCHED THEN DELETE",
      "1/10",
    ],
    [
      "WITH q AS (SELECT id FROM s) MERGE INTO t USING q ON t.id = q.id WHEN MATCHED THEN DELETE",
      "1/10",
    ],
    [
      "MERGE INTO t USING (SELECT DISTINCT (SELECT max(id) FROM s) AS m FROM s) s ON t.id = s.m WHEN MATCHED THEN DELETE",
      "10/10",
    ],
    [
      "MERGE INTO t USING s ON t.id + 0 = s.id WHEN MATCHED THEN DELETE",
      "10/10",
    ],
    [
      "MERGE INTO t USING s ON t.id IS NOT DISTINCT FROM s.id WHEN MATCHED THEN UPDATE SET n = 0",
      "10/10",
    ],
    [
      "MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED BY SOURCE THEN UPDATE SET n = 0",
      "10/10",
    ],
    [
      "MERGE INTO t USING (SELECT (random() * 10)::bigint AS id) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)",
      "10/10",
    ],
  ])("%s: %s", async (sql, files) => {
    expect(await filesRead(sql)).toBe(files);
  });
});

describe("what it changes is what it would change without", () => {
  test.each(STATEMENTS)("%s", async (sql) => {
    const pruned = await client.query(sql.replace("KEY", "t.id"));
    // `+` can fail, so that this key tells nothing of the files.
    const whole = await client.query(
      sql
        .replace("KEY", "t.id + 0")
        .replaceAll(/\bt\b(?=\.| USING| SET)/g, "twin"),
    );
    expect(pruned.rowCount).toBe(whole.rowCount);
    for (const [some, others] of [
      ["t", "twin"],
      ["twin", "t"],
    ])
      expect(
        await lake.read(
          `SELECT * FROM ${some} EXCEPT ALL SELECT * FROM ${others}`,
        ),
      ).toEqual([]);
  });
});
