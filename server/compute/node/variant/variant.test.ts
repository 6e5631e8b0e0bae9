import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { printJson } from "../../../../planner/functions/value/json.ts";
import {
  arrayOf,
  type DataType,
} from "../../../../storage/common/data-type.ts";
import {
  layout,
  readAll,
  scanOf,
  testNode,
  type TestNode,
} from "../node.testkit.ts";
import { readVariant, writeVariant } from "./tree.ts";
import { variantJson } from "./value.ts";

const INT4: DataType = { kind: "int4" };
const VARIANT: DataType = { kind: "variant" };

/** A dictionary without names. */
const NO_NAMES = "110000";

function decode(value: string, metadata = NO_NAMES): string {
  return printJson(variantJson(Buffer.from(metadata + value, "hex")));
}

describe("a variant value", () => {
  test.each([
    ["null", "00", "null"],
    ["true", "04", "true"],
    ["false", "08", "false"],
    ["int8", "0cff", "-1"],
    ["int16", "10ff7f", "32767"],
    ["int32", "1400000080", "-2147483648"],
    ["int64", "18ffffffffffffff7f", "9223372036854775807"],
    ["double", "1c000000000000f83f", "1.5"],
    ["a double that is no number", "1c000000000000f87f", '"NaN"'],
    ["a negative infinity", "1c000000000000f0ff", '"-Infinity"'],
    ["decimal4", "200296000000", "1.50"],
    ["decimal8", "2402ffffffffffffffff", "-0.01"],
    [
      "decimal16",
      "280affffffffffffffffffffffffffffff7f",
      "17014118346046923173168730371.5884105727",
    ],
    ["a date", "2c00000000", '"1970-01-01"'],
    ["a date before Christ", "2cc506f5ff", '"0001-12-31 BC"'],
    ["an instant", "3040e2010000000000", '"1970-01-01T00:00:00.123456+00:00"'],
    [
      "an instant before 1970",
      "30ffffffffffffffff",
      '"1969-12-31T23:59:59.999999+00:00"',
    ],
    ["a wall clock", "3440e2010000000000", '"1970-01-01T00:00:00.123456"'],
    ["float", "380000c03f", "1.5"],
    ["bytes", "3c0200000000ff", '"\\\\x00ff"'],
    ["a long string", "4003000000616222", '"ab\\""'],
    ["a time", "4440e2010000000000", '"00:00:00.123456"'],
    [
      "an instant in nanoseconds",
      "48ffffffffffffffff",
      '"1969-12-31T23:59:59.999999+00:00"',
    ],
    [
      "a wall clock in nanoseconds",
      "4ce803000000000000",
      '"1970-01-01T00:00:00.000001"',
    ],
    [
      "a uuid",
      "50d2c639aa8816431aaaf6d3fe2512ff61",
      '"d2c639aa-8816-431a-aaf6-d3fe2512ff61"',
    ],
    ["a short string", "0dc3bc62", '"üb"'],
    ["an empty array", "030000", "[]"],
    ["an array", "03020002040c010c02", "[1, 2]"],
    ["a large array", "130100000000020c05", "[5]"],
  ])(
    "of %s is JSON without loss, and the same bytes written again",
    (_, value, json) => {
      expect(decode(value)).toBe(json);
      const again = writeVariant(
        readVariant(Buffer.from(NO_NAMES + value, "hex")),
      );
      expect(decode(again.toString("hex"), "")).toBe(json);
      if (!value.startsWith("13"))
        expect(again.toString("hex")).toBe(NO_NAMES + value);
    },
  );

  test("of an object has its members in jsonb's order", () => {
    const names = "0102000203" + Buffer.from("bba").toString("hex");
    expect(decode("0202000100" + "0204" + "0c010c02", names)).toBe(
      '{"a": 2, "bb": 1}',
    );
  });

  test.each([
    ["an unknown version", "00", "120000"],
    ["a type of a later version", "54", NO_NAMES],
    ["an integer cut short", "14ff", NO_NAMES],
    ["a string longer than its bytes", "40ff000000aa", NO_NAMES],
    ["a member without a name", "0201070002" + "0c01", NO_NAMES],
    ["more members than bytes", "13ffffffff", NO_NAMES],
    ["no bytes at all", "", NO_NAMES],
  ])("of %s is refused (XX001)", (_, value, metadata) => {
    expect(() => decode(value, metadata)).toThrow(
      expect.objectContaining({ code: "XX001" }),
    );
  });
});

let node: TestNode;
beforeAll(async () => {
  node = await testNode();
});
afterAll(() => node[Symbol.asyncDispose]());

/** Rows (id, jsonb text) of a file with columns `id` and `v`. */
async function read(
  name: string,
  sql: string,
  options?: string,
  type: DataType = VARIANT,
): Promise<unknown> {
  const split = await node.write(name, sql, options);
  const table = layout([
    ["id", INT4],
    ["v", type],
  ]);
  return node.rows(readAll(scanOf(table, [split])));
}

