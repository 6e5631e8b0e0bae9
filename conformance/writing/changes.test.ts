import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type pg from "pg";
import {
  connectTo,
  startWritingLake,
  type LogLine,
  type TableSpec,
  type WritingLake,
} from "./lake.ts";

const COLUMNS = { id: "long", name: "string", day: "date" };
const VECTORS = {
  features: ["deletionVectors"],
  properties: { "delta.enableDeletionVectors": "true" },
};
const FEED = {
  features: ["changeDataFeed"],
  properties: { "delta.enableChangeDataFeed": "true" },
};
const BOTH = {
  features: ["deletionVectors", "changeDataFeed"],
  properties: { ...VECTORS.properties, ...FEED.properties },
};

/** The same statements on tables that are written in different ways. */
const KINDS: Readonly<Record<string, TableSpec>> = {
  copied: { columns: COLUMNS },
  vectors: { columns: COLUMNS, ...VECTORS },
  parts: { columns: COLUMNS, partitionBy: ["day"] },
  vector_parts: { columns: COLUMNS, partitionBy: ["day"], ...VECTORS },
  fed: { columns: COLUMNS, ...FEED },
  fed_vector_parts: { columns: COLUMNS, partitionBy: ["day"], ...BOTH },
};

/** Large enough that its files are shared out among the nodes. */
const LARGE: TableSpec = {
  columns: { id: "long", text: "string" },
  ...VECTORS,
};

let lake: WritingLake;
let client: pg.Client;
beforeAll(async () => {
  lake = await startWritingLake(
    { ...KINDS, large: LARGE, small: LARGE },
    { nodes: 2 },
  );
  client = await connectTo(lake.writer);
});
afterAll(() => lake[Symbol.asyncDispose]());

/** Statement, its tag's count, and the rows after it. */
const STEPS: readonly (readonly [
  sql: string,
  count: number,
  rows: readonly string[],
])[] = [
  [
    "INSERT INTO t VALUES (1, 'a', '2020-01-01'), (2, 'b', '2020-01-01'), (3, 'c', '2020-01-02'), (4, NULL, NULL)",
    4,
    ["1|a|2020-01-01", "2|b|2020-01-01", "3|c|2020-01-02", "4|NULL|NULL"],
  ],
  [
    "UPDATE t SET name = name || '!' WHERE id <> 2",
    3,
    ["1|a!|2020-01-01", "2|b|2020-01-01", "3|c!|2020-01-02", "4|NULL|NULL"],
  ],
  [
    "DELETE FROM t WHERE name = 'b'",
    1,
    ["1|a!|2020-01-01", "3|c!|2020-01-02", "4|NULL|NULL"],
  ],
  [
    "DELETE FROM t WHERE name = 'b'",
    0,
    ["1|a!|2020-01-01", "3|c!|2020-01-02", "4|NULL|NULL"],
  ],
  [
    "UPDATE t SET day = '2020-01-05', id = id * 10 WHERE day IS NULL OR id = 1",
    2,
    ["10|a!|2020-01-05", "3|c!|2020-01-02", "40|NULL|2020-01-05"],
  ],
  [
    "INSERT INTO t SELECT i, 'n' || i, '2020-02-01' FROM generate_series(100, 105) g(i)",
    6,
    [
      "10|a!|2020-01-05",
      "100|n100|2020-02-01",
      "101|n101|2020-02-01",
      "102|n102|2020-02-01",
      "103|n103|2020-02-01",
      "104|n104|2020-02-01",
      "105|n105|2020-02-01",
      "3|c!|2020-01-02",
      "40|NULL|2020-01-05",
    ],
  ],
  [
    "DELETE FROM t USING (VALUES (101), (103), (103), (7)) v(i) WHERE id = v.i",
    2,
    [
      "10|a!|2020-01-05",
      "100|n100|2020-02-01",
      "102|n102|2020-02-01",
      "104|n104|2020-02-01",
      "105|n105|2020-02-01",
      "3|c!|2020-01-02",
      "40|NULL|2020-01-05",
    ],
  ],
  [
    "MERGE INTO t USING (VALUES (100, 'x'), (102, 'gone'), (500, 'new')) s(i, n) ON id = s.i WHEN MATCHED AND n = 'gone' THEN DELETE WHEN MATCHED THEN UPDATE SET name = n WHEN NOT MATCHED THEN INSERT (id, name) VALUES (i, n)",
    3,
    [
      "10|a!|2020-01-05",
      "100|x|2020-02-01",
      "104|n104|2020-02-01",
      "105|n105|2020-02-01",
      "3|c!|2020-01-02",
      "40|NULL|2020-01-05",
      "500|new|NULL",
    ],
  ],
  [
    "UPDATE t SET name = s.name FROM t AS s WHERE s.id = t.id + 1 AND t.id >= 100",
    1,
    [
      "10|a!|2020-01-05",
      "100|x|2020-02-01",
      "104|n105|2020-02-01",
      "105|n105|2020-02-01",
      "3|c!|2020-01-02",
      "40|NULL|2020-01-05",
      "500|new|NULL",
    ],
  ],
  [
    "DELETE FROM t WHERE day = '2020-02-01'",
    3,
    [
      "10|a!|2020-01-05",
      "3|c!|2020-01-02",
      "40|NULL|2020-01-05",
      "500|new|NULL",
    ],
  ],
  [
    "DELETE FROM t WHERE day IS NULL OR extract(month from day) = 7",
    1,
    ["10|a!|2020-01-05", "3|c!|2020-01-02", "40|NULL|2020-01-05"],
  ],
  ["DELETE FROM t", 3, []],
  ["INSERT INTO t VALUES (1, 'again', NULL)", 1, ["1|again|NULL"]],
];

