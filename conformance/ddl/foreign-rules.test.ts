// Rules that other writers left in a table's log -- defaults, generated columns, CHECK constraints, invariants -- hold for our writes, or
// the write is refused by name (Delta protocol; checklist W4).

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

let gateway: TestGateway;
let client: pg.Client;
beforeAll(async () => {
  gateway = await startTestGateway();
  client = await gateway.connect({ raw: true });
});
afterAll(() => gateway[Symbol.asyncDispose]());

interface Field {
  readonly name: string;
  readonly type: unknown;
  readonly nullable?: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

let tables = 0;

/** A table as another writer makes it; gives its name. */
async function foreignTable(
  fields: readonly Field[],
  features: readonly string[],
  configuration: Readonly<Record<string, string>> = {},
): Promise<string> {
  const name = `foreign_${++tables}`;
  const log = join(gateway.dataDir, "lake", name, "_delta_log");
  mkdirSync(log, { recursive: true });
  const schemaString = JSON.stringify({
    type: "struct",
    fields: fields.map((field) => ({ nullable: true, metadata: {}, ...field })),
  });
  const actions = [
    {
      protocol: {
        minReaderVersion: 1,
        minWriterVersion: 7,
        writerFeatures: features,
      },
    },
    {
      metaData: {
        id: `id-${name}`,
        format: { provider: "parquet", options: {} },
        schemaString,
        partitionColumns: [],
        configuration,
        createdTime: 0,
      },
    },
  ];
  writeFileSync(
    join(log, "00000000000000000000.json"),
    `${actions.map((action) => JSON.stringify(action)).join("\n")}\n`,
  );
  await client.query("REFRESH CATALOG main");
  return name;
}

async function rowsOf(table: string): Promise<readonly unknown[]> {
  const { rows } = await client.query({
    text: `SELECT * FROM ${table} ORDER BY 1`,
    rowMode: "array",
  });
  return rows;
}

describe("a table of another writer", () => {
  test("has its CHECK constraints enforced, and NULL does not fulfil one", async () => {
    const table = await foreignTable(
      [
        { name: "id", type: "integer" },
        { name: "Name", type: "string" },
      ],
      ["checkConstraints"],
      {
        "delta.constraints.positive": "id > 0",
        "delta.constraints.named": "length(name) < 5 AND `Name` <> 'nope'",
      },
    );
    await client.query(`INSERT INTO ${table} VALUES (1, 'a')`);
    await expect(
      client.query(`INSERT INTO ${table} VALUES (1, 'a'), (-1, 'b')`),
    ).rejects.toMatchObject({
      code: "23514",
      message: `new row for relation "${table}" violates check constraint "positive"`,
      detail: "Failing row contains (-1, b).",
    });
    await expect(
      client.query(`INSERT INTO ${table}(name) VALUES ('c')`),
    ).rejects.toMatchObject({
      code: "23514",
      detail: "Failing row contains (null, c).",
    });
    await expect(
      client.query(`INSERT INTO ${table} VALUES (1, 'longer')`),
    ).rejects.toMatchObject({
      message: expect.stringContaining('"named"') as string,
    });
    expect(await rowsOf(table)).toEqual([["1", "a"]]);
  });

  test("has invariants of its columns enforced", async () => {
    const table = await foreignTable(
      [
        {
          name: "v",
          type: "integer",
          metadata: {
            "delta.invariants": JSON.stringify({
              expression: { expression: "v > 3" },
            }),
          },
        },
      ],
      ["invariants"],
    );
    await client.query(`INSERT INTO ${table} VALUES (4)`);
    await expect(
      client.query(`INSERT INTO ${table} VALUES (3)`),
    ).rejects.toMatchObject({ code: "23514" });
  });

  test.each([
    ['a = "x"', 'column "x" does not exist'],
    ["a = 'x\\n'", "backslash"],
    ["n / 2 > 1", "division has another result"],
    ["a rlike '^x'", "syntax error"],
    ["some_udf(a)", "does not exist"],
    ["concat(a, 'x') = 'ax'", '"concat" is not known to mean the same'],
  ])(
    "is not written while its constraint %s means something else to us",
    async (text, reason) => {
      const table = await foreignTable(
        [
          { name: "a", type: "string" },
          { name: "n", type: "integer" },
        ],
        ["checkConstraints"],
        { "delta.constraints.c": text },
      );
      await expect(
        client.query(`INSERT INTO ${table} VALUES ('x', 1)`),
      ).rejects.toMatchObject({
        code: "0A000",
        message: `writing to table "${table}" is not supported: its check constraint "c" cannot be understood`,
        detail: expect.stringContaining(reason) as string,
      });
      expect(await rowsOf(table)).toEqual([]);
    },
  );

  test("fills in defaults and generated columns, and checks values given for them", async () => {
    const table = await foreignTable(
      [
        { name: "id", type: "integer" },
        { name: "at", type: "timestamp" },
        {
          name: "day",
          type: "date",
          metadata: { "delta.generationExpression": "CAST(at AS DATE)" },
        },
        {
          name: "year",
          type: "integer",
          metadata: { "delta.generationExpression": "YEAR(at)" },
        },
        {
          name: "note",
          type: "string",
          metadata: { CURRENT_DEFAULT: "'none'", EXISTS_DEFAULT: "'none'" },
        },
      ],
      ["generatedColumns", "allowColumnDefaults"],
    );
    await client.query(
      `INSERT INTO ${table}(id, at) VALUES (1, '2024-05-06 07:08:09+00')`,
    );
    await client.query(
      `INSERT INTO ${table} VALUES (2, '2023-01-01 00:00:00+00', DEFAULT, DEFAULT, DEFAULT), (3, '2023-01-01 00:00:00+00', '2023-01-01', 2023, null)`,
    );
    expect(await rowsOf(table)).toEqual([
      ["1", "2024-05-06 07:08:09+00", "2024-05-06", "2024", "none"],
      ["2", "2023-01-01 00:00:00+00", "2023-01-01", "2023", "none"],
      ["3", "2023-01-01 00:00:00+00", "2023-01-01", "2023", null],
    ]);
    await expect(
      client.query(
        `INSERT INTO ${table}(id, at, year) VALUES (4, '2023-01-01 00:00:00+00', 2022)`,
      ),
    ).rejects.toMatchObject({
      code: "23514",
      message: `new row for relation "${table}" gives generated column "year" a value that its expression does not`,
    });
  });

  test("has NOT NULL enforced, with the row that broke it", async () => {
    const table = await foreignTable(
      [
        { name: "id", type: "integer", nullable: false },
        { name: "long", type: "string" },
        {
          name: "list",
          type: { type: "array", elementType: "integer", containsNull: true },
        },
      ],
      ["appendOnly"],
    );
    await expect(
      client.query(
        `INSERT INTO ${table} VALUES (null, repeat('x', 70), ARRAY[1, null])`,
      ),
    ).rejects.toMatchObject({
      code: "23502",
      message: `null value in column "id" of relation "${table}" violates not-null constraint`,
      detail: `Failing row contains (null, ${"x".repeat(64)}..., {1,NULL}).`,
    });
  });
});
