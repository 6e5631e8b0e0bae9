// What transaction blocks leave in the lake's folder, and what sessions that meet at COMMIT see of each other.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

let gateway: TestGateway;
let client: pg.Client;
let other: pg.Client;
beforeAll(async () => {
  gateway = await startTestGateway();
  client = await gateway.connect({ raw: true });
  other = await gateway.connect({ raw: true });
  await run(client, "CREATE SCHEMA s", "CREATE TABLE s.kept AS SELECT 0 AS n");
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function run(on: pg.Client, ...statements: string[]): Promise<void> {
  for (const sql of statements) await on.query(sql);
}

/** Folders of managed tables. */
function folders(): readonly string[] {
  return readdirSync(join(gateway.dataDir, "lake/_managed")).toSorted();
}

async function counted(on: pg.Client, table: string): Promise<number> {
  const { rows } = await on.query<{ count: string }>(
    `SELECT count(*) FROM ${table}`,
  );
  return Number(rows[0]?.count);
}

describe("folders", () => {
  test("of tables made in a block go with ROLLBACK, and with their savepoint at the end of the block", async () => {
    const before = folders();
    await run(
      client,
      "BEGIN",
      "CREATE TABLE s.a AS SELECT 1 AS n",
      "SAVEPOINT p",
      "CREATE TABLE s.b AS SELECT 2 AS n",
    );
    expect(folders()).toHaveLength(before.length + 2);
    await run(client, "ROLLBACK TO p", "COMMIT");
    expect(folders()).toHaveLength(before.length + 1);
    expect(await counted(other, "s.a")).toBe(1);
    await run(client, "BEGIN", "CREATE TABLE s.b (n int)", "ROLLBACK");
    await run(client, "DROP TABLE s.a");
    expect(folders()).toEqual(before);
  });

  test("of dropped tables stay until COMMIT, and after ROLLBACK", async () => {
    await run(client, "CREATE TABLE s.doomed AS SELECT 1 AS n");
    const before = folders();
    await run(client, "BEGIN", "DROP TABLE s.doomed", "ROLLBACK");
    expect(await counted(client, "s.doomed")).toBe(1);
    await run(client, "BEGIN", "DROP TABLE s.doomed");
    expect(await counted(other, "s.doomed")).toBe(1);
    expect(folders()).toEqual(before);
    await run(client, "COMMIT");
    expect(folders()).toHaveLength(before.length - 1);
  });

  test("of a table that is made and dropped in one block go with its end", async () => {
    const before = folders();
    await run(
      client,
      "BEGIN",
      "CREATE TABLE s.brief AS SELECT 1 AS n",
      "INSERT INTO s.brief VALUES (2)",
      "DROP TABLE s.brief",
      "CREATE VIEW s.seen AS SELECT 1 AS n",
      "COMMIT",
      "DROP VIEW s.seen",
    );
    expect(folders()).toEqual(before);
  });

  test("go with a session that ends inside its block", async () => {
    const before = folders();
    const leaving = await gateway.connect({ raw: true });
    await run(leaving, "BEGIN", "CREATE TABLE s.left AS SELECT 1 AS n");
    expect(folders()).toHaveLength(before.length + 1);
    await leaving.end();
    await expect.poll(folders, { timeout: 5_000 }).toEqual(before);
  });
});

describe("sessions that meet", () => {
  test("a lost race for rows takes the block's definitions with it", async () => {
    const before = folders();
    await run(
      client,
      "BEGIN",
      "CREATE TABLE s.report AS SELECT count(*) AS n FROM s.kept",
      "UPDATE s.kept SET n = 1",
    );
    await run(other, "UPDATE s.kept SET n = 2");
    await expect(client.query("COMMIT")).rejects.toMatchObject({
      code: "40001",
    });
    await expect(client.query("TABLE s.report")).rejects.toMatchObject({
      code: "42P01",
    });
    expect(await counted(client, "s.kept")).toBe(1);
    expect(folders()).toEqual(before);
  });

  test("many blocks with rows and definitions commit beside single definitions", async () => {
    const sessions = await Promise.all(
      Array.from({ length: 4 }, () => gateway.connect({ raw: true })),
    );
    await Promise.all(
      sessions.map((session, at) =>
        at % 2 === 0
          ? run(
              session,
              "BEGIN",
              `CREATE VIEW s.v${at} AS SELECT ${at} AS n`,
              `INSERT INTO s.kept VALUES (${at})`,
              "COMMIT",
            )
          : run(
              session,
              `CREATE VIEW s.v${at} AS SELECT ${at} AS n`,
              `COMMENT ON VIEW s.v${at} IS 'single'`,
            ),
      ),
    );
    const { rows } = await client.query(
      "SELECT sum(n)::int AS n FROM (TABLE s.v0 UNION ALL TABLE s.v1 UNION ALL TABLE s.v2 UNION ALL TABLE s.v3) AS v",
    );
    expect(rows).toEqual([{ n: "6" }]);
    expect(await counted(client, "s.kept")).toBe(3);
  });
});
