import { writeFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataType } from "../../../storage/common/data-type.ts";
import { encodeRoaring64 } from "../../../storage/delta/deletion-vector/roaring.ts";
import {
  countOf,
  rowSetOf,
} from "../../../storage/delta/deletion-vector/row-set.ts";
import { encodeZ85 } from "../../../storage/delta/deletion-vector/z85.ts";
import {
  fragmentOf,
  layout,
  readAll,
  scanOf,
  testNode,
  type TestNode,
} from "./node.testkit.ts";
import { groupFiles, scanSql } from "./scan-sql.ts";

const INT4: DataType = { kind: "int4" };
const INT8: DataType = { kind: "int8" };
const TEXT: DataType = { kind: "text" };

let dense = 0;
let node: TestNode;
beforeAll(async () => {
  node = await testNode();
});
afterAll(() => node[Symbol.asyncDispose]());

describe("a scan", () => {
  test.each([
    "star*.parquet",
    "what?.parquet",
    "set[1].parquet",
    "quote'd.parquet",
    "per%20cent",
    "{a,b}.parquet",
    "back\\slash.parquet",
    "ünï.parquet",
  ])("opens the file %s and no other (P5)", async (name) => {
    await node.write("starXX.parquet", "SELECT 99 AS a");
    await node.write("whatX.parquet", "SELECT 98 AS a");
    await node.write("set1.parquet", "SELECT 97 AS a");
    const split = await node.write(name, "SELECT 1 AS a");
    const rows = await node.rows(
      readAll(scanOf(layout([["a", INT4]]), [split])),
    );
    expect(rows).toEqual([["1"]]);
  });

  test("takes partition values from the log, not from folders or files (P4)", async () => {
    const a = await node.write("p=7", "SELECT 1 AS a, 'in the file' AS p");
    const b = await node.write("part2", "SELECT 2 AS a");
    const c = await node.write("part3", "SELECT 3 AS a");
    const table = layout(
      [
        ["a", INT4],
        ["p", TEXT],
        ["d", { kind: "date" }],
        ["ts", { kind: "timestamptz" }],
        ["b", { kind: "bytea" }],
        ["f", { kind: "float8" }],
      ],
      { partitionColumns: ["ts", "p", "d", "b", "f"] },
    );
    const rows = await node.rows(
      readAll(
        scanOf(table, [
          {
            ...a,
            partitionValues: [
              "2021-01-01 00:00:00+00",
              "it's",
              "2021-01-31",
              "\\x00ff",
              "NaN",
            ],
          },
          {
            ...b,
            partitionValues: [null, "null", "0044-03-15 BC", null, "Infinity"],
          },
          {
            ...c,
            partitionValues: [
              "0001-01-01 10:20:30.5+00 BC",
              null,
              null,
              "\\x",
              "-0.5",
            ],
          },
        ]),
      ),
    );
    expect(rows).toEqual([
      ["1", "it's", "2021-01-31", "2021-01-01T00:00:00.000Z", "AP8=", "NaN"],
      ["2", "null", "0044-03-15 BC", null, null, "Infinity"],
      ["3", null, null, "0001-01-01T10:20:30.500Z BC", "", "-0.5"],
    ]);
  });

  test("reads a column that a file lacks as NULL, and ignores one beyond the schema (T2)", async () => {
    const old = await node.write("old", "SELECT 1 AS a, 5 AS dropped");
    const young = await node.write("young", "SELECT 2 AS a, 'new' AS b");
    const rows = await node.rows(
      readAll(
        scanOf(
          layout([
            ["a", INT4],
            ["b", TEXT],
          ]),
          [old, young],
        ),
      ),
    );
    expect(rows).toEqual([
      ["1", null],
      ["2", "new"],
    ]);
  });

  test("widens the types of older files (T7)", async () => {
    const old = await node.write(
      "narrow",
      "SELECT 1::SMALLINT AS a, 1.5::FLOAT AS b, DATE '2021-01-01' AS c, 1.5::DECIMAL(5,1) AS d",
    );
    const young = await node.write(
      "wide",
      "SELECT 5000000000 AS a, 0.1::DOUBLE AS b, TIMESTAMP '2021-01-01 10:00' AS c, 2.25::DECIMAL(10,2) AS d",
    );
    const table = layout([
      ["a", INT8],
      ["b", { kind: "float8" }],
      ["c", { kind: "timestamp" }],
      ["d", { kind: "numeric", precision: 10, scale: 2 }],
    ]);
    for (const splits of [
      [old, young],
      [young, old],
    ]) {
      expect(await node.rows(readAll(scanOf(table, splits)))).toEqual([
        ["1", "1.5", "2021-01-01T00:00:00.000", "1.50"],
        ["5000000000", "0.1", "2021-01-01T10:00:00.000", "2.25"],
      ]);
    }
  });

  test("finds columns by exact name, then without case (T3)", async () => {
    const upper = await node.write("upper", 'SELECT 1 AS "Id"');
    const lower = await node.write("lower", "SELECT 2 AS id");
    expect(
      await node.rows(readAll(scanOf(layout([["id", INT4]]), [upper, lower]))),
    ).toEqual([["1"], ["2"]]);
  });

  test("follows column mapping by name at every level (M1)", async () => {
    const split = await node.write(
      "mapped",
      "SELECT 1 AS \"col-1\", {'f-1': 10, 'f-2': [{'g-1': 'x'}]} AS \"col-2\", MAP(['k'], [{'h-1': 5}]) AS \"col-3\"",
    );
    const inner: DataType = {
      kind: "struct",
      fields: [{ name: "g", type: TEXT, nullable: true }],
    };
    const value: DataType = {
      kind: "struct",
      fields: [{ name: "h", type: INT4, nullable: true }],
    };
    const struct: DataType = {
      kind: "struct",
      fields: [
        { name: "renamed", type: INT4, nullable: true },
        {
          name: "list",
          type: { kind: "array", element: inner },
          nullable: true,
        },
        { name: "added", type: INT4, nullable: true },
      ],
    };
    const table = layout([
      ["a", INT4, { physicalName: "col-1" }],
      [
        "s",
        struct,
        {
          physicalName: "col-2",
          children: [
            { name: "renamed", physicalName: "f-1", type: INT4 },
            {
              name: "list",
              physicalName: "f-2",
              type: { kind: "array", element: inner },
              children: [
                {
                  name: "element",
                  physicalName: "element",
                  type: inner,
                  children: [{ name: "g", physicalName: "g-1", type: TEXT }],
                },
              ],
            },
            { name: "added", physicalName: "f-9", type: INT4 },
          ],
        },
      ],
      [
        "m",
        { kind: "map", key: TEXT, value },
        {
          physicalName: "col-3",
          children: [
            { name: "key", physicalName: "key", type: TEXT },
            {
              name: "value",
              physicalName: "value",
              type: value,
              children: [{ name: "h", physicalName: "h-1", type: INT4 }],
            },
          ],
        },
      ],
    ]);
    expect(await node.rows(readAll(scanOf(table, [split])))).toEqual([
      [
        "1",
        '{"list": [{"g": "x"}], "added": null, "renamed": 10}',
        '{"k": {"h": 5}}',
      ],
    ]);
  });

  test("follows column mapping by field id, whatever the names (M1)", async () => {
    const one = await node.write(
      "ids1",
      "SELECT 1 AS x, 'one' AS y",
      ", FIELD_IDS {x: 1, y: 2}",
    );
    const two = await node.write(
      "ids2",
      "SELECT 'two' AS x, 2 AS q",
      ", FIELD_IDS {x: 2, q: 1}",
    );
    const none = await node.write("ids3", "SELECT 3 AS a, 'three' AS b");
    const table = layout(
      [
        ["a", INT4, { fieldId: 1 }],
        ["b", TEXT, { fieldId: 2 }],
      ],
      { mapping: "id" },
    );
    expect(await node.rows(readAll(scanOf(table, [one, two, none])))).toEqual([
      ["1", "one"],
      ["2", "two"],
      [null, null],
    ]);
  });

  test("gives void columns as NULL, even when a file has one (T3)", async () => {
    const split = await node.write("void", "SELECT 1 AS a, 5 AS v");
    expect(
      await node.rows(
        readAll(
          scanOf(
            layout([
              ["a", INT4],
              ["v", { kind: "void" }],
            ]),
            [split],
          ),
        ),
      ),
    ).toEqual([["1", null]]);
  });

  test("gives declared times and intervals, stored as strings, as the values they stand for", async () => {
    const split = await node.write(
      "declared",
      "SELECT * FROM (VALUES ('04:05:06.7', '1 year 2 mons -3 days +04:05:06', 'f9c1e1d2-0000-0000-0000-000000000001'), (NULL, '-00:00:01', NULL)) v(t, i, u)",
    );
    const table = layout([
      ["t", { kind: "time" }],
      ["i", { kind: "interval" }],
      ["u", { kind: "uuid" }],
    ]);
    const fragment = fragmentOf(
      "SELECT c1, c2, c3, typeof(c1), typeof(c2) FROM scan_1 ORDER BY c1",
      [{ kind: "time" }, { kind: "interval" }, { kind: "uuid" }, TEXT, TEXT],
      { scans: [scanOf(table, [split])] },
    );
    expect(await node.rows(fragment)).toEqual([
      [
        "04:05:06.7",
        "1 year 2 mons -3 days +04:05:06",
        "f9c1e1d2-0000-0000-0000-000000000001",
        "TIME",
        "INTERVAL",
      ],
      [null, "-00:00:01", null, "TIME", "INTERVAL"],
    ]);
  });

  test("tells each row's file and position", async () => {
    const one = await node.write(
      "first.parquet",
      "SELECT i::INT AS a FROM range(3) t(i)",
    );
    const two = await node.write("second.parquet", "SELECT 9 AS a");
    const columns = [
      { alias: "c1", source: { kind: "column" as const, name: "a" } },
      ...(
        [
          "file_name",
          "file_path",
          "file_size",
          "row_index",
          "tableoid",
        ] as const
      ).map((field, index) => ({
        alias: `c${index + 2}`,
        source: { kind: "metadata" as const, field },
      })),
    ];
    const fragment = readAll(
      scanOf(layout([["a", INT4]]), [one, two], columns),
    );
    expect(await node.rows(fragment)).toEqual([
      ["0", "first.parquet", one.path, String(one.sizeBytes), "0", "4711"],
      ["1", "first.parquet", one.path, String(one.sizeBytes), "1", "4711"],
      ["2", "first.parquet", one.path, String(one.sizeBytes), "2", "4711"],
      ["9", "second.parquet", two.path, String(two.sizeBytes), "0", "4711"],
    ]);
  });

  test("of no files is an empty relation of the right types", async () => {
    const table = layout([
      ["a", INT8],
      [
        "s",
        { kind: "struct", fields: [{ name: "x", type: INT4, nullable: true }] },
      ],
    ]);
    const scan = scanOf(table, []);
    expect(await node.rows(readAll(scan))).toEqual([]);
    const sql = "SELECT count(*), sum(c1), typeof(max(c2)) FROM scan_1";
    expect(
      await node.rows(
        fragmentOf(sql, [INT8, { kind: "numeric" }, TEXT], { scans: [scan] }),
      ),
    ).toEqual([["0", null, "STRUCT(x INTEGER)"]]);
  });

  test("of no columns still has its rows", async () => {
    const split = await node.write(
      "counted",
      "SELECT i AS a FROM range(12345) t(i)",
    );
    const scan = scanOf(layout([["a", INT8]]), [split, split], []);
    expect(
      await node.rows(
        fragmentOf("SELECT count(*) FROM scan_1", [INT8], { scans: [scan] }),
      ),
    ).toEqual([["24690"]]);
  });

  test("leaves out the rows of deletion vectors by file and position (D7)", async () => {
    const one = await node.write(
      "dv1",
      "SELECT i::INT AS a FROM range(8) t(i)",
    );
    const two = await node.write(
      "dv2",
      "SELECT (100 + i)::INT AS a FROM range(8) t(i)",
    );
    const whole = await node.write("dv3", "SELECT 200 AS a");
    const rows0and5 = {
      storageType: "i" as const,
      location: "^Bg9^0rr910000000000iXQKl0rr91000315c8Xg000f5".slice(0, 45),
      sizeInBytes: 36,
      cardinality: 2,
    };
    const rows0145 = {
      storageType: "i" as const,
      location: "^Bg9^0rr910000000000iXQKl0rr91000935c8Xg000311onP9",
      sizeInBytes: 40,
      cardinality: 4,
    };
    const scan = scanOf(layout([["a", INT4]]), [
      { ...one, deletionVector: rows0and5 },
      whole,
      { ...two, deletionVector: rows0145 },
    ]);
    const expected = [1, 2, 3, 4, 6, 7, 102, 103, 106, 107, 200].map(
      (value) => [String(value)],
    );
    expect(await node.rows(readAll(scan))).toEqual(expected);
    // The connection is used again: its deletion tables must be gone.
    expect(await node.rows(readAll(scan))).toEqual(expected);
  });
});

