// COMMIT of a block that changed tables, names or rights (design section 8): tables made in it first, since nobody sees them; then the
// one table that was there before; the draft of catalog and rights last, in one transaction of the metastore.

import { randomUUID } from "node:crypto";
import type { GovernanceDraft } from "../../auth/governance-draft.ts";
import { deleteIntent, insertIntent } from "../../storage/metastore/intents.ts";
import { SqlError } from "../../storage/common/errors.ts";
import type { Block, WrittenTable } from "./block.ts";
import { removeDropped, removeMade } from "./table-folders.ts";

/** Throws 40001, and then nothing has changed. */
export async function commitBlock(block: Block): Promise<void> {
  const { made, committed, draft } = block;
  draft?.refresh();
  const written = block.written.filter(
    ({ table }) => draft === undefined || draft.has(table.id),
  );
  if (draft === undefined || draft.isUnchanged) {
    for (const table of written) await table.commit();
    return;
  }
  for (const table of written.filter((it) => made.has(it.table.id)))
    await table.commit();
  const existing = written.find((it) => !made.has(it.table.id));
  const { dropped } = draft;
  const { gate } = committed.governance.metastore;
  {
    // Nobody changes catalog or rights meanwhile, so that the draft still fits when the rows are there.
    using _held = await gate.hold();
    if (existing === undefined) draft.commit(() => forgetNotes(block, draft));
    else await commitWith(block, draft, existing);
  }
  await removeDropped(committed, dropped);
  await removeMade(block);
}

/** The Delta commit and the metastore's are two: an intent between them lets the next start finish what a crash interrupts. */
async function commitWith(
  block: Block,
  draft: GovernanceDraft,
  written: WrittenTable,
): Promise<void> {
  draft.check();
  const txnId = randomUUID();
  const { db, now } = block.committed.governance.metastore;
  insertIntent(db, {
    txnId,
    location: written.table.location,
    changes: { kind: "block", version: written.version, ...draft.changes },
    createdAtMs: now(),
  });
  try {
    await written.commit(txnId);
  } catch (error) {
    if (!(error instanceof SqlError && error.code === OUTCOME_UNKNOWN))
      deleteIntent(db, txnId);
    throw error;
  }
  draft.commit(() => {
    forgetNotes(block, draft);
    deleteIntent(db, txnId);
  });
}

/** The store did not tell whether the commit is there: the next start looks. */
const OUTCOME_UNKNOWN = "58030";

/** Of the tables that are in the catalog from now on. */
function forgetNotes({ made, committed }: Block, draft: GovernanceDraft): void {
  const { db } = committed.governance.metastore;
  for (const id of made.keys()) if (draft.has(id)) deleteIntent(db, id);
}
