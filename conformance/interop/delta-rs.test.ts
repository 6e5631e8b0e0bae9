// Tables of ours read row for row and changed by delta-rs, and tables of delta-rs read and changed by us.

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { locationOf } from "../maintenance/table-files.ts";

const PYTHON = join(import.meta.dirname, "../../.cache/deltalake/bin/python");
const run = promisify(execFile);

let gateway: TestGateway;
let client: pg.Client;
let lake: string;
beforeAll(async () => {
  if (!existsSync(PYTHON))
    throw new Error(
      "delta-rs is needed: run conformance/clients/install.sh, which puts PyPI's deltalake into .cache",
    );
  lake = mkdtempSync(join(tmpdir(), "sluice-interop-"));
  gateway = await startTestGateway({ lakes: { other: lake } });
  client = await gateway.connect({ raw: true });
  await client.query("CREATE SCHEMA i");
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(lake, { recursive: true, force: true });
});

async function deltaRs(
  command: "read" | "write" | "change" | "refused" | "feed",
  location: string,
): Promise<unknown[][]> {
  const { stdout } = await run(PYTHON, [
    join(import.meta.dirname, "delta-rs.py"),
    command,
    location,
  ]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown[]);
}

async function ours(table: string): Promise<unknown[][]> {
  const { rows } = await client.query<unknown[]>({
    text: `SELECT * FROM ${table} ORDER BY id`,
    rowMode: "array",
  });
  return rows;
}

const COLUMNS =
  "(id int8, name text, day date, n numeric(20,4), b bool, f float8, at timestamptz)";

/** Each leaves a table of several versions that uses the feature. */
const FEATURES: readonly (readonly [string, string, readonly string[]])[] = [
  ["plain", "", []],
  ["partitioned", "PARTITIONED BY (day)", []],
  [
    "checkpointed",
    "TBLPROPERTIES ('delta.checkpointInterval' = '2')",
    ["INSERT INTO $t (id) VALUES (1000)", "INSERT INTO $t (id) VALUES (1001)"],
  ],
  [
    "checkpoints with typed statistics",
    "PARTITIONED BY (day) TBLPROPERTIES ('delta.checkpointInterval' = '2', 'delta.checkpoint.writeStatsAsStruct' = 'true')",
    ["INSERT INTO $t (id) VALUES (1000)"],
  ],
  [
    "rewritten by UPDATE, DELETE and OPTIMIZE",
    "PARTITIONED BY (day)",
    [
      "UPDATE $t SET name = 'x' WHERE id % 3 = 0",
      "DELETE FROM $t WHERE id < 5",
      "OPTIMIZE $t ZORDER BY (id)",
    ],
  ],
  [
    "deletion vectors",
    "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
    ["DELETE FROM $t WHERE id % 4 = 1", "DELETE FROM $t WHERE id % 4 = 2"],
  ],
  [
    "column mapping",
    "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')",
    ["ALTER TABLE $t RENAME COLUMN name TO label"],
  ],
  [
    "V2 checkpoints and in-commit timestamps",
    "TBLPROPERTIES ('delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '2', 'delta.enableInCommitTimestamps' = 'true')",
    ["INSERT INTO $t (id) VALUES (1000)", "DELETE FROM $t WHERE id = 2"],
  ],
  [
    "clustered",
    "CLUSTER BY (id)",
    ["OPTIMIZE $t", "INSERT INTO $t (id) VALUES (1000)"],
  ],
  [
    "row tracking",
    "TBLPROPERTIES ('delta.enableRowTracking' = 'true')",
    ["UPDATE $t SET name = 'x' WHERE id = 3", "OPTIMIZE $t"],
  ],
  [
    "restored",
    "",
    ["DELETE FROM $t WHERE id > 7", "RESTORE $t TO VERSION AS OF 2"],
  ],
];

/** A table of several versions with these clauses. */
async function made(
  table: string,
  clauses: string,
  changes: readonly string[] = [],
): Promise<void> {
  await client.query(`CREATE TABLE ${table} ${COLUMNS} ${clauses}`);
  for (const first of [1, 21])
    await client.query(
      `INSERT INTO ${table} SELECT i, CASE WHEN i % 5 > 0 THEN 'é' || i END, date '2026-01-01' + (i % 3)::int, i / 8.0, i % 2 = 0, i / 2.0, timestamptz '2026-01-01 10:00+02' + i * interval '1 hour' FROM generate_series(${first}, ${first + 19}) AS g(i)`,
    );
  for (const change of changes)
    await client.query(change.replaceAll("$t", table));
}

