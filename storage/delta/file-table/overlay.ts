// A version with uncommitted actions on top: what a transaction block reads of the table it has written. Pruning, statistics and
// scans work on it as on any snapshot, since it is one: its file table is the version's without removed files, and the added ones.

import { randomUUID } from "node:crypto";
import { rm, stat, writeFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { notSupported } from "../../common/errors.ts";
import { invariant } from "../../common/invariant.ts";
import { joinPath } from "../../object-store/store.ts";
import type { Action } from "../actions.ts";
import {
  fileColumns,
  memberNames,
  type FileColumns,
  type PartitionColumn,
} from "./file-columns.ts";
import { FileTable } from "./file-table.ts";
import type { LoadContext } from "../load.ts";
import { stageLines } from "../log-reader.ts";
import { printAction } from "../print-action.ts";
import { replay } from "../replay.ts";
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

/**
 * @param actions what `netActions` leaves: adds and removes, at most one of each a file, and at most one definition; those of the log
 * alone have no effect. Throws 0A000 for a definition whose files have other columns in the file table.
 */
export async function overlayOf(
  context: LoadContext,
  base: Snapshot,
  actions: readonly Action[],
): Promise<Overlay> {
  const changed = redefined(base, actions);
  const columns = overlaidColumns(base, changed);
  const pending = await pendingFiles(context, base, actions);
  const files: SnapshotFiles = {
    columns,
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
  return { snapshot: { ...changed, files }, release: () => pending.release() };
}

/** The version's files under the definition that the actions leave. */
function redefined(base: Snapshot, actions: readonly Action[]): Snapshot {
  const { protocol, metadata, transactions, domains } = replay(base, actions);
  const state = {
    ...base,
    protocol: protocol ?? base.protocol,
    transactions,
    domains,
  };
  return metadata === undefined || metadata === base.metadata
    ? state
    : withMetadata(state, metadata);
}

/** Throws 0A000 where `overlayOf` would, before anything is written. */
export function checkOverlay(base: Snapshot, actions: readonly Action[]): void {
  overlaidColumns(base, redefined(base, actions));
}

/** Statistics of columns that are still what they were, under their new names; others decide nothing. */
function overlaidColumns(base: Snapshot, changed: Snapshot): FileColumns {
  const { columns } = base.files;
  if (changed.metadata === base.metadata && changed.protocol === base.protocol)
    return columns;
  const after = fileColumns(changed, changed.metadata, changed.protocol);
  const partitions = columns.partitions.flatMap((column, at) => {
    const now = after.partitions[at];
    return now !== undefined && isSame(now, column)
      ? [{ ...column, name: now.name }]
      : [];
  });
  if (
    partitions.length !== after.partitions.length ||
    partitions.length !== columns.partitions.length ||
    memberNames(after) !== memberNames(columns)
  )
    throw notSupported(
      `changing partition columns, clustering or row tracking of table "${base.table.name}" inside a transaction block is`,
      undefined,
      "Run it outside BEGIN and COMMIT.",
    );
  return {
    ...columns,
    partitions,
    statistics: columns.statistics.flatMap((column) => {
      const now = after.statistics.find(
        ({ physicalPath, type }) =>
          isDeepStrictEqual(physicalPath, column.physicalPath) &&
          isDeepStrictEqual(type, column.type),
      );
      return now === undefined ? [] : [{ ...column, path: now.path }];
    }),
  };
}

function isSame(a: PartitionColumn, b: PartitionColumn): boolean {
  return a.physicalName === b.physicalName && isDeepStrictEqual(a.type, b.type);
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
