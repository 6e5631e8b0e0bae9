// The commits of a table, newest first, as DESCRIBE HISTORY shows them.

import type { CommitInfo } from "../actions.ts";
import { listLog } from "../log.ts";
import type { TableRef } from "../table-ref.ts";
import type { DeltaTables } from "../tables.ts";
import { commitTimes, readCommitInfo } from "../timestamps.ts";

export interface HistoryEntry {
  readonly version: number;
  /** Milliseconds since 1970: the in-commit timestamp, or the file's time moved up to be strictly increasing. */
  readonly timestampMs: number;
  /** Undefined when the writer said nothing. */
  readonly commitInfo: CommitInfo | undefined;
}

/** At most `limit` entries; only commits whose file still exists. Reads each of them. */
export async function history(
  tables: DeltaTables,
  table: TableRef,
  limit: number,
): Promise<readonly HistoryEntry[]> {
  const context = tables.contextOf(table);
  const times = await commitTimes(context, await tables.snapshot(table));
  const names = new Map(
    (await listLog(context.store, table.location)).commits.map((commit) => [
      commit.version,
      commit.entry.name,
    ]),
  );
  const entries: HistoryEntry[] = [];
  for (const { version, timestampMs } of times.toReversed().slice(0, limit)) {
    const name = names.get(version);
    const commitInfo =
      name === undefined ? undefined : await readCommitInfo(context, name);
    entries.push({ version, timestampMs, commitInfo });
  }
  return entries;
}
