// CREATE TABLE … LOCATION: external tables in lakes and file roots, Delta tables adopted where they lie, and no way round a table's rights
// (access control specification, sections 6 and 9.3).

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { fieldsOf, locationOf } from "./table-log.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-root-"));
const outside = mkdtempSync(join(tmpdir(), "sluice-outside-"));
let gateway: TestGateway;
let client: pg.Client;
beforeAll(async () => {
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

describe("a table at a location", () => {
  test("is made there, written, forgotten by DROP and adopted again", async () => {
    await client.query(
      "CREATE TABLE placed (a int, p text) PARTITIONED BY (p) LOCATION 'ext/a/placed'",
    );
    await client.query("INSERT INTO placed VALUES (1, 'x')");
    expect(await locationOf(client, "placed")).toMatch(/a\/placed$/);
    expect(existsSync(join(root, "a/placed/_delta_log"))).toBe(true);
    await client.query("DROP TABLE placed");
    expect(existsSync(join(root, "a/placed/_delta_log"))).toBe(true);
    await client.query(
      `CREATE TABLE again USING DELTA LOCATION 'file://${root}/a//./placed/'`,
    );
    expect(await rowsOf("SELECT * FROM again")).toEqual([["1", "x"]]);
    expect((await fieldsOf(client, "again")).map(({ name }) => name)).toEqual([
      "a",
      "p",
    ]);
    await client.query("INSERT INTO again VALUES (2, 'y')");
    await client.query("DROP TABLE again");
  });

  test.each([
    ["(a int, q text)", "columns"],
    ["(a bigint, p text)", "columns"],
    ["(a int, p text) PARTITIONED BY (a)", "partition columns"],
    ["TBLPROPERTIES (x = 'y')", "properties"],
  ])("is not adopted as %s, which has other %s", async (rest, what) => {
    const place = "LOCATION 'ext/a/placed'";
    const clauses = rest.startsWith("TBL")
      ? `${place} ${rest}`
      : `${rest} ${place}`;
    await expect(
      client.query(`CREATE TABLE wrong ${clauses}`),
    ).rejects.toMatchObject({
      code: "42P16",
      message: `the table at the location has other ${what}`,
    });
  });

  test("takes the rows of a query, and nothing lies there twice", async () => {
    await client.query(
      "CREATE TABLE filled LOCATION 'ext/filled' AS SELECT 1 AS a",
    );
    expect(await rowsOf("SELECT * FROM filled")).toEqual([["1"]]);
    await client.query(
      "CREATE OR REPLACE TABLE filled (b int) LOCATION 'ext/filled'",
    );
    await expect(
      client.query(
        "CREATE OR REPLACE TABLE filled (b int) LOCATION 'ext/else'",
      ),
    ).rejects.toMatchObject({ code: "0A000" });
  });

  test("in a lake is not found a second time", async () => {
    await client.query(
      "CREATE TABLE inlake (a int) LOCATION 'main/deep/inlake'",
    );
    await client.query("REFRESH CATALOG main");
    expect(
      await rowsOf(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_name = 'inlake'",
      ),
    ).toEqual([["public", "inlake"]]);
  });

  test.each([
    "/etc/passwd",
    "nowhere/x",
    "ext",
    "ext/../../etc",
    "ext/../other",
    "ext/link/t",
    "file:///etc/x",
  ])("cannot be %s", async (path) => {
    if (!existsSync(join(root, "link")))
      symlinkSync(outside, join(root, "link"));
    await expect(
      client.query(`CREATE TABLE away (a int) LOCATION '${path}'`),
    ).rejects.toMatchObject({
      code: "42P01",
      message: `path "${path}" does not exist`,
    });
  });

  test.each(["ext/a\\b", "file:///a%2525b", ""])(
    "cannot be the text %s",
    async (path) => {
      await expect(
        client.query(`CREATE TABLE away (a int) LOCATION '${path}'`),
      ).rejects.toMatchObject({ code: "42601" });
    },
  );

  test("needs a folder that holds nothing else, and columns from somewhere", async () => {
    mkdirSync(join(root, "full"), { recursive: true });
    writeFileSync(join(root, "full", "a.csv"), "1\n");
    await expect(
      client.query("CREATE TABLE away (a int) LOCATION 'ext/full'"),
    ).rejects.toMatchObject({ code: "0A000" });
    await expect(
      client.query("CREATE TABLE away LOCATION 'ext/empty'"),
    ).rejects.toMatchObject({ code: "42P16" });
  });

  test("is no way to a table of one's own name for, or around, or inside", async () => {
    await client.query("CREATE TABLE guarded (a int)");
    const place = await locationOf(client, "guarded");
    for (const path of [place, join(place, ".."), join(place, "_delta_log")])
      await expect(
        client.query(`CREATE TABLE stolen (a int) LOCATION '${path}'`),
        path,
      ).rejects.toMatchObject({
        code: "0A000",
        message: expect.stringContaining(
          "overlaps with that of table",
        ) as string,
      });
  });
});
