// `npm run bench -- tpch [scale]`: T1, the 22 queries over the Postgres wire against a kernel of our own on the same Parquet files.
// At scale 1 by default, in tables that the gateway itself has written.

import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { tpchTables } from "../../server/demo/tpch.ts";
import { Kernel } from "../../storage/kernel/kernel.ts";
import { startProgram, type Program } from "../program.ts";
import { paired, report } from "./metric.ts";

const ROUNDS = 7;
const TABLES = tpchTables(1);
const QUERIES = join(import.meta.dirname, "..", "tpch");

export async function tpch(): Promise<void> {
  const scale = Number(process.argv[3] ?? 1);
  const dir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  try {
    const files = join(dir, "files");
    await writeFiles(files, scale);
    await using gateway = await startProgram({
      dataDir: join(dir, "data"),
      args: ["--file-root", `bench=${files}`],
    });
    await loadTables(gateway);
    await compareTpch(gateway, `tpch ${scale}`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function writeFiles(dir: string, scale: number): Promise<void> {
  mkdirSync(dir);
  await using kernel = await openKernel(dir, dir);
  const connection = await kernel.connect();
  for (const { name, columns, parts } of tpchTables(scale)) {
    const folder = join(dir, name);
    mkdirSync(folder);
    const names = columns.map((column) => column.name).join(", ");
    for (const [at, sql] of parts.entries())
      await connection.run(
        `COPY (SELECT * FROM (${sql}) AS part(${names})) TO '${join(folder, `${at}.parquet`)}'`,
      );
  }
}

async function loadTables(gateway: Program): Promise<void> {
  const client = await gateway.connect();
  await client.query("create schema tpch");
  for (const { name } of TABLES)
    await client.query(
      `create table tpch.${name} as select * from parquet.\`bench/${name}\``,
    );
  await client.end();
}

/** Every query on both sides, and the geometric mean of their ratios. */
export async function compareTpch(
  gateway: Program,
  bench: string,
): Promise<void> {
  await using kernel = await openKernel(gateway.dataDir, gateway.dataDir);
  const connection = await kernel.connect();
  const client = await gateway.connect({ raw: true });
  await connection.run("CREATE SCHEMA tpch");
  for (const { name } of TABLES) {
    const files = await dataFiles(client, `tpch.${name}`);
    await connection.run(
      `CREATE VIEW tpch.${name} AS SELECT * FROM read_parquet([${files.map((file) => `'${file}'`).join(", ")}])`,
    );
  }
  const ratios: number[] = [];
  for (const file of readdirSync(QUERIES).toSorted()) {
    const sql = readFileSync(join(QUERIES, file), "utf8");
    const times = await paired(
      ROUNDS,
      () => client.query(sql),
      async () => (await connection.runAndReadAll(sql)).getRows(),
    );
    ratios.push(times.ours / times.theirs);
    report({
      bench,
      metric: `T1 tpch q${file.slice(0, 2)}`,
      ...times,
      unit: "ms",
    });
  }
  await client.end();
  const mean = Math.exp(
    ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length,
  );
  report({
    bench,
    metric: "T1 tpch geometric mean of ratios",
    ours: mean,
    theirs: 1,
    unit: "x",
  });
}

/** All files of a table that was written once. */
async function dataFiles(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ location: string }>(
    `describe detail ${table}`,
  );
  const location = rows[0]?.location ?? "";
  const folder = location.startsWith("file:")
    ? fileURLToPath(location)
    : location;
  return readdirSync(folder)
    .filter((name) => name.endsWith(".parquet"))
    .map((name) => join(folder, name));
}

/** Has what a node has by default. */
function openKernel(allowedDir: string, dir: string): Promise<Kernel> {
  return Kernel.open({
    threads: 2,
    memoryBytes: 2_000_000_000,
    tempDir: join(dir, "bench-temp"),
    tempBytes: 20_000_000_000,
    functions: [],
    allowedDirs: [allowedDir],
  });
}
