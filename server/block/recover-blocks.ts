// What a crash left of transaction blocks (design section 8): a commit whose changes of the catalog are missing is finished, one that never
// happened is dropped, and folders of tables that no catalog names are removed.

import type { CommitIntent } from "../../storage/metastore/intents.ts";
import { deleteIntent, listIntents } from "../../storage/metastore/intents.ts";
import { replay } from "../../storage/metastore/draft.ts";
import { listObjects } from "../../storage/metastore/objects.ts";
import { hasCommit } from "../../storage/delta/find-commit.ts";
import type { Services } from "../services.ts";
import { removeMadeTable } from "./table-folders.ts";

type Parts = Pick<Services, "governance" | "stores" | "tables" | "log">;

/** Before the first session. Never rejects: what cannot be looked at now is left for the next start. */
export async function recoverBlocks(services: Parts): Promise<void> {
  const { governance, log } = services;
  const { db } = governance.metastore;
  const intents = listIntents(db);
  for (const intent of intents) {
    try {
      if (intent.changes.kind === "block")
        await finishCommit(services, intent, intent.changes);
    } catch (error) {
      log.error(
        { err: error, location: intent.location },
        "the changes of a transaction could not be finished",
      );
    }
  }
  const known = new Set(listObjects(db).map(({ object }) => String(object.id)));
  for (const { txnId, location, changes } of intents) {
    if (changes.kind !== "new-table") continue;
    if (known.has(txnId)) deleteIntent(db, txnId);
    else await removeMadeTable(services, txnId, location);
  }
}

/** Throws what reading the log throws; 40001 where the writes no longer fit, which no gateway leaves behind. */
async function finishCommit(
  { governance, tables, log }: Parts,
  { txnId, location }: CommitIntent,
  changes: Extract<CommitIntent["changes"], { readonly kind: "block" }>,
): Promise<void> {
  const { metastore, catalog, access, audit } = governance;
  const { version, writes, events } = changes;
  const table = { location, name: location, lakeRoot: undefined };
  const happened = await hasCommit(tables.contextOf(table), txnId, version);
  log.info({ location, happened }, "a transaction was cut off at its commit");
  metastore.db.transaction(() => {
    if (happened) replay(metastore.db, writes);
    deleteIntent(metastore.db, txnId);
    catalog.reload();
    access.reload();
    if (!happened || events.length === 0) return;
    audit.recordOrFail({
      service: "sqlPermissions",
      action: "recoverTransaction",
      identity: undefined,
      status: "ok",
      request: { events },
    });
  });
}
