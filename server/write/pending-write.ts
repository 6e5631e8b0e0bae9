// What a transaction block has done to a table and not yet committed: files already lie in the table's folder, one commit names
// them all at COMMIT. The block itself reads the table through an overlay; a savepoint is a mark in the list of changes.

import { randomUUID } from "node:crypto";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import type { ObjectId } from "../../storage/common/ids.ts";
import { notSupported, SqlError } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import {
  joinReads,
  type TransactionReads,
} from "../../storage/delta/transaction-reads.ts";
import { isTrue } from "../../storage/delta/features.ts";
import { netActions } from "../../storage/delta/net-actions.ts";
import {
  checkOverlay,
  overlayOf,
  type Overlay,
} from "../../storage/delta/file-table/overlay.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import { blockOf } from "../block/begin-block.ts";
import { isMadeInBlock, openBlock } from "../block/block.ts";
import type { Services } from "../services.ts";
import type { Session } from "../session/session.ts";
import { readsOfQueries } from "./block-reads.ts";
import { commitChange, type TableChange } from "./table-write.ts";

interface Pending {
  readonly table: TableEntry;
  /** The version below, as the block pinned it. */
  readonly base: Snapshot;
  changes: readonly TableChange[];
  /** Changes with `changes`: equal tokens mean equal contents. */
  token: string;
  overlay: Promise<Overlay> | undefined;
}

const pendings = new WeakMap<Session, Map<ObjectId, Pending>>();

/** Of the table with this id; `undefined` where the open block has not changed it. */
function pendingOf(session: Session, table: ObjectId): Pending | undefined {
  return pendings.get(session)?.get(table);
}

/** What the open block sees of a table it has written, and a token that changes with it; undefined for other tables. */
export async function ownWrites(
  services: Services,
  session: Session,
  table: ObjectId,
): Promise<
  { readonly snapshot: Snapshot; readonly token: string } | undefined
> {
  const pending = pendingOf(session, table);
  if (pending === undefined || pending.changes.length === 0) return undefined;
  const { token, base, changes } = pending;
  pending.overlay ??= overlayOf(
    services.tables.contextOf(base.table),
    base,
    netActions(changes.map(({ actions }) => actions)),
  );
  return { snapshot: (await pending.overlay).snapshot, token };
}

/**
 * Throws 0A000 before anything is written when the block has written another table. Temporary ones do not count, nor do those it has
 * made: nobody sees their commits before the catalog names them.
 */
export function refuseSecondTable(session: Session, table: TableEntry): void {
  const counts = ({ id }: TableEntry): boolean => !isMadeInBlock(session, id);
  if (table.origin === "temporary" || !counts(table)) return;
  const pending = [...(pendings.get(session)?.values() ?? [])].find(
    (it) => it.table.id !== table.id && counts(it.table),
  );
  if (pending === undefined) return;
  throw new SqlError(
    "0A000",
    "writing to a second table in one transaction is not supported",
    {
      detail: `The transaction has written to table "${pending.table.name}".`,
      hint: session.transaction.isExplicit
        ? "COMMIT first: a commit covers one table."
        : "Statements sent in one string, or before one Sync, are one transaction, and a commit covers one table: send them one by one.",
    },
  );
}

/**
 * Throws 0A000 before anything is written. A commit with change data must tell every change in it, and the rows between two
 * statements of a block are nobody's business.
 */
export function refuseSecondChange(
  session: Session,
  { table, metadata }: Snapshot,
  command: "append" | "change",
): void {
  const pending = [...(pendings.get(session)?.values() ?? [])].find(
    ({ base }) => base.table.location === table.location,
  );
  if (pending === undefined) return;
  const { changes } = pending;
  if (changes.length === 0 || !isTrue(metadata, "delta.enableChangeDataFeed"))
    return;
  const plain = changes.every(({ actions }) =>
    actions.every(({ kind }) => kind === "add" || kind === "metaData"),
  );
  if (command === "append" && plain) return;
  throw notSupported(
    "changing a table with a change data feed again in one transaction is",
    undefined,
    "COMMIT first.",
  );
}

/** Commits now, or with the block; a temporary table at once, since its session takes it back itself. Throws 40001 when a concurrent change forbids it. */
export async function applyChange(
  services: Services,
  session: Session,
  table: TableEntry,
  change: TableChange,
): Promise<void> {
  if (change.actions.length === 0) return;
  if (!session.transaction.inBlock || table.origin === "temporary") {
    await commitChange(services, change, session);
    return;
  }
  const pending =
    pendingOf(session, table.id) ??
    (await begin(services, session, table, change));
  const before = pending.changes;
  const changes = [...before, change];
  checkOverlay(pending.base, netActions(changes.map((it) => it.actions)));
  replace(pending, changes);
  session.transaction.onRollback(() => {
    replace(pending, before);
    if (before.length === 0) forget(session, pending);
  });
}

function forget(session: Session, { table }: Pending): void {
  pendings.get(session)?.delete(table.id);
  const { written } = openBlock(session) ?? { written: [] };
  const at = written.findIndex((it) => it.table.id === table.id);
  if (at >= 0) written.splice(at, 1);
}

function replace(pending: Pending, changes: readonly TableChange[]): void {
  const { overlay } = pending;
  pending.changes = changes;
  pending.token = randomUUID();
  pending.overlay = undefined;
  // Nobody waits for it: scans that use it hold it, and the last one lets go.
  void overlay?.then((old) => old.release()).catch(() => undefined);
}

async function begin(
  services: Services,
  session: Session,
  table: TableEntry,
  change: TableChange,
): Promise<Pending> {
  const base = await services.tables.snapshot(change.table, {
    kind: "version",
    version: change.version,
  });
  const pending: Pending = {
    table,
    base,
    changes: [],
    token: "",
    overlay: undefined,
  };
  const all = pendings.get(session) ?? new Map<ObjectId, Pending>();
  pendings.set(session, all.set(table.id, pending));
  blockOf(services, session).written.push({
    table,
    version: base.version,
    commit: (txnId) => commitPending(services, session, pending, txnId),
  });
  session.transaction.onEnd(() => {
    replace(pending, []);
    all.delete(table.id);
  });
  return pending;
}

async function commitPending(
  services: Services,
  session: Session,
  { table, base, changes }: Pending,
  txnId: string | undefined,
): Promise<void> {
  if (changes.length === 0) return;
  const change = together(changes);
  const read = readsOfQueries(session, table.id, base.version);
  const reads = joinReads(change.reads, read);
  await commitChange(services, { ...change, reads }, session, txnId);
}

/** Several statements' changes as one. */
function together(changes: readonly TableChange[]): TableChange {
  const [first, ...rest] = changes;
  invariant(first !== undefined, "there is a change");
  if (rest.length === 0) return first;
  const metrics: Record<string, number> = {};
  for (const change of changes) {
    for (const [name, value] of Object.entries(change.metrics))
      metrics[name] = (metrics[name] ?? 0) + value;
  }
  const alike = rest.every(({ operation }) => operation === first.operation);
  return {
    ...first,
    actions: netActions(changes.map(({ actions }) => actions)),
    reads: rest.reduce(
      (reads: TransactionReads, change) => joinReads(reads, change.reads),
      first.reads,
    ),
    ...(alike && first.operation === "WRITE"
      ? {}
      : {
          operation: "TRANSACTION",
          parameters: {
            statements: JSON.stringify(
              changes.map(({ operation }) => operation),
            ),
          },
        }),
    metrics,
  };
}
