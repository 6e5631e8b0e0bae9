// kill -9 while a transaction block changes the catalog, rights and rows of a table: after the next start all of it is there or nothing,
// and no folder lies about that no table names.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProcess, type RealProcess } from "../process/real-process.ts";
import type { CrashPoint } from "./crash-points.ts";

const COMMIT_FILE = String.raw`_delta_log/\d{20}\.json$`;

/** Its commits of logs: 1 of `made`, 2 of its rows, 3 of `kept`. */
const BLOCK = [
  "BEGIN",
  "CREATE TABLE c.made (n int)",
  "INSERT INTO c.made VALUES (1), (2)",
  "CREATE VIEW c.seen AS SELECT n FROM c.made",
  "GRANT SELECT ON TABLE c.kept TO bob",
  "ALTER TABLE c.old RENAME TO renamed",
  "INSERT INTO c.kept VALUES (7)",
  "COMMIT",
];

interface Case {
  readonly at: string;
  readonly nth: number;
  readonly when: CrashPoint["when"];
  readonly committed: boolean;
}

/** The last one leaves the block's changes behind. */
const CASES: readonly Case[] = [
  {
    at: "the log of a new table is begun",
    nth: 1,
    when: "after",
    committed: false,
  },
  {
    at: "the rows of the new table are committed",
    nth: 2,
    when: "after",
    committed: false,
  },
  {
    at: "the old table is about to be committed",
    nth: 3,
    when: "before",
    committed: false,
  },
  {
    at: "the old table is committed, the catalog not",
    nth: 3,
    when: "after",
    committed: true,
  },
];

const dataDir = mkdtempSync(join(tmpdir(), "sluice-crash-block-"));
const pointFile = join(dataDir, "crash-point.json");
let gateway: RealProcess;
let client: pg.Client;

async function start(): Promise<void> {
  const flags = ["--log-level", "error"];
  gateway = await startProcess(dataDir, flags, { crashPointFile: pointFile });
  client = await gateway.connect();
}

async function kill(): Promise<void> {
  gateway.process.kill("SIGKILL");
  await gateway.ended;
  await client.end().catch(() => undefined);
}

beforeAll(async () => {
  await start();
  for (const sql of [
    "CREATE SCHEMA c",
    "CREATE USER bob",
    "CREATE TABLE c.kept (n int)",
    "CREATE TABLE c.old (n int)",
  ])
    await client.query(sql);
}, 60_000);
afterAll(async () => {
  await kill();
  rmSync(dataDir, { recursive: true, force: true });
});

test.each(CASES)(
  "all or nothing when the gateway dies as $at",
  async ({ nth, when, committed }) => {
    const point: CrashPoint = { call: "link", path: COMMIT_FILE, when, nth };
    writeFileSync(pointFile, JSON.stringify(point));
    await expect(runBlock()).rejects.not.toHaveProperty("severity");
    rmSync(pointFile);
    await kill();
    await start();
    expect(await seen()).toEqual(
      committed
        ? {
            relations: ["kept", "made", "renamed", "seen"],
            rows: ["7"],
            grants: ["SELECT"],
          }
        : { relations: ["kept", "old"], rows: [], grants: [] },
    );
    expect(readdirSync(join(dataDir, "lake/_managed"))).toHaveLength(
      committed ? 3 : 2,
    );
    if (committed) {
      const { rows } = await client.query("SELECT n FROM c.seen ORDER BY n");
      expect(rows).toEqual([{ n: 1 }, { n: 2 }]);
    }
  },
  60_000,
);

test.each([
  { when: "before", replaced: false },
  { when: "after", replaced: true },
] as const)(
  "a table is replaced with its comment and row filter or not at all, dying $when its commit",
  async ({ when, replaced }) => {
    for (const sql of [
      "DROP TABLE IF EXISTS c.again",
      "CREATE OR REPLACE FUNCTION c.few(n int) RETURNS boolean RETURN n > 1",
      "CREATE TABLE c.again (n int) COMMENT 'old'",
    ])
      await client.query(sql);
    const point: CrashPoint = { call: "link", path: COMMIT_FILE, when, nth: 1 };
    writeFileSync(pointFile, JSON.stringify(point));
    await expect(
      client.query(
        "CREATE OR REPLACE TABLE c.again (n int, m int) COMMENT 'new' WITH ROW FILTER c.few ON (n)",
      ),
    ).rejects.not.toHaveProperty("severity");
    rmSync(pointFile);
    await kill();
    await start();
    const { rows } = await client.query<{ readonly createtab_stmt: string }>(
      "SHOW CREATE TABLE c.again",
    );
    const text = rows[0]?.createtab_stmt ?? "";
    expect(
      [/"m" /, /'new'/, /ROW FILTER/].map((part) => part.test(text)),
    ).toEqual([replaced, replaced, replaced]);
  },
  60_000,
);

async function runBlock(): Promise<void> {
  client.on("error", () => undefined);
  for (const sql of BLOCK) await client.query(sql);
}

async function seen(): Promise<unknown> {
  const texts = async (sql: string, column: number): Promise<string[]> => {
    const { rows } = await client.query<string[]>({
      text: sql,
      rowMode: "array",
    });
    return rows.map((row) => String(row[column]));
  };
  return {
    relations: (await texts("SHOW TABLES IN c", 1)).toSorted(),
    rows: await texts("SELECT n FROM c.kept", 0),
    grants: await texts("SHOW GRANTS bob ON TABLE c.kept", 1),
  };
}
