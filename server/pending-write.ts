// Rows a transaction block has written and not yet committed: files already lie in the table's folder, one commit names them all at
// COMMIT. Until reading through one's own writes is built, a block that wrote a table may not read it.

import type { TableEntry } from "../storage/catalog/objects.ts";
import type { ObjectId } from "../storage/common/ids.ts";
import { SqlError } from "../storage/common/errors.ts";
import type { WriteOutcome } from "./compute/scheduler.ts";
import { tableRef } from "./table-ref.ts";
import type { Services } from "./services.ts";
import type { Session } from "./session/session.ts";
import { appendFiles } from "./table-write.ts";

interface Pending {
  readonly table: TableEntry;
  outcomes: WriteOutcome[];
}

const pendingOf = new WeakMap<Session, Pending>();

/** Throws 0A000 when the open block has written `table`. */
export function refuseUncommittedRead(session: Session, table: ObjectId): void {
  if (pendingOf.get(session)?.table.id !== table) return;
  throw new SqlError(
    "0A000",
    "reading a table written in the same transaction is not supported",
    {
      hint: "COMMIT first.",
    },
  );
}

/** Throws 0A000 before anything is written when the block has written another table. */
export function refuseSecondTable(session: Session, table: TableEntry): void {
  const pending = pendingOf.get(session);
  if (pending === undefined || pending.table.id === table.id) return;
  throw new SqlError(
    "0A000",
    "writing to a second table in one transaction is not supported",
    {
      detail: `The transaction has written to table "${pending.table.name}".`,
      hint: "COMMIT first: a commit covers one table.",
    },
  );
}

/** Commits now, or with the block. Throws 40001 when a concurrent change forbids it. */
export async function commitRows(
  services: Services,
  session: Session,
  table: TableEntry,
  outcome: WriteOutcome,
): Promise<void> {
  if (!session.transaction.inBlock) {
    await appendFiles(
      services,
      tableRef(services, table),
      outcome,
      session.userName,
    );
    return;
  }
  const pending = pendingOf.get(session) ?? begin(services, session, table);
  const before = pending.outcomes;
  pending.outcomes = [...before, outcome];
  session.transaction.onRollback(() => {
    pending.outcomes = before;
    if (before.length === 0) pendingOf.delete(session);
  });
}

function begin(
  services: Services,
  session: Session,
  table: TableEntry,
): Pending {
  const pending: Pending = { table, outcomes: [] };
  pendingOf.set(session, pending);
  session.transaction.onCommit(async () => {
    pendingOf.delete(session);
    const drafts = pending.outcomes.flatMap((outcome) => outcome.drafts);
    const rowCount = pending.outcomes.reduce(
      (sum, outcome) => sum + outcome.rowCount,
      0,
    );
    await appendFiles(
      services,
      tableRef(services, table),
      { drafts, rowCount },
      session.userName,
    );
  });
  return pending;
}
