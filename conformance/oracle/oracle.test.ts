// The same SQL on Sluice and on PostgreSQL 15 over the same rows: column names, type oids, every value's text, every error's
// SQLSTATE, message and position must be equal. A statement that differs on purpose stands in exceptions.ts with its reason.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { EXCEPTIONS } from "./exceptions.ts";
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
const run = promisify(execFile);

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
  for (const table of DEMO_TABLES) await copyToOracle(table);
  await theirs.query("analyze");
}, 300_000);

afterAll(async () => {
  await theirs.end();
  await sluice[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

/** Makes the table with the types Sluice reports, and fills it through psql's CSV. */
async function copyToOracle(table: string): Promise<void> {
  const [schema = "", name = ""] = table.split(".");
  await theirs.query(`create schema if not exists ${schema}`);
  const probe = await ours.query(`select * from ${table} limit 0`);
  const types = await theirs.query<{ type: string }>(
    `select format_type(t.oid, t.typmod) as type from unnest($1::oid[], $2::int[]) with ordinality as t(oid, typmod, n) order by n`,
    [
      probe.fields.map((field) => field.dataTypeID),
      probe.fields.map((field) => field.dataTypeModifier),
    ],
  );
  const columns = probe.fields.map(
    (field, at) => `${field.name} ${types.rows[at]?.type ?? "text"}`,
  );
  await theirs.query(`create table ${schema}.${name} (${columns.join(", ")})`);
  const dir = mkdtempSync(join(tmpdir(), "sluice-copy-"));
  const file = join(dir, "rows.csv");
  const env = { ...process.env, PGPASSWORD: sluice.adminToken };
  await run(
    "psql",
    [
      "-X",
      "-h",
      "127.0.0.1",
      "-p",
      String(sluice.pgPort),
      "-U",
      "admin",
      "-d",
      "main",
      "--csv",
      "-t",
      "-o",
      file,
      "-c",
      `select * from ${table}`,
    ],
    { env },
  );
  await run("psql", [
    "-X",
    "-h",
    "127.0.0.1",
    "-p",
    String(postgres.port),
    "-U",
    "oracle",
    "-d",
    "postgres",
    "-q",
    "-c",
    `\\copy ${table} from '${file}' csv`,
  ]);
  rmSync(dir, { recursive: true, force: true });
}

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
      columns: result.fields.map(
        (field) =>
          `${field.name} ${field.dataTypeID} ${field.dataTypeModifier}`,
      ),
      rows: ordered ? rows : rows.toSorted(),
    };
  } catch (error) {
    const { code, message, position, detail, hint } = error as Record<
      string,
      string | undefined
    >;
    return { code, message, position, detail, hint };
  }
}
