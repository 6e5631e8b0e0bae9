// Notes of what a transaction block has under way outside this file: the folder of a table it makes, the Delta commit that its changes
// of the catalog follow. Start-up removes the one, and finishes or drops the other by looking for its transaction id in the log
// (design.md section 8, transactions).

import { integerAt, jsonAt, textAt, unexpected } from "./row.ts";
import type { Sqlite, SqlValue, Write } from "./sqlite.ts";
import { listOf, memberOf, optionalInteger, textOf } from "./type-json.ts";

export interface CommitIntent {
  /** For a commit, the `txnId` it carries in its commitInfo; for a new table, the table's id. */
  readonly txnId: string;
  /** Folder of the table. */
  readonly location: string;
  readonly changes: IntendedChanges;
  readonly createdAtMs: number;
}

export type IntendedChanges =
  /** The folder goes unless the catalog names the table. */
  | { readonly kind: "new-table" }
  /** The writes to this file that follow the commit, which has a version above `version`. */
  | {
      readonly kind: "block";
      readonly version: number;
      readonly writes: readonly Write[];
      /** What the audit is to be told, each as JSON. */
      readonly events: readonly string[];
    };

export function insertIntent(db: Sqlite, intent: CommitIntent): void {
  db.run(
    "INSERT INTO commit_intent (txn_id, location, changes, created_at) VALUES (?, ?, ?, ?)",
    intent.txnId,
    intent.location,
    JSON.stringify(intent.changes),
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
      changes: parseChanges(jsonAt(row, 2)),
      createdAtMs: integerAt(row, 3),
    }));
}

function parseChanges(json: unknown): IntendedChanges {
  const kind = textOf(json, "kind");
  if (kind === "new-table") return { kind };
  if (kind !== "block") throw unexpected("block or new-table", kind);
  return {
    kind,
    version: integerOf(json, "version"),
    writes: listOf(memberOf(json, "writes")).map((write) => ({
      sql: textOf(write, "sql"),
      values: listOf(memberOf(write, "values")).map(parseValue),
      rowCount: integerOf(write, "rowCount"),
    })),
    events: listOf(memberOf(json, "events")).map((event) => {
      if (typeof event !== "string") throw unexpected("text", event);
      return event;
    }),
  };
}

function integerOf(json: unknown, name: string): number {
  const value = optionalInteger(memberOf(json, name));
  if (value === undefined) throw unexpected("an integer", value);
  return value;
}

/** What a block writes is text, numbers and NULL: secrets, which are bytes, are none of its business. */
function parseValue(value: unknown): SqlValue {
  if (value === null || typeof value === "string" || typeof value === "number")
    return value;
  throw unexpected("text or a number", value);
}
