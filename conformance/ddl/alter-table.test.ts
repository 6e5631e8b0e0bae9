// ALTER TABLE: one commit under Spark's name, the log exactly, and what rows read afterwards (checklist F4, M3, M4, T7, X2).

import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { commitsOf, fieldsOf, latest } from "./table-log.ts";

let gateway: TestGateway;
let client: pg.Client;
beforeAll(async () => {
  gateway = await startTestGateway();
  client = await gateway.connect({ raw: true });
});
afterAll(() => gateway[Symbol.asyncDispose]());

let tables = 0;

async function make(rest: string, ...rows: readonly string[]): Promise<string> {
  const table = `altered_${++tables}`;
  await client.query(`CREATE TABLE ${table} ${rest}`);
  for (const row of rows)
    await client.query(`INSERT INTO ${table} VALUES ${row}`);
  return table;
}

async function alter(table: string, action: string): Promise<void> {
  const { command } = await client.query(`ALTER TABLE ${table} ${action}`);
  expect(command).toBe("ALTER");
}

async function rowsOf(sql: string): Promise<readonly unknown[]> {
  const { rows } = await client.query({ text: sql, rowMode: "array" });
  return rows;
}

async function noticesOf(sql: string): Promise<readonly string[]> {
  const notices: string[] = [];
  const note = ({ message }: { readonly message?: string }): void => {
    notices.push(message ?? "");
  };
  client.on("notice", note as never);
  await client.query(sql);
  client.off("notice", note as never);
  return notices;
}

const MAPPED = "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')";

describe("statements sent together", () => {
  test("each ALTER goes on from the one before, and rows follow the last definition", async () => {
    const table = await make("(a int, b int)", "(1, 2)");
    await client.query(
      `ALTER TABLE ${table} ALTER a SET NOT NULL; ALTER TABLE ${table} ADD COLUMN c int; ALTER TABLE ${table} ALTER b SET NOT NULL; INSERT INTO ${table} VALUES (3, 4, 5)`,
    );
    expect(await rowsOf(`SELECT * FROM ${table} ORDER BY a`)).toEqual([
      ["1", "2", null],
      ["3", "4", "5"],
    ]);
    const fields = await fieldsOf(client, table);
    expect(fields.map(({ nullable }) => nullable)).toEqual([
      false,
      false,
      true,
    ]);
  });

  test("a definition changes with the rows that are sent before it, which count as any others", async () => {
    const table = await make("(a int)", "(1)");
    const notNull = `ALTER TABLE ${table} ALTER a SET NOT NULL`;
    await expect(
      client.query(`INSERT INTO ${table} VALUES (NULL); ${notNull}`),
    ).rejects.toMatchObject({ code: "23502" });
    expect(await rowsOf(`SELECT a FROM ${table}`)).toEqual([["1"]]);
    await client.query(`INSERT INTO ${table} VALUES (2); ${notNull}`);
    expect(await rowsOf(`SELECT a FROM ${table} ORDER BY a`)).toEqual([
      ["1"],
      ["2"],
    ]);
    await expect(
      client.query(`INSERT INTO ${table} VALUES (NULL)`),
    ).rejects.toMatchObject({ code: "23502" });
  });

  test("USING that only casts the column to its new type says nothing new", async () => {
    const table = await make("(v varchar(10))", "('x')");
    await alter(table, "ALTER v TYPE varchar(20) USING (v::varchar(20))");
    await alter(table, "ALTER v TYPE varchar(30) USING v");
    await expect(
      alter(table, "ALTER v TYPE varchar(40) USING upper(v)"),
    ).rejects.toMatchObject({ code: "0A000" });
    await expect(
      alter(table, "ALTER v TYPE varchar(40) USING v::varchar(5)"),
    ).rejects.toMatchObject({ code: "0A000" });
  });
});

