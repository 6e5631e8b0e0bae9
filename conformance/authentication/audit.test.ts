// The audit file as an auditor reads it: who ran what, from where, by which credential, and the grant that allowed it.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { at, statementClient } from "../http/statement-client.ts";

let gateway: TestGateway;
let bob: pg.Client;
let token: { readonly id: string; readonly value: string };

beforeAll(async () => {
  gateway = await startTestGateway();
  const admin = await gateway.connect();
  for (const statement of [
    "create user bob",
    "create group analysts with user bob",
    "create schema sales",
    "create table sales.orders (id int)",
    "create view sales.newest as select max(id) as id from sales.orders",
    "grant usage, select on schema sales to analysts",
  ])
    await admin.query(statement);
  const made = await admin.query({
    text: "create token for bob",
    rowMode: "array",
  });
  const [id, value] = (made.rows as string[][])[0] ?? [];
  token = { id: id ?? "", value: value ?? "" };
  bob = await gateway.connect({ user: "bob", password: token.value });
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** Records of bob's statements, oldest first, that `work` leaves. */
async function submitted(
  work: () => Promise<unknown>,
): Promise<readonly unknown[]> {
  const read = (): readonly unknown[] =>
    readFileSync(join(gateway.dataDir, "audit/audit.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line))
      .filter(
        (record) =>
          at(record, "action_name") === "commandSubmit" &&
          at(record, "user_identity", "email") === "bob",
      );
  const before = read().length;
  await work();
  return read().slice(before);
}

test("a statement is there by its fingerprint, with its objects and the grant that decided", async () => {
  const sql = "select id from sales.orders where id = 4711";
  const records = await submitted(() => bob.query(sql));
  expect(records).toEqual([
    expect.objectContaining({
      service_name: "databrickssql",
      source_ip_address: "127.0.0.1",
      user_identity: expect.objectContaining({
        email: "bob",
        credential_id: token.id,
      }) as object,
      request_params: {
        statement_sha256: createHash("sha256").update(sql).digest("hex"),
        objects: [
          "SELECT on TABLE main.sales.orders: GRANT SELECT on DATABASE main.sales to analysts",
        ],
      },
    }),
  ]);
  expect(JSON.stringify(records)).not.toContain("4711");
});

test("each run of a prepared statement is there, and what a view reaches", async () => {
  const query = { name: "p", text: "select * from sales.newest" };
  const records = await submitted(async () => {
    await bob.query(query);
    await bob.query(query);
  });
  expect(records.length).toBe(2);
  const objects = JSON.stringify(at(records[1], "request_params", "objects"));
  expect(objects).toContain("SELECT on VIEW main.sales.newest: GRANT SELECT");
  expect(objects).toContain(
    "SELECT on TABLE main.sales.orders: through a view",
  );
});

test("statements over HTTP are there too; those that reach nothing governed are not", async () => {
  const { httpUrl } = gateway;
  const client = statementClient(httpUrl, token.value);
  const records = await submitted(() =>
    client.submit("select count(*) from sales.orders"),
  );
  expect(records.length).toBe(1);
  expect(await submitted(() => bob.query("select 1"))).toEqual([]);
});
