// COPY INTO over the wire: which rows files give, by name and by place, in each mode; that a file is loaded once, whoever loads it
// when; and what it needs.

import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-load-"));
let gateway: TestGateway;
/** Over the same lake, with a catalog of its own. */
let second: TestGateway;
let client: pg.Client;

function put(path: string, text: string | Uint8Array): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

beforeAll(async () => {
  const lakes = { lake: mkdtempSync(join(root, "_lake-")) };
  gateway = await startTestGateway({ fileRoots: { ext: root } });
  second = await startTestGateway({ lakes, fileRoots: { ext: root } });
  client = await gateway.connect({ raw: true });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

async function rowsOf(sql: string, by = client): Promise<readonly unknown[]> {
  const { rows } = await by.query({ text: sql, rowMode: "array" });
  return rows;
}

interface Case {
  readonly what: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly table: string;
  /** Behind COPY INTO t, the files lying in `ext/case`. */
  readonly copy: string;
  readonly rows: readonly unknown[];
}

const CASES: readonly Case[] = [
  {
    what: "CSV columns go to the table's by name, read as its types",
    files: { "a.csv": "NAME,id,born\n007,1,1990-01-31\n,2,\n" },
    table: "id int, name text, born date, more int default 5",
    copy: "FROM 'ext/case' FILEFORMAT = CSV FORMAT_OPTIONS ('header' = 'true')",
    rows: [
      ["1", "007", "1990-01-31", "5"],
      ["2", null, null, "5"],
    ],
  },
  {
    what: "columns without names go to the table's by place",
    files: { "a.csv": "1;x\n2;y\n" },
    table:
      "n int generated always as (id + 1) stored, id int, name varchar(3) not null",
    copy: "BY POSITION FROM 'ext/case/a.csv' FORMAT_OPTIONS (sep = ';')",
    rows: [
      ["2", "1", "x"],
      ["3", "2", "y"],
    ],
  },
  {
    what: "a column list says which place goes where, and identity numbers rows",
    files: { "a.csv": "x,1\n" },
    table:
      "k bigint generated always as identity, id int, name text, z int default 9",
    copy: "(name, id) FROM 'ext/case' FILEFORMAT = csv",
    rows: [["1", "1", "x", "9"]],
  },
  {
    what: "a query sees the files' own columns, and rows can be left out",
    files: { "a.csv": "1,x\n2,y\n", "sub/b.csv": "3,z\n" },
    table: "id bigint, name text, source text",
    copy: `FROM (SELECT _c0::int AS id, upper(f._c1) AS name, _metadata.file_name AS source
      FROM 'ext/case' AS f WHERE _c0 <> '2') FILEFORMAT = CSV`,
    rows: [
      ["1", "X", "a.csv"],
      ["3", "Z", "b.csv"],
    ],
  },
  {
    what: "compressed files are read as what is in them",
    files: {
      "a.csv.gz": gzipSync("id,name\n1,x\n"),
      "b.csv": "id,name\n2,y\n",
    },
    table: "id bigint, name text",
    copy: "FROM 'ext/case' FILEFORMAT = CSV FORMAT_OPTIONS ('header' = 'true')",
    rows: [
      ["1", "x"],
      ["2", "y"],
    ],
  },
  {
    what: "JSON members go to columns by name",
    files: { "a.json": '{"b":[1,2],"a":9007199254740993}\n{"a":null}\n' },
    table: "a bigint, b jsonb",
    copy: "FROM 'ext/case/a.json'",
    rows: [
      ["9007199254740993", "[1, 2]"],
      [null, null],
    ],
  },
  {
    what: "a table without columns takes those of the files",
    files: { "a.json": '{"id":1,"name":"x"}\n' },
    table: "",
    copy: "FROM 'ext/case' FILEFORMAT = JSON COPY_OPTIONS (mergeSchema = true)",
    rows: [["1", "x"]],
  },
  {
    what: "PERMISSIVE makes bad values NULL and keeps their records",
    files: { "a.csv": "id,d\n1,2020-01-01\nx,2020-01-02\n" },
    table: "id int, d date, bad text",
    copy: "FROM 'ext/case' FILEFORMAT = CSV FORMAT_OPTIONS ('header' = true, 'columnNameOfCorruptRecord' = 'bad')",
    rows: [
      ["1", "2020-01-01", null],
      [null, "2020-01-02", "x,2020-01-02"],
    ],
  },
  {
    what: "DROPMALFORMED leaves bad records out",
    files: { "a.csv": "id,d\n1,2020-01-01\nx,2020-01-02\n" },
    table: "id int, d date",
    copy: "FROM 'ext/case' FILEFORMAT = CSV FORMAT_OPTIONS ('header' = true, 'mode' = 'DROPMALFORMED')",
    rows: [["1", "2020-01-01"]],
  },
  {
    what: "mergeSchema adds the columns that the table lacks, as inferred",
    files: { "a.csv": "id,score,day\n1,1.5,2024-01-01\n" },
    table: "id int",
    copy: `FROM 'ext/case' FILEFORMAT = CSV FORMAT_OPTIONS ('header' = 'true', 'inferSchema' = 'true', 'mergeSchema' = 'true')
      COPY_OPTIONS ('mergeSchema' = 'true')`,
    rows: [["1", "1.5", "2024-01-01"]],
  },
  {
    what: "folders k=v are columns, and a pattern chooses files",
    files: {
      "day=2024-01-01/a.csv": "1\n",
      "day=2024-01-02/b.csv": "2\n",
      "day=2024-01-02/b.txt": "3\n",
    },
    table: "day date, _c0 int",
    copy: "FROM 'ext/case' FILEFORMAT = CSV PATTERN = 'day=*/*.csv'",
    rows: [
      ["2024-01-01", "1"],
      ["2024-01-02", "2"],
    ],
  },
  {
    what: "FILES names the only ones",
    files: { "a.csv": "1\n", "b.csv": "2\n", "c/d.csv": "3\n" },
    table: "_c0 int",
    copy: "FROM 'ext/case' FILEFORMAT = CSV FILES = ('a.csv', 'c/d.csv')",
    rows: [["1"], ["3"]],
  },
];

async function makeCase(it: Pick<Case, "files" | "table">): Promise<void> {
  rmSync(join(root, "case"), { recursive: true, force: true });
  for (const [name, text] of Object.entries(it.files))
    put(`case/${name}`, text);
  await client.query(`CREATE OR REPLACE TABLE t (${it.table})`);
}

describe("COPY INTO", () => {
  test.each(CASES)("$what", async (it) => {
    await makeCase(it);
    const inserted = String(it.rows.length);
    expect(await rowsOf(`COPY INTO t ${it.copy}`)).toEqual([
      [inserted, inserted, "0"],
    ]);
    expect(sorted(await rowsOf("SELECT * FROM t"))).toEqual(sorted(it.rows));
    expect(await rowsOf(`COPY INTO t ${it.copy}`)).toEqual([["0", "0", "0"]]);
    expect(await rowsOf("SELECT count(*) FROM t")).toEqual([[inserted]]);
  });

  test("VALIDATE checks what would be loaded, shows its first rows, and loads nothing", async () => {
    const numbers = Array.from({ length: 99 }, (_, i) => `${i + 1},x\n`);
    await makeCase({
      files: { "a.csv": [...numbers, "0,y\n"].join("") },
      table:
        "id int check (id > 0), s varchar(3) not null, twice int generated always as (id * 2) stored",
    });
    const copy = "COPY INTO t BY POSITION FROM 'ext/case' FILEFORMAT = CSV";
    expect(await rowsOf(`${copy} VALIDATE 2 ROWS`)).toEqual([
      ["1", "x", "2"],
      ["2", "x", "4"],
    ]);
    const { fields, rows } = await client.query(`${copy} VALIDATE 99 ROWS`);
    expect(fields.map(({ name }) => name)).toEqual(["id", "s", "twice"]);
    expect(rows).toHaveLength(50);
    for (const all of ["VALIDATE", "VALIDATE ALL", "VALIDATE 100 ROWS"])
      await expect(client.query(`${copy} ${all}`)).rejects.toMatchObject({
        code: "23514",
      });
    put("case/a.csv", "1,long\n");
    await expect(client.query(`${copy} VALIDATE`)).rejects.toMatchObject({
      code: "22001",
    });
    put("case/a.csv", "1,x\n");
    expect(await rowsOf(`${copy} VALIDATE ALL`)).toHaveLength(1);
    expect(await rowsOf("SELECT count(*) FROM t")).toEqual([["0"]]);
    expect(await rowsOf(copy)).toEqual([["1", "1", "0"]]);
    expect(await rowsOf(`${copy} VALIDATE`)).toEqual([]);
  });

  test("Parquet fields go by name, and corrupt files are left out when asked", async () => {
    await makeCase({
      files: {},
      table: "s struct<b: int, a: text>, id bigint, n numeric(10, 2)",
    });
    await client.query(
      "CREATE TABLE src LOCATION 'ext/src' AS SELECT 1::int AS id, 2::numeric(4, 1) AS n",
    );
    await client.query("DROP TABLE src");
    const bytes = readFileSync(join(root, await onlyParquet("src")));
    put("case/bad.parquet", "no parquet");
    writeFileSync(join(root, "case/good.parquet"), bytes);
    const copy = "COPY INTO t FROM 'ext/case' FILEFORMAT = PARQUET";
    await expect(client.query(copy)).rejects.toMatchObject({ code: "XX001" });
    const skipping = `${copy} FORMAT_OPTIONS ('ignoreCorruptFiles' = 'true')`;
    expect(await rowsOf(skipping)).toEqual([["1", "1", "1"]]);
    expect(await rowsOf(skipping)).toEqual([["0", "0", "1"]]);
    writeFileSync(join(root, "case/bad.parquet"), bytes);
    expect(await rowsOf(copy)).toEqual([["1", "1", "0"]]);
    expect(await rowsOf("SELECT id, n, s FROM t")).toEqual([
      ["1", "2.00", null],
      ["1", "2.00", null],
    ]);
  });

  test("W5: a file is loaded once, changed or not, and again by force", async () => {
    await makeCase({ files: { "a.csv": "1\n" }, table: "_c0 int" });
    const copy = "COPY INTO t FROM 'ext/case' FILEFORMAT = CSV";
    expect(await rowsOf(copy)).toEqual([["1", "1", "0"]]);
    put("case/a.csv", "1\n2\n");
    put("case/b.csv", "3\n");
    expect(await rowsOf(copy)).toEqual([["1", "1", "0"]]);
    expect(await rowsOf(`${copy} COPY_OPTIONS ('force' = 'true')`)).toEqual([
      ["3", "3", "0"],
    ]);
    expect(await rowsOf(copy)).toEqual([["0", "0", "0"]]);
    expect(await rowsOf("SELECT _c0 FROM t ORDER BY 1")).toEqual(
      ["1", "1", "2", "3", "3"].map((cell) => [cell]),
    );
    await client.query("CREATE OR REPLACE TABLE t (_c0 int)");
    expect(await rowsOf(copy)).toEqual([["3", "3", "0"]]);
    expect(await rowsOf(copy)).toEqual([["0", "0", "0"]]);
  });

  test("checkpoints and a block keep in mind what was loaded", async () => {
    await makeCase({
      files: { "a.csv": "1\n" },
      table: "_c0 int",
    });
    await client.query(
      "ALTER TABLE t SET TBLPROPERTIES ('delta.checkpointInterval' = 2)",
    );
    const copy = "COPY INTO t FROM 'ext/case' FILEFORMAT = CSV";
    await client.query("BEGIN");
    expect(await rowsOf(copy)).toEqual([["1", "1", "0"]]);
    expect(await rowsOf(copy)).toEqual([["0", "0", "0"]]);
    await client.query("ROLLBACK");
    await client.query("BEGIN");
    expect(await rowsOf(copy)).toEqual([["1", "1", "0"]]);
    put("case/b.csv", "2\n");
    expect(await rowsOf(copy)).toEqual([["1", "1", "0"]]);
    await client.query("COMMIT");
    for (const id of ["3", "4", "5"])
      await client.query(`INSERT INTO t VALUES (${id})`);
    expect(await rowsOf(copy)).toEqual([["0", "0", "0"]]);
    expect(await rowsOf("SELECT count(*) FROM t")).toEqual([["5"]]);
  });

  test("two gateways that load hundreds of files at once load each once", async () => {
    rmSync(join(root, "many"), { recursive: true, force: true });
    const count = 500;
    for (let i = 0; i < count; i += 1) put(`many/${i % 20}/${i}.csv`, `${i}\n`);
    await client.query("CREATE TABLE many (_c0 int) LOCATION 'ext/_many'");
    const other = await second.connect({ raw: true });
    await other.query("CREATE TABLE many LOCATION 'ext/_many'");
    const third = await gateway.connect({ raw: true });
    const copy = "COPY INTO many FROM 'ext/many' FILEFORMAT = CSV";
    const results = await Promise.all([
      rowsOf(copy),
      rowsOf(copy, other),
      rowsOf(`${copy} PATTERN = '1*/*.csv'`, third),
    ]);
    const loaded = results
      .flatMap((rows) => rows as (readonly string[])[])
      .reduce((sum, [inserted]) => sum + Number(inserted), 0);
    expect(loaded).toBe(count);
    expect(
      await rowsOf("SELECT count(*), count(DISTINCT _c0), max(_c0) FROM many"),
    ).toEqual([[String(count), String(count), String(count - 1)]]);
  });

  test.each<readonly [string, string, string]>([
    [
      "22P02",
      "FROM 'ext/bad.csv' FORMAT_OPTIONS (header = true, mode = 'FAILFAST')",
      "id int",
    ],
    [
      "23502",
      "FROM 'ext/bad.csv' FORMAT_OPTIONS (header = true)",
      "id int not null",
    ],
    [
      "23514",
      "FROM 'ext/bad.csv' FORMAT_OPTIONS (header = true)",
      "id int check (id > 1)",
    ],
    ["42703", "FROM 'ext/bad.csv'", "id int"],
    ["42804", "FROM (SELECT _c0 AS id FROM 'ext/bad.csv')", "id int"],
    ["42601", "BY POSITION FROM 'ext/bad.csv'", "id int, n int"],
    ["42601", "(n, id) FROM (SELECT _c0 FROM 'ext/bad.csv')", "id int, n text"],
    ["42703", "(x) FROM 'ext/bad.csv'", "id int"],
    ["428C9", "(id) FROM 'ext/bad.csv'", "id int generated always as identity"],
    [
      "0A000",
      "BY POSITION FROM 'ext/bad.csv' FORMAT_OPTIONS (header = true)",
      "id int",
    ],
    ["0A000", "FROM 'ext/bad.csv' COPY_OPTIONS ('skipRows' = 1)", "id int"],
    [
      "0A000",
      "FROM 'ext/bad.csv' FORMAT_OPTIONS ('dateFormat' = 'dd')",
      "id int",
    ],
    ["0A000", "FROM 'ext/bad.csv' FILEFORMAT = AVRO", "id int"],
    ["0A000", "FROM 'ext/bad.csv' WITH (CREDENTIAL c)", "id int"],
    [
      "0A000",
      "FROM (SELECT count(*) FROM 'ext/bad.csv' GROUP BY _c0)",
      "id int",
    ],
    ["42601", "FROM (SELECT 1)", "id int"],
    ["42601", "FROM 'ext/bad.csv' FILES = ('a') PATTERN = 'b'", "id int"],
    ["22023", "FROM 'ext/bad'", "id int"],
    ["42P01", "FROM 'ext/absent' FILEFORMAT = CSV", "id int"],
    ["42P01", "FROM '/etc' FILEFORMAT = CSV", "id int"],
    [
      "42P01",
      "FROM 'ext/case' FILEFORMAT = CSV FILES = ('../bad.csv')",
      "id int",
    ],
    [
      "42P01",
      "FROM 'ext/case' FILEFORMAT = CSV FILES = ('absent.csv')",
      "id int",
    ],
  ])("%s: %s", async (code, copy, columns) => {
    put("bad.csv", "id\n1\nx\n");
    await client.query(`CREATE OR REPLACE TABLE refused (${columns})`);
    await expect(
      client.query(`COPY INTO refused ${copy}`),
    ).rejects.toMatchObject({ code });
    expect(await rowsOf("SELECT count(*) FROM refused")).toEqual([["0"]]);
  });

  test("it needs MODIFY on the table and SELECT on any file, and ownership to change the schema", async () => {
    put("rights.csv", "id,more\n1,2\n");
    await client.query("CREATE TABLE guarded (id int)");
    await client.query("CREATE USER bob");
    const made = await client.query<{ readonly token_value: string }>(
      "CREATE TOKEN FOR USER bob",
    );
    const bob = await gateway.connect({
      user: "bob",
      password: made.rows[0]?.token_value ?? "",
      raw: true,
    });
    await client.query("GRANT USAGE ON SCHEMA public TO bob");
    const copy =
      "COPY INTO guarded FROM (SELECT id::int AS id FROM 'ext/rights.csv') FORMAT_OPTIONS (header = true)";
    const refused = { code: expect.stringMatching(/^42(501|P01)$/) as unknown };
    await client.query("GRANT MODIFY ON TABLE guarded TO bob");
    await expect(bob.query(copy)).rejects.toMatchObject(refused);
    await client.query("GRANT SELECT ON ANY FILE TO bob");
    await client.query("REVOKE MODIFY ON TABLE guarded FROM bob");
    await expect(bob.query(copy)).rejects.toMatchObject(refused);
    await client.query("GRANT MODIFY ON TABLE guarded TO bob");
    await expect(
      bob.query(
        "COPY INTO guarded FROM 'ext/rights.csv' FORMAT_OPTIONS (header = true) COPY_OPTIONS (mergeSchema = true)",
      ),
    ).rejects.toMatchObject({ code: "42501" });
    expect(await rowsOf(copy, bob)).toEqual([["1", "1", "0"]]);
  });

  test("over HTTP the row of counts is the result", async () => {
    put("http.csv", "1\n");
    await client.query("CREATE TABLE http (_c0 int)");
    const answer = await fetch(`${gateway.httpUrl}/api/2.0/sql/statements`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.adminToken}` },
      body: JSON.stringify({
        statement: "COPY INTO http FROM 'ext/http.csv'",
        wait_timeout: "30s",
      }),
    });
    expect(await answer.json()).toMatchObject({
      status: { state: "SUCCEEDED" },
      manifest: {
        schema: {
          columns: [
            { name: "num_affected_rows" },
            { name: "num_inserted_rows" },
            { name: "num_skipped_corrupt_files" },
          ],
        },
      },
      result: { data_array: [["1", "1", "0"]] },
    });
  });
});

function sorted(rows: readonly unknown[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

async function onlyParquet(folder: string): Promise<string> {
  const rows = await rowsOf(
    `SELECT _metadata.file_path FROM parquet.\`ext/${folder}/*.parquet\``,
  );
  const [[path] = []] = rows as (readonly string[])[];
  return join(folder, (path ?? "").split("/").at(-1) ?? "");
}
