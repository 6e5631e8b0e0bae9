// Kills a gateway in the middle of statements, starts it again, and looks: the rows are those of before or of after, what was
// acknowledged stands, the log has no gap, and every file it names is there.

import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { expect } from "vitest";
import { liveAdds, locationOf } from "../maintenance/table-files.ts";
import { startProcess, type RealProcess } from "../process/real-process.ts";
import type { CrashPoint } from "./crash-points.ts";
import type { CrashStatement, Cycle, Rows } from "./statements.ts";

const COMMIT_FILE = String.raw`_delta_log/\d{20}\.json$`;

/** The steps of a commit and of what follows it, and of deleting files. */
const POINTS: readonly CrashPoint[] = [
  { call: "link", path: COMMIT_FILE, when: "before", nth: 1 },
  { call: "link", path: COMMIT_FILE, when: "after", nth: 1 },
  {
    call: "open",
    path: String.raw`_delta_log/\.\d{20}\.json\.`,
    when: "before",
    nth: 1,
  },
  {
    call: "unlink",
    path: String.raw`_delta_log/\.\d{20}\.json\.`,
    when: "before",
    nth: 1,
  },
  { call: "open", path: "_delta_log$", when: "after", nth: 1 },
  { call: "rename", path: String.raw`\.checkpoint\.`, when: "before", nth: 1 },
  { call: "rename", path: "_last_checkpoint$", when: "before", nth: 1 },
  { call: "rename", path: "_last_checkpoint$", when: "after", nth: 1 },
  { call: "unlink", path: String.raw`\.parquet$`, when: "before", nth: 1 },
  { call: "unlink", path: String.raw`\.parquet$`, when: "after", nth: 2 },
  {
    call: "link",
    path: String.raw`deletion_vector_.*\.bin$`,
    when: "after",
    nth: 1,
  },
];

/** Longest wait before a kill at a random instant. */
const INSTANT_MS = 250;
const TABLE = "c.t";

export interface CrashRun {
  /** Taken in turn, one a cycle. */
  readonly statements: readonly CrashStatement[];
  readonly cycles: number;
  readonly seed: number;
}

