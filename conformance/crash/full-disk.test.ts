// A disk that is full at any write of a statement: 53100, the table as it was, nothing half-written left in its log, and the same
// statement succeeds once there is room. The gateway's calls fail through crash-points.ts; the kernel's writes by a file size limit.

import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { locationOf } from "../maintenance/table-files.ts";
import { startProcess, type RealProcess } from "../process/real-process.ts";
import type { CrashPoint } from "./crash-points.ts";

const dataDir = mkdtempSync(join(tmpdir(), "sluice-full-"));
const pointFile = join(dataDir, "full-disk.json");
/** Above what a small commit, checkpoint or the metastore needs, below what LARGE writes. */
const MAX_FILE_BYTES = 4 << 20;
const LARGE =
  "SELECT i AS id, md5(i::text) || md5((i + 1)::text) AS v FROM generate_series(1, 300000) AS g(i)";

let gateway: RealProcess;
let client: pg.Client;
beforeAll(async () => {
  gateway = await startProcess(dataDir, ["--log-level", "fatal"], {
    crashPointFile: pointFile,
    maxFileBytes: MAX_FILE_BYTES,
  });
  client = await gateway.connect();
  await client.query("CREATE SCHEMA f");
});
afterAll(async () => {
  gateway.process.kill("SIGKILL");
  await gateway.ended;
  rmSync(dataDir, { recursive: true, force: true });
});

/** `run` with a disk that is full for the calls of `point`. */
async function whileFull(
  point: Pick<CrashPoint, "call" | "path">,
  run: () => Promise<unknown>,
): Promise<unknown> {
  const full: CrashPoint = { ...point, when: "full", nth: 1 };
  writeFileSync(pointFile, JSON.stringify(full));
  try {
    return await run().then(
      () => undefined,
      (error: unknown) => error,
    );
  } finally {
    rmSync(pointFile);
  }
}

async function rowsOf(table: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ row: string }>(
    `SELECT id || '=' || v AS row FROM ${table} ORDER BY id`,
  );
  return rows.map(({ row }) => row);
}

function logOf(location: string): readonly string[] {
  return readdirSync(join(location, "_delta_log")).sort();
}

let tables = 0;
async function makeTable(properties: string): Promise<string> {
  tables += 1;
  const table = `f.t${tables}`;
  await client.query(
    `CREATE TABLE ${table} (id int8, v text) TBLPROPERTIES (${properties})`,
  );
  await client.query(`INSERT INTO ${table} VALUES (1, 'a'), (2, 'b')`);
  return table;
}

const COMMIT = String.raw`_delta_log/\.?\d{20}\.json`;
/** A commit or checkpoint before it has its name. */
const TEMPORARY = String.raw`_delta_log/\.`;
const VECTOR = String.raw`deletion_vector_.*\.bin`;
const WITH_VECTORS = "'delta.enableDeletionVectors' = 'true'";
const WITHOUT_VECTORS = "'delta.enableDeletionVectors' = 'false'";

