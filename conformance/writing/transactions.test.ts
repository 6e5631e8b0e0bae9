import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type pg from "pg";
import { connectTo, startWritingLake, type WritingLake } from "./lake.ts";

const COLUMNS = { id: "long", name: "string" };
const VECTORS = {
  features: ["deletionVectors"],
  properties: { "delta.enableDeletionVectors": "true" },
};

let lake: WritingLake;
let client: pg.Client;
let other: pg.Client;
beforeAll(async () => {
  lake = await startWritingLake({
    copied: { columns: COLUMNS },
    vectors: { columns: COLUMNS, ...VECTORS },
    clash: { columns: COLUMNS, ...VECTORS },
    split: { columns: { id: "long", part: "string" }, partitionBy: ["part"] },
    strict: { columns: COLUMNS },
    loose: {
      columns: COLUMNS,
      properties: { "delta.isolationLevel": "WriteSerializable" },
    },
    fed: {
      columns: COLUMNS,
      features: ["changeDataFeed"],
      properties: { "delta.enableChangeDataFeed": "true" },
    },
    emptied: { columns: COLUMNS },
    fixed: {
      columns: COLUMNS,
      features: ["appendOnly"],
      properties: { "delta.appendOnly": "true" },
    },
    needed: { columns: { id: "!long", name: "string" }, ...VECTORS },
  });
  client = await connectTo(lake.writer);
  other = await connectTo(lake.writer);
});
afterAll(() => lake[Symbol.asyncDispose]());

function failing(run: Promise<unknown>): Promise<unknown> {
  return run.then(
    () => "no error",
    (error: unknown) => error,
  );
}

async function rowsOf(
  from: pg.Client,
  sql: string,
): Promise<readonly string[]> {
  const { rows } = await from.query<(string | null)[]>({
    text: sql,
    rowMode: "array",
  });
  return rows.map((row) => row.map((cell) => cell ?? "NULL").join("|")).sort();
}

async function all(...statements: readonly string[]): Promise<void> {
  for (const sql of statements) await client.query(sql);
}

/** Data files and deletion vectors on disk. */
function filesOf(table: string): readonly string[] {
  return readdirSync(join(lake.dir, "public", table)).filter((name) =>
    /\.(parquet|bin)$/.test(name),
  );
}

describe.each(["copied", "vectors"])("a block that changes %s", (table) => {
  const select = `SELECT id, name FROM ${table}`;

  test("changes rows it has just written and rows that were there, as one version", async () => {
    await all(`INSERT INTO ${table} VALUES (1, 'a'), (2, 'b'), (3, 'c')`);
    const before = lake.versions(table).length;
    await all(
      "BEGIN",
      `INSERT INTO ${table} VALUES (4, 'd'), (5, 'e')`,
      `UPDATE ${table} SET name = upper(name) WHERE id IN (1, 4)`,
      `DELETE FROM ${table} WHERE id IN (2, 5)`,
      `UPDATE ${table} SET name = name || name WHERE id IN (1, 3)`,
    );
    const rows = ["1|AA", "3|cc", "4|D"];
    expect(await rowsOf(client, select)).toEqual(rows);
    expect(
      await rowsOf(client, `SELECT count(*), max(name) FROM ${table}`),
    ).toEqual(["3|cc"]);
    expect(await rowsOf(client, `${select} WHERE id = 2`)).toEqual([]);
    expect(await lake.read(select)).toEqual(["1|a", "2|b", "3|c"]);
    await all("COMMIT");
    expect(lake.versions(table)).toHaveLength(before + 1);
    expect(await lake.read(select)).toEqual(rows);
    const lines = lake.commit(table, before);
    for (const kind of ["add", "remove"]) {
      const paths = lines.flatMap((line) => line[kind]?.["path"] ?? []);
      expect(new Set(paths).size).toBe(paths.length);
    }
    expect(lines[0]?.["commitInfo"]).toMatchObject({
      operation: "TRANSACTION",
      operationParameters: {
        statements: '["WRITE","UPDATE","DELETE","UPDATE"]',
      },
    });
  });

  test("goes back to a savepoint, changes again, and every statement sees what the ones before left", async () => {
    await all(
      "BEGIN",
      `DELETE FROM ${table} WHERE id = 1`,
      "SAVEPOINT one",
      `UPDATE ${table} SET id = id + 100`,
      "SAVEPOINT two",
      `TRUNCATE ${table}`,
    );
    expect(await rowsOf(client, select)).toEqual([]);
    await all("ROLLBACK TO two");
    expect(await rowsOf(client, select)).toEqual(["103|cc", "104|D"]);
    await all("ROLLBACK TO one");
    expect(await rowsOf(client, select)).toEqual(["3|cc", "4|D"]);
    await all(`UPDATE ${table} SET id = id + 1000 WHERE id = 3`, "COMMIT");
    expect(await lake.read(select)).toEqual(["1003|cc", "4|D"]);
  });

  test("leaves files that no log names when it rolls back, and nothing else", async () => {
    const [versions, rows] = [lake.versions(table), await lake.read(select)];
    const files = filesOf(table).length;
    await all("BEGIN", `UPDATE ${table} SET name = 'x'`);
    await all(`INSERT INTO ${table} SELECT id + 1, name FROM ${table}`);
    expect(await rowsOf(client, `SELECT count(*) FROM ${table}`)).toEqual([
      "4",
    ]);
    await all("ROLLBACK");
    expect(lake.versions(table)).toEqual(versions);
    expect(filesOf(table).length).toBeGreaterThan(files);
    expect(await rowsOf(client, select)).toEqual(rows);
    expect(await lake.read(select)).toEqual(rows);
  });

  test("sees a failed statement undo nothing before it, once the savepoint is back", async () => {
    await all(
      "BEGIN",
      `INSERT INTO ${table} VALUES (7, 'seven')`,
      "SAVEPOINT s",
    );
    expect(
      await failing(client.query(`UPDATE ${table} SET id = id / (id - 7)`)),
    ).toMatchObject({ code: "22012" });
    await all("ROLLBACK TO s");
    expect(await rowsOf(client, `${select} WHERE id = 7`)).toEqual(["7|seven"]);
    await all("ROLLBACK");
  });
});

