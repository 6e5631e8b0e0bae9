// Copies tables from Sluice to the oracle server, with the types Sluice reports, through psql's CSV.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type pg from "pg";
import type { TestGateway } from "../harness.ts";
import type { OracleServer } from "./postgres.ts";

const run = promisify(execFile);

export interface FillSides {
  readonly sluice: TestGateway;
  readonly ours: pg.Client;
  readonly postgres: OracleServer;
  readonly theirs: pg.Client;
}

/** `table` is `schema.name`; it must not be there yet. */
export async function copyToOracle(
  { sluice, ours, postgres, theirs }: FillSides,
  table: string,
): Promise<void> {
  const [schema = "", name = ""] = table.split(".");
  await theirs.query(`create schema if not exists ${schema}`);
  const probe = await ours.query(`select * from ${table} limit 0`);
  const types = await theirs.query<{ type: string }>(
    `select format_type(t.oid, t.typmod) as type from unnest($1::oid[], $2::int[]) with ordinality as t(oid, typmod, n) order by n`,
    [
      probe.fields.map((field) => field.dataTypeID),
      probe.fields.map((field) => field.dataTypeModifier),
    ],
  );
  const columns = probe.fields.map(
    (field, at) => `${field.name} ${types.rows[at]?.type ?? "text"}`,
  );
  await theirs.query(`create table ${schema}.${name} (${columns.join(", ")})`);
  const dir = mkdtempSync(join(tmpdir(), "sluice-copy-"));
  const file = join(dir, "rows.csv");
  const to = (port: number, user: string, database: string): string[] => [
    ...["-X", "-q", "-h", "127.0.0.1", "-p", String(port)],
    ...["-U", user, "-d", database],
  ];
  // Not execFileSync: the gateway runs in this process and must go on answering.
  await run(
    "psql",
    [
      ...to(sluice.pgPort, "admin", "main"),
      ...["--csv", "-t", "-o", file, "-c", `select * from ${table}`],
    ],
    { env: { ...process.env, PGPASSWORD: sluice.adminToken } },
  );
  await run("psql", [
    ...to(postgres.port, "oracle", "postgres"),
    ...["-c", `\\copy ${table} from '${file}' csv`],
  ]);
  rmSync(dir, { recursive: true, force: true });
}
