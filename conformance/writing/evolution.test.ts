import { afterAll, beforeAll, expect, test } from "vitest";
import type pg from "pg";
import { connectTo, startWritingLake, type WritingLake } from "./lake.ts";

let lake: WritingLake;
let client: pg.Client;
beforeAll(async () => {
  lake = await startWritingLake({
    grown: { columns: { id: "long" } },
    merged: {
      columns: { id: "long", name: "string" },
      features: ["changeDataFeed"],
      properties: { "delta.enableChangeDataFeed": "true" },
    },
    parts: { columns: { id: "long", day: "date" }, partitionBy: ["day"] },
    raced: { columns: { id: "long" } },
    ntz: { columns: { id: "long" } },
  });
  client = await connectTo(lake.writer);
});
afterAll(() => lake[Symbol.asyncDispose]());

function kinds(table: string, version: number): readonly string[] {
  return lake.commit(table, version).flatMap((line) => Object.keys(line));
}

test("the new columns and the rows are one commit, read by whoever reads the log", async () => {
  await client.query("INSERT INTO grown VALUES (1)");
  await client.query(
    "INSERT WITH SCHEMA EVOLUTION INTO grown SELECT 2, 'b' AS name",
  );
  expect(kinds("grown", 2)).toEqual(["commitInfo", "metaData", "add"]);
  expect(lake.commit("grown", 2)[0]).toMatchObject({
    commitInfo: { operation: "WRITE", isBlindAppend: true },
  });
  expect(await lake.read("SELECT id, name FROM grown")).toEqual([
    "1|NULL",
    "2|b",
  ]);
});

test("MERGE: rows that stay, changed rows and change data have the new column", async () => {
  await client.query("INSERT INTO merged VALUES (1, 'a'), (2, 'b'), (3, 'c')");
  await client.query(
    `MERGE WITH SCHEMA EVOLUTION INTO merged USING (SELECT 2 AS id, 'eu' AS region UNION ALL SELECT 4, 'us') s
     ON merged.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *`,
  );
  const written = kinds("merged", 2);
  expect(written.slice(0, 2)).toEqual(["commitInfo", "metaData"]);
  expect(written).toContain("cdc");
  expect(await lake.read("SELECT id, name, region FROM merged")).toEqual([
    "1|a|NULL",
    "2|b|eu",
    "3|c|NULL",
    "4|NULL|us",
  ]);
  expect(
    await lake.read(
      "SELECT _change_type, id, name, region FROM table_changes('merged', 2, 2)",
    ),
  ).toEqual([
    "insert|4|NULL|us",
    "update_postimage|2|b|eu",
    "update_preimage|2|b|NULL",
  ]);
});

test("dynamic INSERT OVERWRITE replaces its partitions under the new definition", async () => {
  await client.query(
    "INSERT INTO parts VALUES (1, '2020-01-01'), (2, '2020-01-02')",
  );
  await client.query("SET spark.sql.sources.partitionOverwriteMode = dynamic");
  await client.query(
    "INSERT WITH SCHEMA EVOLUTION OVERWRITE parts SELECT 10, date '2020-01-01', true AS flag",
  );
  await client.query("RESET spark.sql.sources.partitionOverwriteMode");
  expect(await lake.read("SELECT id, flag FROM parts")).toEqual([
    "10|t",
    "2|NULL",
  ]);
});

test("a type that needs a table feature raises the protocol in the same commit", async () => {
  await client.query(
    "INSERT WITH SCHEMA EVOLUTION INTO ntz SELECT 1, timestamp '2020-01-01 01:02:03' AS at",
  );
  expect(kinds("ntz", 1)).toEqual([
    "commitInfo",
    "protocol",
    "metaData",
    "add",
  ]);
  expect(await lake.read("SELECT at FROM ntz")).toEqual([
    "2020-01-01 01:02:03",
  ]);
});

test("writers that add columns at once all get theirs, and no row is lost", async () => {
  const names = ["a", "b", "c", "d"];
  await Promise.all(
    names.map(async (name, i) => {
      const own = await connectTo(lake.writer);
      await own.query(
        `INSERT WITH SCHEMA EVOLUTION INTO raced BY NAME SELECT ${i} AS id, ${i} AS ${name}`,
      );
    }),
  );
  expect(await lake.read("SELECT id, a, b, c, d FROM raced")).toEqual([
    "0|0|NULL|NULL|NULL",
    "1|NULL|1|NULL|NULL",
    "2|NULL|NULL|2|NULL",
    "3|NULL|NULL|NULL|3",
  ]);
});
