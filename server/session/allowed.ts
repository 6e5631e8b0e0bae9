// What the state of the transaction forbids, asked before a statement is prepared or run.

import type { Resolved } from "../../planner/bind/resolve/resolved.ts";
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
  "create-function": "CREATE FUNCTION",
  "copy-into": "COPY INTO",
  drop: "DROP",
  truncate: "TRUNCATE TABLE",
  optimize: "OPTIMIZE",
  vacuum: "VACUUM",
  restore: "RESTORE",
  alter: "ALTER",
  comment: "COMMENT",
  grant: "GRANT",
  deny: "DENY",
  revoke: "REVOKE",
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
  if (tag === undefined || !isReadOnly(session)) return;
  // Where the rows go is known once names are.
  const later = session.temporary?.hasTables === true && ROWS.has(tag);
  if (!later) throw readOnlyTransaction(tag);
}

/** Rows may be written in a read-only transaction to temporary tables alone. Throws 25006. */
export function checkRowsAllowed(
  session: Session,
  { statement, targets }: Resolved,
): void {
  if (session.temporary?.hasTables !== true) return;
  const tag = writeTag(statement);
  if (tag === undefined || !ROWS.has(tag) || !isReadOnly(session)) return;
  const own = [...targets.values()].every(
    (target) =>
      target.kind === "relation" &&
      target.relation.kind === "table" &&
      target.relation.origin === "temporary",
  );
  if (!own) throw readOnlyTransaction(tag);
}

function isReadOnly({ settings }: Session): boolean {
  return settings.get("transaction_read_only") === "on";
}

/** What PostgreSQL lets a read-only transaction do to temporary tables; TRUNCATE is not among it, nor is any CREATE. */
const ROWS: ReadonlySet<string> = new Set([
  "INSERT",
  "UPDATE",
  "DELETE",
  "MERGE",
  "COPY FROM",
  "COPY INTO",
]);

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
  if (statement.kind === "explain") {
    return statement.analyze ? writeTag(statement.statement) : undefined;
  }
  return WRITES[statement.kind];
}
