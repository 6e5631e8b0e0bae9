// Tables of plain files over the wire: CREATE TABLE … USING csv | json | parquet LOCATION. SELECT on the table is all that reading
// takes; nothing writes them.

import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

const PARQUET = join(import.meta.dirname, "../delta/odd/short.parquet");
const root = mkdtempSync(join(tmpdir(), "sluice-external-"));
const dataDir = mkdtempSync(join(tmpdir(), "sluice-external-data-"));
let gateway: TestGateway;
let client: pg.Client;

function put(path: string, text: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

async function start(): Promise<void> {
  gateway = await startTestGateway({ fileRoots: { ext: root }, dataDir });
  client = await gateway.connect({ raw: true });
}

beforeAll(async () => {
  put("people/a.csv", "id;name\n1;Ann\n2;\n");
  put("days/day=2024-01-01/a.json", '{"n":1,"tags":["x"]}\n');
  put("days/day=2024-01-02/b.json", '{"n":"two"}\n');
  await start();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
  rmSync(dataDir, { recursive: true, force: true });
});

async function rowsOf(sql: string, by = client): Promise<readonly unknown[]> {
  const { rows } = await by.query({ text: sql, rowMode: "array" });
  return rows;
}

async function bobWith(grants: readonly string[]): Promise<pg.Client> {
  await client.query("DROP USER bob").catch(() => undefined);
  await client.query("CREATE USER bob");
  await client.query("GRANT USAGE ON SCHEMA public TO bob");
  for (const grant of grants) await client.query(grant);
  const made = await client.query<{ readonly token_value: string }>(
    "CREATE TOKEN FOR USER bob",
  );
  return gateway.connect({
    user: "bob",
    password: made.rows[0]?.token_value ?? "",
    raw: true,
  });
}

describe("a table of plain files", () => {
  test("has the columns declared, and what its files hold now", async () => {
    await client.query(
      "CREATE TABLE people (id int, name text COMMENT 'first') USING CSV OPTIONS (header = true, 'sep' = ';') COMMENT 'known' LOCATION 'ext/people'",
    );
    const rows = [
      ["1", "Ann"],
      ["2", null],
    ];
    expect(await rowsOf("SELECT * FROM people ORDER BY id")).toEqual(rows);
    put("people/b.csv", "id;name\n3;Cem\n");
    await client.query("REFRESH TABLE people");
    expect(
      await rowsOf(
        "SELECT p.id, q.name, p._metadata.file_name FROM people p JOIN people q ON q.id = p.id WHERE p.id > 2",
      ),
    ).toEqual([["3", "Cem", "b.csv"]]);
    rmSync(join(root, "people/b.csv"));
  });

  test("takes columns and partitions from its files, and keeps them without any", async () => {
    await client.query(
      "CREATE TABLE days USING json LOCATION 'ext/days' PARTITIONED BY (day)",
    );
    expect(await rowsOf("SELECT * FROM days ORDER BY day")).toEqual([
      ["1", '["x"]', "2024-01-01"],
      ["two", null, "2024-01-02"],
    ]);
    rmSync(join(root, "days/day=2024-01-02"), { recursive: true });
    expect(await rowsOf("SELECT n, day FROM days")).toEqual([
      ["1", "2024-01-01"],
    ]);
    rmSync(join(root, "days"), { recursive: true });
    expect(await rowsOf("SELECT count(*), max(day) FROM days")).toEqual([
      ["0", null],
    ]);
  });

  test.each([
    [
      "(id int, name text COMMENT 'first') USING CSV OPTIONS (header = true, 'sep' = ';') COMMENT 'it''s known' LOCATION 'ext/remade/c'",
      2,
    ],
    [
      "USING CSV OPTIONS (header = true, sep = ';', inferSchema = true, nullValue = '-', mode = 'DROPMALFORMED') LOCATION 'ext/remade/c'",
      2,
    ],
    [
      "(a text, b text, day date, _corrupt_record text) USING CSV OPTIONS (quote = '''', escape = '|', comment = '#', multiLine = true) LOCATION 'ext/remade/p'",
      1,
    ],
    ["USING JSON LOCATION 'ext/remade/j' PARTITIONED BY (day)", 1],
    [
      "(n bigint) USING JSON OPTIONS (pathGlobFilter = '*.json', ignoreCorruptFiles = true, mode = 'failfast', multiLine = true) LOCATION 'ext/remade/j'",
      1,
    ],
    ["USING PARQUET LOCATION 'ext/remade/q'", 1],
  ])("is made again by SHOW CREATE TABLE: %s", async (rest, count) => {
    put("remade/c/a.csv", "id;name\n1;Ann\n2;-\n");
    put("remade/p/day=2024-01-01/a.csv", "#none\n'x','y'\n");
    put("remade/j/day=2024-01-01/a.json", '{"n":1}\n');
    mkdirSync(join(root, "remade/q"), { recursive: true });
    copyFileSync(PARQUET, join(root, "remade/q/a.parquet"));
    const state = async (): Promise<readonly (readonly unknown[])[]> => [
      await rowsOf("SHOW CREATE TABLE made"),
      await rowsOf("DESCRIBE TABLE made"),
      await rowsOf("SELECT * FROM made ORDER BY 1"),
    ];
    await client.query(`CREATE TABLE made ${rest}`);
    const before = await state();
    expect(before[2]).toHaveLength(count);
    await client.query("DROP TABLE made");
    await client.query(String(before[0]?.[0]));
    expect(await state()).toEqual(before);
    await client.query("DROP TABLE made");
  });

  test("finds columns by each file's header, unless they were declared", async () => {
    put("orders/a.csv", "a,b\n1,2\n");
    put("orders/b.csv", "b,a\n4,3\n");
    await client.query(
      "CREATE TABLE named USING csv OPTIONS (header = true) LOCATION 'ext/orders'",
    );
    expect(await rowsOf("SELECT a, b FROM named ORDER BY a")).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
    await client.query("DROP TABLE named");
    await client.query(
      "CREATE TABLE placed (x int, y int) USING csv OPTIONS (header = true) LOCATION 'ext/orders'",
    );
    expect(await rowsOf("SELECT x, y FROM placed ORDER BY x")).toEqual([
      ["1", "2"],
      ["4", "3"],
    ]);
  });

  test("shows bad records in the column Spark keeps for them", async () => {
    put("bad.csv", "1\nx\n");
    await client.query(
      "CREATE TABLE bad (n int, _corrupt_record text) USING csv LOCATION 'ext/bad.csv'",
    );
    expect(await rowsOf("SELECT * FROM bad ORDER BY n")).toEqual([
      ["1", null],
      [null, "x"],
    ]);
  });

  test("of Parquet is read as its footers say", async () => {
    await client.query(
      "CREATE TABLE made LOCATION 'ext/made' AS SELECT 1::smallint AS a, '2024-01-01'::timestamptz AS b",
    );
    await client.query("DROP TABLE made");
    await expect(
      client.query("CREATE TABLE made USING parquet LOCATION 'ext/made'"),
    ).rejects.toMatchObject({ code: "0A000" });
    rmSync(join(root, "made/_delta_log"), { recursive: true });
    await client.query("CREATE TABLE made USING PARQUET LOCATION 'ext/made'");
    expect(await rowsOf("SELECT a, pg_typeof(a), b FROM made")).toEqual([
      ["1", "smallint", "2024-01-01 00:00:00+00"],
    ]);
  });

  test("is described, and listed in the catalog", async () => {
    expect(await rowsOf("DESCRIBE people")).toEqual([
      ["id", "integer", null],
      ["name", "text", "first"],
    ]);
    const [detail] = await rowsOf("DESCRIBE DETAIL people");
    expect(detail).toMatchObject({
      0: "csv",
      2: "main.public.people",
      3: "known",
      4: join(root, "people"),
      9: "1",
      10: "17",
    });
    expect(
      await rowsOf(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'people' ORDER BY ordinal_position",
      ),
    ).toEqual([
      ["id", "integer"],
      ["name", "text"],
    ]);
  });

  test.each([
    "INSERT INTO people VALUES (1, 'x')",
    "INSERT OVERWRITE people SELECT 1, 'x'",
    "UPDATE people SET id = 1",
    "DELETE FROM people",
    "MERGE INTO people USING people AS s ON people.id = s.id WHEN MATCHED THEN DELETE",
    "COPY people FROM STDIN",
    "COPY INTO people FROM 'ext/people/a.csv'",
    "TRUNCATE people",
    "OPTIMIZE people",
    "VACUUM people",
    "RESTORE TABLE people TO VERSION AS OF 0",
    "ANALYZE TABLE people COMPUTE STATISTICS",
    "ALTER TABLE people ADD COLUMN c int",
    "ALTER TABLE people SET TBLPROPERTIES ('a' = 'b')",
    "COMMENT ON COLUMN people.id IS 'x'",
    "DESCRIBE HISTORY people",
    "SELECT * FROM people VERSION AS OF 0",
    "SELECT * FROM table_changes('people', 0)",
    "EXPLAIN INSERT INTO people VALUES (1, 'x')",
    "CREATE OR REPLACE TABLE people (a int)",
    "CREATE TABLE refused USING csv LOCATION 'ext/people/a.csv'",
    "CREATE TABLE refused USING csv LOCATION 'ext/people/*'",
    "CREATE TABLE refused USING csv",
    "CREATE TABLE refused USING orc LOCATION 'ext/bad.csv'",
    "CREATE TABLE refused USING csv OPTIONS (dateFormat = 'dd') LOCATION 'ext/bad.csv'",
    "CREATE TABLE refused (a int NOT NULL) USING csv LOCATION 'ext/bad.csv'",
    "CREATE TABLE refused (a int) OPTIONS (header = true)",
    "CREATE TABLE refused USING csv LOCATION 'ext/new' AS SELECT 1 AS a",
  ])("%s is refused", async (sql) => {
    await expect(client.query(sql)).rejects.toMatchObject({ code: "0A000" });
    expect(await rowsOf("SELECT count(*) FROM people")).toEqual([["2"]]);
  });

  test("is read with SELECT on it alone, and made with ANY FILE and CREATE", async () => {
    const bob = await bobWith(["GRANT SELECT ON TABLE people TO bob"]);
    expect(await rowsOf("SELECT count(*) FROM people", bob)).toEqual([["2"]]);
    put("own.csv", "1\n");
    const create = "CREATE TABLE own USING csv LOCATION 'ext/own.csv'";
    await expect(bob.query(create)).rejects.toMatchObject({ code: "42501" });
    await client.query("GRANT CREATE ON SCHEMA public TO bob");
    await expect(bob.query(create)).rejects.toMatchObject({ code: "42501" });
    await client.query("GRANT SELECT ON ANY FILE TO bob");
    await bob.query(create);
    expect(await rowsOf("SELECT _c0 FROM own", bob)).toEqual([["1"]]);
    await expect(
      bob.query("CREATE TABLE none (a int) USING csv LOCATION 'ext/none'"),
    ).rejects.toMatchObject({ code: "42501" });
    await expect(
      bob.query("SELECT * FROM csv.`ext/bad.csv`"),
    ).rejects.toMatchObject({ code: "42P01" });
    await bob.query("DROP TABLE own");
    expect(await rowsOf("SELECT _c0 FROM csv.`ext/own.csv`", bob)).toEqual([
      ["1"],
    ]);
  });

  test("is there after a restart, under another name as well", async () => {
    await client.query("ALTER TABLE people RENAME TO folk");
    await gateway[Symbol.asyncDispose]();
    await start();
    expect(await rowsOf("SELECT * FROM folk ORDER BY id")).toEqual([
      ["1", "Ann"],
      ["2", null],
    ]);
    expect(await rowsOf("SELECT * FROM bad WHERE n = 1")).toEqual([
      ["1", null],
    ]);
    expect(await rowsOf("DESCRIBE folk")).toContainEqual([
      "name",
      "text",
      "first",
    ]);
    await client.query("DROP TABLE folk");
    expect(await rowsOf("SELECT count(*) FROM csv.`ext/people`")).toEqual([
      ["3"],
    ]);
  });
});