describe("delta-rs reads what we write", () => {
  test.each(FEATURES.map((feature, index) => [...feature, index] as const))(
    "%s",
    async (_name, clauses, changes, index) => {
      const table = `i.t${index}`;
      await made(table, clauses, changes);
      const rows = await ours(table);
      expect(rows.length).toBeGreaterThan(10);
      expect(await deltaRs("read", await locationOf(client, table))).toEqual(
        rows,
      );
    },
  );
});

test("delta-rs reads the bytes of our variants, a variant null apart from NULL", async () => {
  await client.query("CREATE TABLE i.variants (id int8, v variant)");
  await client.query(
    `INSERT INTO i.variants VALUES (1, '{"a": [1, 2.5, "x"]}'), (2, 'null'), (3, NULL)`,
  );
  await client.query("OPTIMIZE i.variants");
  expect(await deltaRs("read", await locationOf(client, "i.variants"))).toEqual(
    [
      [
        "1",
        "metadata 1101000161 value 020100001003030002080a0c012001190000000578",
      ],
      ["2", "metadata 110000 value 00"],
      ["3", null],
    ],
  );
});

test("we read what delta-rs writes: partitions, deletes, updates, compaction, checkpoints", async () => {
  const rows = await deltaRs("write", join(lake, "s", "theirs"));
  await client.query("REFRESH CATALOG other");
  expect(rows.length).toBeGreaterThan(30);
  expect(await ours("other.s.theirs")).toEqual(rows);
});

test("we change what delta-rs writes, and it reads that", async () => {
  for (const change of [
    "UPDATE $t SET name = 'ours' WHERE id % 4 = 1",
    "DELETE FROM $t WHERE id < 6",
    "MERGE INTO $t AS t USING (VALUES (8, 'merged'), (800, 'new')) AS s(id, name) ON t.id = s.id WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name)",
    "OPTIMIZE $t",
  ])
    await client.query(change.replaceAll("$t", "other.s.theirs"));
  expect(await deltaRs("read", join(lake, "s", "theirs"))).toEqual(
    await ours("other.s.theirs"),
  );
});

describe("delta-rs changes what we write, and we read that", () => {
  test.each([
    ["plain", ""],
    ["partitioned", "PARTITIONED BY (day)"],
    ["checkpointed", "TBLPROPERTIES ('delta.checkpointInterval' = '2')"],
  ])("%s", async (name, clauses) => {
    const table = `i.changed_${name}`;
    await made(table, clauses);
    const rows = await deltaRs("change", await locationOf(client, table));
    expect(rows.length).toBeGreaterThan(30);
    expect(await ours(table)).toEqual(rows);
    await client.query(`UPDATE ${table} SET f = 1 WHERE id > 35`);
    expect(await deltaRs("read", await locationOf(client, table))).toEqual(
      await ours(table),
    );
  });
});

test("delta-rs obeys a CHECK of ours", async () => {
  await made("i.checked", "", [
    "ALTER TABLE $t ADD CONSTRAINT positive CHECK (id > 0)",
  ]);
  const location = await locationOf(client, "i.checked");
  expect(String(await deltaRs("refused", location))).toMatch(
    /1 rows failed validation check/,
  );
});

test("delta-rs reads our change data feed as we do", async () => {
  await made("i.fed", "TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')", [
    "UPDATE $t SET name = 'x' WHERE id % 3 = 0",
    "DELETE FROM $t WHERE id < 5",
  ]);
  const { rows } = await client.query<unknown[]>({
    text: "SELECT _commit_version, _change_type, id, name FROM table_changes('i.fed', 0)",
    rowMode: "array",
  });
  const sorted = (all: readonly unknown[]): readonly string[] =>
    all.map((row) => JSON.stringify(row)).toSorted();
  expect(rows.length).toBeGreaterThan(60);
  const theirs = await deltaRs("feed", await locationOf(client, "i.fed"));
  expect(sorted(theirs)).toEqual(sorted(rows));
});
