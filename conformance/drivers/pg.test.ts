// node-postgres: simple and prepared, text and binary, every scalar type, NULLs, sizes, batches, transactions, cancel.

import pg from "pg";
import Cursor from "pg-cursor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { numbers } from "./numbers.ts";

/** Type, literal text as PostgreSQL prints it, and how node-postgres shows the binary form where it knows it. */
const SCALARS = [
  ["bool", "t"],
  ["int2", "-32768"],
  ["int4", "2147483647"],
  ["int8", "-9223372036854775808"],
  ["float4", "0.1"],
  ["float8", "1e+300"],
  ["float8", "NaN"],
  ["numeric", "12345678901234567890.123456789"],
  ["numeric(10,2)", "-0.50"],
  ["text", "O'Reilly \\ \u00e9\u{1f600}"],
  ["varchar", "x"],
  ["bytea", "\\x00ff10"],
  ["date", "2024-02-29"],
  ["timestamp", "2024-02-29 23:59:59.123456"],
  ["timestamptz", "2024-02-29 23:59:59.5+00"],
  ["time", "23:59:59.123456"],
  ["interval", "1 year 2 mons 3 days 04:05:06"],
  ["uuid", "7f0d5c1e-0000-4000-8000-000000000001"],
  ["json", '{"b": 1,  "a": [null]}'],
  ["jsonb", '{"a": [null], "b": 1}'],
  ["int4[]", "{1,NULL,-3}"],
  ["text[]", '{a,"b c","","NULL",NULL,"\\""}'],
] as const;

let gateway: TestGateway;
let raw: pg.Client;
let client: pg.Client;

beforeAll(async () => {
  gateway = await startTestGateway();
  raw = await gateway.connect({ raw: true });
  client = await gateway.connect();
});
afterAll(() => gateway[Symbol.asyncDispose]());

interface PgError {
  readonly code: string;
  readonly position: string | undefined;
  readonly message: string;
}

async function failure(promise: Promise<unknown>): Promise<PgError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof pg.DatabaseError)
      return {
        code: error.code ?? "",
        position: error.position,
        message: error.message,
      };
    throw error;
  }
  throw new Error("the statement did not fail");
}

describe("values", () => {
  test.each(SCALARS)("a parameter of type %s keeps %s", async (type, text) => {
    const { rows } = await raw.query<{ v: unknown; n: unknown }>(
      `select $1::${type} as v, $2::${type} as n`,
      [text, null],
    );
    expect(rows).toEqual([{ v: text, n: null }]);
  });

  test.each(SCALARS)("a literal of type %s keeps %s", async (type, text) => {
    const literal = `'${text.replaceAll("'", "''")}'::${type}`;
    const { rows } = await raw.query<{ v: unknown }>(
      `select ${literal} as v, null::${type} as n`,
    );
    expect(rows).toEqual([{ v: text, n: null }]);
  });

  test("binary results are what the driver reads from text", async () => {
    const text =
      "select true as b, 5::int2 as i2, -7 as i4, 1.5::float4 as f4, 0.1::float8 as f8, 'x'::text as t, timestamptz '2024-02-29 12:00:00.123+00' as z, null::int as n";
    const query: pg.QueryConfig & { readonly binary: boolean } = {
      text,
      binary: true,
    };
    const { rows: binary } = await client.query(query);
    const { rows } = await client.query(text);
    expect(binary).toEqual(rows);
    expect(rows[0]).toMatchObject({ b: true, i2: 5, i4: -7, f8: 0.1, n: null });
  });

  test("a buffer goes as binary bytea and comes back", async () => {
    const bytes = Buffer.from([0, 255, 92, 39, 10]);
    const { rows } = await client.query<{ v: Buffer }>(
      "select $1::bytea as v",
      [bytes],
    );
    expect(rows[0]?.v).toEqual(bytes);
  });

  test("result columns carry PostgreSQL's type ids and modifiers", async () => {
    const { fields } = await client.query(
      "select 1::int2 as a, 1::int8 as b, 1::numeric(10,2) as c, 'x'::varchar(5) as d, now() as e, array['x'] as f",
    );
    expect(
      fields.map(({ name, dataTypeID, dataTypeModifier }) => [
        name,
        dataTypeID,
        dataTypeModifier,
      ]),
    ).toEqual([
      ["a", 21, -1],
      ["b", 20, -1],
      ["c", 1700, 655_366],
      ["d", 1043, 9],
      ["e", 1184, -1],
      ["f", 1009, -1],
    ]);
  });

  test("the type of a parameter follows from its place", async () => {
    const { rows } = await client.query(
      "select $1 + 1 as a, upper($2) as b, $3 = true as c, $4::date + 1 as d",
      [41, "x", true, "2024-02-28"],
    );
    expect(rows[0]).toMatchObject({ a: 42, b: "X", c: true });
  });

  test("a parameter nobody can type is 42P18, a value of another type 22P02", async () => {
    expect((await failure(client.query("select $2::int", [1, 2]))).code).toBe(
      "42P18",
    );
    expect((await failure(client.query("select $1::int", ["x"]))).code).toBe(
      "22P02",
    );
  });
});