describe.each(Object.keys(KINDS))("changes of a table (%s)", (table) => {
  test("leave the rows a fresh look at the log finds, statement by statement", async () => {
    for (const [sql, count, rows] of STEPS) {
      const result = await client.query(sql.replaceAll(/\bt\b/g, table));
      expect([sql, result.rowCount]).toEqual([sql, count]);
      const mine = await client.query<(string | null)[]>({
        text: `SELECT id, name, day FROM ${table}`,
        rowMode: "array",
      });
      const seen = mine.rows
        .map((row) => row.map((cell) => cell ?? "NULL").join("|"))
        .sort();
      const wanted = [...rows].sort();
      expect([sql, seen]).toEqual([sql, wanted]);
      const read = await lake.read(`SELECT id, name, day FROM ${table}`);
      expect([sql, read]).toEqual([sql, wanted]);
      checkCommit(table, lake.versions(table).at(-1) ?? 0);
    }
  });
});

interface FileAction {
  readonly path: string;
  readonly stats?: string;
  readonly deletionVector?: { readonly cardinality: number };
  readonly partitionValues?: Readonly<Record<string, string | null>>;
}

function actionsOf(
  lines: readonly LogLine[],
  kind: string,
): readonly FileAction[] {
  return lines.flatMap((line) => {
    const action = line[kind];
    return action === undefined ? [] : [action as unknown as FileAction];
  });
}

/** W2, W6, D9: what every commit keeps to. */
function checkCommit(table: string, version: number): void {
  const lines = lake.commit(table, version);
  const [adds, removes] = [actionsOf(lines, "add"), actionsOf(lines, "remove")];
  expect(new Set(adds.map(({ path }) => path)).size).toBe(adds.length);
  expect(new Set(removes.map(({ path }) => path)).size).toBe(removes.length);
  for (const { stats = "{}", deletionVector } of adds) {
    const { numRecords, tightBounds } = JSON.parse(stats) as {
      readonly numRecords?: number;
      readonly tightBounds?: boolean;
    };
    expect(numRecords).toBeGreaterThan(deletionVector?.cardinality ?? 0);
    if (deletionVector !== undefined) expect(tightBounds).toBe(false);
  }
  for (const { partitionValues } of removes)
    expect(partitionValues).toBeDefined();
}

