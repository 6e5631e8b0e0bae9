import { readFileSync } from "node:fs";
import { tableFromIPC } from "apache-arrow";
import { Parser } from "pg-protocol/dist/parser.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataType } from "../../../../storage/common/data-type.ts";
import { fc } from "../../../../storage/common/property.testkit.ts";
import type { Kernel } from "../../../../storage/kernel/kernel.ts";
import {
  DEFAULT_OUTPUT,
  type OutputSettings,
} from "../../../session/result.ts";
import {
  encodeQuery,
  openKernel,
  postgresFormat,
  readDataRows,
} from "./encode.testkit.ts";

/** Observed on PostgreSQL 15: the text and the send function's bytes of the same values. */
interface Observed {
  readonly sql: string;
  readonly type: DataType;
  readonly settings: Partial<OutputSettings>;
  readonly text: readonly (string | null)[];
  /** Hexadecimal. */
  readonly binary: readonly (string | null)[];
}

const OBSERVED = readFileSync(
  new URL("postgres-values.jsonl", import.meta.url),
  "utf8",
)
  .trimEnd()
  .split("\n")
  .map((line): unknown => JSON.parse(line))
  .filter(isObserved);

function isObserved(value: unknown): value is Observed {
  return (
    typeof value === "object" &&
    value !== null &&
    "sql" in value &&
    "binary" in value
  );
}

let kernel: Kernel;
beforeAll(async () => {
  kernel = await openKernel();
});
afterAll(() => kernel[Symbol.asyncDispose]());

async function cells(
  sql: string,
  type: DataType,
  format: "text" | "binary",
  settings = {},
): Promise<(Buffer | null)[]> {
  const bytes = await encodeQuery(
    kernel,
    sql,
    [type],
    postgresFormat([format], settings),
  );
  return readDataRows(bytes).map((row) => row[0] ?? null);
}

describe("values are written as PostgreSQL 15 writes them", () => {
  test("the observed values are there", () => {
    expect(OBSERVED.length).toBeGreaterThan(60);
  });

  test.each(
    OBSERVED.map((entry, index) => ({
      name: `${index} ${entry.type.kind} ${JSON.stringify(entry.settings)}`,
      entry,
    })),
  )("$name", async ({ entry }) => {
    const text = await cells(entry.sql, entry.type, "text", entry.settings);
    expect(text.map((cell) => cell?.toString("utf8") ?? null)).toEqual(
      entry.text,
    );
    const binary = await cells(entry.sql, entry.type, "binary", entry.settings);
    expect(binary.map((cell) => cell?.toString("hex") ?? null)).toEqual(
      entry.binary,
    );
  });
});

describe("any value", () => {
  test("a bigint is the same in text and binary", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), {
          minLength: 1,
          maxLength: 50,
        }),
        async (values) => {
          const sql = `SELECT * FROM (VALUES ${values.map((value) => `(CAST('${value}' AS BIGINT))`).join(",")}) v(x)`;
          const text = await cells(sql, { kind: "int8" }, "text");
          const binary = await cells(sql, { kind: "int8" }, "binary");
          expect(text.map(String)).toEqual(values.map(String));
          expect(binary.map((cell) => cell?.readBigInt64BE())).toEqual(values);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("a double reads back from its text, and its bytes are IEEE's", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 50 }),
        async (values) => {
          const sql = `SELECT * FROM (VALUES ${values.map((value) => `(CAST('${Object.is(value, -0) ? "-0" : value}' AS DOUBLE))`).join(",")}) v(x)`;
          const text = await cells(sql, { kind: "float8" }, "text");
          const binary = await cells(sql, { kind: "float8" }, "binary");
          expect(text.map(Number)).toEqual(values);
          expect(binary.map((cell) => cell?.readDoubleBE())).toEqual(values);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("a decimal of any scale keeps every digit", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 38 }),
        fc.bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n),
        async (scale, value) => {
          const digits = (value < 0n ? -value : value)
            .toString()
            .padStart(scale + 1, "0");
          const point = digits.length - scale;
          const text = `${value < 0n ? "-" : ""}${digits.slice(0, point)}${scale > 0 ? "." : ""}${digits.slice(point)}`;
          const type: DataType = { kind: "numeric", precision: 38, scale };
          const sql = `SELECT CAST('${text}' AS DECIMAL(38,${scale}))`;
          expect(String((await cells(sql, type, "text"))[0])).toBe(text);
          expect(decodeNumeric((await cells(sql, type, "binary"))[0])).toBe(
            text,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a text of any length comes through, alone and among others", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.string({ unit: "grapheme", maxLength: 80 })), {
          minLength: 1,
          maxLength: 30,
        }),
        async (values) => {
          const clean = values.map(
            (value) => value?.replaceAll("\u0000", "") ?? null,
          );
          const list = clean.map((value) =>
            value === null ? "NULL" : `'${value.replaceAll("'", "''")}'`,
          );
          const sql = `SELECT x FROM (SELECT unnest([${list.join(",")}]::VARCHAR[]) AS x)`;
          const text = await cells(sql, { kind: "text" }, "text");
          expect(text.map((cell) => cell?.toString("utf8") ?? null)).toEqual(
            clean,
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});