describe("statements", () => {
  test("a named statement is prepared once and runs with any values", async () => {
    const statement = { name: "twice", text: "select $1::int * 2 as v" };
    for (const value of [1, 2, 3]) {
      const { rows } = await client.query<{ v: number }>({
        ...statement,
        values: [value],
      });
      expect(rows).toEqual([{ v: value * 2 }]);
    }
  });

  test("a prepared statement sees the rows written since, and a table made anew", async () => {
    await client.query("create table seen (a int)");
    const count = { name: "seen", text: "select count(*)::int as n from seen" };
    expect((await client.query(count)).rows).toEqual([{ n: 0 }]);
    await client.query("insert into seen values (1), (2)");
    expect((await client.query(count)).rows).toEqual([{ n: 2 }]);
    await client.query("drop table seen");
    expect((await failure(client.query(count))).code).toBe("42P01");
    await client.query("create table seen (a int)");
    expect((await client.query(count)).rows).toEqual([{ n: 0 }]);
    await client.query("drop table seen");
  });

  test("several statements in one query give one result each", async () => {
    const results: unknown = await client.query(
      "select 1 as a; select 2 as b, 3 as c; create table t3 (a int); insert into t3 values (1),(2)",
    );
    expect(results).toMatchObject([
      { command: "SELECT", rows: [{ a: 1 }] },
      { rows: [{ b: 2, c: 3 }] },
      { command: "CREATE" },
      { command: "INSERT", rowCount: 2 },
    ]);
  });

  test("an error in a batch ends it and undoes what its implicit transaction wrote", async () => {
    await client.query("create table batch (a int)");
    const error = await failure(
      client.query("insert into batch values (1); select 1/0; select 2"),
    );
    expect(error.code).toBe("22012");
    const { rows } = await client.query("select count(*)::int as n from batch");
    expect(rows).toEqual([{ n: 0 }]);
  });

  test("an empty query and a comment are answered", async () => {
    expect((await client.query("")).rows).toEqual([]);
    expect((await client.query("-- nothing")).rows).toEqual([]);
  });

  test("an error tells SQLSTATE and place, and the session lives on", async () => {
    expect(
      await failure(client.query("select 1, nosuch from (select 1 as a) as t")),
    ).toEqual({
      code: "42703",
      position: "11",
      message: 'column "nosuch" does not exist',
    });
    expect((await client.query("select 1 as a")).rows).toEqual([{ a: 1 }]);
  });
});

describe("transactions", () => {
  test("a failed block refuses all but its end", async () => {
    await client.query("begin");
    await failure(client.query("select 1/0"));
    expect(await failure(client.query("select 1"))).toMatchObject({
      code: "25P02",
      message:
        "current transaction is aborted, commands ignored until end of transaction block",
    });
    expect((await client.query("commit")).command).toBe("ROLLBACK");
    expect((await client.query("select 1 as a")).rows).toEqual([{ a: 1 }]);
  });

  test("a block reads one version of a table, and its own writes only after COMMIT for others", async () => {
    const other = await gateway.connect();
    await client.query("create table moving (a int)");
    await client.query("begin");
    await client.query("insert into moving values (1)");
    const count = "select count(*)::int as n from moving";
    expect((await other.query(count)).rows).toEqual([{ n: 0 }]);
    await client.query("commit");
    expect((await other.query(count)).rows).toEqual([{ n: 1 }]);
    await client.query("begin");
    expect((await client.query(count)).rows).toEqual([{ n: 1 }]);
    await other.query("insert into moving values (2)");
    expect((await client.query(count)).rows).toEqual([{ n: 1 }]);
    await client.query("commit");
    expect((await client.query(count)).rows).toEqual([{ n: 2 }]);
  });

  test("ROLLBACK takes writes back", async () => {
    await client.query("create table undone (a int)");
    await client.query("begin; insert into undone values (1); rollback");
    const { rows } = await client.query(
      "select count(*)::int as n from undone",
    );
    expect(rows).toEqual([{ n: 0 }]);
  });
});

