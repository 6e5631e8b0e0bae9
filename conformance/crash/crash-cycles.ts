// Kills a gateway in the middle of statements, starts it again, and looks: the rows are those of before or of after, what was
// acknowledged stands, the log has no gap, and every file it names is there.

import {
  existsSync,
  mkdirSync,
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
import { randomOf } from "../random.ts";
import { startProcess, type RealProcess } from "../process/real-process.ts";
import type { CrashPoint } from "./crash-points.ts";
import { copyIn } from "./copy-in.ts";
import type { Copy, CrashStatement, Cycle, Rows, Step } from "./statements.ts";

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

/** What is seen of the table. */
interface State {
  readonly rows: Rows;
  readonly columns: readonly string[];
}

/** Runs the cycles over one table; every second one ends at a named point, the others at a random instant. */
export async function crashCycles(run: CrashRun): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-crash-"));
  const random = randomOf(run.seed);
  const properties = propertiesFor(run.seed);
  let running: Running | undefined;
  try {
    mkdirSync(join(dataDir, FILES), { recursive: true });
    running = await start(dataDir);
    await makeTable(running.client, properties);
    let state = await stateOf(running.client, TABLE);
    for (let number = 1; number <= run.cycles; number += 1) {
      const statement = run.statements[number % run.statements.length];
      if (statement === undefined) throw new Error("there is no statement");
      const version = await versionOf(running.client);
      const cycle = { table: TABLE, number, version, properties };
      const earlier = state.rows;
      state = await prepared(running.client, statement, cycle, state);
      const point =
        random() < 0.5
          ? POINTS[Math.floor(random() * POINTS.length)]
          : undefined;
      if (statement.file !== undefined)
        writeFileSync(
          join(dataDir, FILES, `${number}.csv`),
          statement.file(number),
        );
      const pointFile = join(dataDir, POINT_FILE);
      if (point !== undefined) writeFileSync(pointFile, JSON.stringify(point));
      const done = await killDuring(running, {
        steps: statement.sql(cycle),
        delayMs: point === undefined ? random() * INSTANT_MS : undefined,
      });
      rmSync(pointFile, { force: true });
      running = await start(dataDir);
      const expected: Expected = {
        before: state,
        after: {
          rows: statement.after(state.rows, number, earlier),
          columns: statement.columns?.(state.columns, number) ?? state.columns,
        },
        copies: statement.copies?.(cycle) ?? [],
        what: `${statement.name}, cycle ${number}, ${done ? "acknowledged" : "killed"}, ${JSON.stringify(point ?? "at random")}`,
        done,
      };
      state = await verify(running.client, expected);
      if (statement.repeatable === true) {
        await sendAll(running.client, statement.sql(cycle));
        state = await verify(running.client, { ...expected, done: true });
      }
    }
  } finally {
    if (running !== undefined) await end(running);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function prepared(
  client: pg.Client,
  { prepare }: CrashStatement,
  cycle: Cycle,
  state: State,
): Promise<State> {
  if (prepare === undefined) return state;
  for (const sql of prepare.sql(cycle)) await client.query(sql);
  return { ...state, rows: prepare.after(state.rows, cycle.number) };
}

const POINT_FILE = "crash-point.json";
const FILE_ROOT = "crash";
const FILES = `${FILE_ROOT}/files`;

interface Running {
  readonly gateway: RealProcess;
  readonly client: pg.Client;
}

async function start(dataDir: string): Promise<Running> {
  const root = `${FILE_ROOT}=${join(dataDir, FILE_ROOT)}`;
  const flags = ["--log-level", "error", "--file-root", root];
  const gateway = await startProcess(dataDir, flags, {
    crashPointFile: join(dataDir, POINT_FILE),
  });
  return { gateway, client: await gateway.connect() };
}

async function end({ gateway, client }: Running): Promise<void> {
  gateway.process.kill("SIGKILL");
  await gateway.ended;
  await client.end().catch(() => undefined);
}

/** With deletion vectors for odd seeds, without for even ones; checkpoints come often. */
function propertiesFor(seed: number): string {
  return `TBLPROPERTIES ('delta.checkpointInterval' = '3', 'delta.enableDeletionVectors' = '${seed % 2 === 1}')`;
}

async function makeTable(client: pg.Client, properties: string): Promise<void> {
  await client.query("CREATE SCHEMA c");
  await client.query(`CREATE TABLE ${TABLE} (id int8, v int8) ${properties}`);
  for (const first of [1, 31])
    await client.query(
      `INSERT INTO ${TABLE} SELECT i, i FROM generate_series(${first}, ${first + 29}) AS g(i)`,
    );
}

/** True when the last statement was acknowledged before the end. */
async function killDuring(
  running: Running,
  attack: {
    readonly steps: readonly Step[];
    readonly delayMs: number | undefined;
  },
): Promise<boolean> {
  const { gateway, client } = running;
  const timer =
    attack.delayMs === undefined
      ? undefined
      : setTimeout(() => gateway.process.kill("SIGKILL"), attack.delayMs);
  try {
    await sendAll(client, attack.steps);
    return true;
  } catch (error) {
    // Anything but the loss of the connection is a failure of the statement itself.
    if (isSqlError(error)) throw error;
    return false;
  } finally {
    clearTimeout(timer);
    await end(running);
  }
}

async function sendAll(
  client: pg.Client,
  steps: readonly Step[],
): Promise<void> {
  for (const step of steps) {
    if (typeof step === "string") await client.query(step);
    else await copyIn(client, step.copy, step.data);
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

interface Expected {
  readonly before: State;
  readonly after: State;
  readonly copies: readonly Copy[];
  readonly what: string;
  readonly done: boolean;
}

/** All of the state after, or, when nothing was acknowledged, all of the one before. */
async function verify(
  client: pg.Client,
  { before, after, copies, what, done }: Expected,
): Promise<State> {
  const found = await stateOf(client, TABLE);
  const tables = await Promise.all(
    copies.map(({ table }) => copyStateOf(client, table)),
  );
  const expected = [
    [after, ...copies.map((copy) => (copy.after ? before : undefined))],
    ...(done
      ? []
      : [
          [before, ...copies.map((copy) => (copy.before ? before : undefined))],
        ]),
  ].map((states) => states.map(printed));
  expect(expected, what).toContainEqual([found, ...tables].map(printed));
  checkFolder(await locationOf(client, TABLE), what);
  return found;
}

/** Undefined when its name is free. */
async function copyStateOf(
  client: pg.Client,
  table: string,
): Promise<State | undefined> {
  try {
    return await stateOf(client, table);
  } catch (error) {
    const absent =
      error instanceof Error && "code" in error && error.code === "42P01";
    if (!absent) throw error;
    return undefined;
  }
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

async function stateOf(client: pg.Client, table: string): Promise<State> {
  const { rows, fields } = await client.query<{ id: string; v: string }>(
    `SELECT * FROM ${table} ORDER BY id, v`,
  );
  const found = new Map(rows.map(({ id, v }) => [Number(id), Number(v)]));
  expect(found.size, "no row stands twice").toBe(rows.length);
  return { rows: found, columns: fields.map(({ name }) => name) };
}

async function versionOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ version: string }>(
    `DESCRIBE HISTORY ${TABLE} LIMIT 1`,
  );
  return Number(rows[0]?.version);
}

function printed(state: State | undefined): string {
  if (state === undefined) return "no table";
  const rows = [...state.rows]
    .sort(([a], [b]) => a - b)
    .map(([id, v]) => `${id}=${v}`);
  return `${state.columns.join(", ")}: ${rows.join(" ")}`;
}