describe("names of constraints", () => {
  test("keys keep their spelling, checks are in lower case; both are renamed", async () => {
    const table = await make(
      '(a int, b int, CONSTRAINT "PK_a" PRIMARY KEY (a), CONSTRAINT "Positive" CHECK (b > 0))',
    );
    const names = (): Promise<readonly unknown[]> =>
      rowsOf(
        `SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '${table}'::regclass AND contype IN ('p', 'c') ORDER BY conname`,
      );
    expect(await names()).toEqual([
      ["PK_a", "PRIMARY KEY (a)"],
      ["positive", "CHECK ((b > 0))"],
    ]);
    await alter(table, 'RENAME CONSTRAINT "PK_a" TO "PK_b"');
    await alter(table, "RENAME CONSTRAINT positive TO above_zero");
    expect(await names()).toEqual([
      ["PK_b", "PRIMARY KEY (a)"],
      ["above_zero", "CHECK ((b > 0))"],
    ]);
    await expect(
      client.query(`INSERT INTO ${table} VALUES (1, 0)`),
    ).rejects.toMatchObject({ code: "23514" });
    await expect(
      alter(table, 'RENAME CONSTRAINT "pk_b" TO x'),
    ).rejects.toMatchObject({ code: "42704" });
    await expect(
      alter(table, 'RENAME CONSTRAINT above_zero TO "PK_b"'),
    ).rejects.toMatchObject({ code: "42710" });
    await alter(table, 'DROP CONSTRAINT "PK_b"');
    expect(await names()).toEqual([["above_zero", "CHECK ((b > 0))"]]);
  });
});