describe("conflicts", () => {
  test("X4: two blocks that change different rows of one file: the second COMMIT fails with 40001", async () => {
    await all("INSERT INTO clash VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    await all("BEGIN", "DELETE FROM clash WHERE id = 1");
    await other.query("UPDATE clash SET name = 'won' WHERE id = 2");
    expect(await failing(client.query("COMMIT"))).toMatchObject({
      code: "40001",
      message: "could not serialize access due to concurrent update",
      detail:
        "Commit 2 of table public.clash removed a file that this commit removes too.",
    });
    expect(await lake.read("SELECT * FROM clash")).toEqual([
      "1|a",
      "2|won",
      "3|c",
    ]);
  });

  test("X3: changes of different partitions do not meet", async () => {
    await all("INSERT INTO split VALUES (1, 'a'), (2, 'b')");
    await all("BEGIN", "UPDATE split SET id = 10 WHERE part = 'a'");
    await other.query("DELETE FROM split WHERE part = 'b'");
    await other.query("INSERT INTO split VALUES (3, 'c')");
    await all("COMMIT");
    expect(await lake.read("SELECT * FROM split")).toEqual(["10|a", "3|c"]);
  });

  test("X3: a concurrent append that the change should have read makes it fail", async () => {
    await all("INSERT INTO strict VALUES (1, 'a')", "BEGIN");
    await all("UPDATE strict SET name = 'x' WHERE id >= 1");
    await other.query("INSERT INTO strict VALUES (5, 'late')");
    expect(await failing(client.query("COMMIT"))).toMatchObject({
      code: "40001",
      detail: expect.stringMatching(
        /added a file that should have been read/,
      ) as string,
    });
    await all("BEGIN", "UPDATE strict SET name = 'x' WHERE id < 3");
    await other.query("INSERT INTO strict VALUES (50, 'later')");
    await all("COMMIT");
    expect(await lake.read("SELECT * FROM strict")).toEqual([
      "1|x",
      "50|later",
      "5|late",
    ]);
  });

  test("X6: delta.isolationLevel WriteSerializable lets a blind append slip in", async () => {
    await all("INSERT INTO loose VALUES (1, 'a')", "BEGIN");
    await all("UPDATE loose SET name = 'x' WHERE id >= 1");
    await other.query("INSERT INTO loose VALUES (5, 'late')");
    await all("COMMIT");
    expect(await lake.read("SELECT * FROM loose")).toEqual(["1|x", "5|late"]);
    await all("BEGIN", "UPDATE loose SET name = 'y' WHERE id >= 1");
    await other.query("INSERT INTO loose SELECT max(id), 'read' FROM loose");
    expect(await failing(client.query("COMMIT"))).toMatchObject({
      code: "40001",
    });
  });

  test("X3, X4: what a block has only queried counts when it commits a change of that table", async () => {
    const readThenAppend = async (
      table: string,
      sql: string,
      meanwhile: string,
    ): Promise<unknown> => {
      await all("BEGIN", sql, `INSERT INTO ${table} VALUES (1000, 'block')`);
      await other.query(meanwhile);
      return failing(client.query("COMMIT"));
    };
    const count = "SELECT count(*) FROM strict WHERE id < 100 OFFSET 0";
    expect(
      await readThenAppend(
        "strict",
        count,
        "INSERT INTO strict VALUES (60, 'new')",
      ),
    ).toMatchObject({ code: "40001" });
    expect(
      await readThenAppend(
        "strict",
        count,
        "INSERT INTO strict VALUES (600, 'other file')",
      ),
    ).toBe("no error");
    await other.query("CREATE TABLE public.elsewhere (id int, name text)");
    expect(
      await readThenAppend(
        "elsewhere",
        count,
        "INSERT INTO strict VALUES (61, 'of another table')",
      ),
    ).toBe("no error");
    expect(
      await readThenAppend(
        "loose",
        "COPY (SELECT max(id) FROM loose) TO STDOUT",
        "INSERT INTO loose VALUES (9, 'blind')",
      ),
    ).toBe("no error");
    expect(
      await readThenAppend(
        "loose",
        "SELECT max(id) FROM loose",
        "UPDATE loose SET name = 'z' WHERE id = 9",
      ),
    ).toMatchObject({ code: "40001" });
  });

  test("statements of several sessions at once: those that lose a race run again, and each takes effect once", async () => {
    await all(
      "INSERT INTO emptied SELECT i, 'n' FROM generate_series(1, 20) g(i)",
    );
    const clients = await Promise.all(
      Array.from({ length: 4 }, () => connectTo(lake.writer)),
    );
    const results = await Promise.all(
      clients.map(async (one, index) =>
        one.query<{ name: string }>(
          `UPDATE emptied SET name = name || '${index}' WHERE id % 4 = ${index} OR id = 20 RETURNING name`,
        ),
      ),
    );
    expect(results.map(({ rowCount }) => rowCount)).toEqual([5, 6, 6, 6]);
    const rows = await lake.read(
      "SELECT id % 4, name, count(*) FROM emptied WHERE id < 20 GROUP BY 1, 2",
    );
    expect(rows).toEqual(["0|n0|4", "1|n1|5", "2|n2|5", "3|n3|5"]);
    const [last = ""] = await lake.read(
      "SELECT name FROM emptied WHERE id = 20",
    );
    expect(Array.from(last).sort().join("")).toBe("0123n");
    // Each told the value that it had left, one after the other.
    const told = results.map(({ rows }) =>
      Math.max(...rows.map(({ name }) => name.length)),
    );
    expect(told.sort()).toEqual([2, 3, 4, 5]);
  });
});

describe("what is refused", () => {
  test("W4: rows of an append-only table stay", async () => {
    await all("INSERT INTO fixed VALUES (1, 'a')");
    for (const sql of [
      "DELETE FROM fixed",
      "DELETE FROM fixed WHERE id = 1",
      "UPDATE fixed SET id = 2",
      "TRUNCATE fixed",
      "MERGE INTO fixed USING (VALUES (1)) s(i) ON id = i WHEN MATCHED THEN DELETE",
    ])
      expect([sql, await failing(client.query(sql))]).toMatchObject([
        sql,
        {
          code: "0A000",
          message: expect.stringContaining("delta.appendOnly") as string,
        },
      ]);
    await all(
      "MERGE INTO fixed USING (VALUES (2)) s(i) ON id = i WHEN NOT MATCHED THEN INSERT (id) VALUES (i)",
    );
    expect(await lake.read("SELECT * FROM fixed")).toEqual(["1|a", "2|NULL"]);
  });

  test("W4: NOT NULL holds for updates, with the row that breaks it, and nothing is changed", async () => {
    await all("INSERT INTO needed VALUES (1, 'a'), (2, 'b')");
    expect(
      await failing(
        client.query("UPDATE needed SET id = nullif(id, 2) RETURNING id"),
      ),
    ).toMatchObject({
      code: "23502",
      message:
        'null value in column "id" of relation "needed" violates not-null constraint',
      detail: "Failing row contains (null, b).",
    });
    expect(await lake.read("SELECT * FROM needed")).toEqual(["1|a", "2|b"]);
  });

  test("MERGE that would change a row twice: 21000; UPDATE ... FROM takes one", async () => {
    const pairs = "(VALUES (1, 'x'), (1, 'y')) s(i, n)";
    expect(
      await failing(
        client.query(
          `MERGE INTO needed USING ${pairs} ON id = i WHEN MATCHED THEN UPDATE SET name = n`,
        ),
      ),
    ).toMatchObject({
      code: "21000",
      message: "MERGE command cannot affect row a second time",
    });
    const { rows } = await client.query<{ name: string }>(
      `UPDATE needed SET name = n FROM ${pairs} WHERE id = i RETURNING name`,
    );
    expect(rows).toHaveLength(1);
    expect(await lake.read("SELECT * FROM needed")).toEqual([
      `1|${rows[0]?.name ?? ""}`,
      "2|b",
    ]);
  });

  test("G4: a second change of a table with a change feed in one block, before anything is written", async () => {
    await all("INSERT INTO fed VALUES (1, 'a')", "BEGIN");
    await all(
      "INSERT INTO fed VALUES (2, 'b')",
      "INSERT INTO fed VALUES (3, 'c')",
    );
    expect(
      await failing(client.query("UPDATE fed SET name = 'x'")),
    ).toMatchObject({ code: "0A000", hint: "COMMIT first." });
    await all("ROLLBACK");
  });

  test("a second table in one block, and TRUNCATE of several", async () => {
    await all(
      "BEGIN",
      "DELETE FROM needed WHERE id = 99",
      "DELETE FROM needed WHERE id = 2",
    );
    expect(await failing(client.query("TRUNCATE strict"))).toMatchObject({
      code: "0A000",
    });
    await all("ROLLBACK");
    // Statements of one string are a block that nobody began.
    expect(
      await failing(
        client.query(
          "INSERT INTO needed VALUES (99); DELETE FROM strict WHERE id = 99",
        ),
      ),
    ).toMatchObject({
      code: "0A000",
      detail: 'The transaction has written to table "needed".',
      hint: "Statements sent in one string, or before one Sync, are one transaction, and a commit covers one table: send them one by one.",
    });
    expect(
      await failing(client.query("TRUNCATE needed, strict")),
    ).toMatchObject({
      code: "0A000",
    });
  });
});

describe("TRUNCATE", () => {
  test("empties a table by its log alone", async () => {
    const { command } = await client.query("TRUNCATE TABLE emptied");
    expect(command).toBe("TRUNCATE");
    expect(await lake.read("SELECT * FROM emptied")).toEqual([]);
    const version = lake.versions("emptied").at(-1) ?? 0;
    const lines = lake.commit("emptied", version);
    expect(lines.some((line) => "add" in line)).toBe(false);
    expect(lines[0]?.["commitInfo"]).toMatchObject({ operation: "TRUNCATE" });
    expect(existsSync(join(lake.dir, "public", "emptied"))).toBe(true);
  });
});

describe("RETURNING", () => {
  test("UPDATE gives new values, DELETE the old ones, with the tag's count", async () => {
    await all(
      "TRUNCATE needed",
      "INSERT INTO needed VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    );
    const updated = await client.query({
      text: "UPDATE needed SET id = id * 10, name = random()::text WHERE id > 1 RETURNING id, name",
      rowMode: "array",
    });
    expect(updated.command).toBe("UPDATE");
    expect(updated.rowCount).toBe(2);
    const returned = updated.rows.map((row: readonly string[]) =>
      row.join("|"),
    );
    expect(await lake.read("SELECT * FROM needed WHERE id > 1")).toEqual(
      returned.sort(),
    );
    const deleted = await client.query(
      "DELETE FROM needed WHERE id < 25 RETURNING id AS gone, (SELECT count(*) FROM needed) AS before",
    );
    expect(deleted.rows).toHaveLength(2);
    expect(deleted.rows).toEqual(
      expect.arrayContaining([
        { gone: "1", before: "3" },
        { gone: "20", before: "3" },
      ]),
    );
    expect(await lake.read("SELECT id FROM needed")).toEqual(["30"]);
  });

  test("a client that goes after some rows leaves the change done", async () => {
    await all(
      "INSERT INTO needed SELECT i, 'r' FROM generate_series(1000, 60000) g(i)",
    );
    const { default: Cursor } = await import("pg-cursor");
    const cursor = client.query(
      new Cursor("DELETE FROM needed WHERE id >= 1000 RETURNING id"),
    );
    expect(await cursor.read(10)).toHaveLength(10);
    await cursor.close();
    expect(await lake.read("SELECT id FROM needed")).toEqual(["30"]);
  });

  test("over HTTP too", async () => {
    const answer = await fetch(
      `${lake.writer.httpUrl}/api/2.0/sql/statements`,
      {
        method: "POST",
        headers: {
          authorization: `Bearer ${lake.writer.adminToken}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({
          warehouse_id: "default",
          statement:
            "UPDATE lake.public.needed SET name = 'http' RETURNING id, name",
          wait_timeout: "30s",
        }),
      },
    );
    expect(await answer.json()).toMatchObject({
      status: { state: "SUCCEEDED" },
      result: { data_array: [["30", "http"]] },
    });
    expect(await lake.read("SELECT * FROM needed")).toEqual(["30|http"]);
  });
});
