// `npm run bench -- slice`: T1 (TPC-H of the demo lake against the kernel on the same files), T2 (rows a second of a 16-column
// result against PostgreSQL), T4 (trivial statements a second at 16 clients against PostgreSQL), and start to first answer.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram, type Program } from "../program.ts";
import { startPostgres, type OracleServer } from "../oracle/postgres.ts";
import { median, report } from "./metric.ts";
import { compareRows } from "./rows.ts";
import { compareTpch } from "./tpch.ts";

const BENCH = "slice";

export async function slice(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  try {
    {
      await using gateway = await startProgram({ dataDir, demo: true });
      await using postgres = await startPostgres(["shared_buffers=512MB"]);
      await compareTpch(gateway, BENCH);
      await compareRows(gateway, postgres, BENCH);
      trivial(gateway, postgres);
    }
    await starts(dataDir);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** T4: pgbench with 16 clients on both. */
function trivial(gateway: Program, postgres: OracleServer): void {
  for (const statement of ["select 1", "show timezone"]) {
    for (const mode of ["simple", "prepared"]) {
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        ours.push(
          pgbench(
            postgres.bin,
            [statement, mode],
            ["-p", String(gateway.pgPort), "-U", "admin", "main"],
            gateway.adminToken,
          ),
        );
        theirs.push(
          pgbench(
            postgres.bin,
            [statement, mode],
            ["-p", String(postgres.port), "-U", "oracle", "postgres"],
          ),
        );
      }
      report({
        bench: BENCH,
        metric: `T4 statements/s at 16 clients: ${statement}, ${mode}`,
        ours: median(ours),
        theirs: median(theirs),
        unit: "1/s",
      });
    }
  }
}

/** Statements a second. */
function pgbench(
  bin: string,
  [statement, mode]: readonly [string, string],
  target: readonly string[],
  password = "",
): number {
  const dir = mkdtempSync(join(tmpdir(), "sluice-pgbench-"));
  try {
    const script = join(dir, "statement.sql");
    writeFileSync(script, `${statement};\n`);
    const args = [
      "-n",
      "-h",
      "127.0.0.1",
      "-c",
      "16",
      "-j",
      "1",
      "-T",
      "4",
      "-M",
      mode,
      "-f",
      script,
      ...target,
    ];
    const output = execFileSync(join(bin, "pgbench"), args, {
      encoding: "utf8",
      env: { ...process.env, PGPASSWORD: password },
      stdio: ["ignore", "pipe", "ignore"],
    });
    return Number(/tps = ([\d.]+)/.exec(output)?.[1] ?? Number.NaN);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** From nothing to the first answer over a prepared lake. */
async function starts(dataDir: string): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const began = performance.now();
    await using gateway = await startProgram({ dataDir });
    const client = await gateway.connect({ raw: true });
    await client.query("select count(*) from tpch.nation");
    times.push(performance.now() - began);
  }
  report({
    bench: BENCH,
    metric: "T10 start to first answered query",
    ours: median(times),
    theirs: null,
    unit: "ms",
  });
}