const DOCUMENTS = `(VALUES (1, '{"a": 1, "b": "x", "c": [1, {"d": null}]}'), (2, '{"a": "text", "e": true}'), (3, '[1.5, "y"]'), (4, '7'), (5, NULL)) AS t(id, text)`;
const TEXTS = [
  ["1", '{"a": 1, "b": "x", "c": [1, {"d": null}]}'],
  ["2", '{"a": "text", "e": true}'],
  ["3", '[1.5, "y"]'],
  ["4", "7"],
  ["5", null],
];
const PAIR = `CAST(variant_to_parquet_variant(text::JSON::VARIANT) AS STRUCT(metadata BLOB, "value" BLOB))`;

describe("a variant column", () => {
  test("is read where the file marks it as one", async () => {
    expect(
      await read(
        "marked",
        `SELECT id, text::JSON::VARIANT AS v FROM ${DOCUMENTS}`,
      ),
    ).toEqual(TEXTS);
  });

  test("is read where the file marks it and holds typed values besides", async () => {
    expect(
      await read(
        "marked-typed",
        `SELECT id, text::JSON::VARIANT AS v FROM ${DOCUMENTS}`,
        ", SHREDDING {v: 'STRUCT(a BIGINT, b VARCHAR)'}",
      ),
    ).toEqual(TEXTS);
  });

  test("is read where the file has a plain pair of metadata and value", async () => {
    const pair = `CASE WHEN text IS NOT NULL THEN ${PAIR} END`;
    expect(
      await read("pair", `SELECT id, ${pair} AS v FROM ${DOCUMENTS}`),
    ).toEqual(TEXTS);
  });

  test("tells a variant null from NULL in a plain pair", async () => {
    const value = `struct_pack(metadata := '\\x11\\x00\\x00'::BLOB, "value" := '\\x00'::BLOB)`;
    expect(
      await read(
        "null",
        `SELECT 1 AS id, ${value} AS v UNION ALL SELECT 2, NULL`,
      ),
    ).toEqual([
      ["1", "null"],
      ["2", null],
    ]);
  });

  test("has its members put together from typed ones and the rest", async () => {
    const rest = (json: string): string =>
      `CAST(variant_to_parquet_variant('${json}'::JSON::VARIANT) AS STRUCT(metadata BLOB, "value" BLOB))`;
    const row = (id: number, json: string | undefined, typed: string): string =>
      `SELECT ${id} AS id, struct_pack(
        metadata := struct_extract(${rest(json ?? "{}")}, 'metadata'),
        "value" := ${json === undefined ? "NULL::BLOB" : `struct_extract(${rest(json)}, 'value')`},
        typed_value := ${typed}) AS v`;
    const a = (value: string, other = "NULL::BLOB"): string =>
      `struct_pack("value" := ${other}, typed_value := ${value}::DECIMAL(9,2))`;
    const list = (items: string): string =>
      `struct_pack("value" := NULL::BLOB, typed_value := ${items}::STRUCT("value" BLOB, typed_value DATE)[])`;
    const fields = (first: string, second: string): string =>
      `struct_pack(a := ${first}, l := ${second})`;
    const none = "NULL::DECIMAL(9,2)";
    const sql = [
      row(1, undefined, fields(a("1.50"), list("NULL"))),
      row(
        2,
        '{"other": {"x": 1}}',
        fields(
          a(none, "'\\x0C\\x07'::BLOB"),
          list(
            "[{'value': NULL, 'typed_value': DATE '2020-01-02'}, {'value': '\\x04'::BLOB, 'typed_value': NULL}]",
          ),
        ),
      ),
      row(3, '"no object"', "NULL"),
      row(4, undefined, fields(a(none), list("NULL"))),
    ].join(" UNION ALL ");
    expect(await read("typed", sql)).toEqual([
      ["1", '{"a": 1.50}'],
      ["2", '{"a": 7, "l": ["2020-01-02", true], "other": {"x": 1}}'],
      ["3", '"no object"'],
      ["4", "{}"],
    ]);
  });

  test("is read inside lists, structs and maps", async () => {
    const type: DataType = {
      kind: "struct",
      fields: [
        { name: "l", type: arrayOf(VARIANT), nullable: true },
        {
          name: "m",
          type: { kind: "map", key: { kind: "text" }, value: VARIANT },
          nullable: true,
        },
      ],
    };
    const pair = PAIR.replaceAll("text", `'{"x": 1}'`);
    expect(
      await read(
        "nested",
        `SELECT 1 AS id, struct_pack(l := [${pair}, NULL], m := MAP {'k': ${pair}}) AS v`,
        "",
        type,
      ),
    ).toEqual([["1", '{"l": [{"x": 1}, null], "m": {"k": {"x": 1}}}']]);
  });

  test("that is no group of metadata and value is refused by name (0A000)", async () => {
    await expect(read("none", "SELECT 1 AS id, {'x': 1} AS v")).rejects.toThrow(
      expect.objectContaining({
        code: "0A000",
        message:
          'variant column "v" in the encoding of its data file is not supported',
      }),
    );
  });
});
