import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type pg from "pg";
import {
  connectTo,
  startWritingLake,
  type TableSpec,
  type WritingLake,
} from "./lake.ts";

const COLUMNS = { id: "long", day: "date", kind: "string" };
const VECTORS = {
  features: ["deletionVectors"],
  properties: { "delta.enableDeletionVectors": "true" },
};
const FEED = {
  features: ["changeDataFeed"],
  properties: { "delta.enableChangeDataFeed": "true" },
};
const PARTS = { partitionBy: ["day", "kind"] };

const KINDS: Readonly<Record<string, TableSpec>> = {
  copied: { columns: COLUMNS },
  vectors: { columns: COLUMNS, ...VECTORS },
  parts: { columns: COLUMNS, ...PARTS },
  fed: { columns: COLUMNS, ...FEED },
  fed_parts: { columns: COLUMNS, ...PARTS, ...FEED },
};

let lake: WritingLake;
let client: pg.Client;
beforeAll(async () => {
  lake = await startWritingLake({
    ...KINDS,
    target: { columns: COLUMNS, ...PARTS },
    fixed: {
      columns: COLUMNS,
      ...PARTS,
      features: ["appendOnly"],
      properties: { "delta.appendOnly": "true" },
    },
  });
  client = await connectTo(lake.writer);
});
afterAll(() => lake[Symbol.asyncDispose]());

const first = [
  "1|2020-01-01|a",
  "2|2020-01-01|b",
  "3|2020-01-02|a",
  "4|NULL|NULL",
];

