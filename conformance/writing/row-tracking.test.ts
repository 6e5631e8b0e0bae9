// Row tracking (Delta protocol, "Row Tracking"; checklist W8, X7): ids of rows through every statement that writes, as another gateway
// reads them from the log.

import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commitsOf, latest } from "../ddl/table-log.ts";
import {
  connectTo,
  startWritingLake,
  type TableSpec,
  type WritingLake,
} from "./lake.ts";

const TRACKED = {
  "delta.enableRowTracking": "true",
  "delta.rowTracking.materializedRowIdColumnName": "_row-id-col-1",
  "delta.rowTracking.materializedRowCommitVersionColumnName":
    "_row-commit-version-col-1",
  "delta.checkpointInterval": "3",
};
const FEATURES = ["rowTracking", "domainMetadata"];

const KINDS: Readonly<Record<string, TableSpec>> = {
  copied: {
    columns: { k: "integer", v: "string" },
    properties: TRACKED,
    features: FEATURES,
  },
  marked: {
    columns: { k: "integer", v: "string" },
    properties: { ...TRACKED, "delta.enableDeletionVectors": "true" },
    features: [...FEATURES, "deletionVectors"],
  },
  parted: {
    columns: { k: "integer", v: "string" },
    partitionBy: ["v"],
    properties: TRACKED,
    features: FEATURES,
  },
};
const UNTRACKED: TableSpec = {
  columns: { k: "integer", v: "string" },
  properties: { "delta.enableDeletionVectors": "true" },
  features: ["deletionVectors"],
};

let lake: WritingLake;
let client: pg.Client;
beforeAll(async () => {
  lake = await startWritingLake({
    ...KINDS,
    raced: KINDS["copied"] ?? UNTRACKED,
    blocked: KINDS["copied"] ?? UNTRACKED,
    started: UNTRACKED,
    nameless: {
      columns: { k: "integer" },
      properties: { "delta.enableRowTracking": "true" },
      features: FEATURES,
    },
  });
  client = await connectTo(lake.writer);
});
afterAll(() => lake[Symbol.asyncDispose]());

/** By key: id and version, as the other gateway reads them. */
async function idsOf(table: string): Promise<ReadonlyMap<string, string>> {
  const rows = await lake.read(
    `SELECT k, _metadata.row_id, _metadata.row_commit_version FROM ${table}`,
  );
  return new Map(
    rows.map((row) => {
      const [key = "", id = "", version = ""] = row.split("|");
      return [key, `${id}@${version}`];
    }),
  );
}

const newest = (table: string): number => lake.versions(table).at(-1) ?? 0;

function adds(table: string): readonly Readonly<Record<string, unknown>>[] {
  return lake
    .versions(table)
    .flatMap((version) => lake.commit(table, version))
    .flatMap(({ add }) => (add === undefined ? [] : [add]));
}

function expectNumbered(table: string): void {
  const all = adds(table);
  expect(all.length).toBeGreaterThan(0);
  for (const add of all) {
    expect(add["baseRowId"]).toEqual(expect.any(Number));
    expect(add["defaultRowCommitVersion"]).toEqual(expect.any(Number));
  }
}

describe.each(Object.keys(KINDS))("rows of a tracked table (%s)", (table) => {
  test("keep their ids through every statement", async () => {
    await client.query(`INSERT INTO ${table} VALUES (1,'a'),(2,'b'),(3,'a')`);
    await client.query(`INSERT INTO ${table} VALUES (4,'a'),(5,'b'),(6,'c')`);
    const first = await idsOf(table);
    expect([...first.keys()]).toEqual(["1", "2", "3", "4", "5", "6"]);
    const ids = [...first.values()].map((it) => it.split("@")[0]);
    expect(new Set(ids)).toEqual(new Set(["0", "1", "2", "3", "4", "5"]));
    expect([...first.values()].map((it) => it.split("@")[1])).toEqual([
      "1",
      "1",
      "1",
      "2",
      "2",
      "2",
    ]);

    await client.query(`UPDATE ${table} SET v = 'd' WHERE k IN (2, 4)`);
    const at = newest(table);
    const moved = (key: string): string =>
      `${first.get(key)?.split("@")[0] ?? ""}@${at}`;
    const updated = new Map(first).set("2", moved("2")).set("4", moved("4"));
    expect(await idsOf(table)).toEqual(updated);

    await client.query(`DELETE FROM ${table} WHERE k = 1`);
    updated.delete("1");
    expect(await idsOf(table)).toEqual(updated);

    await client.query(
      `MERGE INTO ${table} USING (VALUES (3,'m'),(7,'n'),(5,'x')) AS s (k, v) ON s.k = ${table}.k
       WHEN MATCHED AND s.v = 'x' THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT *`,
    );
    const merged = await idsOf(table);
    updated.delete("5");
    updated.set("3", `${first.get("3")?.split("@")[0] ?? ""}@${newest(table)}`);
    const [fresh = "", version] = merged.get("7")?.split("@") ?? [];
    expect(Number(fresh)).toBeGreaterThan(5);
    expect(version).toBe(String(newest(table)));
    expect(merged).toEqual(updated.set("7", merged.get("7") ?? ""));

    await client.query(`OPTIMIZE ${table}`);
    expect(await idsOf(table)).toEqual(merged);
    expectNumbered(table);
    const before = Math.max(
      ...adds(table).map((it) => Number(it["baseRowId"])),
    );
    await client.query(`INSERT INTO ${table} VALUES (8, 'z')`);
    const added = Number((await idsOf(table)).get("8")?.split("@")[0]);
    expect(added).toBeGreaterThan(before);
  });

  test("are removed with their file's ids, and come back with RESTORE", async () => {
    const version = newest(table);
    const before = await idsOf(table);
    await client.query(`TRUNCATE ${table}`);
    const removes = lake
      .commit(table, newest(table))
      .flatMap(({ remove }) => (remove === undefined ? [] : [remove]));
    expect(removes.length).toBeGreaterThan(0);
    for (const remove of removes)
      expect(remove["baseRowId"]).toEqual(expect.any(Number));
    await client.query(`RESTORE TABLE ${table} TO VERSION AS OF ${version}`);
    expect(await idsOf(table)).toEqual(before);
  });
});

