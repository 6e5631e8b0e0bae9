import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataType } from "../../../storage/common/data-type.ts";
import type { TableLayout } from "../../../storage/scan/split.ts";
import type { FileDraft, Fragment, WriteTarget } from "../fragment.ts";
import {
  draftsOf,
  fragmentOf,
  layout,
  readAll,
  scanOf,
  testNode,
  type TestNode,
} from "./node.testkit.ts";

const INT4: DataType = { kind: "int4" };
const INT8: DataType = { kind: "int8" };
const TEXT: DataType = { kind: "text" };

let node: TestNode;
beforeAll(async () => {
  node = await testNode();
});
afterAll(() => node[Symbol.asyncDispose]());

let tables = 0;

function writing(
  sql: string,
  table: TableLayout,
  more: Partial<WriteTarget> = {},
): { readonly fragment: Fragment; readonly location: string } {
  const location = join(node.dir, `table ${++tables}`);
  const target: WriteTarget = {
    location,
    layout: table,
    tracked: [],
    targetFileBytes: 128_000_000,
    indexedColumns: 32,
    checked: false,
    ...more,
  };
  const types = [
    ...table.columns.map(({ type }) => type),
    ...(target.checked ? [TEXT] : []),
  ];
  return {
    location,
    fragment: fragmentOf(sql, types, { output: { kind: "write", target } }),
  };
}

async function write(
  sql: string,
  table: TableLayout,
  more?: Partial<WriteTarget>,
): Promise<{
  readonly drafts: readonly FileDraft[];
  readonly location: string;
}> {
  const { fragment, location } = writing(sql, table, more);
  return { drafts: draftsOf(await node.frames(fragment)), location };
}

