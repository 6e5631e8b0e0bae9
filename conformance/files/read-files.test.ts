// Plain files over the wire: read_files and paths in FROM, with schemas taken from the files, modes, partitions, and the places and
// rights they need (access-control section 9.3).

import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-files-"));
const outside = mkdtempSync(join(tmpdir(), "sluice-outside-"));
let gateway: TestGateway;
let client: pg.Client;

function put(path: string, text: string | Uint8Array): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

beforeAll(async () => {
  put(
    "people.csv",
    'id,name,born,score\n1,Ann,1990-01-31,1.5\n2,"O""Neil, Bo",,2\n',
  );
  put("bare.csv", "1,x\n2,y\n");
  put("bad.csv", "1,2020-01-01\nx,2020-01-02\n3\n4,2020-13-01\n5,2020-01-05\n");
  put("wide.csv", 'a;b\n"two\nlines";\\N\n# no row\n"say \\"hi\\"";z\n');
  put("types/a.csv", "k,v\n1,1\n2,2\n");
  put("types/b.csv", "v,k,more\n1.5,3000000000,q\n");
  put("parts/day=2024-01-01/n=7/x.csv", "a\n1\n");
  put("parts/day=2024-01-02/n=08/y.csv", "a\n2\n");
  put("parts/day=2024-01-02/n=__HIVE_DEFAULT_PARTITION__/z.csv", "a\n3\n");
  put("parts/_SUCCESS", "");
  put(
    "rows.json",
    '{"id":12345678901234567890,"t":"x","n":{"a":[1.10]},"b":true}\n\n{"id":2,"T":"y"}\n',
  );
  put(
    "long.json",
    '[\n  {"id": 1,\n   "t": "a]\\"}"},\n  {"id": 2, "n": [1,\n 2]}\n]\n{"id": 3}{"id":\n4}\n',
  );
  put("cut.json", '[{"id": 1},\n{"id": 2');
  put("open.json", '[{"id": 1}');
  put("packed/a.csv.gz", gzipSync("id,v\n1,x\n"));
  // Members one behind the other are one file.
  put(
    "packed/b.csv.gz",
    Buffer.concat([gzipSync("id,v\n2,"), gzipSync("y\n3,z\n")]),
  );
  put("packed/c.csv", "v,id\nplain,4\n");
  const many = Array.from({ length: 200_000 }, (_, i) => `{"n":${i}}`);
  put("large.json.gz", gzipSync(many.join("\n")));
  put("large.json.br", brotliCompressSync(many.slice(0, 10).join("\n")));
  put("large.json.deflate", deflateSync(many.slice(0, 7).join("\n")));
  put("damaged/cut.csv.gz", gzipSync("1,x\n2,y\n").subarray(0, -6));
  put("damaged/none.csv.gz", "1,x\n");
  put("damaged/other.csv.zst", "1,x\n");
  put("bad.json", '{"id":1}\n{"id":\n{"id":"three"}\n[1]\n');
  writeFileSync(join(outside, "secret.csv"), "secret\n");
  symlinkSync(join(outside, "secret.csv"), join(root, "link.csv"));
  symlinkSync(outside, join(root, "linked"));
  gateway = await startTestGateway({ fileRoots: { ext: root } });
  client = await gateway.connect({ raw: true });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
  rmSync(outside, { recursive: true, force: true });
});

async function rowsOf(sql: string): Promise<readonly unknown[]> {
  const { rows } = await client.query({ text: sql, rowMode: "array" });
  return rows;
}

