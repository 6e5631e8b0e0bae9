// INSERT OVERWRITE: what it replaces. The whole table, or with dynamic partition overwrite (Spark's setting) only the partitions that
// the new rows lie in.

import { partitionsPredicate } from "../../storage/scan/partitions.ts";
import type { Action } from "../../storage/delta/actions.ts";
import type { TransactionReads } from "../../storage/delta/transaction-reads.ts";
import {
  liveFiles,
  removeAction,
  type LiveFile,
} from "../../storage/delta/file-table/live-files.ts";
import { overlayOf } from "../../storage/delta/file-table/overlay.ts";
import { decodePath, resolveFile } from "../../storage/delta/paths.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import type { Services } from "../services.ts";
import type { Session } from "../session/session.ts";
import type { TableChange } from "./table-write.ts";

export type OverwriteMode = "static" | "dynamic";

/** `SET spark.sql.sources.partitionOverwriteMode = dynamic`; static otherwise, as in Spark. */
export function overwriteMode({ settings }: Session): OverwriteMode {
  const mode = settings.get("spark.sql.sources.partitionOverwriteMode");
  return mode.toLowerCase() === "dynamic" ? "dynamic" : "static";
}

/** `change`: the files with the new rows. */
export async function overwritten(
  services: Services,
  snapshot: Snapshot,
  change: TableChange,
  mode: OverwriteMode,
): Promise<TableChange> {
  const dynamic = mode === "dynamic" && snapshot.partitionColumns.length > 0;
  const replaced = dynamic
    ? await partitionsOf(services, snapshot, change)
    : {
        files: await liveFiles(snapshot, { kind: "all" }),
        reads: { kind: "table" as const },
      };
  const now = Date.now();
  return {
    ...change,
    actions: [
      ...replaced.files.map((file): Action => ({
        kind: "remove",
        remove: removeAction(file, now),
      })),
      ...change.actions,
    ],
    reads: replaced.reads,
    parameters: {
      ...change.parameters,
      mode: "Overwrite",
      ...(dynamic ? { isDynamicPartitionOverwrite: "true" } : {}),
    },
  };
}

/** Files of the partitions that new files lie in. Values are compared as the file table types them, however they are spelled. */
async function partitionsOf(
  services: Services,
  snapshot: Snapshot,
  { actions }: TableChange,
): Promise<{
  readonly files: readonly LiveFile[];
  readonly reads: TransactionReads;
}> {
  const { table, layout } = snapshot;
  const paths = actions.flatMap((action) =>
    action.kind === "add"
      ? [resolveFile(table, decodePath(action.add.path))]
      : [],
  );
  const overlay = await overlayOf(
    services.tables.contextOf(table),
    snapshot,
    actions,
  );
  try {
    const written = await liveFiles(overlay.snapshot, { kind: "paths", paths });
    const values = written.map(({ partitionValues }) => partitionValues);
    const predicate = partitionsPredicate(layout, values);
    // The predicate keeps a file more where it does not understand a type.
    const wanted = new Set(values.map((row) => JSON.stringify(row)));
    const kept = await liveFiles(snapshot, { kind: "matching", predicate });
    return {
      files: kept.filter(({ partitionValues }) =>
        wanted.has(JSON.stringify(partitionValues)),
      ),
      reads: { kind: "predicates", predicates: [predicate] },
    };
  } finally {
    await overlay.release();
  }
}
