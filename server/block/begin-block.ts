// The first change of a transaction block makes its `Block`, the first change of the catalog or rights its draft; both end with the
// transaction, or with a rollback to a savepoint from before.

import { GovernanceDraft } from "../../auth/governance-draft.ts";
import type { ObjectId } from "../../storage/common/ids.ts";
import type { Services } from "../services.ts";
import type { Session } from "../session/session.ts";
import { openBlock, setBlock, type Block } from "./block.ts";
import { commitBlock } from "./commit-block.ts";
import { noteMade, removeMade } from "./table-folders.ts";

const followed = new WeakSet<Session>();

/** The block of the session, whose end is then taken care of. */
export function blockOf(services: Services, session: Session): Block {
  const known = openBlock(session);
  if (known !== undefined) return known;
  const block: Block = {
    committed: services,
    written: [],
    made: new Map(),
    draft: undefined,
  };
  setBlock(session, block);
  followSavepoints(session);
  const { transaction } = session;
  transaction.onCommit(() => commitBlock(block));
  transaction.onRollback(async () => {
    end(session, block);
    await removeMade(block);
  });
  transaction.onEnd(() => end(session, block));
  return block;
}

/**
 * Before a statement changes the catalog or rights, those of everybody (`services`) or of its block's draft. False: what it was planned
 * with has changed meanwhile, since its block now has a draft, or another block had to be waited for.
 */
export async function mayChangeCatalog(
  services: Services,
  session: Session,
): Promise<boolean> {
  if (session.transaction.inBlock) return !openDraft(services, session);
  const { gate } = services.governance.metastore;
  if (!gate.isHeld) return true;
  await gate.opened();
  return false;
}

/** False when there was one. */
function openDraft(services: Services, session: Session): boolean {
  const block = blockOf(services, session);
  if (block.draft !== undefined) return false;
  block.draft = new GovernanceDraft(services.governance);
  session.transaction.onRollback(() => closeDraft(block));
  return true;
}

/** Before the log of a new table is written in a block: its folder goes unless the block commits it. */
export function makeInBlock(
  services: Services,
  session: Session,
  table: ObjectId,
  location: string,
): void {
  if (!session.transaction.inBlock) return;
  const { made, committed } = blockOf(services, session);
  noteMade(committed, table, location);
  made.set(table, location);
}

/** Savepoints are marks in the draft; a draft made after a savepoint goes by what `openDraft` registers. */
function followSavepoints(session: Session): void {
  if (followed.has(session)) return;
  followed.add(session);
  session.transaction.track(() => {
    const draft = openBlock(session)?.draft;
    const undo = draft?.mark();
    return () => {
      if (openBlock(session)?.draft === draft) undo?.();
    };
  });
}

function end(session: Session, block: Block): void {
  closeDraft(block);
  if (openBlock(session) === block) setBlock(session, undefined);
}

function closeDraft(block: Block): void {
  block.draft?.[Symbol.dispose]();
  block.draft = undefined;
}
