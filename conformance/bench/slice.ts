// `npm run bench -- slice`: T1 (TPC-H of the demo lake against the kernel on the same files), T2 (rows a second of a 16-column
// result against PostgreSQL), T4 (trivial statements a second at 16 clients against PostgreSQL), and start to first answer.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram } from "../program.ts";
import { startPostgres } from "../oracle/postgres.ts";
import { compareRows } from "./rows.ts";
import { compareStatements, starts } from "./statements.ts";
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
      compareStatements(gateway, postgres, BENCH);
    }
    await starts(dataDir, BENCH);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
