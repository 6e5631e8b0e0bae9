// Whether a commit with a known transaction id is in a table's log.

import type { LoadContext } from "./load.ts";
import { commitName, listLog } from "./log.ts";
import { readCommitInfo } from "./timestamps.ts";

/** Looks at the commits above `version`. */
export async function hasCommit(
  context: LoadContext,
  txnId: string,
  version: number,
): Promise<boolean> {
  const listing = await listLog(
    context.store,
    context.table.location,
    version + 1,
  );
  for (const commit of listing.commits) {
    const info = await readCommitInfo(context, commitName(commit.version));
    if (info?.txnId === txnId) return true;
  }
  return false;
}
