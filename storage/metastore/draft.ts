// A draft of the metastore: a copy in memory of what is committed, changed by one transaction block and seen by nobody else. What was
// written to it is written to the metastore itself when the block commits, statement for statement.

import { ChangeGate } from "./change-gate.ts";
import { serializationFailure } from "./errors.ts";
import type { Metastore } from "./metastore.ts";
import { textAt } from "./row.ts";
import { Sqlite, type SqlValue, type Write } from "./sqlite.ts";

/** No statement of a block reads or changes them. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "scram_salt",
  "scram_verifier",
  "ip_access_list",
  "commit_intent",
]);

/** Records its writes. Takes 2 ms for a small metastore, some 100 ms for one of ten thousand tables. */
export function openDraft(metastore: Metastore): Metastore {
  const db = new Sqlite(":memory:");
  try {
    copy(metastore.db.file, db);
    db.script("PRAGMA foreign_keys = ON");
    db.recordWrites();
  } catch (error) {
    db[Symbol.dispose]();
    throw error;
  }
  const { dataDir, keys, now } = metastore;
  return {
    dataDir,
    keys,
    now,
    db,
    gate: new ChangeGate(),
    [Symbol.dispose]: () => db[Symbol.dispose](),
  };
}

/** Through a connection of its own, so that only what is committed is copied. Indexes come last: they are faster made than kept. */
function copy(file: string, db: Sqlite): void {
  db.script("PRAGMA foreign_keys = OFF");
  db.run("ATTACH ? AS origin", file);
  const parts = db.rows(
    "SELECT type, name, sql FROM origin.sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid",
  );
  const tables = parts.filter((row) => textAt(row, 0) === "table");
  for (const row of tables) {
    const name = textAt(row, 1);
    db.script(textAt(row, 2));
    if (!LEFT_OUT.has(name))
      db.script(`INSERT INTO main.${name} SELECT * FROM origin.${name}`);
  }
  for (const row of parts)
    if (textAt(row, 0) !== "table") db.script(textAt(row, 2));
  db.script("DETACH origin");
}

/** Inside a transaction of `db`. Throws 40001 where a write no longer does what it did to the draft. */
export function replay(db: Sqlite, writes: readonly Write[]): void {
  for (const { sql, values, rowCount } of writes) {
    if (rowsChanged(db, sql, values) !== rowCount)
      throw serializationFailure("catalog or rights");
  }
}

function rowsChanged(
  db: Sqlite,
  sql: string,
  values: readonly SqlValue[],
): number {
  try {
    return db.run(sql, ...values);
  } catch (error) {
    if (isConstraint(error)) throw serializationFailure("catalog or rights");
    throw error;
  }
}

/** A name that is taken by now, an object or principal that is gone. */
function isConstraint(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    String(error.code).startsWith("SQLITE_CONSTRAINT")
  );
}
