// Rows that leave a table, by file and position -> the actions that take them out: whole files, deletion vectors, files written anew.

import { randomUUID } from "node:crypto";
import type { Action } from "../../storage/delta/actions.ts";
import {
  planRowDeletion,
  survivors,
  takesVectors,
  vectorActions,
  type PartialFile,
} from "../../storage/delta/deletion-vector/delete-rows.ts";
import {
  removeAction,
  type LiveFile,
} from "../../storage/delta/file-table/live-files.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import type { TableLayout } from "../../storage/scan/split.ts";
import type { ChangeOutcome } from "../compute/changes.ts";
import type { FileDraft } from "../compute/fragment.ts";
import type { WriteOutcome } from "../compute/load.ts";
import type { RunContext } from "../run-query.ts";
import { rewriteFiles } from "./rewrite.ts";
import { addActions } from "./table-write.ts";

export interface GoneRows {
  readonly actions: readonly Action[];
  /** Files that are in the table no longer. */
  readonly removed: readonly LiveFile[];
  /** Files with their rows that stay, written anew; `actions` adds them. */
  readonly rewritten: WriteOutcome;
  /** Files that got a deletion vector, or a larger one. */
  readonly vectors: readonly PartialFile[];
}

/** `gone`: rows of the snapshot. */
export async function goneRows(
  gone: ChangeOutcome["gone"],
  snapshot: Snapshot,
  { services, session, signal }: RunContext,
): Promise<GoneRows> {
  const { store } = services.tables.contextOf(snapshot.table);
  const { whole, partial } = await planRowDeletion(store, snapshot, gone);
  const marked = partial.filter(({ file }) => takesVectors(snapshot, file));
  const copied = partial.filter(({ file }) => !takesVectors(snapshot, file));
  const rewritten = await rewriteFiles(
    services,
    snapshot,
    copied.map(survivors),
    { queryId: `${session.pid}-${randomUUID()}`, signal },
  );
  const vectors = await vectorActions(store, snapshot, marked, Date.now());
  const removed = [...whole, ...copied.map(({ file }) => file)];
  const actions = [
    ...removals(removed),
    ...vectors,
    ...addActions(rewritten.drafts, snapshot.layout),
  ];
  return { actions, removed, rewritten, vectors: marked };
}

export function removals(files: readonly LiveFile[]): readonly Action[] {
  const now = Date.now();
  return files.map((file) => ({
    kind: "remove",
    remove: removeAction(file, now),
  }));
}

/** Checklist G4. */
export function changeFiles(
  drafts: readonly FileDraft[],
  layout: TableLayout,
): readonly Action[] {
  return addActions(drafts, layout).flatMap((action): Action[] => {
    if (action.kind !== "add") return [];
    const { path, partitionValues, size } = action.add;
    return [{ kind: "cdc", cdc: { path, partitionValues, size } }];
  });
}
