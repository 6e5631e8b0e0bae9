// Sessions as the catalog shows them, and the ways to end what they run: one's own, and any for administrators.

import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

let gateway: TestGateway;
let admin: pg.Client;
let token: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  admin = await gateway.connect({ raw: true });
  for (const sql of [
    "CREATE USER ann",
    "GRANT USAGE ON CATALOG main TO ann",
    "GRANT CREATE ON CATALOG main TO ann",
  ])
    await admin.query(sql);
  const made = await admin.query<Record<string, string>>(
    "CREATE TOKEN FOR USER ann",
  );
  token = made.rows[0]?.["token_value"] ?? "";
});
afterAll(() => gateway[Symbol.asyncDispose]());

const ann = (): Promise<pg.Client> =>
  gateway.connect({ user: "ann", password: token, raw: true });

/** Takes long wherever it runs. */
const LONG =
  "SELECT sum(sqrt(a.i * b.i)) FROM generate_series(1, 100000) a(i), generate_series(1, 100000) b(i)";

async function running(
  client: pg.Client,
): Promise<readonly Record<string, string>[]> {
  for (;;) {
    const { rows } = await client.query<Record<string, string>>("SHOW QUERIES");
    const found = rows.filter(({ statement = "" }) => statement === LONG);
    if (found.length > 0) return found;
  }
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no error",
    (error: unknown) =>
      error instanceof Error && "code" in error ? error.code : error,
  );

test("pg_stat_activity shows one's own sessions and no others", async () => {
  const [first, second] = [await ann(), await ann()];
  await second.query("SET application_name = 'second'");
  await second.query("BEGIN");
  const { rows } = await first.query<Record<string, string>>(
    `SELECT a.usename, a.datname, a.application_name, a.state, a.query, a.client_addr, a.backend_type,
       a.pid = pg_backend_pid() AS mine, a.xact_start <= now() AS began FROM pg_stat_activity a ORDER BY a.backend_start`,
  );
  expect(rows).toMatchObject([
    { usename: "ann", datname: "main", state: "active", mine: "t" },
    {
      application_name: "second",
      state: "idle in transaction",
      query: "BEGIN",
      client_addr: "127.0.0.1",
      backend_type: "client backend",
      began: "t",
    },
  ]);
});

test("administrators see everybody's sessions in pg_stat_activity, and what they run", async () => {
  const mine = await ann();
  await mine.query("SELECT 'of ann'");
  const { rows } = await admin.query(
    "SELECT DISTINCT usename, query, state FROM pg_stat_activity WHERE query = 'SELECT ''of ann'''",
  );
  expect(rows).toEqual([
    { usename: "ann", query: "SELECT 'of ann'", state: "idle" },
  ]);
});

test("a session is cancelled by its row of pg_stat_activity", async () => {
  const [busy, other] = [await ann(), await ann()];
  const ended = codeOf(busy.query(LONG));
  await running(other);
  const { rows } = await other.query(
    "SELECT pg_cancel_backend(pid) AS done FROM pg_stat_activity WHERE query LIKE 'SELECT sum(sqrt%' AND state = 'active'",
  );
  expect(rows).toEqual([{ done: "t" }]);
  expect(await ended).toBe("57014");
});

test("a parameter or an expression names a session too", async () => {
  const [busy, other] = [await ann(), await ann()];
  const pid = (
    await busy.query<{ pid: string }>("SELECT pg_backend_pid() AS pid")
  ).rows[0]?.pid;
  const closed = new Promise((resolve) => busy.once("end", resolve));
  expect(
    (await other.query("SELECT pg_terminate_backend($1::int) AS done", [pid]))
      .rows,
  ).toEqual([{ done: "t" }]);
  await closed;
  expect(
    (
      await other.query(
        `SELECT pg_cancel_backend(${pid ?? ""} + 0) AS done, pg_terminate_backend(0 + 1) AS none`,
      )
    ).rows,
  ).toEqual([{ done: "f", none: "f" }]);
});

test("another's session is like none, but for administrators", async () => {
  const mine = await ann();
  const pid = (
    await admin.query<{ pid: string }>("SELECT pg_backend_pid() AS pid")
  ).rows[0]?.pid;
  const warned: (string | undefined)[] = [];
  mine.on("notice", ({ message }) => warned.push(message));
  const sql = "SELECT pg_terminate_backend($1::int) AS done";
  expect((await mine.query(sql, [pid])).rows).toEqual([{ done: "f" }]);
  expect(warned).toEqual([
    `PID ${pid ?? ""} is not a PostgreSQL backend process`,
  ]);
  const own = (
    await mine.query<{ pid: string }>("SELECT pg_backend_pid() AS pid")
  ).rows[0]?.pid;
  const closed = new Promise((resolve) => mine.once("end", resolve));
  expect((await admin.query(sql, [own])).rows).toEqual([{ done: "t" }]);
  await closed;
});

