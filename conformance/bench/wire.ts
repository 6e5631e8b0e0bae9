// `npm run bench -- wire`: T2 (rows a second, and COPY TO STDOUT, beside PostgreSQL) and T8 (what a slow reader and idle sessions cost
// the gateway in memory).

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { serialize } from "pg-protocol";
import type pg from "pg";
import { startPostgres } from "../oracle/postgres.ts";
import { startProgram, type Program } from "../program.ts";
import { socketOf } from "../socket-of.ts";
import { report } from "./metric.ts";
import { childrenOf, residentBytes } from "./processes.ts";
import { compareRows } from "./rows.ts";

const BENCH = "wire";

export async function wire(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  try {
    {
      await using gateway = await startProgram({ dataDir, demo: true });
      await using postgres = await startPostgres(["shared_buffers=512MB"]);
      await compareRows(gateway, postgres, BENCH);
      await slowReader(gateway);
    }
    // In a process that has done nothing else, so that a session has to bring its own memory.
    await using gateway = await startProgram({ dataDir });
    await idleSessions(gateway);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const MB = 1024 * 1024;
/** More than a hundred million rows, of which the client takes what it has time for. */
const ENDLESS =
  "select l.* from tpch.lineitem l, generate_series(1, 200) copies";
const SLOW_MS = 20_000;
const PAUSE_MS = 10;

/** T8: a client that takes one piece and rests, again and again. */
async function slowReader(gateway: Program): Promise<void> {
  const client = await gateway.connect({ raw: true });
  await client.query("select 1");
  const stream = takeOver(client);
  const pids = pidsOf(gateway);
  const before = pids.map(residentBytes);
  const most = [...before];
  let taken = 0;
  const began = performance.now();
  stream.write(serialize.query(ENDLESS));
  for await (const piece of stream) {
    taken += (piece as Buffer).length;
    pids.forEach((pid, i) => {
      most[i] = Math.max(most[i] ?? 0, residentBytes(pid));
    });
    if (performance.now() - began > SLOW_MS) break;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  if (taken < MB) throw new Error(`the slow client got ${taken} bytes only`);
  const grown = most.map((bytes, i) => (bytes - (before[i] ?? 0)) / MB);
  for (const [process, at] of [
    ["gateway", 0],
    ["node", 1],
  ] as const) {
    report({
      bench: BENCH,
      metric: `T8 ${process}'s growth with a slow client (${Math.round(taken / MB)} MB taken)`,
      ours: grown[at] ?? Number.NaN,
      theirs: null,
      unit: "MB",
    });
  }
}

const SESSIONS = 1000;
const AT_ONCE = 20;

/** T8: sessions that have logged in and do nothing. */
async function idleSessions(gateway: Program): Promise<void> {
  const warm = await gateway.connect();
  await warm.query("select 1");
  const [pid = 0] = pidsOf(gateway);
  const before = residentBytes(pid);
  const clients: pg.Client[] = [];
  while (clients.length < SESSIONS) {
    const some = Array.from({ length: AT_ONCE }, () => gateway.connect());
    clients.push(...(await Promise.all(some)));
  }
  report({
    bench: BENCH,
    metric: `T8 gateway's memory of an idle session, of ${SESSIONS}`,
    ours: (residentBytes(pid) - before) / SESSIONS / 1000,
    theirs: null,
    unit: "kB",
  });
  await Promise.all([warm, ...clients].map((client) => client.end()));
}

/** The gateway's process, then its nodes. */
function pidsOf({ process: { pid = 0 } }: Program): readonly number[] {
  return [pid, ...childrenOf(pid)];
}

/** The client's connection, which it does not read any more. */
function takeOver(client: pg.Client): Duplex {
  const stream = socketOf(client);
  stream.removeAllListeners("data");
  return stream;
}