describe("columns", () => {
  test("ADD COLUMN at a place, with comment; old rows read NULL", async () => {
    const table = await make("(a int, b int)", "(1, 2)");
    await alter(
      table,
      "ADD COLUMNS (c text COMMENT 'new' FIRST, d numeric(5,2) AFTER a)",
    );
    await client.query(`INSERT INTO ${table} VALUES ('x', 3, 1.5, 4)`);
    expect(await rowsOf(`SELECT * FROM ${table} ORDER BY a`)).toEqual([
      [null, "1", null, "2"],
      ["x", "3", "1.50", "4"],
    ]);
    const commits = await commitsOf(client, table);
    expect(commits[2]?.map((action) => Object.keys(action)[0])).toEqual([
      "commitInfo",
      "metaData",
    ]);
    expect(commits[2]?.[0]?.["commitInfo"]).toMatchObject({
      operation: "ADD COLUMNS",
      readVersion: 1,
    });
  });

  test("ADD COLUMN IF NOT EXISTS skips what is there; without it, it is an error", async () => {
    const table = await make("(a int)");
    expect(
      await noticesOf(`ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS a text`),
    ).toEqual([`column "a" of relation "${table}" already exists, skipping`]);
    await expect(alter(table, "ADD COLUMN A text")).rejects.toMatchObject({
      code: "42701",
    });
    expect(await commitsOf(client, table)).toHaveLength(1);
  });

  test("a new column with a rule needs an empty table", async () => {
    const full = await make("(a int)", "(1)");
    for (const [column, code] of [
      ["b int NOT NULL", "23502"],
      ["b int DEFAULT 1", "0A000"],
      ["b int GENERATED ALWAYS AS (a + 1)", "0A000"],
      ["b int CHECK (b > 0)", "23514"],
    ] as const)
      await expect(
        alter(full, `ADD COLUMN ${column}`),
        column,
      ).rejects.toMatchObject({ code });
    const empty = await make("(a int)");
    await alter(
      empty,
      "ADD COLUMN b int NOT NULL DEFAULT 5, ADD COLUMN c int GENERATED ALWAYS AS (a + b) CHECK (c < 100)",
    );
    expect(await latest(client, empty, "protocol")).toEqual({
      minReaderVersion: 1,
      minWriterVersion: 7,
      writerFeatures: [
        "appendOnly",
        "invariants",
        "allowColumnDefaults",
        "generatedColumns",
        "checkConstraints",
      ],
    });
    await client.query(`INSERT INTO ${empty}(a) VALUES (1)`);
    expect(await rowsOf(`SELECT * FROM ${empty}`)).toEqual([["1", "5", "6"]]);
    await expect(
      client.query(`INSERT INTO ${empty}(a) VALUES (95)`),
    ).rejects.toMatchObject({ code: "23514" });
  });

  test("M3: RENAME and DROP need column mapping, say so, and then keep files as they are", async () => {
    const table = await make("(a int, b text) PARTITIONED BY (b)", "(1, 'x')");
    for (const action of ["RENAME COLUMN a TO c", "DROP COLUMN a"])
      await expect(alter(table, action)).rejects.toMatchObject({
        code: "0A000",
        hint: expect.stringContaining(
          "SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')",
        ) as string,
      });
    await alter(
      table,
      "SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')",
    );
    expect(await fieldsOf(client, table)).toMatchObject([
      {
        metadata: {
          "delta.columnMapping.id": 1,
          "delta.columnMapping.physicalName": "a",
        },
      },
      { metadata: { "delta.columnMapping.physicalName": "b" } },
    ]);
    expect(await latest(client, table, "protocol")).toEqual({
      minReaderVersion: 2,
      minWriterVersion: 7,
      writerFeatures: ["appendOnly", "invariants", "columnMapping"],
    });
    await alter(table, "RENAME COLUMN a TO c");
    await alter(table, "RENAME COLUMN b TO p");
    await client.query(`INSERT INTO ${table} VALUES (2, 'y')`);
    expect(await rowsOf(`SELECT c, p FROM ${table} ORDER BY c`)).toEqual([
      ["1", "x"],
      ["2", "y"],
    ]);
    expect(await latest(client, table, "metaData")).toMatchObject({
      partitionColumns: ["p"],
    });
    await expect(alter(table, "DROP COLUMN p")).rejects.toMatchObject({
      code: "42P16",
    });
  });

  test("M3: a dropped column's name can come back, its values do not", async () => {
    const table = await make(`(a int, b int, c int) ${MAPPED}`, "(1, 2, 3)");
    await alter(table, "DROP COLUMNS (b, c)");
    await alter(table, "DROP COLUMN IF EXISTS b");
    await alter(table, "ADD COLUMN b int");
    await client.query(`INSERT INTO ${table} VALUES (4, 5)`);
    expect(await rowsOf(`SELECT * FROM ${table} ORDER BY a`)).toEqual([
      ["1", null],
      ["4", "5"],
    ]);
    expect((await fieldsOf(client, table))[1]).toMatchObject({
      metadata: { "delta.columnMapping.id": 4 },
    });
    const operations = (await commitsOf(client, table)).map(
      ([info]) => info?.["commitInfo"]?.["operation"],
    );
    expect(operations).toEqual([
      "CREATE TABLE",
      "WRITE",
      "DROP COLUMNS",
      "ADD COLUMNS",
      "WRITE",
    ]);
    await alter(table, "DROP COLUMN b");
    await expect(alter(table, "DROP COLUMN a")).rejects.toMatchObject({
      code: "0A000",
    });
    await expect(alter(table, "DROP COLUMN z")).rejects.toMatchObject({
      code: "42703",
    });
  });

  test("a column that a constraint or a generated column refers to stays as it is", async () => {
    const table = await make(
      `(a int CHECK (a > 0), b int, c int GENERATED ALWAYS AS (b + 1)) ${MAPPED}`,
    );
    for (const action of [
      "DROP COLUMN a",
      "RENAME COLUMN a TO z",
      "DROP COLUMN b",
      "ALTER COLUMN b TYPE bigint",
    ])
      await expect(alter(table, action), action).rejects.toMatchObject({
        code: "2BP01",
      });
  });

  test("T7: types widen once the table allows it, and old files are read in the new type", async () => {
    const table = await make(
      "(i smallint, d numeric(5,2), v varchar(3), t text)",
      "(1, 1.5, 'abc', 'x')",
    );
    await alter(table, "ALTER COLUMN v TYPE varchar(5)");
    await alter(table, "ALTER COLUMN v TYPE text");
    await expect(alter(table, "ALTER COLUMN i TYPE int")).rejects.toMatchObject(
      {
        code: "0A000",
        hint: expect.stringContaining("delta.enableTypeWidening") as string,
      },
    );
    await alter(
      table,
      "SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true')",
    );
    await alter(
      table,
      "ALTER COLUMN i TYPE int, ALTER COLUMN d TYPE numeric(10,4)",
    );
    await client.query(`ALTER TABLE ${table} CHANGE COLUMN i i bigint`);
    for (const type of ["text", "smallint"])
      await expect(
        alter(table, `ALTER COLUMN i TYPE ${type}`),
      ).rejects.toMatchObject({ code: "0A000" });
    await client.query(
      `INSERT INTO ${table} VALUES (9223372036854775807, 123456.1234, 'longer', 'y')`,
    );
    expect(await rowsOf(`SELECT * FROM ${table} ORDER BY i`)).toEqual([
      ["1", "1.5000", "abc", "x"],
      ["9223372036854775807", "123456.1234", "longer", "y"],
    ]);
    expect((await fieldsOf(client, table))[0]).toMatchObject({
      type: "long",
      metadata: {
        "delta.typeChanges": [
          { fromType: "short", toType: "integer" },
          { fromType: "integer", toType: "long" },
        ],
      },
    });
    expect(await latest(client, table, "protocol")).toMatchObject({
      minReaderVersion: 3,
      readerFeatures: ["typeWidening"],
    });
  });

  test("NOT NULL looks at the rows that are there", async () => {
    const table = await make("(a int, b int)", "(1, 1), (2, null)");
    await expect(
      alter(table, "ALTER COLUMN b SET NOT NULL"),
    ).rejects.toMatchObject({
      code: "23502",
      message: `column "b" of relation "${table}" contains null values`,
    });
    await alter(table, "ALTER COLUMN a SET NOT NULL");
    await expect(
      client.query(`INSERT INTO ${table} VALUES (null, 1)`),
    ).rejects.toMatchObject({ code: "23502" });
    await alter(table, "ALTER COLUMN a DROP NOT NULL");
    await client.query(`INSERT INTO ${table} VALUES (null, 1)`);
  });

  test("defaults, comments and places change; nothing else of the log does", async () => {
    const table = await make("(a int, b int, c int)", "(1, 2, 3)");
    await alter(table, "ALTER COLUMN b SET DEFAULT 40 + 2");
    await client.query(`COMMENT ON COLUMN ${table}.a IS 'first'`);
    await client.query(`ALTER TABLE ${table} ALTER COLUMN c COMMENT 'last'`);
    await alter(table, "ALTER COLUMN c FIRST");
    await client.query(`INSERT INTO ${table}(a) VALUES (5)`);
    expect(await rowsOf(`SELECT * FROM ${table} ORDER BY a`)).toEqual([
      ["3", "1", "2"],
      [null, "5", "42"],
    ]);
    expect(await fieldsOf(client, table)).toMatchObject([
      { name: "c", metadata: { comment: "last" } },
      { name: "a", metadata: { comment: "first" } },
      { name: "b", metadata: { CURRENT_DEFAULT: "40 + 2" } },
    ]);
    await alter(table, "ALTER COLUMN b DROP DEFAULT");
    expect((await fieldsOf(client, table))[2]).toMatchObject({ metadata: {} });
    await client.query(`INSERT INTO ${table}(a) VALUES (6)`);
    expect(await rowsOf(`SELECT b FROM ${table} WHERE a = 6`)).toEqual([
      [null],
    ]);
  });

  test("the catalog shows the columns as they are now", async () => {
    const table = await make("(a int)");
    await alter(table, "ADD COLUMN b varchar(7)");
    const shown = `SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '${table}' ORDER BY ordinal_position`;
    expect(await rowsOf(shown)).toEqual([
      ["a", "integer"],
      ["b", "character varying"],
    ]);
  });
});

