// The system catalog by way of every protocol: a user finds what grants show, and nothing else.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { makeSampleSchema } from "./sample.ts";

const lake = mkdtempSync(join(tmpdir(), "sluice-lake-"));
let gateway: TestGateway;
let admin: pg.Client;
let token: string;

beforeAll(async () => {
  gateway = await startTestGateway({ lakes: { lake } });
  admin = await gateway.connect({ database: "lake", raw: true });
  await makeSampleSchema(admin);
  for (const sql of [
    "CREATE USER ann",
    "GRANT USAGE ON CATALOG lake TO ann",
    "GRANT USAGE ON SCHEMA sales TO ann",
    "GRANT SELECT ON TABLE sales.orders TO ann",
  ])
    await admin.query(sql);
  const made = await admin.query<Record<string, string>>(
    "CREATE TOKEN FOR USER ann",
  );
  token = made.rows[0]?.["token_value"] ?? "";
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(lake, { recursive: true, force: true });
});

const TABLES =
  "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables WHERE table_schema IN ('sales', 'public') ORDER BY 1";

const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no error",
    (error: unknown) =>
      error instanceof Error && "code" in error ? error.code : error,
  );

test("a user lists what was granted, the owner everything", async () => {
  const ann = await gateway.connect({
    database: "lake",
    user: "ann",
    password: token,
    raw: true,
  });
  const names = async (client: pg.Client): Promise<readonly string[]> =>
    (await client.query<{ name: string }>(TABLES)).rows.map(({ name }) => name);
  expect(await names(ann)).toEqual(["sales.orders"]);
  expect(await names(admin)).toEqual([
    "public.Mixed Case",
    "public.notes",
    "sales.customers",
    "sales.events",
    "sales.order_totals",
    "sales.orders",
  ]);
  expect(await code(ann.query("SELECT 'sales.customers'::regclass"))).toBe(
    "42P01",
  );
  await admin.query("DENY SELECT ON TABLE sales.orders TO ann");
  expect(await names(ann)).toEqual([]);
  await admin.query("REVOKE SELECT ON TABLE sales.orders FROM ann");
});

test("a prepared statement shows a table made after it was prepared", async () => {
  const count = {
    name: "count",
    text: "SELECT count(*) AS n FROM pg_catalog.pg_class WHERE relname = $1",
    values: ["made_later"],
  };
  expect((await admin.query(count)).rows).toEqual([{ n: "0" }]);
  await admin.query("CREATE TABLE public.made_later (a int)");
  expect((await admin.query(count)).rows).toEqual([{ n: "1" }]);
});

test("a cursor reads the catalog too", async () => {
  await admin.query("BEGIN");
  await admin.query(`DECLARE c CURSOR FOR ${TABLES}`);
  const { rows } = await admin.query("FETCH 2 FROM c");
  await admin.query("COMMIT");
  expect(rows).toHaveLength(2);
});

test("HTTP gets the same rows as JSON", async () => {
  const response = await fetch(`${gateway.httpUrl}/api/2.0/sql/statements`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.adminToken}` },
    body: JSON.stringify({
      statement:
        "SELECT nspname, oid > 0 FROM pg_catalog.pg_namespace WHERE nspname = 'sales'",
      catalog: "lake",
      warehouse_id: "default",
      wait_timeout: "30s",
    }),
  });
  expect(await response.json()).toMatchObject({
    status: { state: "SUCCEEDED" },
    result: { data_array: [["sales", "true"]] },
  });
});

test("errors carry PostgreSQL's code and a position in the text sent", async () => {
  const sql = "SELECT 1; SELECT nothing FROM pg_catalog.pg_class";
  const failure = admin.query(sql);
  await expect(failure).rejects.toMatchObject({
    code: "42703",
    position: String(sql.indexOf("nothing") + 1),
  });
});

test("what acts on the server is refused", async () => {
  expect(
    await code(admin.query("SELECT pg_read_file('/etc/passwd') FROM pg_class")),
  ).toBe("0A000");
  expect(
    await code(
      admin.query("SELECT set_config('role', 'postgres', false) FROM pg_class"),
    ),
  ).toBe("0A000");
});
