// Temporary objects in the system catalog: in a schema of their session, for that session alone.

import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

let gateway: TestGateway;
let one: pg.Client;
let other: pg.Client;
let schema: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  one = await gateway.connect({ raw: true });
  other = await gateway.connect({ raw: true });
  await one.query("CREATE TABLE public.stored (a int)");
  const [[pid] = []] = await rows(one, "SELECT pg_backend_pid()");
  schema = `pg_temp_${pid ?? ""}`;
  await one.query("CREATE TEMP TABLE t (a int NOT NULL, b text DEFAULT 'x')");
  await one.query("CREATE TEMP VIEW v AS SELECT b, a + 1 AS c FROM t");
  await one.query("CREATE TEMP FUNCTION f(x int) RETURN x + 1");
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function rows(
  client: pg.Client,
  sql: string,
): Promise<readonly (readonly (string | null)[])[]> {
  const found = await client.query<(string | null)[]>({
    text: sql,
    rowMode: "array",
  });
  return found.rows;
}

/** What psql's `\\d` asks. */
const LISTED = `SELECT n.nspname, c.relname, c.relkind, c.relpersistence, pg_catalog.pg_get_userbyid(c.relowner)
  FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r','v') AND n.nspname <> 'pg_catalog' AND n.nspname !~ '^pg_toast' AND n.nspname <> 'information_schema'
    AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1, 2`;

test("a session finds its own as visible relations of its schema", async () => {
  expect(await rows(one, LISTED)).toEqual([
    [schema, "t", "r", "t", "admin"],
    [schema, "v", "v", "t", "admin"],
    ["public", "stored", "r", "p", "admin"],
  ]);
});

test("another session of the same user finds nothing of them, before and after", async () => {
  const stored = [["public", "stored", "r", "p", "admin"]];
  expect(await rows(other, LISTED)).toEqual(stored);
  expect(await rows(one, LISTED)).toHaveLength(3);
  expect(await rows(other, LISTED)).toEqual(stored);
  expect(
    await rows(
      other,
      "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname LIKE 'pg_temp%'",
    ),
  ).toEqual([]);
});

test("columns, defaults, texts and functions are told", async () => {
  expect(
    await rows(
      one,
      `SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
        FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = '${schema}.t'::regclass AND a.attnum > 0 ORDER BY a.attnum`,
    ),
  ).toEqual([
    ["a", "integer", "t", null],
    ["b", "text", "f", "'x'::text"],
  ]);
  const [[text] = []] = await rows(
    one,
    `SELECT pg_get_viewdef('${schema}.v'::regclass)`,
  );
  expect(text).toContain("FROM");
  expect(
    await rows(
      one,
      "SELECT proname, pg_get_function_arguments(p.oid) FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname LIKE 'pg_temp%'",
    ),
  ).toEqual([["f", "x integer"]]);
});

test("the session knows its schema's name", async () => {
  const [[own] = []] = await rows(
    one,
    `SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = '${schema}'`,
  );
  expect(await rows(one, "SELECT pg_my_temp_schema()")).toEqual([[own]]);
  expect(await rows(other, "SELECT pg_my_temp_schema()")).toEqual([["0"]]);
  expect(
    await rows(one, "SELECT current_schemas(true), current_schema()"),
  ).toEqual([[`{${schema},pg_catalog,public}`, "public"]]);
  expect(await rows(one, "SELECT current_schemas(false)")).toEqual([
    ["{public}"],
  ]);
});

test("information_schema tells what is temporary", async () => {
  const sql =
    "SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema !~ '^(pg_catalog|information_schema)' ORDER BY 2";
  const stored = ["public", "stored", "BASE TABLE"];
  expect(await rows(one, sql)).toEqual([
    stored,
    [schema, "t", "LOCAL TEMPORARY"],
    [schema, "v", "LOCAL TEMPORARY"],
  ]);
  expect(await rows(other, sql)).toEqual([stored]);
  expect(
    await rows(
      one,
      "SELECT column_name FROM information_schema.columns WHERE table_name = 't' ORDER BY 1",
    ),
  ).toEqual([["a"], ["b"]]);
});

test("scripts that ask whether a temporary table is there are told so", async () => {
  const sql =
    "SELECT to_regclass('pg_temp.t') IS NULL, to_regclass('t') IS NULL, to_regclass('pg_temp.none') IS NULL, to_regclass('public.stored') IS NULL";
  expect(await rows(one, sql)).toEqual([["f", "f", "t", "f"]]);
  expect(await rows(other, sql)).toEqual([["t", "t", "t", "f"]]);
  const own =
    "SELECT relname FROM pg_catalog.pg_class WHERE relnamespace = pg_my_temp_schema() ORDER BY 1";
  expect(await rows(one, own)).toEqual([["t"], ["v"]]);
  expect(await rows(other, own)).toEqual([]);
});

test("changes show at once, and nothing is left behind", async () => {
  await one.query("ALTER TABLE t ADD COLUMN z date");
  const columns = `SELECT count(*) FROM pg_catalog.pg_attribute WHERE attnum > 0 AND attrelid IN
    (SELECT oid FROM pg_catalog.pg_class WHERE relpersistence = 't' AND relkind = 'r')`;
  expect(await rows(one, columns)).toEqual([["3"]]);
  await one.query("DISCARD TEMP");
  expect(await rows(one, LISTED)).toHaveLength(1);
  expect(await rows(one, columns)).toEqual([["0"]]);
});