describe("a full disk fails with 53100 and changes nothing", () => {
  test.each<{
    readonly call: CrashPoint["call"];
    readonly path: string;
    readonly properties?: string;
    readonly sql: (table: string) => string;
    readonly after: readonly string[];
  }>([
    {
      call: "open",
      path: TEMPORARY,
      sql: (t) => `INSERT INTO ${t} VALUES (3, 'c')`,
      after: ["1=a", "2=b", "3=c"],
    },
    {
      call: "write",
      path: COMMIT,
      sql: (t) => `INSERT INTO ${t} VALUES (3, 'c')`,
      after: ["1=a", "2=b", "3=c"],
    },
    {
      call: "sync",
      path: COMMIT,
      sql: (t) => `UPDATE ${t} SET v = 'x' WHERE id = 1`,
      after: ["1=x", "2=b"],
    },
    {
      call: "link",
      path: COMMIT,
      sql: (t) => `INSERT OVERWRITE ${t} VALUES (7, 'y')`,
      after: ["7=y"],
    },
    {
      call: "write",
      path: VECTOR,
      properties: WITH_VECTORS,
      sql: (t) => `DELETE FROM ${t} WHERE id = 1`,
      after: ["2=b"],
    },
    {
      call: "link",
      path: VECTOR,
      properties: WITH_VECTORS,
      sql: (t) =>
        `MERGE INTO ${t} AS t USING (VALUES (1)) AS s(id) ON t.id = s.id WHEN MATCHED THEN DELETE`,
      after: ["2=b"],
    },
    {
      call: "write",
      path: COMMIT,
      sql: (t) => `ALTER TABLE ${t} ADD COLUMN w int`,
      after: ["1=a", "2=b"],
    },
    {
      call: "write",
      path: COMMIT,
      sql: (t) => `TRUNCATE TABLE ${t}`,
      after: [],
    },
    {
      call: "write",
      path: COMMIT,
      sql: (t) => `RESTORE TABLE ${t} TO VERSION AS OF 0`,
      after: [],
    },
    {
      call: "write",
      path: COMMIT,
      sql: (t) =>
        `CREATE OR REPLACE TABLE ${t} AS SELECT 9::int8 AS id, 'z' AS v`,
      after: ["9=z"],
    },
  ])(
    "$call of $path",
    async ({ call, path, properties = WITHOUT_VECTORS, sql, after }) => {
      const table = await makeTable(properties);
      const before = await rowsOf(table);
      const location = await locationOf(client, table);
      const log = logOf(location);
      const error = await whileFull({ call, path }, () =>
        client.query(sql(table)),
      );
      expect(error).toMatchObject({ code: "53100" });
      expect(logOf(location)).toEqual(log);
      expect(await rowsOf(table)).toEqual(before);
      await client.query(sql(table));
      expect(await rowsOf(table)).toEqual(after);
    },
  );

  test.each([
    ["mkdir", "_delta_log$"],
    ["open", TEMPORARY],
    ["write", COMMIT],
    ["link", COMMIT],
  ] as const)(
    "of a new table at %s of its first commit, and leaves its name free",
    async (call, path) => {
      tables += 1;
      const table = `f.t${tables}`;
      const sql = `CREATE TABLE ${table} AS SELECT 1::int8 AS id, 'a' AS v`;
      const error = await whileFull({ call, path }, () => client.query(sql));
      expect(error).toMatchObject({ code: "53100" });
      await expect(rowsOf(table)).rejects.toMatchObject({ code: "42P01" });
      await client.query(sql);
      expect(await rowsOf(table)).toEqual(["1=a"]);
    },
  );

  test("of a transaction block at its commit, which is rolled back", async () => {
    const table = await makeTable(WITHOUT_VECTORS);
    await client.query("BEGIN");
    await client.query(`INSERT INTO ${table} VALUES (3, 'c')`);
    await client.query(`UPDATE ${table} SET v = 'x' WHERE id = 1`);
    const error = await whileFull({ call: "write", path: COMMIT }, () =>
      client.query("COMMIT"),
    );
    expect(error).toMatchObject({ code: "53100" });
    expect(await rowsOf(table)).toEqual(["1=a", "2=b"]);
    await client.query(`INSERT INTO ${table} VALUES (4, 'd')`);
    expect(await rowsOf(table)).toEqual(["1=a", "2=b", "4=d"]);
  });
});

describe("a disk full of the kernel's writes fails with 53100 and changes nothing", () => {
  test.each([
    ["INSERT", (t: string) => `INSERT INTO ${t} ${LARGE}`],
    ["INSERT OVERWRITE", (t: string) => `INSERT OVERWRITE ${t} ${LARGE}`],
    [
      "UPDATE",
      (t: string) =>
        `UPDATE ${t} SET v = s.v FROM (SELECT string_agg(v, '') AS v FROM (${LARGE}) AS l) AS s`,
    ],
    ["CREATE TABLE AS", (t: string) => `CREATE TABLE ${t}_new AS ${LARGE}`],
  ] as const)("%s of a data file", async (_kind, sql) => {
    const table = await makeTable(WITHOUT_VECTORS);
    const location = await locationOf(client, table);
    const files = readdirSync(location).sort();
    await expect(client.query(sql(table))).rejects.toMatchObject({
      code: "53100",
    });
    expect(await rowsOf(table)).toEqual(["1=a", "2=b"]);
    expect(readdirSync(location).sort()).toEqual(files);
    await expect(rowsOf(`${table}_new`)).rejects.toMatchObject({
      code: "42P01",
    });
    await client.query(`INSERT INTO ${table} VALUES (3, 'c')`);
    expect(await rowsOf(table)).toEqual(["1=a", "2=b", "3=c"]);
  });
});

describe("a checkpoint that finds no room", () => {
  test.each<Pick<CrashPoint, "call" | "path">>([
    { call: "copyFile", path: String.raw`\.checkpoint\.` },
    { call: "rename", path: String.raw`\.checkpoint\.` },
    { call: "write", path: "_last_checkpoint" },
  ])("at $call of $path lets the commit stand", async (point) => {
    const table = await makeTable("'delta.checkpointInterval' = '2'");
    const error = await whileFull(point, () =>
      client.query(`INSERT INTO ${table} VALUES (3, 'c')`),
    );
    expect(error).toBeUndefined();
    expect(await rowsOf(table)).toEqual(["1=a", "2=b", "3=c"]);
    const log = logOf(await locationOf(client, table));
    expect(log.filter((name) => name.includes(".tmp"))).toEqual([]);
    await client.query(`INSERT INTO ${table} VALUES (4, 'd')`);
    await client.query(`INSERT INTO ${table} VALUES (5, 'e')`);
    const { length } = await rowsOf(table);
    expect(length).toBe(5);
    expect(
      existsSync(
        join(await locationOf(client, table), "_delta_log/_last_checkpoint"),
      ),
    ).toBe(true);
  });
});
