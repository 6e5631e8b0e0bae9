// How far a long command is, told to its client while it runs.

import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyIn } from "../crash/copy-in.ts";
import { startTestGateway, type TestGateway } from "../harness.ts";

const PARTITIONS = 60;

let gateway: TestGateway;
let client: pg.Client;
const told: string[] = [];
beforeAll(async () => {
  gateway = await startTestGateway();
  client = await gateway.connect();
  client.on("notice", ({ severity, message }) =>
    told.push(`${severity} ${message}`),
  );
  await client.query("CREATE TABLE t (p int, id int) PARTITIONED BY (p)");
  for (const first of [1, 2])
    await client.query(
      `INSERT INTO t SELECT i, ${first} FROM generate_series(1, ${PARTITIONS}) AS g(i)`,
    );
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function filesOfTable(): Promise<number> {
  const { rows } = await client.query<{ numFiles: string }>(
    "DESCRIBE DETAIL t",
  );
  return Number(rows[0]?.numFiles);
}

test("OPTIMIZE tells it between its groups of files, and SHOW QUERIES does; it can be cancelled then", async () => {
  const other = await gateway.connect();
  const pid: unknown = Reflect.get(client, "processID");
  await client.query("SET sluice.progress_interval = 1");
  const cancelled = new Promise<unknown>((resolve, reject) => {
    client.once("notice", () => {
      const listed = other.query("SHOW QUERIES");
      other
        .query(`SELECT pg_cancel_backend(${String(pid)})`)
        .then(() => listed)
        .then(({ rows }) => resolve(rows), reject);
    });
  });
  await expect(client.query("OPTIMIZE t")).rejects.toMatchObject({
    code: "57014",
  });
  const progress: unknown = expect.stringMatching(
    /^OPTIMIZE has rewritten \d+ of 60 groups of files$/,
  );
  expect(await cancelled).toContainEqual(
    expect.objectContaining({ statement: "OPTIMIZE t", progress }),
  );
  expect(await filesOfTable()).toBe(2 * PARTITIONS);
  expect(told[0]).toMatch(
    /^INFO OPTIMIZE has rewritten \d+ of 60 groups of files$/,
  );
  await other.end();
});

test("what takes less than sluice.progress_interval says nothing, and 0 stands for never", async () => {
  told.length = 0;
  await client.query("RESET sluice.progress_interval");
  await client.query("OPTIMIZE t WHERE p = 1");
  await client.query("SET sluice.progress_interval = 0");
  await client.query("OPTIMIZE t WHERE p < 10");
  expect(told).toEqual([]);
});

test("VACUUM tells how many files it has deleted, whatever client_min_messages is", async () => {
  await client.query("OPTIMIZE t");
  expect(await filesOfTable()).toBe(PARTITIONS);
  told.length = 0;
  await client.query("SET client_min_messages = error");
  await client.query("SET sluice.progress_interval = 1");
  await client.query(
    "SET spark.databricks.delta.retentionDurationCheck.enabled = off",
  );
  await client.query("VACUUM t RETAIN 0 HOURS");
  expect(told[0]).toMatch(/^INFO VACUUM has deleted \d+ of \d+ files$/);
});

test("INSERT and CREATE TABLE AS tell the bytes that are on disk, and SHOW QUERIES does", async () => {
  const other = await gateway.connect();
  told.length = 0;
  await client.query("SET client_min_messages = notice");
  await client.query("SET sluice.progress_interval = 1");
  await client.query("CREATE TABLE w (i int8, t text)");
  const rows =
    "SELECT i, md5(i::text) || md5((i + 1)::text) AS t FROM generate_series(1, 3000000) AS g(i)";
  const first = new Promise<unknown>((resolve, reject) => {
    client.once("notice", () => {
      other
        .query("SHOW QUERIES")
        .then(({ rows: listed }) => resolve(listed), reject);
    });
  });
  await client.query(`INSERT INTO w ${rows}`);
  const progress: unknown = expect.stringMatching(
    /^\d+\.\d MB of data files are written$/,
  );
  expect(await first).toContainEqual(expect.objectContaining({ progress }));
  expect(told[0]).toMatch(/^INFO \d+\.\d MB of data files are written$/);
  told.length = 0;
  await client.query(`CREATE TABLE made AS ${rows}`);
  expect(told.length).toBeGreaterThan(0);
  await other.end();
});

test("COPY FROM tells how much of the client's data it has read", async () => {
  await client.query("CREATE TABLE c (i int)");
  told.length = 0;
  const lines = Array.from({ length: 40_000 }, (_, i) => `${i}\n`).join("");
  await copyIn(client, "COPY c FROM STDIN", lines);
  expect(told[0]).toMatch(/^INFO COPY has read 0\.\d MB$/);
});
