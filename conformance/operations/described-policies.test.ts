// DESCRIBE EXTENDED tells of row filter and masks to those who may see them, and of nothing to others who may describe the table.

import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

let gateway: TestGateway;
let admin: pg.Client;
let ann: pg.Client;

beforeAll(async () => {
  gateway = await startTestGateway();
  admin = await gateway.connect({ raw: true });
  for (const sql of [
    "CREATE USER ann",
    "CREATE SCHEMA s",
    "GRANT USAGE, SELECT, READ_METADATA ON SCHEMA s TO ann",
    "CREATE FUNCTION s.near(r text) RETURN r = 'US'",
    "CREATE FUNCTION s.hide(e text, r text) RETURN '***'",
    "CREATE TABLE s.t (id int, region text, email text)",
    "ALTER TABLE s.t SET ROW FILTER s.near ON (region)",
    "ALTER TABLE s.t ALTER COLUMN email SET MASK s.hide USING COLUMNS (region)",
  ])
    await admin.query(sql);
  const made = await admin.query<Record<string, string>>(
    "CREATE TOKEN FOR USER ann",
  );
  const password = made.rows[0]?.["token_value"] ?? "";
  ann = await gateway.connect({ user: "ann", password, raw: true });
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function described(
  client: pg.Client,
): Promise<ReadonlyMap<string, string | null>> {
  const { rows } = await client.query<{ col_name: string; data_type: string }>(
    "DESCRIBE EXTENDED s.t",
  );
  return new Map(rows.map((row) => [row.col_name, row.data_type]));
}

test("an administrator sees function and columns of each policy", async () => {
  const found = await described(admin);
  expect(found.get("Row Filter")).toBe("main.s.near ON (region)");
  expect(found.has("# Column Masks")).toBe(true);
  expect(found.get("email")).toBe("main.s.hide USING COLUMNS (region)");
});

test("READ_METADATA alone shows none of it", async () => {
  const found = await described(ann);
  expect(found.get("email")).toBe("text");
  expect(found.get("format")).toBe("delta");
  expect([...found.entries()].join()).not.toMatch(/near|hide|Filter|Mask/);
});

test("the owner sees them", async () => {
  await admin.query("ALTER TABLE s.t OWNER TO ann");
  expect((await described(ann)).get("Row Filter")).toBe(
    "main.s.near ON (region)",
  );
});
