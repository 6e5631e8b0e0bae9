import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type pg from "pg";
import { connectTo, startWritingLake, type WritingLake } from "./lake.ts";

const FEED = {
  features: ["changeDataFeed"],
  properties: { "delta.enableChangeDataFeed": "true" },
};

let lake: WritingLake;
let client: pg.Client;
beforeAll(async () => {
  lake = await startWritingLake({
    plain: { columns: { id: "long", name: "string" } },
    returned: {
      columns: { id: "!long", name: "string", price: "decimal(9,2)" },
    },
    over: { columns: { id: "long", day: "date" } },
    fed: { columns: { id: "long" }, ...FEED },
    parts: {
      columns: { id: "long", day: "date", kind: "string" },
      partitionBy: ["day", "kind"],
    },
    fixed: {
      columns: { id: "long" },
      features: ["appendOnly"],
      properties: { "delta.appendOnly": "true" },
    },
    own: { columns: { id: "long" } },
  });
  client = await connectTo(lake.writer);
});
afterAll(() => lake[Symbol.asyncDispose]());

async function failing(sql: string): Promise<unknown> {
  return client.query(sql).then(
    () => "no error",
    (error: unknown) => error,
  );
}

describe("INSERT ... RETURNING", () => {
  test("gives the stored values with their types, and its tag counts rows", async () => {
    const result = await client.query(
      "INSERT INTO returned VALUES (1, 'a', 1.5), (2, NULL, 3) RETURNING id, name, price * 2 AS twice, *",
    );
    expect(result.command).toBe("INSERT");
    expect(result.rowCount).toBe(2);
    expect(result.fields.map(({ name }) => name)).toEqual([
      "id",
      "name",
      "twice",
      "id",
      "name",
      "price",
    ]);
    expect(result.fields[0]?.columnID).toBe(1);
    expect(result.rows).toMatchObject([
      { id: "1", name: "a", price: "1.50", twice: "3.00" },
      { id: "2", name: null, price: "3.00", twice: "6.00" },
    ]);
    expect(await lake.read("SELECT * FROM returned")).toEqual([
      "1|a|1.50",
      "2|NULL|3.00",
    ]);
  });

  test("computes a volatile value once: what is returned is what is stored", async () => {
    const { rows } = await client.query<{ name: string }>(
      "INSERT INTO returned SELECT 100 + i, random()::text FROM generate_series(1, 50) g(i) RETURNING name",
    );
    const stored = await lake.read("SELECT name FROM returned WHERE id > 100");
    expect(rows.map(({ name }) => name).sort()).toEqual(stored);
    expect(new Set(stored).size).toBe(50);
  });

  test("is described before it runs, and takes parameters", async () => {
    const { rows } = await client.query({
      text: "INSERT INTO returned (id, name) VALUES ($1, upper($2)) RETURNING name, id + $1 AS sum",
      values: [1000, "x"],
      name: "insert-returning",
    });
    expect(rows).toEqual([{ name: "X", sum: "2000" }]);
  });

  test("gives no row when the write fails, and nothing is stored", async () => {
    const before = lake.versions("returned");
    expect(
      await failing(
        "INSERT INTO returned VALUES (7, 'x', 1), (NULL, 'y', 1) RETURNING id",
      ),
    ).toMatchObject({
      code: "23502",
      detail: "Failing row contains (null, y, 1.00).",
    });
    expect(lake.versions("returned")).toEqual(before);
  });
});