describe("deletion vectors of many rows", () => {
  test.each([
    ["half of them", (row: number) => row % 2 === 0],
    ["all but a few", (row: number) => row % 10_007 !== 0],
    [
      "some chunks dense, some sparse",
      (row: number) => row < 70_000 || row % 9_999 === 0,
    ],
  ])("leave out exactly theirs (D7: %s)", async (_, isDeleted) => {
    const count = 200_000;
    const numbers = Array.from({ length: count }, (_row, row) => row);
    const gone = rowSetOf(numbers.filter(isDeleted));
    const data = encodeRoaring64(gone);
    const vector = {
      storageType: "i" as const,
      location: encodeZ85(data),
      sizeInBytes: data.length,
      cardinality: countOf(gone),
    };
    const name = `dense${++dense}`;
    const split = await node.write(
      name,
      `SELECT i AS a FROM range(${count}) t(i)`,
    );
    const other = await node.write(`${name}b`, "SELECT -1 AS a FROM range(3)");
    const one = {
      storageType: "i" as const,
      location: encodeZ85(encodeRoaring64(rowSetOf([1]))),
      sizeInBytes: encodeRoaring64(rowSetOf([1])).length,
      cardinality: 1,
    };
    const scan = scanOf(layout([["a", INT8]]), [
      { ...other, deletionVector: one },
      { ...split, deletionVector: vector },
    ]);
    const kept = numbers.filter((row) => !isDeleted(row));
    const asked = fragmentOf(
      "SELECT count(*), sum(c1)::BIGINT, min(c1), max(c1) FROM scan_1",
      [INT8, INT8, INT8, INT8],
      { scans: [scan] },
    );
    const sum = kept.reduce((total, row) => total + row, -2);
    expect(await node.rows(asked)).toEqual([
      [String(kept.length + 2), String(sum), "-1", String(kept.at(-1))],
    ]);
    // Filters still reach the reader, and the connection's tables are gone.
    const some = fragmentOf(
      "SELECT c1 FROM scan_1 WHERE c1 BETWEEN 69990 AND 70010 ORDER BY 1",
      [INT8],
      { scans: [scan] },
    );
    expect(await node.rows(some)).toEqual(
      kept
        .filter((row) => row >= 69_990 && row <= 70_010)
        .map((row) => [String(row)]),
    );
  });
});

