// What a transaction block holds back until COMMIT beside its settings and cursors: tables it has written, the draft of the catalog and
// rights it has changed, and folders of tables it has made. One object a block, made by its first change.

import type { GovernanceDraft } from "../../auth/governance-draft.ts";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import type { ObjectId } from "../../storage/common/ids.ts";
import type { Services } from "../services.ts";
import type { Session } from "../session/session.ts";

/** A table whose rows or definition wait for COMMIT. */
export interface WrittenTable {
  readonly table: TableEntry;
  /** The one its changes are based on. */
  readonly version: number;
  /** One Delta commit. `txnId`: what tells it in the log, where an intent names it. Throws 40001. */
  commit(txnId?: string): Promise<void>;
}

export interface Block {
  /** Those of everybody. */
  readonly committed: Services;
  /** In the order of their first change. */
  readonly written: WrittenTable[];
  /** Folders of tables made in it, by table: those that are not in the catalog when it ends are removed. */
  readonly made: Map<ObjectId, string>;
  draft: GovernanceDraft | undefined;
}

const blocks = new WeakMap<Session, Block>();

/** Undefined before the first change. */
export function openBlock(session: Session): Block | undefined {
  return blocks.get(session);
}

export function setBlock(session: Session, block: Block | undefined): void {
  if (block === undefined) blocks.delete(session);
  else blocks.set(session, block);
}

/** What the session's statements see: the draft once its block has one. The one place that decides it. */
export function servicesOf(services: Services, session: Session): Services {
  const draft = blocks.get(session)?.draft;
  return draft === undefined
    ? services
    : { ...services, governance: draft.governance };
}

/** The same for who needs no more of the services. */
export function governanceOf(
  committed: Services["governance"],
  session: Session,
): Services["governance"] {
  return blocks.get(session)?.draft?.governance ?? committed;
}

/** Before each statement. Throws 40001 where other sessions have changed what the block changed. */
export function refreshDraft(session: Session): void {
  blocks.get(session)?.draft?.refresh();
}

/** Whether the table was made in the open block: nobody else knows of it. */
export function isMadeInBlock(session: Session, table: ObjectId): boolean {
  return blocks.get(session)?.made.has(table) === true;
}
