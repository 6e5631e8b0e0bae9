// Cells and parameters of every type (HTTP API specification, 4.1 and 4.9).

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import {
  at,
  rowsOf,
  statementClient,
  stateOf,
  type StatementClient,
} from "./statement-client.ts";

let gateway: TestGateway;
let http: StatementClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  http = statementClient(gateway.httpUrl, gateway.adminToken);
});
afterAll(() => gateway[Symbol.asyncDispose]());

describe("cells", () => {
  test.each([
    ["true", "BOOLEAN", "BOOLEAN", "true"],
    ["5::smallint", "SHORT", "SMALLINT", "5"],
    ["-5", "INT", "INT", "-5"],
    ["9223372036854775807", "LONG", "BIGINT", "9223372036854775807"],
    ["0.1::real", "FLOAT", "FLOAT", "0.1"],
    ["1e300::float8", "DOUBLE", "DOUBLE", "1e+300"],
    ["'NaN'::float8", "DOUBLE", "DOUBLE", "NaN"],
    ["'-Infinity'::float8", "DOUBLE", "DOUBLE", "-Infinity"],
    ["1.50::numeric(10,3)", "DECIMAL", "DECIMAL(10,3)", "1.500"],
    ["'x'::text", "STRING", "STRING", "x"],
    [`'a"b\\c' || chr(10)`, "STRING", "STRING", 'a"b\\c\n'],
    ["'\\x00ff'::bytea", "BINARY", "BINARY", "AP8="],
    ["date '2021-01-31'", "DATE", "DATE", "2021-01-31"],
    [
      "timestamptz '2021-01-01 10:00:00+02'",
      "TIMESTAMP",
      "TIMESTAMP",
      "2021-01-01T08:00:00.000Z",
    ],
    [
      "timestamptz '2021-01-01 10:00:00.123456+00'",
      "TIMESTAMP",
      "TIMESTAMP",
      "2021-01-01T10:00:00.123456Z",
    ],
    [
      "timestamp '2021-01-01 10:00:00.5'",
      "TIMESTAMP_NTZ",
      "TIMESTAMP_NTZ",
      "2021-01-01T10:00:00.500",
    ],
    ["array[1,null,3]", "ARRAY", "ARRAY<INT>", "[1, null, 3]"],
    [
      "'7f0d5c1e-0000-4000-8000-000000000001'::uuid",
      "STRING",
      "STRING",
      "7f0d5c1e-0000-4000-8000-000000000001",
    ],
    ["null::int", "INT", "INT", null],
    ["''", "STRING", "STRING", ""],
  ])("%s is %s %s %j", async (sql, name, text, cell) => {
    const answer = await http.submit(`select ${sql} as v`);
    expect(at(answer.body, "status", "error")).toBeUndefined();
    expect(at(answer.body, "manifest", "schema", "columns", "0")).toMatchObject(
      { name: "v", type_name: name, type_text: text },
    );
    expect(rowsOf(answer)).toEqual([[cell]]);
  });

  test("a decimal tells precision and scale", async () => {
    const { body } = await http.submit("select 1.5::numeric(10,3) as v");
    expect(at(body, "manifest", "schema", "columns", "0")).toMatchObject({
      type_precision: 10,
      type_scale: 3,
    });
  });
});

describe("parameters", () => {
  test.each([
    ["STRING", "x'); drop table t; --", "text"],
    ["BOOLEAN", "true", "boolean"],
    ["TINYINT", "7", "smallint"],
    ["SMALLINT", "-7", "smallint"],
    ["INT", "42", "integer"],
    ["BIGINT", "9223372036854775807", "bigint"],
    ["FLOAT", "0.5", "real"],
    ["DOUBLE", "0.1", "double precision"],
    ["DECIMAL(12,2)", "12.50", "numeric"],
    ["DATE", "2024-02-29", "date"],
    ["TIMESTAMP", "2024-02-29T10:00:00.000Z", "timestamp with time zone"],
    ["TIMESTAMP_NTZ", "2024-02-29T10:00:00.000", "timestamp without time zone"],
  ])("a named %s comes back as it went", async (type, value) => {
    const answer = await http.submit("select :p as v", {
      parameters: [{ name: "p", type, value }],
    });
    expect(at(answer.body, "status", "error")).toBeUndefined();
    expect(rowsOf(answer)).toEqual([[value]]);
  });

  test.each([null, undefined])("a value of %s is NULL", async (value) => {
    const answer = await http.submit("select :p is null, :p as v", {
      parameters: [{ name: "p", type: "INT", value }],
    });
    expect(rowsOf(answer)).toEqual([["true", null]]);
  });

  test("a type left out is STRING, and the empty string is no NULL", async () => {
    const answer = await http.submit("select :p as v", {
      parameters: [{ name: "p", value: "" }],
    });
    expect(rowsOf(answer)).toEqual([[""]]);
  });

  test("a name may stand often, beside casts, slices and text that look like one", async () => {
    const answer = await http.submit(
      "select :a + :a, '5'::int, ':a', (array[1,2,3])[1:2], \":b\".x from (select 1 as x) as \":b\"",
      { parameters: [{ name: "a", type: "INT", value: "4" }] },
    );
    expect(at(answer.body, "status", "error")).toBeUndefined();
    expect(rowsOf(answer)).toEqual([["8", "5", ":a", "[1, 2]", "1"]]);
  });

  test("ordinals fill question marks in order, however they are listed", async () => {
    const answer = await http.submit("select ? || '?' || ?", {
      parameters: [
        { ordinal: 2, value: "b" },
        { ordinal: 1, value: "a" },
      ],
    });
    expect(rowsOf(answer)).toEqual([["a?b"]]);
  });

  test("a text is a value and never SQL, wherever it is compared", async () => {
    await http.submit("create table spied (secret text)");
    await http.submit("insert into spied values ('a'), ('b')");
    const answer = await http.submit(
      "select count(*) from spied where secret = :p",
      { parameters: [{ name: "p", value: "a' or '1'='1" }] },
    );
    expect(rowsOf(answer)).toEqual([["0"]]);
  });

  test.each([
    ["INT", "x"],
    ["INT", "3000000000"],
    ["BOOLEAN", "perhaps"],
    ["DATE", "2023-02-29"],
    ["DOUBLE", "1e999"],
  ])("%s of %j fails with 22018", async (type, value) => {
    const answer = await http.submit("select :p", {
      parameters: [{ name: "p", type, value }],
    });
    expect(answer.status).toBe(200);
    expect(stateOf(answer)).toBe("FAILED");
    expect(at(answer.body, "status", "sql_state")).toBe("22018");
  });

  test.each([
    [[{ name: "p", type: "ARRAY<INT>", value: "[]" }]],
    [[{ name: "p", type: "NOSUCH", value: "1" }]],
    [[{ name: "p", value: 1 }]],
    [
      [
        { name: "p", value: "1" },
        { name: "p", value: "2" },
      ],
    ],
    [
      [
        { ordinal: 1, value: "1" },
        { name: "p", value: "2" },
      ],
    ],
    [[{ ordinal: 2, value: "1" }]],
    [[{ value: "1" }]],
  ])("the list %j is refused", async (parameters) => {
    const answer = await http.submit("select :p", { parameters });
    expect(answer.status).toBe(400);
    expect(answer.body["error_code"]).toBe("INVALID_PARAMETER_VALUE");
  });
});