describe("size", () => {
  test("600 000 rows come whole and in order of arrival", async () => {
    const { rows } = await raw.query<[string, string]>({
      text: `select g, g * 2 from ${numbers(6)} where g < 600000`,
      rowMode: "array",
    });
    expect(rows.length).toBe(600_000);
    const sum = rows.reduce((total, [g]) => total + BigInt(g), 0n);
    expect(sum).toBe(179_999_700_000n);
    expect(rows.every(([g, twice]) => BigInt(g) * 2n === BigInt(twice))).toBe(
      true,
    );
  });

  test("a cell of 20 MB comes whole", async () => {
    const { rows } = await raw.query<{ v: string }>(
      "select repeat('abcdefghij', 2000000) as v",
    );
    expect(rows[0]?.v.length).toBe(20_000_000);
  });

  test("a cursor reads a portal piece by piece and may stop early", async () => {
    const cursor = client.query(
      new Cursor<{ g: string }>(`select g from ${numbers(6)}`),
    );
    const first = await cursor.read(10);
    const second = await cursor.read(1000);
    expect([first.length, second.length]).toEqual([10, 1000]);
    expect(new Set([...first, ...second].map(({ g }) => g)).size).toBe(1010);
    await cursor.close();
    expect((await client.query("select 1 as a")).rows).toEqual([{ a: 1 }]);
  });

  test("a held cursor with more rows than memory keeps goes to either end and back", async () => {
    await client.query("begin");
    await client.query(
      `declare kept scroll cursor with hold for select g, repeat('x', 100) from ${numbers(6)} order by g`,
    );
    await client.query("commit");
    const fetch = async (what: string): Promise<readonly string[]> => {
      const text = `fetch ${what} kept`;
      const { rows } = await client.query<{ g: string }>(text);
      return rows.map(({ g }) => g);
    };
    expect(await fetch("last from")).toEqual(["999999"]);
    expect(await fetch("backward 2 from")).toEqual(["999998", "999997"]);
    expect(await fetch("absolute 1 from")).toEqual(["0"]);
    expect(await fetch("forward 3 from")).toEqual(["1", "2", "3"]);
    expect(await fetch("absolute 500001 from")).toEqual(["500000"]);
    const { rowCount } = await client.query("move all in kept");
    expect(rowCount).toBe(499_999);
    await client.query("close kept");
  });
});

describe("connections", () => {
  test("a wrong password and a user that is not there fail alike", async () => {
    const attempts = ["admin", "nobody"].map(async (user) => {
      const one = new pg.Client({
        host: "127.0.0.1",
        port: gateway.pgPort,
        user,
        password: "sluice_wrong",
        database: "main",
      });
      return failure(one.connect());
    });
    expect(await Promise.all(attempts)).toEqual([
      {
        code: "28P01",
        position: undefined,
        message: 'password authentication failed for user "admin"',
      },
      {
        code: "28P01",
        position: undefined,
        message: 'password authentication failed for user "nobody"',
      },
    ]);
  });

  test("a database that is not there is 3D000", async () => {
    expect(await failure(gateway.connect({ database: "nosuch" }))).toEqual({
      code: "3D000",
      position: undefined,
      message: 'database "nosuch" does not exist',
    });
  });

  test("twenty sessions at once each get their own answer", async () => {
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => gateway.connect()),
    );
    const answers = await Promise.all(
      clients.map((one, index) =>
        one.query<{ n: number }>(
          "select $1::int + count(*)::int as n from (values (1)) t",
          [index],
        ),
      ),
    );
    expect(answers.map(({ rows }) => rows[0]?.n)).toEqual(
      clients.map((_, index) => index + 1),
    );
    await Promise.all(clients.map((one) => one.end()));
  });
});