/** Runs the cycles over one table; every second one ends at a named point, the others at a random instant. */
export async function crashCycles(run: CrashRun): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-crash-"));
  const random = generator(run.seed);
  try {
    let { gateway, client } = await start(dataDir);
    await makeTable(client, run.seed);
    let rows = await rowsOf(client, TABLE);
    for (let number = 1; number <= run.cycles; number += 1) {
      const statement = run.statements[number % run.statements.length];
      if (statement === undefined) throw new Error("there is no statement");
      const cycle = { table: TABLE, number, version: await versionOf(client) };
      const { prepare } = statement;
      const earlier = rows;
      for (const sql of prepare?.sql(cycle) ?? []) await client.query(sql);
      if (prepare !== undefined) rows = prepare.after(rows, number, earlier);
      const point =
        random() < 0.5
          ? POINTS[Math.floor(random() * POINTS.length)]
          : undefined;
      const pointFile = join(dataDir, POINT_FILE);
      if (point !== undefined) writeFileSync(pointFile, JSON.stringify(point));
      const done = await killDuring(gateway, client, {
        sql: statement.sql(cycle),
        delayMs: point === undefined ? random() * INSTANT_MS : undefined,
      });
      rmSync(pointFile, { force: true });
      ({ gateway, client } = await start(dataDir));
      rows = await verify(client, cycle, {
        before: rows,
        after: statement.after(rows, number, earlier),
        what: `${statement.name}, cycle ${number}, ${done ? "acknowledged" : "killed"}, ${JSON.stringify(point ?? "at random")}`,
        done,
      });
      if (statement.name === "CREATE TABLE AS")
        await verifyMade(client, cycle, { rows, done });
    }
    await end(gateway);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const POINT_FILE = "crash-point.json";

async function start(dataDir: string): Promise<{
  readonly gateway: RealProcess;
  readonly client: pg.Client;
}> {
  const gateway = await startProcess(dataDir, ["--log-level", "error"], {
    preload: join(import.meta.dirname, "crash-points.ts"),
    env: { CRASH_POINT_FILE: join(dataDir, POINT_FILE) },
  });
  return { gateway, client: await gateway.connect() };
}

async function end(gateway: RealProcess): Promise<void> {
  gateway.process.kill("SIGKILL");
  await gateway.ended;
}

/** With deletion vectors for odd seeds, without for even ones; checkpoints come often. */
async function makeTable(client: pg.Client, seed: number): Promise<void> {
  await client.query("CREATE SCHEMA c");
  await client.query(
    `CREATE TABLE ${TABLE} (id int8, v int8) TBLPROPERTIES ('delta.checkpointInterval' = '3', 'delta.enableDeletionVectors' = '${seed % 2 === 1}')`,
  );
  for (const first of [1, 31])
    await client.query(
      `INSERT INTO ${TABLE} SELECT i, i FROM generate_series(${first}, ${first + 29}) AS g(i)`,
    );
}

/** True when the last statement was acknowledged before the end. */
async function killDuring(
  gateway: RealProcess,
  client: pg.Client,
  attack: {
    readonly sql: readonly string[];
    readonly delayMs: number | undefined;
  },
): Promise<boolean> {
  const timer =
    attack.delayMs === undefined
      ? undefined
      : setTimeout(() => gateway.process.kill("SIGKILL"), attack.delayMs);
  try {
    for (const sql of attack.sql) await client.query(sql);
    return true;
  } catch (error) {
    // Anything but the loss of the connection is a failure of the statement itself.
    if (isSqlError(error)) throw error;
    return false;
  } finally {
    clearTimeout(timer);
    await end(gateway);
    await client.end().catch(() => undefined);
  }
}

function isSqlError(error: unknown): boolean {
  return (
    error instanceof Error &&
    "severity" in error &&
    "code" in error &&
    error.code !== "57P01"
  );
}

async function verify(
  client: pg.Client,
  { table }: Cycle,
  state: {
    readonly before: Rows;
    readonly after: Rows;
    readonly what: string;
    readonly done: boolean;
  },
): Promise<Rows> {
  const found = await rowsOf(client, table);
  const expected = [state.after, ...(state.done ? [] : [state.before])].map(
    (rows) => printed(rows),
  );
  expect(expected, state.what).toContain(printed(found));
  checkFolder(await locationOf(client, table), state.what);
  return found;
}

/** The table is there with all its rows, or its name is free. */
async function verifyMade(
  client: pg.Client,
  { table, number }: Cycle,
  state: { readonly rows: Rows; readonly done: boolean },
): Promise<void> {
  const name = `${table}_${number}`;
  let found: Rows | undefined;
  try {
    found = await rowsOf(client, name);
  } catch (error) {
    const absent =
      error instanceof Error && "code" in error && error.code === "42P01";
    if (!absent) throw error;
  }
  if (state.done || found !== undefined)
    expect(found && printed(found), `table of cycle ${number}`).toBe(
      printed(state.rows),
    );
}

/** Versions follow each other without a gap, and every live file exists. */
function checkFolder(location: string, where: string): void {
  const versions = readdirSync(join(location, "_delta_log"))
    .filter((name) => /^\d{20}\.json$/.test(name))
    .map((name) => Number(name.slice(0, 20)))
    .sort((a, b) => a - b);
  expect(versions, where).toEqual(versions.map((_, index) => index));
  for (const path of liveAdds(location).keys())
    expect(existsSync(join(location, decodeURIComponent(path))), where).toBe(
      true,
    );
}

async function rowsOf(client: pg.Client, table: string): Promise<Rows> {
  const { rows } = await client.query<{ id: string; v: string }>(
    `SELECT id, v FROM ${table} ORDER BY id, v`,
  );
  const found = new Map(rows.map(({ id, v }) => [Number(id), Number(v)]));
  expect(found.size, "no row stands twice").toBe(rows.length);
  return found;
}

async function versionOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ version: string }>(
    `DESCRIBE HISTORY ${TABLE} LIMIT 1`,
  );
  return Number(rows[0]?.version);
}

function printed(rows: Rows): string {
  return [...rows]
    .sort(([a], [b]) => a - b)
    .map(([id, v]) => `${id}=${v}`)
    .join(" ");
}

/** Mulberry32: the same instants for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