describe("written files", () => {
  test("are read back with the rows and counts they were given", async () => {
    const table = layout([
      ["a", INT4],
      ["t", TEXT],
    ]);
    const { drafts, location } = await write(
      "SELECT i::INT AS c1, 'text ' || i AS c2 FROM range(100) t(i)",
      table,
    );
    expect(drafts).toHaveLength(1);
    const [draft] = drafts;
    expect(draft).toMatchObject({ rowCount: 100, partitionValues: [] });
    const splits = drafts.map(({ path, sizeBytes }) => ({
      path: join(location, path),
      sizeBytes,
      partitionValues: [],
    }));
    const rows = await node.rows(readAll(scanOf(table, splits)));
    expect(rows).toHaveLength(100);
    expect(rows[0]).toEqual(["0", "text 0"]);
  });

  test("end with the violation of the first row that has one", async () => {
    const table = layout([["a", INT4]]);
    const rows = (violation: string): string =>
      `SELECT i::INT AS c1, CASE WHEN i = 7 THEN ${violation} END AS c2 FROM range(10) t(i)`;
    const { drafts } = await write(rows("NULL"), table, { checked: true });
    expect(drafts[0]).toMatchObject({ rowCount: 10 });
    expect(drafts[0]?.stats).not.toContain("c2");
    await expect(
      write(
        rows("'23514:a is seven' || chr(1) || 'Failing row contains (7).'"),
        table,
        { checked: true },
      ),
    ).rejects.toMatchObject({
      code: "23514",
      message: "a is seven",
      detail: "Failing row contains (7).",
    });
  });

  test("carry statistics as the Delta protocol wants them", async () => {
    const types: readonly (readonly [string, DataType])[] = [
      ["i", INT8],
      ["f", { kind: "float8" }],
      ["n", { kind: "float8" }],
      ["d", { kind: "numeric", precision: 20, scale: 2 }],
      ["s", TEXT],
      ["day", { kind: "date" }],
      ["tz", { kind: "timestamptz" }],
      ["ntz", { kind: "timestamp" }],
      ["b", { kind: "bool" }],
      [
        "st",
        { kind: "struct", fields: [{ name: "x", type: INT4, nullable: true }] },
      ],
      ["l", { kind: "array", element: INT4 }],
    ];
    const sql = `SELECT * FROM (VALUES
      (9223372036854775807::BIGINT, 'inf'::DOUBLE, 'nan'::DOUBLE, 123456789012345678.99::DECIMAL(20,2), repeat('z', 40), DATE '2021-01-31', TIMESTAMPTZ '2021-01-01 10:00:00.123999+00', TIMESTAMP '2021-01-01 10:00:00.5', true, {'x': 5}, [1]),
      (-1, -0.5, 1.5, -0.01, 'a', DATE '1969-12-31', TIMESTAMPTZ '2020-01-01 00:00:00+00', TIMESTAMP '2021-01-01', false, NULL, NULL),
      (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, {'x': NULL}, NULL)) v(c1,c2,c3,c4,c5,c6,c7,c8,c9,c10,c11)`;
    const { drafts } = await write(sql, layout(types));
    expect(drafts[0]?.stats).toContain('"i":9223372036854775807');
    expect(drafts[0]?.stats).toContain('"d":123456789012345678.99');
    expect(JSON.parse(drafts[0]?.stats ?? "")).toMatchObject({
      numRecords: 3,
      minValues: {
        f: -0.5,
        n: 1.5,
        s: "a",
        day: "1969-12-31",
        tz: "2020-01-01T00:00:00.000Z",
        ntz: "2021-01-01T00:00:00.000",
        st: { x: 5 },
      },
      maxValues: {
        f: "Infinity",
        n: "NaN",
        s: `${"z".repeat(32)}\u007f`,
        day: "2021-01-31",
        tz: "2021-01-01T10:00:00.123Z",
        ntz: "2021-01-01T10:00:00.500",
      },
      nullCount: { i: 1, f: 1, s: 1, tz: 1, st: { x: 2 } },
    });
  });

  test("have statistics only of the first indexed columns", async () => {
    const { drafts } = await write(
      "SELECT 1 AS c1, 2 AS c2",
      layout([
        ["a", INT4],
        ["b", INT4],
      ]),
      { indexedColumns: 1 },
    );
    expect(JSON.parse(drafts[0]?.stats ?? "")).toEqual({
      numRecords: 1,
      minValues: { a: 1 },
      maxValues: { a: 1 },
      nullCount: { a: 0 },
    });
  });

  test("lie in partition folders, with values as the log holds them, and without the partition columns", async () => {
    const table = layout(
      [
        ["p", TEXT],
        ["a", INT4],
        ["ts", { kind: "timestamptz" }],
      ],
      { partitionColumns: ["ts", "p"] },
    );
    const sql = `SELECT * FROM (VALUES ('a/b c=%', 1, TIMESTAMPTZ '2021-01-01 10:00:00+00'), ('', 2, NULL), (NULL, 3, NULL), ('a/b c=%', 4, TIMESTAMPTZ '2021-01-01 10:00:00+00')) v(c1, c2, c3)`;
    const { drafts, location } = await write(sql, table);
    const seen = drafts.map(({ partitionValues, rowCount }) => ({
      partitionValues,
      rowCount,
    }));
    expect(seen).toHaveLength(2);
    expect(seen).toContainEqual({
      partitionValues: ["2021-01-01T10:00:00.000000Z", "a/b c=%"],
      rowCount: 2,
    });
    expect(seen).toContainEqual({ partitionValues: [null, null], rowCount: 2 });
    for (const { path } of drafts) expect(path.split("/")).toHaveLength(3);
    const splits = drafts.map(({ path, sizeBytes, partitionValues }) => ({
      path: join(location, path),
      sizeBytes,
      partitionValues: [partitionValues[0] ?? null, partitionValues[1] ?? null],
    }));
    const rows = await node.rows(readAll(scanOf(table, splits)));
    expect(rows).toEqual([
      ["a/b c=%", "1", "2021-01-01T10:00:00.000Z"],
      ["a/b c=%", "4", "2021-01-01T10:00:00.000Z"],
      [null, "2", null],
      [null, "3", null],
    ]);
  });

  test("are several when they would be too large", async () => {
    const { drafts } = await write(
      "SELECT i AS c1, md5(i::VARCHAR) AS c2 FROM range(500000) t(i)",
      layout([
        ["a", INT8],
        ["t", TEXT],
      ]),
      { targetFileBytes: 4_000_000 },
    );
    expect(drafts.length).toBeGreaterThan(1);
    expect(drafts.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(
      500_000,
    );
  });

  test("are none for no rows", async () => {
    const { drafts } = await write(
      "SELECT 1 AS c1 WHERE false",
      layout([["a", INT4]]),
    );
    expect(drafts).toEqual([]);
  });

  test("have physical names and field ids under column mapping", async () => {
    const struct: DataType = {
      kind: "struct",
      fields: [{ name: "x", type: INT4, nullable: true }],
    };
    const table = layout([
      ["a", INT4, { physicalName: "col-1", fieldId: 1 }],
      [
        "s",
        struct,
        {
          physicalName: "col-2",
          fieldId: 2,
          children: [
            { name: "x", physicalName: "col-3", fieldId: 3, type: INT4 },
          ],
        },
      ],
    ]);
    const { drafts, location } = await write(
      "SELECT 1 AS c1, {'x': 7} AS c2",
      table,
    );
    const splits = drafts.map(({ path, sizeBytes }) => ({
      path: join(location, path),
      sizeBytes,
      partitionValues: [],
    }));
    const [schema] = await node.services.footers.read("t", splits);
    expect(schema?.columns).toMatchObject([
      { name: "col-1", fieldId: 1 },
      { name: "col-2", fieldId: 2, children: [{ name: "col-3", fieldId: 3 }] },
    ]);
    expect(await node.rows(readAll(scanOf(table, splits)))).toEqual([
      ["1", '{"x": 7}'],
    ]);
    expect(JSON.parse(drafts[0]?.stats ?? "")).toMatchObject({
      minValues: { "col-1": 1, "col-2": { "col-3": 7 } },
    });
  });

  test("of two attempts have different names, so that a lost one leaves only orphans", async () => {
    const { fragment, location } = writing(
      "SELECT 1 AS c1",
      layout([["a", INT4]]),
    );
    const first = draftsOf(await node.frames(fragment));
    const second = draftsOf(await node.frames({ ...fragment, attempt: 1 }));
    expect(first[0]?.path).not.toBe(second[0]?.path);
    expect(await readdir(location)).toHaveLength(2);
  });
});
