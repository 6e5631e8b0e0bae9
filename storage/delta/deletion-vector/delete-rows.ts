// Rows to delete, by file and position, become actions (checklist D9): files without a live row go, others get a larger deletion
// vector, or are left to be rewritten where the table has no deletion vectors.

import { invariant } from "../../common/invariant.ts";
import type { ObjectStore } from "../../object-store/store.ts";
import type { Split } from "../../scan/split.ts";
import type { Action } from "../actions.ts";
import { readDeletionVector } from "./deletion-vector.ts";
import { writeVectors } from "./deletion-vector-file.ts";
import { isTrue, supportsWriterFeature } from "../features.ts";
import {
  liveFiles,
  removeAction,
  type LiveFile,
} from "../file-table/live-files.ts";
import { rowIdsOf } from "../row-tracking.ts";
import { encodeRoaring64 } from "./roaring.ts";
import { countOf, NO_ROWS, unionOf, type RowSet } from "./row-set.ts";
import type { Snapshot } from "../snapshot.ts";
import { encodeZ85 } from "./z85.ts";

export interface RowDeletion {
  /** Files whose last rows go. */
  readonly whole: readonly LiveFile[];
  /** Files that keep some rows. */
  readonly partial: readonly PartialFile[];
}

export interface PartialFile {
  readonly file: LiveFile;
  /** All rows that are gone then, those of its old vector included. */
  readonly deleted: RowSet;
}

/** Throws what reading the files' old vectors throws: 58P01, XX001. */
export async function planRowDeletion(
  store: ObjectStore,
  snapshot: Snapshot,
  rows: ReadonlyMap<string, RowSet>,
): Promise<RowDeletion> {
  const files = await liveFiles(snapshot, {
    kind: "paths",
    paths: [...rows.keys()],
  });
  invariant(files.length === rows.size, "changed rows lie in live files");
  const whole: LiveFile[] = [];
  const partial: PartialFile[] = [];
  for (const file of files) {
    const old =
      file.deletionVector === undefined
        ? NO_ROWS
        : await readDeletionVector(store, file.deletionVector);
    const deleted = unionOf(old, rows.get(file.path) ?? NO_ROWS);
    if (countOf(deleted) === file.rowCount) whole.push(file);
    else partial.push({ file, deleted });
  }
  return { whole, partial };
}

/** Whether rows of the file may be deleted by a vector: the table wants it, and its rows are counted (D9). */
export function takesVectors(snapshot: Snapshot, file: LiveFile): boolean {
  return (
    file.rowCount !== undefined &&
    supportsWriterFeature(snapshot.protocol, "deletionVectors") &&
    isTrue(snapshot.metadata, "delta.enableDeletionVectors")
  );
}

/** Writes the vectors, and gives for each file its removal and its return with the new vector. */
export async function vectorActions(
  store: ObjectStore,
  snapshot: Snapshot,
  files: readonly PartialFile[],
  nowMs: number,
): Promise<readonly Action[]> {
  const vectors = await writeVectors(
    store,
    snapshot.table,
    files.map(({ deleted }) => deleted),
  );
  return files.flatMap(({ file }, index): Action[] => {
    const deletionVector = vectors[index];
    invariant(deletionVector !== undefined, "every vector was written");
    return [
      { kind: "remove", remove: removeAction(file, nowMs) },
      { kind: "add", add: { ...file.add, deletionVector } },
    ];
  });
}

/** What a rewrite reads: the file without the rows that go. */
export function survivors({ file, deleted }: PartialFile): Split {
  const data = encodeRoaring64(deleted);
  return {
    path: file.path,
    sizeBytes: file.add.size,
    ...(file.rowCount === undefined ? {} : { rowCount: file.rowCount }),
    partitionValues: file.partitionValues,
    ...rowIdsOf(file.add),
    deletionVector: {
      storageType: "i",
      location: encodeZ85(data),
      sizeInBytes: data.length,
      cardinality: countOf(deleted),
    },
  };
}
