// Which files a table has taken in by COPY INTO: one Delta application transaction a file, in the commit that holds its rows. So a file
// counts as loaded exactly when its rows are there, and of two statements that load it at once the log lets only one commit.

import { createHash } from "node:crypto";
import type { Action } from "../../storage/delta/actions.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import type { PlainFile } from "../files/list-files.ts";

const PREFIX = "copy-into-";
/** Of a file whose rows CREATE OR REPLACE took away: transactions can be written anew, not removed. */
const FORGOTTEN = -1n;

/** By the file's canonical location alone: a file that is changed later has been loaded all the same (Databricks, "COPY INTO"). */
function transactionOf({ path }: Pick<PlainFile, "path">): string {
  return `${PREFIX}${createHash("sha256").update(path).digest("hex")}`;
}

export function isLoaded(
  { transactions }: Pick<Snapshot, "transactions">,
  file: Pick<PlainFile, "path">,
): boolean {
  const known = transactions.get(transactionOf(file));
  return known !== undefined && known.version !== FORGOTTEN;
}

/** The version is when the file was changed last, in milliseconds since 1970. */
export function loadActions(
  files: readonly PlainFile[],
  nowMs: number,
): readonly Action[] {
  return files.map((file) => {
    const version = BigInt(Math.max(0, Math.trunc(file.modifiedMs)));
    return transaction(transactionOf(file), version, nowMs);
  });
}

/** A table that is replaced has taken in nothing. */
export function forgetLoads(
  { transactions }: Pick<Snapshot, "transactions">,
  nowMs: number,
): readonly Action[] {
  return [...transactions.values()]
    .filter(
      ({ appId, version }) => appId.startsWith(PREFIX) && version !== FORGOTTEN,
    )
    .map(({ appId }) => transaction(appId, FORGOTTEN, nowMs));
}

function transaction(appId: string, version: bigint, nowMs: number): Action {
  return { kind: "txn", txn: { appId, version, lastUpdated: BigInt(nowMs) } };
}
