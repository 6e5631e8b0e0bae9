// What DESCRIBE HISTORY tells of an UPDATE, DELETE or MERGE: Spark's names of operation parameters and metrics.

import type {
  Expr,
  InsertStatement,
  MergeClause,
} from "../../planner/parse/ast.ts";
import { printExpr } from "../../planner/parse/print.ts";
import type { PartialFile } from "../../storage/delta/deletion-vector/delete-rows.ts";
import type { LiveFile } from "../../storage/delta/file-table/live-files.ts";
import type { FileDraft } from "../compute/fragment.ts";
import type { WriteOutcome } from "../compute/load.ts";
import type { ChangeStatement } from "./run-change.ts";
import { bytesOf } from "./table-write.ts";

export interface ChangeCounts {
  /** Files with new rows. */
  readonly added: readonly FileDraft[];
  /** Files with rows that stay, written anew. */
  readonly rewritten: WriteOutcome;
  readonly changeData: readonly FileDraft[];
  /** Files that are in the table no longer. */
  readonly removed: readonly LiveFile[];
  /** Files that got a deletion vector, or a larger one. */
  readonly vectors: readonly PartialFile[];
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

export function changeParameters(
  statement: ChangeStatement,
): Readonly<Record<string, string>> {
  if (statement.kind === "insert") return upsertParameters(statement);
  if (statement.kind !== "merge")
    return { predicate: predicatesJson(statement.where) };
  const clauses = (match: MergeClause["match"]): string =>
    JSON.stringify(
      statement.clauses
        .filter((clause) => clause.match === match)
        .map(({ condition, action }) => ({
          ...(condition === undefined
            ? {}
            : { predicate: printExpr(condition) }),
          actionType: action.kind.replace("-star", ""),
        })),
    );
  return {
    predicate: predicatesJson(statement.on),
    matchedPredicates: clauses("matched"),
    notMatchedPredicates: clauses("not-matched"),
    notMatchedBySourcePredicates: clauses("not-matched-by-source"),
  };
}

/** INSERT … ON CONFLICT is a MERGE on its key. */
function upsertParameters({
  onConflict,
}: InsertStatement): Readonly<Record<string, string>> {
  const { target, update } = onConflict ?? {};
  const columns = target?.kind === "columns" ? target.columns : [];
  const actions = (type: string): string =>
    JSON.stringify([{ actionType: type }]);
  return {
    predicate: JSON.stringify(columns.map(({ name }) => name)),
    matchedPredicates: update === undefined ? "[]" : actions("update"),
    notMatchedPredicates: actions("insert"),
    notMatchedBySourcePredicates: "[]",
  };
}

function predicatesJson(predicate: Expr | undefined): string {
  return JSON.stringify(predicate === undefined ? [] : [printExpr(predicate)]);
}

export function changeMetrics(
  command: "update" | "delete" | "merge",
  counts: ChangeCounts,
): Readonly<Record<string, number>> {
  const { added, rewritten, changeData, removed, vectors } = counts;
  const drafts = [...added, ...rewritten.drafts];
  const updatedVectors = vectors.filter(
    ({ file }) => file.deletionVector !== undefined,
  ).length;
  const removedVectors = removed.filter(
    ({ deletionVector }) => deletionVector !== undefined,
  ).length;
  const removedBytes = removed.reduce((sum, { add }) => sum + add.size, 0);
  const vectorMetrics = {
    DeletionVectorsAdded: vectors.length,
    DeletionVectorsRemoved: updatedVectors + removedVectors,
    DeletionVectorsUpdated: updatedVectors,
  };
  if (command === "merge") {
    return {
      numTargetRowsInserted: counts.inserted,
      numTargetRowsUpdated: counts.updated,
      numTargetRowsDeleted: counts.deleted,
      numTargetRowsCopied: rewritten.rowCount,
      numTargetFilesAdded: drafts.length,
      numTargetFilesRemoved: removed.length,
      numTargetBytesAdded: bytesOf(drafts),
      numTargetBytesRemoved: removedBytes,
      numTargetChangeFilesAdded: changeData.length,
      ...prefixed("numTarget", vectorMetrics),
      numOutputRows: counts.inserted + counts.updated + rewritten.rowCount,
    };
  }
  return {
    numRemovedFiles: removed.length,
    numRemovedBytes: removedBytes,
    numAddedFiles: drafts.length,
    numAddedBytes: bytesOf(drafts),
    numCopiedRows: rewritten.rowCount,
    numAddedChangeFiles: changeData.length,
    ...prefixed("num", vectorMetrics),
    ...(command === "update"
      ? { numUpdatedRows: counts.updated }
      : { numDeletedRows: counts.deleted }),
  };
}

function prefixed(
  prefix: string,
  metrics: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [`${prefix}${name}`, value]),
  );
}