/** An independent reading of numeric's binary format. */
function decodeNumeric(bytes: Buffer | null | undefined): string {
  if (bytes === null || bytes === undefined) return "";
  const count = bytes.readInt16BE(0);
  const weight = bytes.readInt16BE(2);
  const scale = bytes.readInt16BE(6);
  let value = 0n;
  for (let i = 0; i < count; i++)
    value = value * 10_000n + BigInt(bytes.readInt16BE(8 + i * 2));
  const exponent = (weight - count + 1) * 4 + scale;
  const scaled =
    exponent >= 0
      ? value * 10n ** BigInt(exponent)
      : value / 10n ** BigInt(-exponent);
  const digits = scaled.toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  const sign = bytes.readUInt16BE(4) === 0x4000 ? "-" : "";
  return `${sign}${digits.slice(0, point)}${scale > 0 ? "." : ""}${digits.slice(point)}`;
}

describe("rows", () => {
  const MIXED =
    "SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE repeat('long text ', i::INT % 7) END, i % 2 = 0 FROM range(5000) t(i)";
  const TYPES: readonly DataType[] = [
    { kind: "int8" },
    { kind: "text" },
    { kind: "bool" },
  ];

  test("are DataRow messages that an independent codec reads", async () => {
    const bytes = await encodeQuery(
      kernel,
      MIXED,
      TYPES,
      postgresFormat(["text", "text", "text"]),
    );
    const seen: unknown[][] = [];
    new Parser().parse(
      bytes,
      (message: { name: string; fields?: unknown[] }) => {
        expect(message.name).toBe("dataRow");
        seen.push(message.fields ?? []);
      },
    );
    expect(seen).toHaveLength(5000);
    expect(seen[0]).toEqual(["0", null, "t"]);
    expect(seen[4999]).toEqual(["4999", "long text ".repeat(4999 % 7), "f"]);
  });

  test("of JSON are arrays of strings and nulls joined by commas", async () => {
    const sql = `SELECT * FROM (VALUES (1, 'a"b\\c' || chr(10) || chr(1), true, TIMESTAMPTZ '2021-01-01 10:00:00+00', 'AB'::BLOB, [1,2], NULL::INT),
      (NULL, '', false, TIMESTAMPTZ '2021-01-01 10:00:00.123456+00', ''::BLOB, NULL, 7)) v`;
    const types: readonly DataType[] = [
      { kind: "int4" },
      { kind: "text" },
      { kind: "bool" },
      { kind: "timestamptz" },
      { kind: "bytea" },
      { kind: "array", element: { kind: "int4" } },
      { kind: "int4" },
    ];
    const bytes = await encodeQuery(kernel, sql, types, {
      kind: "json",
      output: { ...DEFAULT_OUTPUT, timeZone: "America/Los_Angeles" },
    });
    expect(JSON.parse(`[${bytes.toString("utf8")}]`)).toEqual([
      [
        "1",
        'a"b\\c\n\u0001',
        "true",
        "2021-01-01T02:00:00.000-08:00",
        "QUI=",
        "[1, 2]",
        null,
      ],
      [null, "", "false", "2021-01-01T02:00:00.123456-08:00", "", null, "7"],
    ]);
  });

  test("of CSV are quoted where needed, and NULL differs from the text null", async () => {
    const sql = `SELECT * FROM (VALUES ('plain', 1), ('a,b', 2), ('say "hi"', NULL), (NULL, 3), ('null', 4), ('', 5)) v`;
    const bytes = await encodeQuery(
      kernel,
      sql,
      [{ kind: "text" }, { kind: "int4" }],
      { kind: "csv", output: DEFAULT_OUTPUT },
    );
    expect(bytes.toString("utf8").split("\r\n")).toEqual([
      "plain,1",
      '"a,b",2',
      '"say ""hi""",null',
      "null,3",
      '"null",4',
      ",5",
      "",
    ]);
  });

  test("of Arrow are one stream that an Arrow reader understands", async () => {
    const sql = `SELECT i::INT AS i, i::DECIMAL(10,2) AS d, CASE WHEN i = 1 THEN NULL ELSE 'text ' || i END AS t, i % 2 = 0 AS b,
      TIMESTAMP '2021-01-01' + to_seconds(i) AS ts, [i, NULL] AS l, {'x': i} AS s, MAP(['k'], [i]) AS m, -i::HUGEINT AS h FROM range(3) t(i)`;
    const types: readonly DataType[] = [
      { kind: "int4" },
      { kind: "numeric", precision: 10, scale: 2 },
      { kind: "text" },
      { kind: "bool" },
      { kind: "timestamp" },
      { kind: "array", element: { kind: "int8" } },
      {
        kind: "struct",
        fields: [{ name: "x", type: { kind: "int8" }, nullable: true }],
      },
      { kind: "map", key: { kind: "text" }, value: { kind: "int8" } },
      { kind: "numeric" },
    ];
    const table = tableFromIPC(
      await encodeQuery(kernel, sql, types, {
        kind: "arrow",
        names: [],
        output: DEFAULT_OUTPUT,
      }),
    );
    expect(table.numRows).toBe(3);
    const seen: unknown = JSON.parse(
      JSON.stringify(table.toArray(), (_key, value: unknown) =>
        typeof value === "bigint" ? String(value) : value,
      ),
    );
    expect(seen).toMatchObject([
      {
        c0: 0,
        c2: "text 0",
        c3: true,
        c5: ["0", null],
        c6: { x: "0" },
        c7: { k: "0" },
      },
      {
        c0: 1,
        c2: null,
        c3: false,
        c5: ["1", null],
        c6: { x: "1" },
        c7: { k: "1" },
      },
      {
        c0: 2,
        c2: "text 2",
        c3: true,
        c5: ["2", null],
        c6: { x: "2" },
        c7: { k: "2" },
      },
    ]);
    expect(String(table.getChild("c1")?.get(2))).toBe("200");
    expect(String(table.getChild("c8")?.get(2))).toBe("-2");
    expect(String(table.schema.fields[1]?.type)).toBe("Decimal[10e+2]");
  });

  test.each([
    ["of a constant", "SELECT [1, 2]::INT[] FROM range(3)"],
    [
      "of a join",
      "SELECT l FROM range(2), (SELECT i, [i::INT, 7] AS l FROM range(5) t(i)) WHERE i <> 2",
    ],
    [
      "between NULL and empty ones",
      "SELECT CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN [] ELSE [i::INT, NULL] END FROM range(9) t(i) ORDER BY i DESC",
    ],
    ["inside each other", "SELECT [[1], NULL, [2, 3]]::INT[][] FROM range(3)"],
    ["in structs", "SELECT {'x': [1, 2]::INT[]} FROM range(3)"],
    [
      "of texts",
      "SELECT ['a text longer than twelve bytes', NULL, 'b'] FROM range(3)",
    ],
  ])("of Arrow tell lists %s as JSON does", async (name, sql) => {
    const element = (type: DataType): DataType => ({
      kind: "array",
      element: type,
    });
    const int: DataType = { kind: "int4" };
    const types: Readonly<Record<string, DataType>> = {
      "inside each other": element(element(int)),
      "in structs": {
        kind: "struct",
        fields: [{ name: "x", type: element(int), nullable: true }],
      },
      "of texts": element({ kind: "text" }),
    };
    const type = types[name] ?? element(int);
    const format = { output: DEFAULT_OUTPUT };
    const text = await encodeQuery(kernel, sql, [type], {
      kind: "json",
      ...format,
    });
    const rows = JSON.parse(`[${text.toString("utf8")}]`) as (
      string | null
    )[][];
    const table = tableFromIPC(
      await encodeQuery(kernel, sql, [type], {
        kind: "arrow",
        names: [],
        ...format,
      }),
    );
    const seen: unknown = JSON.parse(JSON.stringify(table.toArray()));
    expect(seen).toEqual(
      rows.map(([cell]) => ({ c0: JSON.parse(cell ?? "null") as unknown })),
    );
  });

  test.each([
    ["date", "DATE '-infinity'"],
    ["timestamp", "'infinity'::TIMESTAMP"],
    ["timestamptz", "'infinity'::TIMESTAMPTZ"],
  ] as const)("of Arrow hold no infinite %s", async (kind, sql) => {
    await expect(
      encodeQuery(kernel, `SELECT ${sql}`, [{ kind }], {
        kind: "arrow",
        names: [],
        output: DEFAULT_OUTPUT,
      }),
    ).rejects.toMatchObject({ code: "22008" });
  });
});
