// `npm run bench -- snapshot [files …]`: T5. A query that one file of very many can answer: on a gateway that has just started, and
// again with other constants, beside ClickHouse over the same table. By default 10,000 and 100,000 files; a million by argument.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram } from "../program.ts";
import { startClickHouse, type ClickHouse } from "./clickhouse.ts";
import { median, report } from "./metric.ts";
import type { SnapshotMemory } from "./snapshot-memory.ts";
import { TARGETS, writeWideTable, type WideTable } from "./snapshot-table.ts";

const DEFAULT_SIZES = [10_000, 100_000];

export async function snapshot(): Promise<void> {
  const given = process.argv.slice(3).map(Number);
  for (const files of given.length > 0 ? given : DEFAULT_SIZES) {
    const dataDir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
    try {
      await measure(dataDir, files);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  }
}

async function measure(dataDir: string, files: number): Promise<void> {
  const folder = join(dataDir, "lake", "bench", "wide");
  mkdirSync(folder, { recursive: true });
  const table = await writeWideTable(folder, files);
  const ours = await sluice(dataDir, table);
  const theirs = await clickHouse(dataDir, folder, table);
  const line = (metric: string, key: "firstMs" | "warmMs"): void =>
    report({
      bench: "snapshot",
      metric: `T5 ${metric} of ${files} files`,
      ours: ours[key],
      theirs: theirs?.[key] ?? null,
      unit: "ms",
      rows: files,
    });
  line("first query", "firstMs");
  line("warm query", "warmMs");
  const memory = await memoryOf(dataDir, folder);
  for (const [what, key] of [
    ["memory", "residentBytes"],
    ["kernel's share of it", "kernelBytes"],
  ] as const)
    report({
      bench: "snapshot",
      metric: `T5 ${what}, a file of ${files}`,
      ours: median(memory.map((one) => one[key])) / files,
      theirs: null,
      unit: "bytes",
      rows: files,
    });
}

const SMALL = 100;

/** Of three fresh processes. */
async function memoryOf(
  dataDir: string,
  folder: string,
): Promise<readonly SnapshotMemory[]> {
  const small = join(dataDir, "small");
  mkdirSync(small);
  await writeWideTable(small, SMALL);
  const program = join(import.meta.dirname, "snapshot-memory.ts");
  return [1, 2, 3].map((number) => {
    const temp = join(dataDir, `memory-${number}`);
    const output = execFileSync(process.execPath, [
      ...["--expose-gc", "--import", "tsx"],
      ...[program, small, folder, temp],
    ]);
    return JSON.parse(output.toString()) as SnapshotMemory;
  });
}

interface Times {
  readonly firstMs: number;
  /** Median over the other targets. */
  readonly warmMs: number;
}

async function sluice(dataDir: string, { targets }: WideTable): Promise<Times> {
  await using gateway = await startProgram({ dataDir });
  const client = await gateway.connect();
  await client.query("select 1 from (values (1)) t(a) where a > random()");
  const ask = async (id: number): Promise<number> => {
    const began = performance.now();
    const { rows } = await client.query<{ payload: string }>(
      `select payload from bench.wide where id = ${id}`,
    );
    if (rows.length !== 1) throw new Error(`${rows.length} rows of id ${id}`);
    return performance.now() - began;
  };
  const firstMs = await ask(targets[0] ?? 0);
  const warm: number[] = [];
  for (const id of targets.slice(1)) warm.push(await ask(id));
  await client.end();
  return { firstMs, warmMs: median(warm) };
}

async function clickHouse(
  dataDir: string,
  folder: string,
  { targets }: WideTable,
): Promise<Times | undefined> {
  const scratch = join(dataDir, "clickhouse");
  using engine: ClickHouse | undefined = startClickHouse(scratch, dataDir);
  if (engine === undefined) return undefined;
  const ask = async (id: number): Promise<number> => {
    const { ms, result } = await engine.query(
      `SELECT payload FROM deltaLakeLocal('${folder}') WHERE id = ${id}`,
    );
    if (result.trim() !== '"row"') throw new Error(`ClickHouse: ${result}`);
    return ms;
  };
  const firstMs = await ask(targets[0] ?? 0);
  const warm: number[] = [];
  for (const id of targets.slice(1, TARGETS / 3)) warm.push(await ask(id));
  return { firstMs, warmMs: median(warm) };
}