const CASES: readonly (readonly [string, string, readonly unknown[]])[] = [
  [
    "a header names columns and values give types",
    "SELECT id + 1, name, born - date '1990-01-01', score, pg_typeof(id), pg_typeof(score) FROM read_files('ext/people.csv', header => true)",
    [
      ["2", "Ann", "30", "1.5", "integer", "double precision"],
      ["3", 'O"Neil, Bo', null, "2", "integer", "double precision"],
    ],
  ],
  [
    "without a header columns are counted",
    "SELECT _c0, _c1 FROM read_files('ext/bare.csv') ORDER BY _c0 DESC",
    [
      ["2", "y"],
      ["1", "x"],
    ],
  ],
  [
    "a path in FROM reads CSV as text",
    "SELECT pg_typeof(f._c0), f.b FROM csv.`ext/bare.csv` AS f(_c0, b) ORDER BY b",
    [
      ["text", "x"],
      ["text", "y"],
    ],
  ],
  [
    "PERMISSIVE reads bad values as NULL and shows their records",
    "SELECT * FROM read_files('ext/bad.csv', schema => 'i int, d date, bad text', columnNameOfCorruptRecord => 'bad')",
    [
      ["1", "2020-01-01", null],
      [null, "2020-01-02", "x,2020-01-02"],
      ["3", null, "3"],
      ["4", null, "4,2020-13-01"],
      ["5", "2020-01-05", null],
    ],
  ],
  [
    "DROPMALFORMED leaves bad records out, whatever is selected",
    "SELECT count(*), min(d) FROM read_files('ext/bad.csv', schema => 'i int, d date', mode => 'dropmalformed')",
    [["2", "2020-01-01"]],
  ],
  [
    "quotes, escapes, comments, NULL texts and line ends in values are as the options say",
    "SELECT a, b FROM read_files('ext/wide.csv', header => true, sep => ';', multiLine => true, nullValue => '\\N', comment => '#')",
    [
      ["two\nlines", null],
      ['say "hi"', "z"],
    ],
  ],
  [
    "files with other columns and types are read by name, as the type that holds all",
    "SELECT k, v, more, pg_typeof(k) FROM read_files('ext/types', format => 'csv', header => true) ORDER BY k",
    [
      ["1", "1", null, "bigint"],
      ["2", "2", null, "bigint"],
      ["3000000000", "1.5", "q", "bigint"],
    ],
  ],
  [
    "folders k=v are columns",
    "SELECT a, day, n, pg_typeof(day) FROM read_files('ext/parts', format => 'csv', header => true) ORDER BY a",
    [
      ["1", "2024-01-01", "7", "date"],
      ["2", "2024-01-02", "8", "date"],
      ["3", "2024-01-02", null, "date"],
    ],
  ],
  [
    "patterns and name filters choose files",
    "SELECT count(*) FROM read_files('ext/parts/day=2024-01-0[2-9]/*/*.csv', header => true, fileNamePattern => '{y,q}.csv')",
    [["1"]],
  ],
  [
    "metadata tells file and row",
    "SELECT _metadata.file_name, _metadata.row_index FROM read_files('ext/parts', format => 'csv', header => true) WHERE a = 2",
    [["y.csv", "0"]],
  ],
  [
    "JSON keeps every digit, and nested values are jsonb",
    "SELECT id, t, n->'a', b, pg_typeof(n) FROM json.`ext/rows.json` ORDER BY t",
    [
      ["12345678901234567890", "x", "[1.10]", "t", "jsonb"],
      ["2", "y", null, null, "jsonb"],
    ],
  ],
  [
    "objects of JSON may take several lines and lie in an array",
    "SELECT * FROM read_files('ext/long.json', multiLine => true) ORDER BY id",
    [
      ["1", 'a]"}', null],
      ["2", null, "[1, 2]"],
      ["3", null, null],
      ["4", null, null],
    ],
  ],
  [
    "a document of JSON that is cut off is a bad record",
    "SELECT * FROM read_files('ext/{cut,open}.json', format => 'json', schema => 'id int', multiLine => true, columnNameOfCorruptRecord => 'r') ORDER BY id, r",
    [
      ["1", null],
      ["1", null],
      [null, ""],
      [null, '{"id": 2'],
    ],
  ],
  [
    "bad records of JSON are shown too",
    "SELECT * FROM read_files('ext/bad.json', schema => 'id int', columnNameOfCorruptRecord => 'r')",
    [
      ["1", null],
      [null, '{"id":'],
      [null, '{"id":"three"}'],
      [null, "[1]"],
    ],
  ],
  [
    "files join with each other and go through filters and aggregates",
    "SELECT p.name, count(*) FROM read_files('ext/people.csv', header => true) p LEFT JOIN csv.`ext/bare.csv` b ON b._c0 = p.id::text WHERE p.id = 2 GROUP BY 1",
    [['O"Neil, Bo', "1"]],
  ],
];