describe("constraints", () => {
  test("ADD CONSTRAINT looks at the rows, upgrades the protocol, and holds until DROP", async () => {
    const table = await make("(a int)", "(1), (5)");
    await expect(
      alter(table, "ADD CONSTRAINT small CHECK (a < 5)"),
    ).rejects.toMatchObject({
      code: "23514",
      message: `check constraint "small" of relation "${table}" is violated by some row`,
    });
    await alter(table, "ADD CONSTRAINT Small CHECK (a < 6)");
    expect(await latest(client, table, "protocol")).toEqual({
      minReaderVersion: 1,
      minWriterVersion: 3,
    });
    expect(
      (await commitsOf(client, table)).at(-1)?.[0]?.["commitInfo"],
    ).toMatchObject({
      operation: "ADD CONSTRAINT",
      operationParameters: { name: "small", expr: "a < 6" },
    });
    await expect(
      client.query(`INSERT INTO ${table} VALUES (6)`),
    ).rejects.toMatchObject({ code: "23514" });
    await expect(
      alter(table, "ADD CONSTRAINT small CHECK (a > 0)"),
    ).rejects.toMatchObject({ code: "42710" });
    await expect(alter(table, "DROP CONSTRAINT other")).rejects.toMatchObject({
      code: "42704",
    });
    expect(
      await noticesOf(`ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS other`),
    ).toEqual([
      `constraint "other" of relation "${table}" does not exist, skipping`,
    ]);
    await alter(table, "DROP CONSTRAINT small");
    await client.query(`INSERT INTO ${table} VALUES (6)`);
  });

  test("NULL does not fulfil a CHECK, in rows that are there either", async () => {
    const table = await make("(a int)", "(null)");
    await expect(alter(table, "ADD CHECK (a > 0)")).rejects.toMatchObject({
      code: "23514",
    });
  });

  test("keys come, follow their columns, and go", async () => {
    const table = await make(`(a int, b int) ${MAPPED}`);
    expect(await noticesOf(`ALTER TABLE ${table} ADD UNIQUE (a, b)`)).toEqual([
      `constraint "${table}_a_b_key" of table "${table}" is informational and not enforced`,
    ]);
    await alter(table, "RENAME COLUMN a TO z");
    const key = `sluice.keys.${table}_a_b_key`;
    expect(await latest(client, table, "metaData")).toMatchObject({
      configuration: { [key]: '{"kind":"unique","columns":["z","b"]}' },
    });
    await alter(table, `DROP CONSTRAINT ${table}_a_b_key`);
    const metaData = await latest(client, table, "metaData");
    expect(metaData?.["configuration"]).not.toHaveProperty([key]);
  });
});

