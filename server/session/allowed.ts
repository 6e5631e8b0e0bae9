// What the state of the transaction forbids, asked before a statement is prepared or run.

import type { Statement } from "../../planner/parse/ast.ts";
import { readOnlyTransaction, transactionAborted } from "./errors.ts";
import type { Session } from "./session.ts";

/** Command tags of statements that write, as 25006 names them. */
const WRITES: Partial<Record<Statement["kind"], string>> = {
  insert: "INSERT",
  update: "UPDATE",
  delete: "DELETE",
  merge: "MERGE",
  "create-table": "CREATE TABLE",
  "create-table-as": "CREATE TABLE AS",
  "create-schema": "CREATE SCHEMA",
  "create-view": "CREATE VIEW",
  drop: "DROP",
  truncate: "TRUNCATE TABLE",
  optimize: "OPTIMIZE",
  vacuum: "VACUUM",
  restore: "RESTORE",
  alter: "ALTER",
  comment: "COMMENT",
  grant: "GRANT",
  "alter-owner": "ALTER OWNER",
  group: "ALTER GROUP",
  user: "ALTER USER",
  token: "CREATE TOKEN",
};

/** Throws 25P02 in a failed block, except for what ends it, and 25006 for writes in a read-only transaction. */
export function checkAllowed(session: Session, statement: Statement): void {
  if (session.transaction.failed && !endsBlock(statement)) {
    throw transactionAborted();
  }
  const tag = writeTag(statement);
  if (
    tag !== undefined &&
    session.settings.get("transaction_read_only") === "on"
  ) {
    throw readOnlyTransaction(tag);
  }
}

/** Throws 25P02. For messages about a statement that is prepared already. */
export function checkNotFailed(session: Session, statement: Statement): void {
  if (session.transaction.failed && !endsBlock(statement)) {
    throw transactionAborted();
  }
}

function endsBlock(statement: Statement): boolean {
  if (statement.kind !== "transaction") return false;
  switch (statement.action.kind) {
    case "commit":
    case "rollback":
    case "rollback-to":
      return true;
    default:
      return false;
  }
}

function writeTag(statement: Statement): string | undefined {
  if (statement.kind === "copy") {
    return statement.direction === "from" ? "COPY FROM" : undefined;
  }
  // Temporary tables are the session's own.
  if ("temporary" in statement && statement.temporary) return undefined;
  if (statement.kind === "explain") {
    return statement.analyze ? writeTag(statement.statement) : undefined;
  }
  return WRITES[statement.kind];
}
