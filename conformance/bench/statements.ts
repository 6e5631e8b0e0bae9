// `npm run bench -- statements`: T4 (trivial statements a second at 16 clients beside PostgreSQL, and what one costs the gateway in
// processor time, which says more where other work shares the machine) and T10 (a start).

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram, type Program } from "../program.ts";
import { startPostgres, type OracleServer } from "../oracle/postgres.ts";
import { median, report } from "./metric.ts";
import { processorSeconds } from "./processes.ts";

const BENCH = "statements";
const CLIENTS = 16;
const SECONDS = 4;
const ROUNDS = 3;
const STATEMENTS = ["select 1", "show timezone"];
const MODES = ["simple", "prepared"];

export async function statements(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  try {
    {
      await using gateway = await startProgram({ dataDir, demo: true });
      await using postgres = await startPostgres();
      compareStatements(gateway, postgres, BENCH);
    }
    await starts(dataDir, BENCH);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** T4: pgbench on both in turn. */
export function compareStatements(
  gateway: Program,
  postgres: OracleServer,
  bench: string,
): void {
  const pid = gateway.process.pid ?? 0;
  const user = { ours: ["-U", "admin", "main"], theirs: ["-U", "oracle"] };
  for (const statement of STATEMENTS) {
    for (const mode of MODES) {
      const run = (port: number, args: readonly string[]): Run =>
        pgbench(
          postgres.bin,
          [statement, mode],
          ["-p", String(port), ...args],
          gateway.adminToken,
        );
      const ours: number[] = [];
      const theirs: number[] = [];
      const spent: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const before = processorSeconds([pid]);
        const own = run(gateway.pgPort, user.ours);
        spent.push((processorSeconds([pid]) - before) / own.count);
        ours.push(own.perSecond);
        theirs.push(run(postgres.port, [...user.theirs, "postgres"]).perSecond);
      }
      report({
        bench,
        metric: `T4 statements/s at ${CLIENTS} clients: ${statement}, ${mode}`,
        ours: median(ours),
        theirs: median(theirs),
        unit: "1/s",
      });
      report({
        bench,
        metric: `T4 gateway's processor time a statement: ${statement}, ${mode}`,
        ours: median(spent) * 1e6,
        theirs: null,
        unit: "us",
      });
    }
  }
}

interface Run {
  readonly perSecond: number;
  readonly count: number;
}

function pgbench(
  bin: string,
  [statement, mode]: readonly [string, string],
  target: readonly string[],
  password: string,
): Run {
  const dir = mkdtempSync(join(tmpdir(), "sluice-pgbench-"));
  try {
    const script = join(dir, "statement.sql");
    writeFileSync(script, `${statement};\n`);
    const args = [
      ...["-n", "-h", "127.0.0.1", "-c", String(CLIENTS), "-j", "1"],
      ...["-T", String(SECONDS), "-M", mode, "-f", script, ...target],
    ];
    const output = execFileSync(join(bin, "pgbench"), args, {
      encoding: "utf8",
      env: { ...process.env, PGPASSWORD: password },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const found = (pattern: RegExp): number =>
      Number(pattern.exec(output)?.[1] ?? Number.NaN);
    return {
      perSecond: found(/tps = ([\d.]+)/),
      count: found(/actually processed: (\d+)/),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** T10: from nothing to the ready line, and to the first answer over a prepared lake. */
export async function starts(dataDir: string, bench: string): Promise<void> {
  const ready: number[] = [];
  const answered: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    await using gateway = await startProgram({ dataDir });
    ready.push(performance.now() - began);
    const client = await gateway.connect({ raw: true });
    await client.query("select count(*) from tpch.nation");
    answered.push(performance.now() - began);
  }
  const metric = (name: string, times: readonly number[]): void =>
    report({
      bench,
      metric: name,
      ours: median(times),
      theirs: null,
      unit: "ms",
    });
  metric("T10 start to the ready line", ready);
  metric("T10 start to first answered query", answered);
}
