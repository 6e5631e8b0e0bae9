// The same SQL on Sluice and on PostgreSQL 15 over the same rows: column names, type oids, every value's text, every error's
// SQLSTATE, message, position and object, and the command tag must be equal. A statement that differs on purpose stands in exceptions.ts with its reason.

import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { EXCEPTIONS } from "./exceptions.ts";
import { copyToOracle } from "./fill.ts";
import {
  readStatements,
  startPostgres,
  type OracleServer,
} from "./postgres.ts";

const SETUP = readStatements(join(import.meta.dirname, "setup"));
const STATEMENTS = readStatements(join(import.meta.dirname, "statements"));
const DEMO_TABLES = [
  "tpch.region",
  "tpch.nation",
  "tpch.supplier",
  "tpch.part",
  "tpch.partsupp",
  "tpch.customer",
  "tpch.orders",
  "tpch.lineitem",
  "web.campaigns",
  "web.events",
];

/** Never the blocking form: the gateway runs in this process. */
let sluice: TestGateway;
let postgres: OracleServer;
let ours: pg.Client;
let theirs: pg.Client;

beforeAll(async () => {
  [sluice, postgres] = await Promise.all([
    startTestGateway({ demo: true }),
    startPostgres(),
  ]);
  ours = await sluice.connect({ raw: true });
  theirs = await postgres.connect();
  for (const { sql } of SETUP) {
    await theirs.query(sql);
    await ours.query(sql);
  }
  for (const table of DEMO_TABLES)
    await copyToOracle({ sluice, ours, postgres, theirs }, table);
  await theirs.query("analyze");
}, 300_000);

afterAll(async () => {
  await theirs.end();
  await sluice[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

test("there are at least 300 statements", () => {
  expect(STATEMENTS.length).toBeGreaterThanOrEqual(300);
});

test.each(STATEMENTS)("$file: $sql", async ({ sql }) => {
  const exception = EXCEPTIONS.get(sql);
  const [mine, reference] = [
    await outcome(ours, sql),
    await outcome(theirs, sql),
  ];
  if (exception !== undefined) {
    expect(mine, exception).not.toEqual(reference);
    return;
  }
  expect(mine).toEqual(reference);
});

async function outcome(client: pg.Client, sql: string): Promise<unknown> {
  try {
    const result = await client.query<(string | null)[]>({
      text: sql,
      rowMode: "array",
    });
    const ordered = /\border by\b/i.test(sql);
    const rows = result.rows.map((row) => row.join("\u001f"));
    return {
      command: result.command,
      rowCount: result.rowCount,
      columns: result.fields.map(
        (field) =>
          `${field.name} ${field.dataTypeID} ${field.dataTypeModifier}`,
      ),
      rows: ordered ? rows : rows.toSorted(),
    };
  } catch (error) {
    const { code, message, position, detail, hint, ...rest } = error as Record<
      string,
      string | undefined
    >;
    const { schema, table, column, constraint, dataType } = rest;
    const object = { schema, table, column, constraint, dataType };
    return { code, message, position, detail, hint, object };
  }
}
