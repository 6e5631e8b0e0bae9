import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parquetMetadata } from "hyparquet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataType } from "../../../../storage/common/data-type.ts";
import {
  draftsOf,
  fragmentOf,
  layout,
  readAll,
  scanOf,
  testNode,
  type TestNode,
} from "../node.testkit.ts";

const INT4: DataType = { kind: "int4" };
const VARIANT: DataType = { kind: "variant" };
const INNER: DataType = {
  kind: "struct",
  fields: [
    { name: "n", type: INT4, nullable: true },
    { name: "w", type: VARIANT, nullable: true },
  ],
};
const TABLE = layout([
  ["id", INT4],
  ["v", VARIANT, { physicalName: "col-v", fieldId: 7 }],
  ["s", INNER],
]);
const TYPES = TABLE.columns.map(({ type }) => type);

let node: TestNode;
beforeAll(async () => {
  node = await testNode();
});
afterAll(() => node[Symbol.asyncDispose]());

/** `SELECT id, v, s` with variants from JSON text. */
const ROWS = `SELECT id AS c1, variant_of(json) AS c2,
  CASE WHEN id <> 3 THEN struct_pack(n := id, w := CASE WHEN id <> 1 THEN variant_of(json) END) END AS c3
  FROM (VALUES (1, '{"b": [1, -300, 70000, 5000000000, 1.50, 123456789012345678901234567890.5], "a": "ü"}'), (2, 'null'), (3, NULL),
    (4, '{"long": "${"x".repeat(100)}", "e": 1e300, "t": true, "f": false, "o": {}, "l": []}')) AS t(id, json)`;

async function written(
  location: string,
): Promise<ReturnType<typeof draftsOf>[number]> {
  const target = {
    location,
    layout: TABLE,
    tracked: [],
    targetFileBytes: 128_000_000,
    indexedColumns: 32,
    checked: false,
  };
  const frames = await node.frames(
    fragmentOf(ROWS, TYPES, { output: { kind: "write", target } }),
  );
  const [draft] = draftsOf(frames);
  if (draft === undefined) throw new TypeError("one file is written");
  return draft;
}

describe("a written variant column", () => {
  test("is a group of REQUIRED metadata and value, which holds the column's field id", async () => {
    const location = join(node.dir, "schema");
    const draft = await written(location);
    const bytes = readFileSync(join(location, draft.path));
    expect(bytes.length).toBe(draft.sizeBytes);
    const { schema, row_groups } = parquetMetadata(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    );
    const member = (name: string): object => ({
      type: "BYTE_ARRAY",
      repetition_type: "REQUIRED",
      name,
    });
    const variant = (name: string): object => ({
      repetition_type: "OPTIONAL",
      name,
      num_children: 2,
    });
    expect(schema.slice(2)).toEqual([
      { ...variant("col-v"), field_id: 7 },
      member("metadata"),
      member("value"),
      expect.objectContaining({ name: "s", num_children: 2 }),
      expect.objectContaining({ name: "n", type: "INT32" }),
      variant("w"),
      member("metadata"),
      member("value"),
    ]);
    expect(
      row_groups[0]?.columns.map(({ meta_data }) => meta_data?.path_in_schema),
    ).toEqual([
      ["id"],
      ["col-v", "metadata"],
      ["col-v", "value"],
      ["s", "n"],
      ["s", "w", "metadata"],
      ["s", "w", "value"],
    ]);
  });

  test("has null counts and no bounds among its statistics", async () => {
    const draft = await written(join(node.dir, "stats"));
    expect(JSON.parse(draft.stats)).toEqual({
      numRecords: 4,
      minValues: { id: 1, s: { n: 1 } },
      maxValues: { id: 4, s: { n: 4 } },
      nullCount: { id: 0, "col-v": 1, s: { n: 1, w: 2 } },
    });
  });

  test("is read back as it was, a variant null apart from NULL", async () => {
    const location = join(node.dir, "round");
    const draft = await written(location);
    const split = {
      path: join(location, draft.path),
      sizeBytes: draft.sizeBytes,
      partitionValues: [],
    };
    const one =
      '{"a": "ü", "b": [1, -300, 70000, 5000000000, 1.50, 123456789012345678901234567890.5]}';
    const four = `{"e": 1${"0".repeat(300)}, "f": false, "l": [], "o": {}, "t": true, "long": "${"x".repeat(100)}"}`;
    expect(await node.rows(readAll(scanOf(TABLE, [split])))).toEqual([
      ["1", one, '{"n": 1, "w": null}'],
      ["2", "null", '{"n": 2, "w": null}'],
      ["3", null, null],
      ["4", four, `{"n": 4, "w": ${four}}`],
    ]);
  });

  test("keeps the type of every scalar when it is copied", async () => {
    const scalars = [
      ["true", ""],
      ["false", ""],
      ["int1", "-1"],
      ["int2", "300"],
      ["int4", "70000"],
      ["int8", "-5000000000"],
      ["float8", "1.5"],
      ["float8", "nan"],
      ["numeric", "1.50"],
      ["numeric", "1234567890.12"],
      ["numeric", "12345678901234567890.12"],
      ["date", "-1"],
      ["timestamptz", "-1"],
      ["timestamp", "1"],
      ["float4", "0.5"],
      ["bytea", "00ff"],
      ["text", "short"],
      ["text", "y".repeat(70)],
      ["time", "1"],
      ["uuid", "d2c639aa-8816-431a-aaf6-d3fe2512ff61"],
    ] as const;
    const table = layout([["v", VARIANT]]);
    const list = scalars
      .map(([code, text]) => `variant_scalar('${code}', '${text}')`)
      .join(", ");
    const target = {
      location: join(node.dir, "scalars"),
      layout: table,
      tracked: [],
      targetFileBytes: 128_000_000,
      indexedColumns: 32,
      checked: false,
    };
    const [draft] = draftsOf(
      await node.frames(
        fragmentOf(
          `SELECT unnest([variant_list([${list}]), ${list}]) AS c1`,
          [VARIANT],
          { output: { kind: "write", target } },
        ),
      ),
    );
    const scan = scanOf(table, [
      {
        path: join(target.location, draft?.path ?? ""),
        sizeBytes: draft?.sizeBytes ?? 0,
        partitionValues: [],
      },
    ]);
    const rows = await node.rows({
      ...readAll(scan),
      sql: `SELECT hex(c1) AS c1 FROM (${readAll(scan).sql})`,
      columns: [
        {
          name: "c1",
          type: { kind: "text" },
          representation: { kind: "native" },
        },
      ],
    });
    const expected = await node.rows(
      fragmentOf(
        `SELECT hex(unnest([variant_list([${list}]), ${list}])) AS c1`,
        [{ kind: "text" }],
      ),
    );
    const sorted = (list: readonly unknown[]): readonly string[] =>
      list.map(String).sort();
    expect(sorted(rows)).toEqual(sorted(expected));
    expect(readdirSync(target.location)).toHaveLength(1);
  });
});
