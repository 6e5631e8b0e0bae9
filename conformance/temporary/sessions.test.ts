// Temporary objects belong to one session: the same text means something else in the next one, whatever was prepared or cached.

import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

let gateway: TestGateway;
let one: pg.Client;
let other: pg.Client;

beforeAll(async () => {
  gateway = await startTestGateway();
  one = await gateway.connect({ raw: true });
  other = await gateway.connect({ raw: true });
  await one.query("CREATE TABLE public.t (a int)");
  await one.query("INSERT INTO public.t VALUES (1)");
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** The rows as lines, or the SQLSTATE. */
async function outcome(client: pg.Client, sql: string): Promise<string> {
  try {
    const { rows } = await client.query<unknown[]>({
      text: sql,
      rowMode: "array",
    });
    return rows.map((row) => row.join("|")).join("\n");
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

describe("two sessions of one user", () => {
  test("do not see each other's objects of the same name", async () => {
    await one.query("CREATE TEMP VIEW own AS SELECT 'one' AS who");
    await other.query("CREATE TEMP VIEW own AS SELECT 'other' AS who");
    for (const _ of [1, 2]) {
      expect(await outcome(one, "SELECT who FROM own")).toBe("one");
      expect(await outcome(other, "SELECT who FROM own")).toBe("other");
    }
    await one.query("DROP VIEW own");
    expect(await outcome(one, "SELECT who FROM own")).toBe("42P01");
    expect(await outcome(other, "SELECT who FROM own")).toBe("other");
  });

  test("do not share the plan of a text that one's view shadows a table in", async () => {
    const sql = "SELECT a FROM t";
    expect(await outcome(other, sql)).toBe("1");
    await one.query("CREATE TEMP VIEW t AS SELECT 2 AS a");
    expect(await outcome(one, sql)).toBe("2");
    expect(await outcome(other, sql)).toBe("1");
    await one.query("CREATE OR REPLACE TEMP VIEW t AS SELECT 3 AS a");
    expect(await outcome(one, sql)).toBe("3");
    await one.query("BEGIN");
    await one.query("DROP VIEW t");
    expect(await outcome(one, sql)).toBe("1");
    await one.query("ROLLBACK");
    expect(await outcome(one, sql)).toBe("3");
    await one.query("DISCARD TEMP");
    expect(await outcome(one, sql)).toBe("1");
  });

  test("do not reach each other by the other's schema name", async () => {
    await other.query("CREATE TEMP VIEW mine AS SELECT 1 AS a");
    const [{ pid } = { pid: "" }] = (
      await other.query<{ pid: string }>("SELECT pg_backend_pid() AS pid")
    ).rows;
    const sql = `SELECT a FROM pg_temp_${pid}.mine`;
    expect(await outcome(other, sql)).toBe("1");
    expect(await outcome(one, sql)).toBe("42P01");
  });
});

test("a view over temporary objects is told to be one", async () => {
  const client = await gateway.connect({ raw: true });
  const notices: unknown[] = [];
  client.on("notice", ({ message, severity }) =>
    notices.push([severity, message]),
  );
  await client.query("CREATE TEMP VIEW below AS SELECT 1 AS a");
  await client.query("CREATE VIEW above AS SELECT a FROM below");
  expect(notices).toEqual([
    ["NOTICE", 'view "above" will be a temporary view'],
  ]);
  await client.query("CREATE VIEW pg_temp.plain AS SELECT 1 AS a");
  expect(notices).toHaveLength(1);
  await client.end();
});

describe("a prepared statement", () => {
  const prepared = { name: "p", text: "SELECT a FROM t", rowMode: "array" };

  test("follows temporary objects made and dropped after it", async () => {
    const client = await gateway.connect({ raw: true });
    const run = async (): Promise<unknown> =>
      (await client.query<unknown[]>(prepared)).rows;
    expect(await run()).toEqual([["1"]]);
    await client.query("CREATE TEMP VIEW t AS SELECT 5 AS a");
    expect(await run()).toEqual([["5"]]);
    await client.query("CREATE OR REPLACE TEMP VIEW t AS SELECT 'x' AS a");
    await expect(run()).rejects.toMatchObject({
      code: "0A000",
      message: "cached plan must not change result type",
    });
    await client.query("DROP VIEW t");
    expect(await run()).toEqual([["1"]]);
    await client.end();
  });
});

test("nothing is left for the next session", async () => {
  const client = await gateway.connect({ raw: true });
  await client.query("CREATE TEMP VIEW gone AS SELECT 1 AS a");
  await client.end();
  const next = await gateway.connect({ raw: true });
  expect(await outcome(next, "SELECT a FROM gone")).toBe("42P01");
  await next.end();
});

test.each([
  "CREATE TEMP VIEW v AS SELECT 1 AS a",
  "CREATE VIEW pg_temp.v AS SELECT 1 AS a",
  "CREATE TEMP FUNCTION f() RETURN 1",
])("%s is refused over HTTP, where a session is one statement", async (sql) => {
  const response = await fetch(`${gateway.httpUrl}/api/2.0/sql/statements`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.adminToken}` },
    body: JSON.stringify({ statement: sql }),
  });
  const { status } = (await response.json()) as {
    readonly status: { readonly error: { readonly message: string } };
  };
  expect(status.error.message).toMatch(
    /temporary objects over HTTP are not supported.*SQLSTATE: 0A000/su,
  );
});
