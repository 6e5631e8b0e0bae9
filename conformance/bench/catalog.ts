// `npm run bench -- catalog [tables]`: what introspection of a large lake costs. 10,000 tables of 20 columns by default, one in ten with a
// primary key and a foreign key; statements name a table not asked for before, so that no answer comes from memory, but for those that are
// asked again. Processor time, of the gateway and the mirror, is what can be compared where other work shares the machine.

import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram, type Program } from "../program.ts";
import { median, report } from "./metric.ts";
import { processorSeconds } from "./processes.ts";

const COLUMNS = 20;
const ROUNDS = 30;

export async function catalog(): Promise<void> {
  const count = Number(process.argv[3] ?? 10_000);
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  try {
    for (let at = 0; at < count; at += 1) writeTable(dataDir, at);
    await measure(dataDir, count);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const name = (at: number): string => `t${String(at).padStart(6, "0")}`;

/** One commit: protocol, columns, no rows. */
function writeTable(dataDir: string, at: number): void {
  const log = join(dataDir, "lake", "bench", name(at), "_delta_log");
  mkdirSync(log, { recursive: true });
  const fields = Array.from({ length: COLUMNS }, (_, column) => ({
    name: `c${column}`,
    type: ["long", "string", "double", "timestamp"][column % 4],
    nullable: column > 0,
    metadata: {},
  }));
  const actions = [
    { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
    {
      metaData: {
        id: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
        format: { provider: "parquet", options: {} },
        schemaString: JSON.stringify({ type: "struct", fields }),
        partitionColumns: [],
        configuration: at % 10 === 0 ? keysOf(at) : {},
        createdTime: 0,
      },
    },
  ];
  writeFileSync(
    join(log, "00000000000000000000.json"),
    actions.map((action) => JSON.stringify(action)).join("\n"),
  );
}

function keysOf(at: number): Readonly<Record<string, string>> {
  const columns = ["c0"];
  const references = { table: [name(at - (at % 100))], columns };
  return {
    [`sluice.keys.${name(at)}_pkey`]: JSON.stringify({
      kind: "primary-key",
      columns,
    }),
    [`sluice.keys.${name(at)}_fkey`]: JSON.stringify({
      kind: "foreign-key",
      columns: ["c4"],
      references,
    }),
  };
}

async function measure(dataDir: string, count: number): Promise<void> {
  await using gateway = await startProgram({ dataDir });
  const client = await gateway.connect();
  const timed = async (sql: string): Promise<number> => {
    const began = performance.now();
    await client.query(sql);
    return performance.now() - began;
  };
  const line = (metric: string, ours: number, unit: string): void =>
    report({ bench: "catalog", metric, ours, theirs: null, unit, rows: count });
  line("first question", await timed(listing(0)), "ms");
  const warm = async (
    metric: string,
    sql: (round: number) => string,
  ): Promise<void> => {
    const pids = [gateway.process.pid ?? 0, ...mirrors(gateway)];
    const before = processorSeconds(pids);
    const times: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1)
      times.push(await timed(sql(round)));
    const spentMs = (processorSeconds(pids) - before) * 1000;
    line(metric, median(times), "ms");
    line(`${metric}, processor time`, spentMs / ROUNDS, "ms");
  };
  await warm("columns of one table", columnsOf);
  await warm("all tables", listing);
  await warm("psql \\dt", psqlTables);
  await warm("columns of one table, asked again", () => columnsOf(1));
  await warm("all tables, asked again", () => listing(1));
  line("mirror's memory", mirrorBytes(gateway) / 2 ** 20, "MiB");
  const created = await timed("CREATE TABLE bench.one_more (a int)");
  line("CREATE TABLE", created, "ms");
  line("question after a change", await timed(columnsOf(ROUNDS + 1)), "ms");
  for (const pid of mirrors(gateway)) process.kill(pid, "SIGKILL");
  line("question after a start anew", await timed(listing(ROUNDS + 1)), "ms");
}

function columnsOf(round: number): string {
  return `SELECT column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_schema = 'bench' AND table_name = '${name(round * 7)}' ORDER BY ordinal_position`;
}

function listing(round: number): string {
  return `SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema = 'bench' AND ${round} = ${round}`;
}

function psqlTables(round: number): string {
  return `SELECT n.nspname, c.relname, CASE c.relkind WHEN 'r' THEN 'table' END, pg_catalog.pg_get_userbyid(c.relowner)
    FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname = 'bench' AND ${round} = ${round} ORDER BY 1, 2`;
}

/** Children of the gateway that run the mirror's program. */
function mirrors({ process: { pid } }: Program): readonly number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/u.test(entry))
    .filter((entry) => {
      const status = fileOf(entry, "status");
      const parent = /^PPid:\s+(\d+)$/mu.exec(status)?.[1];
      return (
        Number(parent) === pid &&
        fileOf(entry, "cmdline").includes("catalog-mirror")
      );
    })
    .map(Number);
}

function mirrorBytes(gateway: Program): number {
  return mirrors(gateway).reduce((sum, pid) => {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/mu.exec(
      fileOf(String(pid), "status"),
    )?.[1];
    return sum + Number(kilobytes ?? 0) * 1024;
  }, 0);
}

/** Empty when the process has just ended. */
function fileOf(pid: string, file: string): string {
  try {
    return readFileSync(join("/proc", pid, file), "utf8");
  } catch {
    return "";
  }
}
