// The metrics row of OPTIMIZE, with Databricks' names.

import type { AddFile } from "../../storage/delta/actions.ts";
import type { FileGroup } from "../../storage/delta/maintenance/compaction.ts";
import type { LiveFile } from "../../storage/delta/file-table/live-files.ts";

export interface OptimizeFacts {
  /** All that were looked at. */
  readonly files: readonly LiveFile[];
  readonly groups: readonly FileGroup[];
  readonly added: readonly AddFile[];
  /** Columns of the order, when there is one. */
  readonly order: readonly string[] | undefined;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly nodes: number;
}

type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

export function optimizeMetrics(facts: OptimizeFacts): Json {
  const { files, groups, added, order } = facts;
  const removed = groups.flat();
  const partitions = new Set(
    removed.map(({ add }) => JSON.stringify(add.partitionValues)),
  );
  const vectors = removed.filter(
    ({ deletionVector }) => deletionVector !== undefined,
  );
  return {
    numFilesAdded: added.length,
    numFilesRemoved: removed.length,
    filesAdded: sizes(added),
    filesRemoved: sizes(removed.map(({ add }) => add)),
    partitionsOptimized: partitions.size,
    zOrderStats:
      order === undefined
        ? null
        : {
            strategyName: "all",
            inputCubeFiles: { num: 0, size: 0 },
            inputOtherFiles: {
              num: removed.length,
              size: bytes(removed.map(({ add }) => add)),
            },
            inputNumCubes: 0,
            mergedFiles: {
              num: removed.length,
              size: bytes(removed.map(({ add }) => add)),
            },
            numOutputCubes: groups.length,
            mergedNumCubes: null,
          },
    numBatches: groups.length,
    totalConsideredFiles: files.length,
    totalFilesSkipped: files.length - removed.length,
    preserveInsertionOrder: order === undefined,
    numFilesSkippedToReduceWriteAmplification: 0,
    numBytesSkippedToReduceWriteAmplification: 0,
    startTimeMs: facts.startedAtMs,
    endTimeMs: facts.endedAtMs,
    totalClusterParallelism: facts.nodes,
    totalScheduledTasks: groups.length,
    deletionVectorStats: {
      numDeletionVectorsRemoved: vectors.length,
      numDeletionVectorRowsRemoved: vectors.reduce(
        (sum, { deletionVector }) => sum + (deletionVector?.cardinality ?? 0),
        0,
      ),
    },
  };
}

function sizes(files: readonly AddFile[]): Json {
  const all = files.map(({ size }) => size);
  const known = all.length > 0;
  return {
    min: known ? Math.min(...all) : null,
    max: known ? Math.max(...all) : null,
    avg: known ? bytes(files) / all.length : 0,
    totalFiles: all.length,
    totalSize: bytes(files),
  };
}

function bytes(files: readonly AddFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