describe("what a change commits", () => {
  const at = (table: string, step: number): readonly LogLine[] =>
    lake.commit(table, step);

  test("D9: with deletion vectors no row that stays is written again", () => {
    const lines = at("vectors", 2);
    const [old] = actionsOf(lines, "remove");
    const adds = actionsOf(lines, "add");
    const [marked] = adds.filter(({ path }) => path === old?.path);
    expect(marked?.deletionVector).toMatchObject({
      storageType: "u",
      offset: 1,
      cardinality: 3,
    });
    expect(adds).toHaveLength(2);
    const [info] = lines;
    expect(info?.["commitInfo"]).toMatchObject({
      operation: "UPDATE",
      operationParameters: { predicate: JSON.stringify(['("id" <> 2)']) },
      operationMetrics: {
        numUpdatedRows: "3",
        numDeletionVectorsAdded: "1",
        numCopiedRows: "0",
      },
      isBlindAppend: false,
    });
  });

  test("without them the file is replaced, and its other rows are copied", () => {
    const lines = at("copied", 2);
    expect(actionsOf(lines, "remove")).toHaveLength(1);
    const adds = actionsOf(lines, "add");
    expect(
      adds.every(({ deletionVector }) => deletionVector === undefined),
    ).toBe(true);
    expect(lines[0]?.["commitInfo"]).toMatchObject({
      operationMetrics: { numUpdatedRows: "3", numCopiedRows: "1" },
    });
  });

  test("G4: with a change feed every change of rows has its change files; inserts and whole files need none", () => {
    const changed = lake.versions("fed").map((version) => {
      const lines = at("fed", version);
      const { operation } = (lines[0]?.["commitInfo"] ?? {}) as {
        readonly operation?: string;
      };
      return [operation, actionsOf(lines, "cdc").length > 0];
    });
    expect(changed).toEqual([
      ["CREATE TABLE", false],
      ["WRITE", false],
      ["UPDATE", true],
      ["DELETE", true],
      ["UPDATE", true],
      ["WRITE", false],
      ["DELETE", true],
      ["MERGE", true],
      ["UPDATE", true],
      ["DELETE", true],
      ["DELETE", true],
      ["DELETE", false],
      ["WRITE", false],
    ]);
    for (const version of [2, 3, 7])
      for (const { path } of actionsOf(at("fed", version), "cdc"))
        expect(path).toMatch(/^_change_data\//);
  });

  test("a predicate over partition columns removes whole files, nothing else", () => {
    const version = lake.versions("parts").at(-4) ?? 0;
    const lines = at("parts", version);
    expect(actionsOf(lines, "add")).toEqual([]);
    expect(actionsOf(lines, "remove").length).toBeGreaterThan(0);
    expect(lines[0]?.["commitInfo"]).toMatchObject({
      operation: "DELETE",
      operationMetrics: { numDeletedRows: "3", numAddedFiles: "0" },
    });
  });
});

describe("a table whose files are shared out among nodes", () => {
  const count = 200_000;
  const totals = "SELECT count(*), sum(id), count(DISTINCT id) FROM large";
  beforeAll(async () => {
    for (let part = 0; part < 4; part += 1)
      await client.query(
        `INSERT INTO large SELECT i, md5(i::text) || md5((i + 1)::text) FROM generate_series(${part * 50_000 + 1}, ${(part + 1) * 50_000}) g(i)`,
      );
  });

  async function explained(sql: string): Promise<string> {
    const { rows } = await client.query<{ "QUERY PLAN": string }>(
      `EXPLAIN ${sql}`,
    );
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  }

  test("is changed by all of them, each row once", async () => {
    const update = "UPDATE large SET id = -id WHERE id % 2 = 0";
    expect(await explained(update)).toMatch(/4 files on 2 nodes/);
    expect((await client.query(update)).rowCount).toBe(count / 2);
    const [odd, even] = [10_000_000_000, 10_000_100_000];
    expect(await lake.read(totals)).toEqual([
      `${count}|${odd - even}|${count}`,
    ]);
    const lines = lake.commit("large", 5);
    const marked = actionsOf(lines, "add").filter(
      ({ deletionVector }) => deletionVector !== undefined,
    );
    expect(
      marked.map(({ deletionVector }) => deletionVector?.cardinality),
    ).toEqual([25_000, 25_000, 25_000, 25_000]);
  });

  test("gives RETURNING from all of them, and commits once", async () => {
    const before = lake.versions("large").length;
    const { rows } = await client.query<{ id: string }>(
      "DELETE FROM large WHERE id % 100 = 1 RETURNING id",
    );
    expect(rows).toHaveLength(2_000);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2_000);
    expect(lake.versions("large")).toHaveLength(before + 1);
    expect(
      await lake.read("SELECT count(*) FROM large WHERE id % 100 = 1"),
    ).toEqual(["0"]);
  });

  test("is merged into, with the source read by each", async () => {
    const { rowCount } = await client.query(
      "MERGE INTO large USING (SELECT i FROM generate_series(1, 400000, 1000) g(i)) s ON id = i + 2 WHEN MATCHED THEN UPDATE SET text = 'm' WHEN NOT MATCHED AND i > 300000 THEN INSERT VALUES (i, 'n')",
    );
    expect(rowCount).toBe(300);
    expect(
      await lake.read(
        "SELECT text, count(*) FROM large WHERE length(text) = 1 GROUP BY 1",
      ),
    ).toEqual(["m|200", "n|100"]);
  });

  const upsert = (key: string): string =>
    `MERGE INTO small t USING (SELECT ${key} AS i FROM large WHERE id <> 0) s ON t.id = s.i
     WHEN MATCHED THEN UPDATE SET text = 'old' WHEN NOT MATCHED THEN INSERT VALUES (s.i, 'new')`;

  test("is the source of an upsert, each node joining its files with the whole target", async () => {
    await client.query(
      "INSERT INTO small SELECT i, 'x' FROM generate_series(-500, 500) g(i)",
    );
    const rows = await lake.read("SELECT id FROM large");
    expect(await explained(upsert("id"))).toMatch(/\d files on 2 nodes/);
    expect((await client.query(upsert("id"))).rowCount).toBe(rows.length);
    const ids = new Set(rows.map(Number));
    const old = Array.from({ length: 1001 }, (_, i) => i - 500);
    const matched = old.filter((id) => ids.has(id)).length;
    expect(
      await lake.read("SELECT text, count(*) FROM small GROUP BY 1 ORDER BY 1"),
    ).toEqual([
      `new|${rows.length - matched}`,
      `old|${matched}`,
      `x|${old.length - matched}`,
    ]);
  });

  test("may not change a row twice, on whichever nodes the two changes are found", async () => {
    const before = await lake.read(totals.replace("large", "small"));
    await expect(client.query(upsert("abs(id) % 7"))).rejects.toMatchObject({
      code: "21000",
    });
    await expect(
      client.query(`${upsert("abs(id) % 7")} RETURNING t.id`),
    ).rejects.toMatchObject({ code: "21000" });
    expect(await lake.read(totals.replace("large", "small"))).toEqual(before);
  });
});
