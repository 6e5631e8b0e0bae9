// A version with uncommitted actions on top: what a transaction block reads of the table it has written. Pruning, statistics and
// scans work on it as on any snapshot, since it is one: its file table is the version's without removed files, and the added ones.

import { randomUUID } from "node:crypto";
import { rm, stat, writeFile } from "node:fs/promises";
import { invariant } from "../../common/invariant.ts";
import { joinPath } from "../../object-store/store.ts";
import type { Action } from "../actions.ts";
import { FileTable } from "./file-table.ts";
import type { LoadContext } from "../load.ts";
import { stageLines } from "../log-reader.ts";
import { printAction } from "../print-action.ts";
import {
  withMetadata,
  type Snapshot,
  type SnapshotFiles,
} from "../snapshot.ts";
import { scanMemo, totalsMemo } from "./scan-memo.ts";

export interface Overlay {
  readonly snapshot: Snapshot;
  /** Gives the kernel memory back. The snapshot can no longer be scanned. */
  release(): Promise<void>;
}

/** @param actions adds and removes, at most one of each a file, metaData, at most one, and txn; others have no effect */
export async function overlayOf(
  context: LoadContext,
  base: Snapshot,
  actions: readonly Action[],
): Promise<Overlay> {
  const pending = await pendingFiles(context, base, actions);
  const files: SnapshotFiles = {
    columns: base.files.columns,
    memo: scanMemo(),
    totals: totalsMemo(),
    use: async (work) => {
      const done = await pending.use(() =>
        base.files.use(({ connection, table, live, exactSince }) =>
          work({
            connection,
            table: overlaid(table, live, pending.name),
            live: "true",
            exactSince,
          }),
        ),
      );
      invariant(done !== undefined, "an overlay is read before it is released");
      return done.value;
    },
  };
  const metaData = actions.find(({ kind }) => kind === "metaData");
  const changed =
    metaData?.kind === "metaData"
      ? withMetadata(base, metaData.metadata)
      : base;
  const transactions = new Map(base.transactions);
  for (const action of actions)
    if (action.kind === "txn") transactions.set(action.txn.appId, action.txn);
  return {
    snapshot: { ...changed, transactions, files },
    release: () => pending.release(),
  };
}

/** As a relation to select from. Tombstones of `pending` have `removed_at`. */
function overlaid(table: string, live: string, pending: string): string {
  return `(SELECT base.* FROM ${table} AS base WHERE ${live} AND NOT EXISTS (
      SELECT 1 FROM ${pending} AS gone WHERE gone.removed_at IS NOT NULL AND gone.key = base.key AND gone.dv_id = base.dv_id)
    UNION ALL SELECT * FROM ${pending} WHERE removed_at IS NULL)`;
}

/** The added files, and the removed ones as tombstones. */
async function pendingFiles(
  context: LoadContext,
  base: Snapshot,
  actions: readonly Action[],
): Promise<FileTable> {
  const path = joinPath(context.tempDir, `overlay-${randomUUID()}.json`);
  const lines = actions.filter(
    ({ kind }) => kind === "add" || kind === "remove",
  );
  await writeFile(path, lines.map((line) => `${printAction(line)}\n`).join(""));
  try {
    const { size } = await stat(path);
    return await context.kernel.use(async (connection) => {
      await stageLines(
        connection,
        "lines",
        [{ localPath: path, sizeBytes: size }],
        { tableName: context.table.name, version: base.version + 1 },
      );
      const files = await FileTable.create(
        context.kernel,
        connection,
        base.files.columns,
      );
      await files.apply(connection, "lines");
      await files.noteRemoved(connection, "lines");
      return files;
    });
  } finally {
    await rm(path, { force: true });
  }
}
