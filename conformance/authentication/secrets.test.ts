// What failed log-ins tell, and where a token's text is found afterwards: nowhere (checks 7 and 19 of the authentication specification).

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { statementClient } from "../http/statement-client.ts";

let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  const admin = await gateway.connect({ raw: true });
  await admin.query("CREATE USER alice");
  const { rows } = await admin.query<{ token_value: string }>(
    "CREATE TOKEN FOR USER alice COMMENT 'of a test'",
  );
  token = rows[0]?.token_value ?? "";
  await admin.end();
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** What the driver is told, whose name is put back to `alice`. */
async function refusal(user: string, password: string): Promise<string> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: gateway.pgPort,
    database: "main",
    user,
    password,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return "logged in";
  } catch (error) {
    const told = JSON.stringify(error, Object.getOwnPropertyNames(error));
    return told.replaceAll(user, "alice").replaceAll(/"stack":"[^"]*",/g, "");
  } finally {
    await client.end().catch(() => undefined);
  }
}

test("an unknown user, a wrong token and a malformed one are refused in the same words", async () => {
  const wrong = `${token.slice(0, -1)}${token.endsWith("a") ? "b" : "a"}`;
  const told = await refusal("alice", wrong);
  expect(told).toContain("28P01");
  expect(await refusal("nobod", wrong)).toBe(told);
  expect(await refusal("nobod", token)).toBe(told);
  expect(await refusal("alice", "x")).toBe(told);
  expect(await refusal("alice", token)).toBe("logged in");
});

test("nothing in the data directory holds the token, wherever its owner typed it", async () => {
  const client = await gateway.connect({ user: "alice", password: token });
  const tries = [
    `SELECT '${token}' AS told`,
    `SELECT '${token}'::int`,
    `SET application_name = '${token}'`,
    "SELECT 1",
    `REVOKE TOKEN '${token}'`,
    `SELECT * FROM "${token}"`,
  ];
  for (const sql of tries) await client.query(sql).catch(() => undefined);
  await client.end();
  const http = statementClient(gateway.httpUrl, token);
  await http.submit(`SELECT '${token}'`);
  expect(await refusal(token, "x")).toContain("28P01");
  const admin = await gateway.connect({ raw: true });
  const kept = await admin.query<{ count: string }>(
    "SELECT count(*) FROM system.query_history WHERE executed_by = 'alice'",
  );
  expect(Number(kept.rows[0]?.count)).toBeGreaterThan(tries.length);
  await admin.end();
  const found = readdirSync(gateway.dataDir, {
    recursive: true,
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(token));
  expect(found).toEqual([]);
});