test("writers that lose a race number their rows behind the winners'", async () => {
  const others = await Promise.all(
    Array.from({ length: 4 }, () => connectTo(lake.writer)),
  );
  await Promise.all(
    others.map((other, index) =>
      other.query(
        `INSERT INTO raced SELECT g, 'r' FROM generate_series(${10 * index}, ${10 * index + 9}) AS g`,
      ),
    ),
  );
  const ids = [...(await idsOf("raced")).values()].map((it) =>
    Number(it.split("@")[0]),
  );
  expect(ids.sort((a, b) => a - b)).toEqual(
    Array.from({ length: 40 }, (_, index) => index),
  );
});

test("rows changed twice in a block have one id, that of the row they were", async () => {
  await client.query("INSERT INTO blocked VALUES (1, 'a'), (2, 'b')");
  const before = await idsOf("blocked");
  await client.query("BEGIN");
  await client.query("UPDATE blocked SET v = 'c' WHERE k = 1");
  await client.query("INSERT INTO blocked VALUES (3, 'n')");
  await client.query("UPDATE blocked SET v = v || '!'");
  await client.query("COMMIT");
  const after = await idsOf("blocked");
  const id = (ids: ReadonlyMap<string, string>, key: string): number =>
    Number(ids.get(key)?.split("@")[0]);
  expect(id(after, "1")).toBe(id(before, "1"));
  expect(id(after, "2")).toBe(id(before, "2"));
  expect(new Set(after.values()).size).toBe(3);
  expect(await lake.read("SELECT k, v FROM blocked")).toEqual([
    "1|c!",
    "2|b!",
    "3|n!",
  ]);
});

describe("tracking that begins later", () => {
  test("numbers the rows that are there, in the commit that begins it", async () => {
    await client.query("INSERT INTO started VALUES (1, 'a'), (2, 'b')");
    await client.query("INSERT INTO started VALUES (3, 'c')");
    await client.query("DELETE FROM started WHERE k = 1");
    await expect(
      lake.read("SELECT _metadata.row_id FROM started"),
    ).rejects.toMatchObject({ code: "42703" });
    await client.query(
      "ALTER TABLE started SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')",
    );
    const commit = lake.commit("started", newest("started"));
    expect(
      commit.flatMap(({ add }) => (add ? [add["dataChange"]] : [])),
    ).toEqual([false, false]);
    const ids = await idsOf("started");
    expect([...ids.keys()]).toEqual(["2", "3"]);
    expect(new Set(ids.values()).size).toBe(2);
    await client.query("UPDATE started SET v = 'x' WHERE k = 2");
    const after = await idsOf("started");
    expect(after.get("2")?.split("@")[0]).toBe(ids.get("2")?.split("@")[0]);
    expect(after.get("3")).toBe(ids.get("3"));
  });

  test("a new table has it from its first rows on", async () => {
    await client.query(
      "CREATE TABLE made TBLPROPERTIES ('delta.enableRowTracking' = 'true') AS SELECT g AS k FROM generate_series(1, 3) AS g",
    );
    const { rows } = await client.query({
      text: "SELECT _metadata.row_id, _metadata.row_commit_version FROM made ORDER BY 1",
      rowMode: "array",
    });
    expect(rows).toEqual([
      ["0", "0"],
      ["1", "0"],
      ["2", "0"],
    ]);
    expect(await latest(client, "made", "protocol")).toMatchObject({
      minWriterVersion: 7,
      writerFeatures: expect.arrayContaining(FEATURES) as unknown,
    });
    await client.query("CREATE OR REPLACE TABLE made AS SELECT 9 AS k");
    const commits = await commitsOf(client, "made");
    const [domain] = (commits.at(-1) ?? []).flatMap(({ domainMetadata }) =>
      domainMetadata ? [domainMetadata] : [],
    );
    expect(domain).toMatchObject({
      domain: "delta.rowTracking",
      configuration: '{"rowIdHighWaterMark":3}',
    });
  });
});

test("a table that does not name the columns of its ids is not written", async () => {
  await expect(
    client.query("INSERT INTO nameless VALUES (1)"),
  ).rejects.toMatchObject({ code: "0A000" });
});
