// What a scan of a plan reads: a table at one version, or one half of its change data feed. Changes are two scans, since files that
// recorded changes say in a column what happened to each row, and of all others the log says it for the whole file.

import { INT8, TEXT, TIMESTAMPTZ } from "../common/data-type.ts";
import type { Column } from "../common/schema.ts";
import type { ChangeFeed, ChangedFile } from "../delta/change-feed.ts";
import type { Snapshot } from "../delta/snapshot.ts";
import { formatUtc } from "../delta/timestamps.ts";
import type { FilesFormat } from "../files/format.ts";
import type { ObjectStore } from "../object-store/store.ts";
import type { ScanPredicate } from "./predicate.ts";
import { scanFiles } from "./scan.ts";
import type { LayoutColumn, ScanFiles, Split, TableLayout } from "./split.ts";

export interface ScanSource {
  readonly layout: TableLayout;
  /** How the files are read; absent for a Delta table's. */
  readonly format?: FilesFormat;
  /** Throws 42501 for a file outside the table's lake. */
  files(predicate: ScanPredicate | undefined): Promise<ScanFiles>;
  /** Whether statistics may answer for these files: not where a scan would miss some of them. */
  areThere(splits: readonly Split[]): Promise<boolean>;
}

/** `store` only for the newest version: files of older ones may have been removed, which only a scan finds out for all of them. */
export function snapshotSource(
  snapshot: Snapshot,
  store: ObjectStore | undefined,
): ScanSource {
  return {
    layout: snapshot.layout,
    files: (predicate) => scanFiles(snapshot, predicate),
    areThere: async (splits) => {
      if (store === undefined) return false;
      const found = await Promise.all(
        sampleOf(splits).map(({ path }) => store.stat(path)),
      );
      return found.every((entry) => entry !== undefined);
    },
  };
}

const SAMPLED_FILES = 4;

/** A table whose files were lost as a whole, or whose log came without them, is found out by any of them. */
function sampleOf(splits: readonly Split[]): readonly Split[] {
  const step = Math.max(1, Math.ceil(splits.length / SAMPLED_FILES));
  return splits.filter((_, index) => index % step === 0);
}

/** What table_changes shows beside the table's own columns. */
export const CHANGE_COLUMNS: readonly Column[] = [
  { name: "_change_type", type: TEXT, nullable: false },
  { name: "_commit_version", type: INT8, nullable: false },
  { name: "_commit_timestamp", type: TIMESTAMPTZ, nullable: false },
];

/** `recorded`: files of changes; `derived`: data files whose rows all were inserted or deleted. */
export type ChangePart = "recorded" | "derived";

export function changeSource(feed: ChangeFeed, part: ChangePart): ScanSource {
  const { layout } = feed.snapshot;
  const added = CHANGE_COLUMNS.map(({ name, type }): LayoutColumn => ({
    name,
    physicalName: name,
    type,
  }));
  const known = added.slice(part === "recorded" ? 1 : 0);
  const splits = feed.files
    .filter(
      ({ changeType }) => (changeType === undefined) === (part === "recorded"),
    )
    .map((file) => splitOf(file));
  return {
    layout: {
      ...layout,
      columns: [...layout.columns, ...added],
      partitionColumns: [
        ...layout.partitionColumns,
        ...known.map(({ name }) => name),
      ],
    },
    files: () => Promise.resolve(allFiles(splits)),
    areThere: () => Promise.resolve(false),
  };
}

/** The change columns lie behind the partition values, as one value a file. */
function splitOf(file: ChangedFile): Split {
  const { split, changeType, version, timestampMs } = file;
  return {
    ...split,
    partitionValues: [
      ...split.partitionValues,
      ...(changeType === undefined ? [] : [changeType]),
      String(version),
      formatUtc(timestampMs),
    ],
  };
}

/** All of them: a range of changes is small against its table, and of plain files nothing is known. */
export function allFiles(splits: readonly Split[]): ScanFiles {
  const bytes = splits.reduce((sum, split) => sum + split.sizeBytes, 0);
  return {
    splits,
    statistics: {
      filesTotal: splits.length,
      filesKept: splits.length,
      partitionsTotal: Math.min(1, splits.length),
      partitionsKept: Math.min(1, splits.length),
      bytesTotal: bytes,
      bytesKept: bytes,
      rowCount: splits.reduce((sum, split) => sum + rowsOf(split), 0),
      exact: false,
      prunedBy: [],
      deletionVectors: splits.filter(
        ({ deletionVector, onlyRows }) =>
          deletionVector !== undefined || onlyRows !== undefined,
      ).length,
      columns: {},
    },
  };
}

const GUESSED_ROW_BYTES = 64;

function rowsOf({ onlyRows, rowCount, sizeBytes }: Split): number {
  return (
    onlyRows?.cardinality ??
    rowCount ??
    Math.ceil(sizeBytes / GUESSED_ROW_BYTES)
  );
}
