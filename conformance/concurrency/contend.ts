// Several gateways, each with its own metastore, write to one table: every acknowledged change is there once, none is lost, and the
// history has no gap.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { expect } from "vitest";
import { commitLines } from "../maintenance/table-files.ts";

export const CONTENDED = "shared.s.t";

/** A table any gateway finds in the lake's folder. */
export function makeContendedTable(lake: string): string {
  const location = join(lake, "s", "t");
  const log = join(location, "_delta_log");
  mkdirSync(log, { recursive: true });
  const field = (name: string, type: string): object => ({
    name,
    type,
    nullable: true,
    metadata: {},
  });
  const lines = [
    { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
    {
      metaData: {
        id: "5e2b1c3c-0f0e-4b44-9a53-0a1a9e9f3c11",
        format: { provider: "parquet", options: {} },
        schemaString: JSON.stringify({
          type: "struct",
          fields: [
            field("worker", "integer"),
            field("n", "integer"),
            field("merged", "integer"),
          ],
        }),
        partitionColumns: [],
        configuration: { "delta.checkpointInterval": "7" },
        createdTime: 0,
      },
    },
  ];
  writeFileSync(
    join(log, `${"0".repeat(20)}.json`),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
  return location;
}

export interface Contention {
  readonly clients: readonly pg.Client[];
  readonly location: string;
  readonly appends: number;
  readonly merges: number;
}

/** Each client appends its own rows, and in between adds one to a counter all share. */
export async function contend({
  clients,
  location,
  appends,
  merges,
}: Contention): Promise<void> {
  const [first] = clients;
  await first?.query(`INSERT INTO ${CONTENDED} VALUES (-1, 0, 0)`);
  await Promise.all(
    clients.map(async (client, worker) => {
      for (let n = 0; n < Math.max(appends, merges); n += 1) {
        if (n < appends)
          await client.query(
            `INSERT INTO ${CONTENDED} VALUES (${worker}, ${n}, NULL)`,
          );
        if (n < merges) await mergeOne(client);
      }
    }),
  );
  for (const client of clients) {
    const { rows } = await client.query({
      text: `SELECT count(*)::int, count(DISTINCT (worker, n))::int, max(merged) FROM ${CONTENDED}`,
      rowMode: "array",
    });
    const total = clients.length * appends + 1;
    expect(rows).toEqual([[total, total, clients.length * merges]]);
  }
  checkHistory(location, clients.length * (appends + merges) + 1);
}

/** A lost race is told with 40001, and the statement is run again, as its hint says. */
async function mergeOne(client: pg.Client): Promise<void> {
  for (;;) {
    try {
      await client.query(
        `MERGE INTO ${CONTENDED} AS t USING (VALUES (-1, 0)) AS s(worker, n) ON t.worker = s.worker AND t.n = s.n
         WHEN MATCHED THEN UPDATE SET merged = t.merged + 1 WHEN NOT MATCHED THEN INSERT (worker, n, merged) VALUES (-1, 0, 1)`,
      );
      return;
    } catch (error) {
      const lost =
        error instanceof Error && "code" in error && error.code === "40001";
      if (!lost) throw error;
    }
  }
}

/** One version a change, each read from the one before it or an earlier one. */
function checkHistory(location: string, commits: number): void {
  const versions = readdirSync(join(location, "_delta_log")).flatMap((name) =>
    /^\d{20}\.json$/.test(name) ? [Number(name.slice(0, 20))] : [],
  );
  expect(versions.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: commits + 1 }, (_, index) => index),
  );
  const ids = new Set<unknown>();
  for (const version of versions.filter((one) => one > 0)) {
    const info = commitLines(location, version)[0]?.commitInfo;
    expect(Number(info?.["readVersion"])).toBeLessThan(version);
    ids.add(info?.["txnId"]);
  }
  expect(ids.size).toBe(commits);
}
