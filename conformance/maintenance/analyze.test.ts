// ANALYZE end to end: what EXPLAIN expects before and after, which columns are measured, and when what was measured is out of date.

import { rmSync } from "node:fs";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { locationOf } from "./table-files.ts";

let gateway: TestGateway;
let client: pg.Client;
beforeAll(async () => {
  gateway = await startTestGateway({});
  client = await gateway.connect();
  await client.query("CREATE SCHEMA a");
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** 10000 rows: 4 kinds, 5000 names, all ids different. */
async function makeTable(name: string): Promise<void> {
  await client.query(`CREATE TABLE ${name} (id int8, kind text, name text)`);
  await client.query(
    `INSERT INTO ${name} SELECT i, 'k' || i % 4, 'n' || i % 5000 FROM generate_series(1, 10000) AS g(i)`,
  );
}

async function expectedGroups(table: string, column: string): Promise<number> {
  const { rows } = await client.query<{ "QUERY PLAN": string }>(
    `EXPLAIN SELECT ${column} FROM ${table} GROUP BY ${column}`,
  );
  const line = rows
    .map((row) => row["QUERY PLAN"])
    .find((text) => text.includes("Aggregate"));
  return Number(/rows=(\d+)/.exec(line ?? "")?.[1]);
}

test.each([
  ["ANALYZE TABLE a.t1 COMPUTE STATISTICS", "a.t1"],
  ["ANALYZE TABLE a.t2 COMPUTE STATISTICS FOR ALL COLUMNS", "a.t2"],
  ["ANALYZE TABLE a.t3 COMPUTE STATISTICS FOR COLUMNS kind, NAME", "a.t3"],
  ["ANALYZE a.t4", "a.t4"],
  ["ANALYZE a.t5 (kind, name)", "a.t5"],
] as const)("%s tells the optimizer of distinct values", async (sql, table) => {
  await makeTable(table);
  expect(await expectedGroups(table, "kind")).toBe(1000);
  expect(await expectedGroups(table, "name")).toBe(1000);
  const { command } = await client.query(sql);
  expect(command).toBe("ANALYZE");
  expect(await expectedGroups(table, "kind")).toBe(4);
  const names = await expectedGroups(table, "name");
  expect(names).toBeGreaterThan(4000);
  expect(names).toBeLessThan(6000);
});

test("columns that are not named keep what was known of them", async () => {
  await makeTable("a.kept");
  await client.query("ANALYZE a.kept (kind)");
  expect(await expectedGroups("a.kept", "name")).toBe(1000);
  await client.query("ANALYZE a.kept (name)");
  expect(await expectedGroups("a.kept", "kind")).toBe(4);
});

test("NOSCAN measures nothing", async () => {
  await makeTable("a.noscan");
  await client.query("ANALYZE TABLE a.noscan COMPUTE STATISTICS NOSCAN");
  expect(await expectedGroups("a.noscan", "kind")).toBe(1000);
});

test("a plan made before is made anew", async () => {
  await makeTable("a.planned");
  const query =
    "SELECT kind, count(*)::int AS n FROM a.planned GROUP BY kind ORDER BY kind";
  const before = await client.query(query);
  await client.query("ANALYZE a.planned");
  expect((await client.query(query)).rows).toEqual(before.rows);
});

test.each([
  ["ANALYZE a.t1 (nothing)", "42703"],
  ["ANALYZE a.nothing", "42P01"],
])("%s is refused", async (sql, code) => {
  await makeTable("a.t1").catch(() => undefined);
  await expect(client.query(sql)).rejects.toMatchObject({ code });
});

test("a view has no statistics", async () => {
  await client.query("CREATE VIEW a.v AS SELECT 1 AS x");
  await expect(client.query("ANALYZE a.v")).rejects.toMatchObject({
    code: "42809",
  });
});

test("ANALYZE alone measures what one may, and warns of the rest one sees", async () => {
  for (const name of ["a.mine", "a.seen", "a.unseen", "a.gone"])
    await makeTable(name);
  const location = await locationOf(client, "a.gone");
  await client.query("CREATE USER bob");
  await client.query("GRANT USAGE ON SCHEMA a TO bob");
  await client.query("GRANT SELECT, MODIFY ON TABLE a.mine TO bob");
  await client.query("GRANT SELECT, MODIFY ON TABLE a.gone TO bob");
  await client.query("GRANT SELECT ON TABLE a.seen TO bob");
  rmSync(location, { recursive: true });
  const made = await client.query<{ readonly token_value: string }>(
    "CREATE TOKEN FOR USER bob",
  );
  const bob = await gateway.connect({
    user: "bob",
    password: made.rows[0]?.token_value ?? "",
  });
  const warnings: string[] = [];
  bob.on("notice", ({ severity, message }) =>
    warnings.push(`${severity ?? ""}: ${message ?? ""}`),
  );
  const { command } = await bob.query("ANALYZE");
  expect(command).toBe("ANALYZE");
  expect(warnings.sort()).toEqual([
    expect.stringMatching(/^WARNING: skipping "gone": .*a\.gone/) as string,
    'WARNING: skipping "seen" --- only table or database owner can analyze it',
  ]);
  expect(await expectedGroups("a.mine", "kind")).toBe(4);
  expect(await expectedGroups("a.seen", "kind")).toBe(1000);
  expect(await expectedGroups("a.unseen", "kind")).toBe(1000);
});