describe("properties and clustering", () => {
  test("SET and UNSET TBLPROPERTIES, validated, features switched on", async () => {
    const table = await make("(a int) TBLPROPERTIES (x = 'y')");
    await alter(
      table,
      "SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', z = 1)",
    );
    expect(await latest(client, table, "protocol")).toEqual({
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ["deletionVectors"],
      writerFeatures: ["appendOnly", "invariants", "deletionVectors"],
    });
    await alter(table, "UNSET TBLPROPERTIES (x)");
    await alter(table, "UNSET TBLPROPERTIES IF EXISTS (x)");
    const metaData = await latest(client, table, "metaData");
    expect(metaData?.["configuration"]).toEqual({
      "delta.enableDeletionVectors": "true",
      z: "1",
    });
    await expect(alter(table, "UNSET TBLPROPERTIES (x)")).rejects.toMatchObject(
      { code: "42704" },
    );
    await expect(
      alter(table, "SET TBLPROPERTIES ('delta.nothing' = '1')"),
    ).rejects.toMatchObject({ code: "22023" });
    await expect(
      alter(table, "SET TBLPROPERTIES ('delta.columnMapping.mode' = 'id')"),
    ).rejects.toMatchObject({ code: "0A000" });
    await alter(table, "SET TBLPROPERTIES ('delta.appendOnly' = 'true')");
  });

  test("W9: CLUSTER BY and CLUSTER BY NONE", async () => {
    const table = await make("(a int, b int)");
    await alter(table, "CLUSTER BY (b)");
    expect(await latest(client, table, "domainMetadata")).toMatchObject({
      configuration:
        '{"clusteringColumns":[["b"]],"domainName":"delta.clustering"}',
    });
    expect(await latest(client, table, "protocol")).toMatchObject({
      writerFeatures: [
        "appendOnly",
        "invariants",
        "domainMetadata",
        "clustering",
      ],
    });
    await alter(table, "CLUSTER BY NONE");
    expect(await latest(client, table, "domainMetadata")).toMatchObject({
      configuration: '{"clusteringColumns":[],"domainName":"delta.clustering"}',
    });
    await client.query(`INSERT INTO ${table} VALUES (1, 2)`);
  });
});

describe("who and what", () => {
  test("IF EXISTS of what is not there is a notice; a view is not a table", async () => {
    expect(
      await noticesOf("ALTER TABLE IF EXISTS nowhere ADD COLUMN a int"),
    ).toEqual([`relation "nowhere" does not exist, skipping`]);
    await expect(
      client.query("ALTER TABLE nowhere ADD COLUMN a int"),
    ).rejects.toMatchObject({ code: "42P01" });
    await client.query("CREATE VIEW seen AS SELECT 1 AS a");
    await expect(
      client.query("ALTER TABLE seen ADD COLUMN b int"),
    ).rejects.toMatchObject({ code: "42809" });
  });
});