describe("INSERT OVERWRITE", () => {
  test("replaces all rows in one commit", async () => {
    await client.query("INSERT INTO over VALUES (1, '2020-01-01'), (2, NULL)");
    await client.query("INSERT INTO over VALUES (3, '2020-01-01')");
    const result = await client.query(
      "INSERT OVERWRITE over SELECT id * 10, day FROM over WHERE id < 3",
    );
    expect(result.rowCount).toBe(2);
    expect(await lake.read("SELECT * FROM over")).toEqual([
      "10|2020-01-01",
      "20|NULL",
    ]);
    const lines = lake.commit("over", 3);
    expect(lines.filter((line) => "remove" in line)).toHaveLength(2);
    expect(lines[0]).toMatchObject({
      commitInfo: {
        operation: "WRITE",
        operationParameters: { mode: "Overwrite", partitionBy: "[]" },
        isBlindAppend: false,
      },
    });
  });

  test("with no rows empties the table", async () => {
    await client.query("INSERT OVERWRITE over SELECT * FROM over WHERE false");
    expect(await lake.read("SELECT * FROM over")).toEqual([]);
  });

  test("with dynamic partitions replaces those the new rows lie in, however their values are spelled", async () => {
    await client.query(
      "INSERT INTO parts VALUES (1, '2020-01-01', 'a b/c'), (2, '2020-01-01', NULL), (3, NULL, 'x'), (4, '2020-01-02', 'a b/c')",
    );
    await client.query(
      "SET spark.sql.sources.partitionOverwriteMode = dynamic",
    );
    await client.query(
      "INSERT OVERWRITE parts VALUES (10, '2020-01-01', 'a b/c'), (30, NULL, 'x'), (50, NULL, NULL)",
    );
    await client.query("RESET spark.sql.sources.partitionOverwriteMode");
    expect(await lake.read("SELECT id FROM parts")).toEqual([
      "10",
      "2",
      "30",
      "4",
      "50",
    ]);
    expect(lake.commit("parts", 2)[0]).toMatchObject({
      commitInfo: {
        operationParameters: { isDynamicPartitionOverwrite: "true" },
      },
    });
  });

  test("G4: needs no change files, since whole files tell the change", async () => {
    await client.query("INSERT INTO fed VALUES (1), (2)");
    await client.query("INSERT OVERWRITE fed VALUES (3)");
    const lines = lake.commit("fed", 2);
    expect(lines.some((line) => "cdc" in line)).toBe(false);
    expect(await lake.read("SELECT * FROM fed")).toEqual(["3"]);
  });

  test("W4: is refused where rows may only be added", async () => {
    await client.query("INSERT INTO fixed VALUES (1)");
    expect(await failing("INSERT OVERWRITE fixed VALUES (2)")).toMatchObject({
      code: "0A000",
      message: expect.stringContaining("delta.appendOnly") as string,
    });
    expect(await lake.read("SELECT * FROM fixed")).toEqual(["1"]);
  });
});

describe("a transaction block", () => {
  test("reads its own rows, commits them as one version, and others see them only then", async () => {
    await client.query("BEGIN");
    await client.query("INSERT INTO own VALUES (1), (2)");
    await client.query("INSERT INTO own SELECT id + 10 FROM own");
    const inside = await client.query("SELECT id FROM own ORDER BY id");
    expect(inside.rows).toEqual([
      { id: "1" },
      { id: "2" },
      { id: "11" },
      { id: "12" },
    ]);
    const counted = await client.query("SELECT count(*), max(id) FROM own");
    expect(counted.rows).toEqual([{ count: "4", max: "12" }]);
    expect(await lake.read("SELECT * FROM own")).toEqual([]);
    await client.query("COMMIT");
    expect(lake.versions("own")).toEqual([0, 1]);
    expect(await lake.read("SELECT * FROM own")).toEqual([
      "1",
      "11",
      "12",
      "2",
    ]);
  });

  test("ROLLBACK TO takes back what came after the savepoint, ROLLBACK everything", async () => {
    await client.query("BEGIN");
    await client.query("INSERT INTO own VALUES (20)");
    await client.query("SAVEPOINT s");
    await client.query("INSERT OVERWRITE own VALUES (30)");
    expect((await client.query("SELECT id FROM own")).rows).toEqual([
      { id: "30" },
    ]);
    await client.query("ROLLBACK TO s");
    expect((await client.query("SELECT count(*) FROM own")).rows).toEqual([
      { count: "5" },
    ]);
    await client.query("ROLLBACK");
    expect(lake.versions("own")).toEqual([0, 1]);
    expect((await client.query("SELECT count(*) FROM own")).rows).toEqual([
      { count: "4" },
    ]);
  });

  test("X4: a concurrent overwrite makes its COMMIT fail with 40001, and its rows are gone", async () => {
    const other = await connectTo(lake.writer);
    await client.query("BEGIN");
    await client.query("INSERT INTO own SELECT max(id) + 1 FROM own");
    await other.query("INSERT OVERWRITE own VALUES (7)");
    expect(await failing("COMMIT")).toMatchObject({
      code: "40001",
      detail: expect.stringMatching(
        /^Commit \d+ of table public.own /,
      ) as string,
    });
    expect(await lake.read("SELECT * FROM own")).toEqual(["7"]);
    expect((await client.query("SELECT * FROM own")).rows).toEqual([
      { id: "7" },
    ]);
  });
});
