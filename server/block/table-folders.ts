// Tables that a block makes lie in their folders before anybody may know of them. The metastore notes each folder, so that one whose
// block never committed is removed: when the block ends, or when the next gateway starts.

import type { CatalogObject } from "../../storage/catalog/objects.ts";
import type { ObjectId } from "../../storage/common/ids.ts";
import { deleteIntent, insertIntent } from "../../storage/metastore/intents.ts";
import type { Services } from "../services.ts";
import { tableRef } from "../table-ref.ts";
import type { Block } from "./block.ts";

type Parts = Pick<Services, "governance" | "stores" | "tables" | "log">;

/** On disk before the table's log is. `services`: the committed ones. */
export function noteMade(
  { governance: { metastore } }: Pick<Services, "governance">,
  table: ObjectId,
  location: string,
): void {
  const { db, now } = metastore;
  insertIntent(db, {
    txnId: table,
    location,
    changes: { kind: "new-table" },
    createdAtMs: now(),
  });
}

/** Those the block has not brought into the catalog. Never rejects. */
export async function removeMade({
  made,
  committed,
}: Pick<Block, "made" | "committed">): Promise<void> {
  const { catalog } = committed.governance;
  for (const [id, location] of made)
    if (catalog.object(id) === undefined)
      await removeMadeTable(committed, id, location);
}

/** Never rejects: what could not be removed is tried again at the next start. */
export async function removeMadeTable(
  services: Parts,
  id: string,
  location: string,
): Promise<void> {
  const { governance, log } = services;
  try {
    await removeFolder(services, location);
    deleteIntent(governance.metastore.db, id);
  } catch (error) {
    log.warn({ err: error, location }, "the folder of a table was not removed");
  }
}

/** With all that is known of the table in it. */
async function removeFolder(
  { stores, tables }: Pick<Parts, "stores" | "tables">,
  location: string,
): Promise<void> {
  tables.forget({ location, name: "", lakeRoot: undefined });
  await stores.storeFor(location).deleteFolder(location);
}

/** Files of managed tables go with them; found and external tables keep theirs. Never rejects: the tables are gone already. */
export async function removeDropped(
  services: Parts,
  dropped: readonly CatalogObject[],
): Promise<void> {
  for (const object of dropped) {
    if (object.kind !== "table") continue;
    try {
      if (object.origin === "managed")
        await removeFolder(services, object.location);
      else services.tables.forget(tableRef(services, object));
    } catch (error) {
      const { location } = object;
      services.log.warn(
        { err: error, location },
        "the files of a dropped table were not removed",
      );
    }
  }
}
