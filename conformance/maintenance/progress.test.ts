// How far a long command is, told to its client while it runs.

import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
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