test("SHOW QUERIES lists what runs, and CANCEL QUERY ends it", async () => {
  const [busy, other] = [await ann(), await ann()];
  const ended = codeOf(busy.query(LONG));
  const [query] = await running(other);
  expect(query).toMatchObject({ user_name: "ann", catalog: "main" });
  expect(await codeOf(other.query("CANCEL QUERY 'nothing'"))).toBe("42704");
  await other.query(`CANCEL QUERY '${query?.["query_id"] ?? ""}'`);
  expect(await ended).toBe("57014");
});

test("a user neither sees nor ends another's query", async () => {
  const mine = await ann();
  const busy = await gateway.connect({ raw: true });
  const ended = codeOf(busy.query(LONG));
  const [query] = await running(admin);
  const seen = await mine.query<Record<string, string>>("SHOW QUERIES");
  expect(seen.rows.map(({ statement }) => statement)).toEqual(["SHOW QUERIES"]);
  const cancel = `CANCEL QUERY '${query?.["query_id"] ?? ""}'`;
  expect(await codeOf(mine.query(cancel))).toBe("42704");
  await admin.query(cancel);
  expect(await ended).toBe("57014");
});

test("a statement of the HTTP API is a query by its id", async () => {
  const headers = { authorization: `Bearer ${gateway.adminToken}` };
  const statements = `${gateway.httpUrl}/api/2.0/sql/statements`;
  const submitted = await fetch(statements, {
    method: "POST",
    headers,
    body: JSON.stringify({
      statement: LONG,
      warehouse_id: "default",
      wait_timeout: "0s",
    }),
  });
  const { statement_id: id } = (await submitted.json()) as {
    readonly statement_id: string;
  };
  const [query] = await running(admin);
  expect(query?.["query_id"]).toBe(id);
  await admin.query(`CANCEL QUERY '${id}'`);
  await expect
    .poll(async () => (await fetch(`${statements}/${id}`, { headers })).json())
    .toMatchObject({ status: { state: "CANCELED" } });
});

test("pg_prepared_statements and pg_cursors show what the session has prepared and opened, and nothing of others", async () => {
  const [mine, other] = [await ann(), await ann()];
  await other.query("PREPARE theirs AS SELECT 1");
  await mine.query("PREPARE added (int, numeric) AS SELECT $1 + $2");
  await mine.query({ name: "sent", text: "SELECT $1::text", values: ["x"] });
  const prepared = await mine.query(
    "SELECT name, statement, parameter_types::text AS types, from_sql, prepare_time <= now() AS before FROM pg_prepared_statements ORDER BY name",
  );
  expect(prepared.rows).toEqual([
    {
      name: "added",
      statement: "PREPARE added (int, numeric) AS SELECT $1 + $2",
      types: "{integer,numeric}",
      from_sql: "t",
      before: "t",
    },
    {
      name: "sent",
      statement: "SELECT $1::text",
      types: "{text}",
      from_sql: "f",
      before: "t",
    },
  ]);
  await mine.query("DECLARE kept SCROLL CURSOR WITH HOLD FOR SELECT 1");
  await mine.query("BEGIN");
  await mine.query("DECLARE short NO SCROLL BINARY CURSOR FOR SELECT 2");
  const shown =
    "SELECT name, statement, is_holdable, is_binary, is_scrollable, creation_time <= clock_timestamp() AS before FROM pg_cursors ORDER BY name";
  const kept = {
    name: "kept",
    statement: "DECLARE kept SCROLL CURSOR WITH HOLD FOR SELECT 1",
    is_holdable: "t",
    is_binary: "f",
    is_scrollable: "t",
    before: "t",
  };
  expect((await mine.query(shown)).rows).toEqual([
    kept,
    {
      name: "short",
      statement: "DECLARE short NO SCROLL BINARY CURSOR FOR SELECT 2",
      is_holdable: "f",
      is_binary: "t",
      is_scrollable: "f",
      before: "t",
    },
  ]);
  await mine.query("COMMIT");
  expect((await mine.query(shown)).rows).toEqual([kept]);
  await mine.query("DISCARD ALL");
  expect((await mine.query(shown)).rows).toEqual([]);
  expect(
    (await mine.query("SELECT count(*) AS n FROM pg_prepared_statements")).rows,
  ).toEqual([{ n: "0" }]);
});
