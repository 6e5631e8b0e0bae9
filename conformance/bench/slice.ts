// `npm run bench -- slice`: T1 (TPC-H of the demo lake against the kernel on the same files), T2 (rows a second of a 16-column
// result against PostgreSQL), T4 (trivial statements a second at 16 clients against PostgreSQL), and start to first answer.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram, type Program } from "../program.ts";
import { startPostgres, type OracleServer } from "../oracle/postgres.ts";
import { median, paired, report } from "./metric.ts";
import { rawClient } from "./raw-client.ts";
import { compareTpch } from "./tpch.ts";

const ROUNDS = 7;
const BENCH = "slice";

export async function slice(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  try {
    {
      await using gateway = await startProgram({ dataDir, demo: true });
      await using postgres = await startPostgres(["shared_buffers=512MB"]);
      await compareTpch(gateway, BENCH);
      await rows(gateway, postgres);
      trivial(gateway, postgres);
    }
    await starts(dataDir);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** T2: all 16 columns of lineitem, in both formats, with the same client. */
async function rows(gateway: Program, postgres: OracleServer): Promise<void> {
  await copyLineitem(gateway, postgres);
  const ours = await rawClient({
    host: "127.0.0.1",
    port: gateway.pgPort,
    user: "admin",
    password: gateway.adminToken,
    database: "main",
  });
  const theirs = await rawClient({
    host: "127.0.0.1",
    port: postgres.port,
    user: "oracle",
    database: "postgres",
  });
  const sql = "select * from tpch.lineitem";
  for (const format of ["text", "binary"] as const) {
    const count = await ours.count(sql, format);
    const times = await paired(
      ROUNDS,
      () => ours.count(sql, format),
      () => theirs.count(sql, format),
    );
    const perSecond = (ms: number): number => (count / ms) * 1000;
    report({
      bench: BENCH,
      metric: `T2 rows/s of 16 columns, ${format}`,
      ours: perSecond(times.ours),
      theirs: perSecond(times.theirs),
      unit: "rows/s",
      rows: count,
    });
  }
  await ours.end();
  await theirs.end();
}

async function copyLineitem(
  gateway: Program,
  postgres: OracleServer,
): Promise<void> {
  const file = join(gateway.dataDir, "lineitem.csv");
  psql(
    [
      "-p",
      String(gateway.pgPort),
      "-U",
      "admin",
      "-d",
      "main",
      "--csv",
      "-t",
      "-o",
      file,
      "-c",
      "select * from tpch.lineitem",
    ],
    gateway.adminToken,
  );
  const client = await postgres.connect();
  await client.query(`create schema tpch; create table tpch.lineitem (l_orderkey bigint, l_partkey int, l_suppkey int, l_linenumber int,
    l_quantity numeric(15,2), l_extendedprice numeric(15,2), l_discount numeric(15,2), l_tax numeric(15,2), l_returnflag text, l_linestatus text,
    l_shipdate date, l_commitdate date, l_receiptdate date, l_shipinstruct text, l_shipmode text, l_comment text)`);
  psql([
    "-p",
    String(postgres.port),
    "-U",
    "oracle",
    "-d",
    "postgres",
    "-q",
    "-c",
    `\\copy tpch.lineitem from '${file}' csv`,
  ]);
  await client.query("vacuum analyze tpch.lineitem");
  await client.end();
  rmSync(file);
}

function psql(args: readonly string[], password = ""): void {
  execFileSync("psql", ["-X", "-h", "127.0.0.1", ...args], {
    env: { ...process.env, PGPASSWORD: password },
  });
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