describe("plain files", () => {
  test.each(CASES)("%s", async (_what, sql, rows) => {
    expect(await rowsOf(sql)).toEqual(rows);
  });

  test("compressed files are read as what is in them, with columns found there", async () => {
    expect(
      await rowsOf(
        "SELECT id + 0, v FROM read_files('ext/packed', format => 'csv', header => true) ORDER BY id",
      ),
    ).toEqual([
      ["1", "x"],
      ["2", "y"],
      ["3", "z"],
      ["4", "plain"],
    ]);
    for (const [file, count] of [
      ["large.json.gz", 200_000],
      ["large.json.br", 10],
      ["large.json.deflate", 7],
    ] as const)
      expect(
        await rowsOf(`SELECT count(*), sum(n) FROM read_files('ext/${file}')`),
      ).toEqual([[String(count), String((count * (count - 1)) / 2)]]);
    expect(
      await rowsOf("SELECT n FROM read_files('ext/large.json.gz') LIMIT 1"),
    ).toEqual([["0"]]);
  });

  test.each([
    ["cut.csv.gz", "XX001"],
    ["none.csv.gz", "XX001"],
    ["other.csv.zst", "0A000"],
  ])("a compressed file %s is refused: %s", async (file, code) => {
    for (const schema of ["", ", schema => 'a int, b text'"])
      await expect(
        rowsOf(`SELECT * FROM read_files('ext/damaged/${file}'${schema})`),
      ).rejects.toMatchObject({
        code,
        message: expect.stringContaining(file) as string,
      });
  });

  test("a file that changes is seen by the next statement", async () => {
    const sql = "SELECT count(*) FROM csv.`ext/changing.csv`";
    put("changing.csv", "1\n");
    expect(await rowsOf(sql)).toEqual([["1"]]);
    put("changing.csv", "1\n2\n");
    expect(await rowsOf(sql)).toEqual([["2"]]);
  });

  test("rows of files are inserted into tables, whose path reads as Delta alone", async () => {
    await client.query(
      "CREATE TABLE kept LOCATION 'ext/kept' AS SELECT * FROM read_files('ext/people.csv', header => true)",
    );
    await client.query(
      "INSERT INTO kept (id) SELECT _c0::int FROM csv.`ext/bare.csv`",
    );
    expect(await rowsOf("SELECT count(*) FROM delta.`ext/kept`")).toEqual([
      ["4"],
    ]);
    expect(
      await rowsOf("SELECT count(*) FROM delta.`ext/kept` VERSION AS OF 0"),
    ).toEqual([["2"]]);
    await expect(
      client.query("SELECT * FROM parquet.`ext/kept`"),
    ).rejects.toMatchObject({ code: "0A000" });
    await client.query("DROP TABLE kept");
    await expect(
      client.query("SELECT * FROM parquet.`ext/kept`"),
    ).rejects.toMatchObject({ code: "0A000" });
    expect(
      await rowsOf(
        "SELECT id, name, pg_typeof(born) FROM parquet.`ext/kept/*.parquet` ORDER BY id, name",
      ),
    ).toEqual([
      ["1", "Ann", "date"],
      ["1", null, "date"],
      ["2", 'O"Neil, Bo', "date"],
      ["2", null, "date"],
    ]);
  });

  test.each([
    [
      "22P04",
      "SELECT * FROM read_files('ext/bad.csv', schema => 'i text, d text', mode => 'FAILFAST')",
    ],
    [
      "22P02",
      "SELECT * FROM read_files('ext/bare.csv', schema => 'i int, d int', mode => 'FAILFAST')",
    ],
    [
      "0A000",
      "SELECT * FROM read_files('ext/bare.csv', dateFormat => 'dd.MM.yyyy')",
    ],
    ["0A000", "SELECT * FROM read_files((SELECT 'ext/bare.csv'))"],
    ["0A000", "SELECT * FROM read_files('ext/bare.csv', format => 'avro')"],
    ["22023", "SELECT * FROM read_files('ext/types')"],
    ["22023", "SELECT * FROM read_files('ext/bare.csv', mode => 'SOMETIMES')"],
    [
      "22023",
      "SELECT * FROM read_files('ext/bare.csv', schema => 'a int) LOCATION (x')",
    ],
    ["42P01", "SELECT * FROM csv.`ext/absent.csv`"],
    ["42P01", "SELECT * FROM csv.`ext/link.csv`"],
    ["42P01", "SELECT * FROM csv.`ext/linked`"],
    ["42P01", "SELECT * FROM csv.`ext/../../etc/passwd`"],
    ["42P01", "SELECT * FROM csv.`/etc/passwd`"],
  ])("%s: %s", async (code, sql) => {
    await expect(client.query(sql)).rejects.toMatchObject({ code });
  });

  test("paths need SELECT on any file, and a table's folder the right to the table", async () => {
    await client.query("CREATE TABLE own (a int) LOCATION 'ext/own'");
    await client.query("CREATE USER bob");
    const made = await client.query<{ readonly token_value: string }>(
      "CREATE TOKEN FOR USER bob",
    );
    const bob = await gateway.connect({
      user: "bob",
      password: made.rows[0]?.token_value ?? "",
      raw: true,
    });
    const read = "SELECT * FROM csv.`ext/bare.csv`";
    await expect(bob.query(read)).rejects.toMatchObject({ code: "42501" });
    await client.query("GRANT SELECT ON ANY FILE TO bob");
    await expect(bob.query(read)).resolves.toMatchObject({ rowCount: 2 });
    await expect(
      bob.query("SELECT * FROM delta.`ext/own`"),
    ).rejects.toMatchObject({
      code: "42P01",
      message: 'path "ext/own" does not exist',
    });
  });
});
