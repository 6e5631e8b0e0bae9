// `npm run bench -- access`: what deciding costs a trivial statement. A user who reads through nested groups, with grants and denies
// around, beside the administrator, whom no record is asked for. Both alternate on one gateway; the target is a ratio of 1.02.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram } from "../program.ts";
import { paired, report } from "./metric.ts";

const GROUPS = 20;
const TABLES = 50;
const ROUNDS = 2000;
/** Each side has a text of its own: a plan is kept for the last who sent its text. */
const OURS = "select id from s.t0 limit 0";
const THEIRS = "select id from s.t1 limit 0";

export async function access(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  try {
    await using gateway = await startProgram({ dataDir });
    const admin = await gateway.connect();
    for (const sql of world()) await admin.query(sql);
    const made = await admin.query<{ token_value: string }>(
      "CREATE TOKEN FOR USER u",
    );
    const password = made.rows[0]?.token_value ?? "";
    const user = await gateway.connect({ login: { user: "u", password } });
    const { ours, theirs } = await paired(
      ROUNDS,
      () => user.query(OURS),
      () => admin.query(THEIRS),
    );
    report({
      bench: "access",
      metric:
        "trivial statement, decided by records and by being administrator",
      ours,
      theirs,
      unit: "ms",
    });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** A user at the end of a chain of groups, and records of every group on every table. */
function world(): readonly string[] {
  const groups = Array.from({ length: GROUPS }, (_, at) => `g${at}`);
  const tables = Array.from({ length: TABLES }, (_, at) => `s.t${at}`);
  return [
    "CREATE USER u",
    "CREATE SCHEMA s",
    ...groups.map((group, at) =>
      at === 0
        ? "CREATE GROUP g0 WITH USER u"
        : `CREATE GROUP ${group} WITH GROUP g${at - 1}`,
    ),
    `GRANT USAGE, SELECT ON SCHEMA s TO g${GROUPS - 1}`,
    ...tables.flatMap((table) => [
      `CREATE TABLE ${table} (id int)`,
      `GRANT SELECT, READ_METADATA ON TABLE ${table} TO ${groups.join(", ")}`,
      `DENY MODIFY ON TABLE ${table} TO ${groups.join(", ")}`,
    ]),
  ];
}
