// Commit intents: written before a Delta commit that catalog changes depend on, dropped with those changes. Start-up finishes or
// drops each by looking for its transaction id in the log (design.md section 8, transactions).

import { integerAt, textAt } from "./row.ts";
import type { Sqlite } from "./sqlite.ts";

export interface CommitIntent {
  /** The Delta `txn` application id the commit carries. */
  readonly txnId: string;
  /** Folder of the table whose log the commit goes to. */
  readonly location: string;
  /** The catalog changes to apply once the commit is there, as JSON of whoever wrote the intent. */
  readonly changes: string;
  readonly createdAtMs: number;
}

export function insertIntent(db: Sqlite, intent: CommitIntent): void {
  db.run(
    "INSERT INTO commit_intent (txn_id, location, changes, created_at) VALUES (?, ?, ?, ?)",
    intent.txnId,
    intent.location,
    intent.changes,
    intent.createdAtMs,
  );
}

export function deleteIntent(db: Sqlite, txnId: string): void {
  db.run("DELETE FROM commit_intent WHERE txn_id = ?", txnId);
}

/** Oldest first. */
export function listIntents(db: Sqlite): readonly CommitIntent[] {
  return db
    .rows(
      "SELECT txn_id, location, changes, created_at FROM commit_intent ORDER BY created_at, txn_id",
    )
    .map((row) => ({
      txnId: textAt(row, 0),
      location: textAt(row, 1),
      changes: textAt(row, 2),
      createdAtMs: integerAt(row, 3),
    }));
}