describe.each(Object.keys(KINDS))("REPLACE WHERE (%s)", (table) => {
  beforeAll(async () => {
    await client.query(
      `INSERT INTO ${table} VALUES (1, '2020-01-01', 'a'), (2, '2020-01-01', 'b'), (3, '2020-01-02', 'a'), (4, NULL, NULL)`,
    );
  });

  test("refuses a row that it would not replace, and changes nothing (44000)", async () => {
    for (const value of ["'2020-01-02'", "NULL"])
      await expect(
        client.query(
          `INSERT INTO ${table} REPLACE WHERE day = '2020-01-01' SELECT 9, ${value}::date, 'x'`,
        ),
      ).rejects.toMatchObject({
        code: "44000",
        message: `new row for relation "${table}" does not satisfy the condition of REPLACE WHERE`,
        detail: expect.stringContaining("Failing row contains (9, ") as unknown,
      });
    expect(await lake.read(`SELECT * FROM ${table}`)).toEqual(first);
  });

  test("takes the rows of its condition out and puts the new ones in, in one commit", async () => {
    const before = lake.versions(table).length;
    const result = await client.query(
      `INSERT INTO ${table} REPLACE WHERE day = '2020-01-01' AND id % 2 = 1 SELECT id + 100, day, kind || '!' FROM ${table} WHERE day = '2020-01-01' AND id = 1`,
    );
    expect([result.command, result.rowCount]).toEqual(["INSERT", 1]);
    expect(await lake.read(`SELECT * FROM ${table}`)).toEqual([
      "101|2020-01-01|a!",
      ...first.slice(1),
    ]);
    expect(lake.versions(table)).toHaveLength(before + 1);
    const version = lake.versions(table).at(-1) ?? 0;
    expect(lake.commit(table, version)[0]?.["commitInfo"]).toMatchObject({
      operation: "WRITE",
      operationParameters: { mode: "Overwrite" },
      operationMetrics: { numDeletedRows: "1", numOutputRows: "1" },
      isBlindAppend: false,
    });
  });

  test("over a partition alone, with nothing new", async () => {
    await client.query(
      `INSERT INTO ${table} REPLACE WHERE day IS NULL SELECT 5, NULL::date, 'n' WHERE false`,
    );
    expect(await lake.read(`SELECT * FROM ${table}`)).toEqual([
      "101|2020-01-01|a!",
      "2|2020-01-01|b",
      "3|2020-01-02|a",
    ]);
  });

  test("gives RETURNING the new rows only", async () => {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO ${table} (id, kind, day) REPLACE WHERE id > $1 VALUES (7, 'v', '2020-01-03'), (8, 'w', '2020-01-04') RETURNING id`,
      [6],
    );
    expect(rows.map(({ id }) => id).sort()).toEqual(["7", "8"]);
    expect(await lake.read(`SELECT * FROM ${table}`)).toEqual([
      "2|2020-01-01|b",
      "3|2020-01-02|a",
      "7|2020-01-03|v",
      "8|2020-01-04|w",
    ]);
  });
});

test.each(["fed", "fed_parts"])(
  "G1, G4: the change feed of %s tells of rows that went and rows that came",
  async (table) => {
    expect(
      await lake.read(
        `SELECT _commit_version, _change_type, id FROM table_changes('${table}', 2)`,
      ),
    ).toEqual([
      "2|delete|1",
      "2|insert|101",
      "3|delete|4",
      "4|delete|101",
      "4|insert|7",
      "4|insert|8",
    ]);
  },
);

test("REPLACE WHERE of a table that only grows is refused", async () => {
  await expect(
    client.query("INSERT INTO fixed REPLACE WHERE id = 1 SELECT 1, NULL, NULL"),
  ).rejects.toMatchObject({ code: "0A000" });
});

test("inside a block it reads and replaces what the block wrote", async () => {
  await client.query("BEGIN");
  await client.query("INSERT INTO vectors VALUES (50, '2021-01-01', 'x')");
  await client.query(
    "INSERT INTO vectors REPLACE WHERE day = '2021-01-01' SELECT id + 1, day, kind FROM vectors WHERE day = '2021-01-01'",
  );
  await client.query("COMMIT");
  expect(await lake.read("SELECT id FROM vectors WHERE id >= 50")).toEqual([
    "51",
  ]);
});

describe("PARTITION", () => {
  const rows = (): Promise<readonly string[]> =>
    lake.read("SELECT * FROM target");

  test.each([
    ["INTO target PARTITION (day = '2020-01-01', kind = 'a') SELECT 1", "1"],
    ["INTO target PARTITION (kind = 'b', day) VALUES (2, '2020-01-01')", "2"],
    [
      "INTO TABLE target PARTITION (day, kind) SELECT 3, '2020-01-02', 'a'",
      "3",
    ],
    ["INTO target PARTITION (day = NULL) (kind, id) VALUES ('c', 4)", "4"],
    [
      "INTO target PARTITION (day = date '2020-01-02') BY NAME SELECT 'd' AS kind, 5 AS id",
      "5",
    ],
  ])("INSERT %s adds row %s", async (sql, id) => {
    await client.query(`INSERT ${sql}`);
    expect((await rows()).some((row) => row.startsWith(`${id}|`))).toBe(true);
  });

  test("put every row where it belongs", async () => {
    expect(await rows()).toEqual([
      "1|2020-01-01|a",
      "2|2020-01-01|b",
      "3|2020-01-02|a",
      "4|NULL|c",
      "5|2020-01-02|d",
    ]);
  });

  test("OVERWRITE replaces the partitions whose values it names", async () => {
    await client.query(
      "INSERT OVERWRITE target PARTITION (day = '2020-01-01', kind) VALUES (10, 'z')",
    );
    await client.query(
      "INSERT OVERWRITE target PARTITION (day = NULL) SELECT 40, 'n'",
    );
    expect(await rows()).toEqual([
      "10|2020-01-01|z",
      "3|2020-01-02|a",
      "40|NULL|n",
      "5|2020-01-02|d",
    ]);
    const version = lake.versions("target").at(-1) ?? 0;
    const [info, ...actions] = lake.commit("target", version);
    expect(info?.["commitInfo"]).toMatchObject({
      operation: "WRITE",
      operationParameters: {
        mode: "Overwrite",
        predicate: JSON.stringify(['"day" = NULL']),
      },
      operationMetrics: { numRemovedFiles: "1", numDeletedRows: "1" },
    });
    expect(actions.flatMap((line) => Object.keys(line)).sort()).toEqual([
      "add",
      "remove",
    ]);
  });

  test("OVERWRITE in dynamic mode replaces only those the rows lie in", async () => {
    await client.query(
      "SET spark.sql.sources.partitionOverwriteMode = dynamic",
    );
    await client.query(
      "INSERT OVERWRITE target PARTITION (day = '2020-01-02', kind) VALUES (30, 'a')",
    );
    await client.query("RESET spark.sql.sources.partitionOverwriteMode");
    expect(await rows()).toEqual([
      "10|2020-01-01|z",
      "30|2020-01-02|a",
      "40|NULL|n",
      "5|2020-01-02|d",
    ]);
  });

  test("OVERWRITE without a value replaces the table, as static mode does", async () => {
    await client.query(
      "INSERT OVERWRITE target PARTITION (kind, day) VALUES (1, '2022-01-01', 'q')",
    );
    expect(await rows()).toEqual(["1|2022-01-01|q"]);
  });

  test.each([
    ["INTO target PARTITION (id = 1) SELECT '2020-01-01', 'a'", "42P10"],
    ["INTO target PARTITION (x = 1) SELECT 1", "42703"],
    ["INTO target PARTITION (day, day) SELECT 1, NULL, NULL", "42701"],
    ["INTO target PARTITION (day = NULL) (id, day) VALUES (1, NULL)", "42701"],
    ["INTO target PARTITION (day = 'x') SELECT 1, 'a'", "22007"],
    ["INTO target PARTITION (kind = random()::text) SELECT 1, NULL", "0A000"],
    ["INTO target PARTITION (kind = (SELECT 'a')) SELECT 1, NULL", "0A000"],
    ["INTO target PARTITION (kind = id) SELECT 1, NULL", "42703"],
    ["INTO target PARTITION (day = NULL, kind = 'a') SELECT 1, 2", "42601"],
    ["OVERWRITE target REPLACE WHERE id = 1 SELECT 1, NULL, NULL", "42601"],
    ["INTO target REPLACE WHERE id SELECT 1, NULL, NULL", "42804"],
    ["INTO target REPLACE WHERE id = (SELECT 1) SELECT 1, NULL, NULL", "0A000"],
    ["INTO target REPLACE WHERE random() < 1 SELECT 1, NULL, NULL", "0A000"],
    [
      "INTO target REPLACE WHERE _metadata.file_size = 1 SELECT 1, NULL, NULL",
      "0A000",
    ],
    ["INTO target REPLACE WHERE count(*) = 1 SELECT 1, NULL, NULL", "42803"],
    ["INTO target REPLACE WHERE y = 1 SELECT 1, NULL, NULL", "42703"],
    ["INTO target REPLACE USING (id) SELECT 1, NULL, NULL", "0A000"],
    ["INTO target REPLACE WHERE id = 1", "42601"],
  ])("INSERT %s is refused (%s)", async (sql, code) => {
    await expect(client.query(`INSERT ${sql}`)).rejects.toMatchObject({ code });
    expect(await rows()).toEqual(["1|2022-01-01|q"]);
  });
});
