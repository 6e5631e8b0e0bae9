// postgres.js: always prepared, pipelined, binary-free, with its own types query at connect switched off and on.

import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { numbers } from "./numbers.ts";

let gateway: TestGateway;
let sql: postgres.Sql;

beforeAll(async () => {
  gateway = await startTestGateway();
  sql = postgres({
    host: "127.0.0.1",
    port: gateway.pgPort,
    user: "admin",
    password: gateway.adminToken,
    database: "main",
    max: 4,
    fetch_types: false,
    onnotice: () => undefined,
  });
});
afterAll(async () => {
  await sql.end();
  await gateway[Symbol.asyncDispose]();
});

test("parameters of each kind of JavaScript value", async () => {
  const when = new Date("2024-02-29T12:00:00.123Z");
  const [row] = await sql`
    select ${5}::int as i, ${"x'y"}::text as t, ${true}::bool as b, ${null}::int as n,
      ${when}::timestamptz as z, ${12.5}::float8 as f, ${"9007199254740993"}::int8 as big`;
  expect(row).toEqual({
    i: 5,
    t: "x'y",
    b: true,
    n: null,
    z: when,
    f: 12.5,
    big: "9007199254740993",
  });
});

test("rows are inserted by its helper and read back", async () => {
  await sql`create table helped (id int, name text)`;
  await sql`insert into helped ${sql([
    { id: 1, name: "a" },
    { id: 2, name: null },
  ])}`;
  expect([...(await sql`select * from helped order by id`)]).toEqual([
    { id: 1, name: "a" },
    { id: 2, name: null },
  ]);
});

test("a transaction commits as one or not at all", async () => {
  await sql`create table moved (a int)`;
  await sql.begin(async (inside) => {
    await inside`insert into moved values (1)`;
    await inside`insert into moved values (2)`;
  });
  const failed = sql.begin(async (inside) => {
    await inside`insert into moved values (3)`;
    await inside`select 1/0`;
  });
  await expect(failed).rejects.toMatchObject({ code: "22012" });
  expect([...(await sql`select a from moved order by a`)]).toEqual([
    { a: 1 },
    { a: 2 },
  ]);
});

test("pipelined queries answer in their order, an error fails its own alone", async () => {
  const answers = await Promise.allSettled([
    sql`select 1 as a`,
    sql`select 1/0 as a`,
    sql`select 3 as a`,
  ]);
  expect(answers.map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
});

test("a cursor streams a large result in pieces", async () => {
  let count = 0;
  await sql.unsafe(`select g from ${numbers(5)}`).cursor(7_000, (rows) => {
    count += rows.length;
  });
  expect(count).toBe(100_000);
});

test("a running query is cancelled, and the connection goes on", async () => {
  const endless = sql.unsafe(`select count(*) from ${numbers(15)}`);
  const ended = expect(endless).rejects.toMatchObject({ code: "57014" });
  await sql`select 1`;
  endless.cancel();
  await ended;
  expect([...(await sql`select 2 as a`)]).toEqual([{ a: 2 }]);
});

test("several statements in one simple query", async () => {
  const results: unknown = await sql
    .unsafe("select 1 as a; select 2 as b")
    .simple();
  expect(results).toMatchObject([[{ a: 1 }], [{ b: 2 }]]);
});