describe("on the usual path", () => {
  test("filters and projections reach the Parquet reader", async () => {
    const one = await node.write(
      "push1",
      "SELECT i::INT AS a, i AS b, 'x' || i AS c FROM range(1000) t(i)",
    );
    const two = await node.write(
      "push2",
      "SELECT i::INT AS a, i AS b, 'x' || i AS c FROM range(1000) t(i)",
    );
    const scan = scanOf(
      layout([
        ["a", INT4],
        ["b", INT8],
        ["c", TEXT],
      ]),
      [one, two],
    );
    const groups = groupFiles(
      scan,
      await node.services.footers.read("t", scan.splits),
    );
    expect(groups).toHaveLength(1);
    const connection = await node.kernel.connect();
    const reader = await connection.runAndReadAll(
      `EXPLAIN (FORMAT json) WITH scan_1 AS NOT MATERIALIZED (${scanSql(scan, groups)}) SELECT sum(c2) FROM scan_1 WHERE c1 = 5`,
    );
    connection.closeSync();
    const plan = String(reader.getRows()[0]?.[1]);
    expect(plan).toMatch(/"Filters": "a=5"/);
    expect(plan).not.toMatch(/"FILTER"/);
    expect(plan).toMatch(/"Projections": "b"/);
  });
});

describe("a data file", () => {
  test("that is missing is named with its table (58P01)", async () => {
    const scan = scanOf(layout([["a", INT4]]), [
      { path: join(node.dir, "gone"), sizeBytes: 10, partitionValues: [] },
    ]);
    await expect(node.rows(readAll(scan))).rejects.toMatchObject({
      code: "58P01",
      message: 'data file of table "public.t" is missing',
      detail: `The file is "${join(node.dir, "gone")}".`,
    });
  });

  test("that is missing since its footer was read is named too", async () => {
    const { rm } = await import("node:fs/promises");
    const split = await node.write("vanishing", "SELECT 1 AS a");
    const scan = scanOf(layout([["a", INT4]]), [split]);
    await node.rows(readAll(scan));
    await rm(split.path);
    await expect(node.rows(readAll(scan))).rejects.toMatchObject({
      code: "58P01",
      message: 'data file of table "public.t" is missing',
    });
  });

  test.each([0, 3, 11, 200])(
    "that is cut to %d bytes is damaged (XX001)",
    async (size) => {
      const split = await node.write(
        `cut${size}`,
        "SELECT i AS a FROM range(1000) t(i)",
      );
      await truncate(split.path, size);
      await expect(
        node.rows(readAll(scanOf(layout([["a", INT8]]), [split]))),
      ).rejects.toMatchObject({
        code: "XX001",
        message: 'data file of table "public.t" is damaged',
      });
    },
  );

  test("whose pages are damaged is named, also among others, without its values", async () => {
    const good = await node.write(
      "good",
      "SELECT md5(i::VARCHAR) AS a FROM range(1000) t(i)",
    );
    const split = await node.write(
      "garbled",
      "SELECT md5(i::VARCHAR) AS a FROM range(1000) t(i)",
    );
    const { readFile } = await import("node:fs/promises");
    const bytes = await readFile(split.path);
    bytes.fill(0xff, 4, 2000);
    await writeFile(split.path, bytes);
    for (const splits of [[split], [good, split, good]]) {
      const read = node.rows(readAll(scanOf(layout([["a", TEXT]]), splits)));
      await expect(read).rejects.toMatchObject({
        code: "XX001",
        detail: `The file is "${split.path}": its contents cannot be decoded.`,
      });
    }
  });

  test("named with a backslash and a pattern character is refused by name", async () => {
    const split = await node.write("back\\slash[0]", "SELECT 1 AS a");
    await expect(
      node.rows(readAll(scanOf(layout([["a", INT4]]), [split]))),
    ).rejects.toMatchObject({ code: "0A000" });
  });
});
