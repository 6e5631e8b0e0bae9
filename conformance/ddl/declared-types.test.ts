// Types other engines see as strings (contract.md section 4): enforced on write, shown and compared as declared.

import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { fieldsOf } from "./table-log.ts";

let gateway: TestGateway;
let client: pg.Client;
beforeAll(async () => {
  gateway = await startTestGateway();
  client = await gateway.connect({ raw: true });
  await client.query(
    "CREATE TABLE declared (u uuid, j json, b jsonb, t time, i interval, v varchar(3), c char(4), us uuid[])",
  );
});
afterAll(() => gateway[Symbol.asyncDispose]());

const UUID = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";

describe("declared types", () => {
  test("are strings with a mark in the log", async () => {
    const fields = await fieldsOf(client, "declared");
    expect(fields.map(({ type, metadata }) => [type, metadata])).toEqual([
      ["string", { "sluice.type": "uuid" }],
      ["string", { "sluice.type": "json" }],
      ["string", { "sluice.type": "jsonb" }],
      ["string", { "sluice.type": "time" }],
      ["string", { "sluice.type": "interval" }],
      ["string", { __CHAR_VARCHAR_TYPE_STRING: "varchar(3)" }],
      ["string", { __CHAR_VARCHAR_TYPE_STRING: "char(4)" }],
      [
        { type: "array", elementType: "string", containsNull: true },
        { "sluice.type": "uuid[]" },
      ],
    ]);
  });

  test("are written in one spelling and compared as what they are", async () => {
    await client.query(
      `INSERT INTO declared VALUES ('{${UUID.toUpperCase()}}', '{"a": 1 }', '{"b":2, "a":1}', '04:05:06.5', '1 day 02:00', 'abc  ', 'x', ARRAY['${UUID}']::uuid[])`,
    );
    const { rows } = await client.query({
      text: "SELECT * FROM declared",
      rowMode: "array",
    });
    expect(rows).toEqual([
      [
        UUID,
        '{"a": 1 }',
        '{"a": 1, "b": 2}',
        "04:05:06.5",
        "1 day 02:00:00",
        "abc",
        "x   ",
        `{${UUID}}`,
      ],
    ]);
    const compared = await client.query(
      `SELECT u = '${UUID.toUpperCase()}' AS u, b = '{"a":1,"b":2}' AS b, b ->> 'b' AS f, t > '04:05' AS t, i = '26 hours' AS i, c = 'x' AS c FROM declared`,
    );
    expect(compared.rows).toEqual([
      { u: "t", b: "t", f: "2", t: "t", i: "t", c: "t" },
    ]);
  });

  test.each([
    ["u", "'nonsense'::text::uuid", "22P02"],
    ["j", "'{'", "22P02"],
    ["t", "'25:00'", "22008"],
    ["i", "'soon'", "22007"],
    ["v", "'abcd'", "22001"],
    ["v", "repeat('x', 4)", "22001"],
    ["c", "repeat('x', 5)", "22001"],
    ["u", "1", "42804"],
  ])("%s does not take %s", async (column, value, code) => {
    await expect(
      client.query(`INSERT INTO declared(${column}) SELECT ${value}`),
    ).rejects.toMatchObject({ code });
  });

  test("are checked when UPDATE stores them", async () => {
    await expect(
      client.query("UPDATE declared SET v = v || 'd'"),
    ).rejects.toMatchObject({ code: "22001" });
    await client.query("UPDATE declared SET v = 'z', c = 'yy'");
    const { rows } = await client.query({
      text: "SELECT v, c FROM declared",
      rowMode: "array",
    });
    expect(rows).toEqual([["z", "yy  "]]);
  });
});
