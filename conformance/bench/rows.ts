// T2, COPY and T3: rows a second of a 16-column result, and the processor time of a million of them, beside PostgreSQL: with the same client,
// but for Arrow over HTTP, which stands beside binary COPY.

import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { OracleServer } from "../oracle/postgres.ts";
import type { Program } from "../program.ts";
import { countLinkedRows } from "./linked-rows.ts";
import { paired, report } from "./metric.ts";
import { childrenOf, processorSeconds } from "./processes.ts";
import { rawClient } from "./raw-client.ts";

const ROUNDS = 7;
const TABLE = "select * from tpch.lineitem";
const COPY_BINARY = `copy (${TABLE}) to stdout (format binary)`;

/** Statement and format of each way to ask for the rows. */
const WAYS = [
  ["text", TABLE, "text"],
  ["binary", TABLE, "binary"],
  ["COPY TO STDOUT", `copy (${TABLE}) to stdout`, "text"],
  ["COPY TO STDOUT, binary", COPY_BINARY, "text"],
] as const;

/** One way to ask for all rows, on both sides; each answers how many came. */
interface Way {
  readonly target: string;
  readonly name: string;
  readonly ours: () => Promise<number>;
  readonly theirs: () => Promise<number>;
}

/** The demo lake's lineitem, all 16 columns. @param bench the name in the report */
export async function compareRows(
  gateway: Program,
  postgres: OracleServer,
  bench: string,
): Promise<void> {
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
  const gatewayPid = gateway.process.pid ?? 0;
  const ourPids = [gatewayPid, ...childrenOf(gatewayPid)];
  const theirPids = await backends(postgres);
  const ways: readonly Way[] = [
    ...WAYS.map(([name, sql, format]) => ({
      target: "T2",
      name,
      ours: () => ours.count(sql, format),
      theirs: () => theirs.count(sql, format),
    })),
    {
      target: "T3",
      name: "Arrow over HTTP by links",
      ours: () => countLinkedRows(gateway, TABLE),
      // The trailer of a binary COPY is a message of its own.
      theirs: async () => (await theirs.count(COPY_BINARY, "text")) - 1,
    },
  ];
  for (const way of ways)
    await compareWay(way, {
      bench,
      pids: { ours: ourPids, theirs: theirPids },
    });
  await ours.end();
  await theirs.end();
}

type Side = "ours" | "theirs";

async function compareWay(
  way: Way,
  {
    bench,
    pids,
  }: {
    readonly bench: string;
    readonly pids: Readonly<Record<Side, readonly number[]>>;
  },
): Promise<void> {
  const count = await way.ours();
  const spent = { ours: 0, theirs: 0 };
  const counted = async (side: Side): Promise<void> => {
    const before = processorSeconds(pids[side]);
    const rows = await way[side]();
    if (rows !== count) throw new Error(`${side}: ${rows} rows, not ${count}`);
    spent[side] += processorSeconds(pids[side]) - before;
  };
  const times = await paired(
    ROUNDS,
    () => counted("ours"),
    () => counted("theirs"),
  );
  const perSecond = (ms: number): number => (count / ms) * 1000;
  report({
    bench,
    metric: `${way.target} rows/s of 16 columns, ${way.name}`,
    ours: perSecond(times.ours),
    theirs: perSecond(times.theirs),
    unit: "rows/s",
    rows: count,
  });
  // The round that warms is in it, on both sides.
  const millions = (count * (ROUNDS + 1)) / 1e6;
  report({
    bench,
    metric: `servers' processor time of a million rows, ${way.name}`,
    ours: spent.ours / millions,
    theirs: spent.theirs / millions,
    unit: "s",
    rows: count,
  });
}

/** The processes of the connections that are open now. */
async function backends(postgres: OracleServer): Promise<readonly number[]> {
  const client = await postgres.connect();
  const { rows } = await client.query<{ pid: string }>(
    "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
  );
  await client.end();
  return rows.map(({ pid }) => Number(pid));
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
      TABLE,
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
