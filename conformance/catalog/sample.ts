// The sample schema of the recorded client traffic, as Delta tables: sample-schema.sql without its two plain indexes, which Delta
// tables do not have, and with its rows.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { RECORDINGS } from "./records.ts";

export async function makeSampleSchema(client: pg.Client): Promise<void> {
  const text = readFileSync(join(RECORDINGS, "sample-schema.sql"), "utf8");
  for (const sql of text.replaceAll(/^--.*$/gmu, "").split(/;\s*\n/u)) {
    if (sql.trim() === "" || /^\s*(?:CREATE INDEX|ANALYZE)/u.test(sql))
      continue;
    await client.query(sql);
  }
}
