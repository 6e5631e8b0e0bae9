// What a scan reads: one split a data file, as plain JSON so that it travels to compute nodes unchanged.

import type { DataType } from "../common/data-type.ts";

export interface Split extends RowIds {
  /** Absolute local path or object-store URL, already decoded; opened without glob expansion. */
  readonly path: string;
  /** Where a compute node holds its copy of a remote file while a fragment runs. */
  readonly localPath?: string;
  readonly sizeBytes: number;
  /** Rows in the file before its deletion vector; absent when the log does not say. */
  readonly rowCount?: number;
  /** Same order as `TableLayout.partitionColumns`: canonical scalar text, or null. */
  readonly partitionValues: readonly (string | null)[];
  readonly deletionVector?: DeletionVectorDescriptor;
  /** Only the rows of this vector, without those of `deletionVector`: what a change of vectors has deleted or brought back. */
  readonly onlyRows?: DeletionVectorDescriptor;
}

/** Delta protocol, "Row Tracking": a file's rows are numbered from `baseRowId`. Absent for a file without row ids. */
export interface RowIds {
  /** Decimal text: longs exceed a JS number. */
  readonly baseRowId?: string;
  /** The version that brought its rows, as decimal text. */
  readonly defaultRowCommitVersion?: string;
}

/** Delta protocol, "Deletion Vectors": where the deleted row positions lie. */
export interface DeletionVectorDescriptor {
  readonly storageType: "u" | "p" | "i";
  /** Resolved absolute path for `u` and `p`, the inline text for `i`. */
  readonly location: string;
  readonly offset?: number;
  readonly sizeInBytes: number;
  readonly cardinality: number;
}

/** How the rows of a table's files become the table's columns. */
export interface TableLayout {
  /** In schema order, partition columns included at their place. */
  readonly columns: readonly LayoutColumn[];
  readonly partitionColumns: readonly string[];
  /** How file columns are found: by name, or by parquet field id. */
  readonly mapping: "name" | "id";
  /** Absent where rows have no ids that stay. */
  readonly rowTracking?: RowTracking;
}

/** Names of the file columns that hold, where not NULL, a row's id and the version that last changed it. */
export interface RowTracking {
  readonly rowId: string;
  readonly rowCommitVersion: string;
}

export interface LayoutColumn {
  readonly name: string;
  /** Name in the files; equals `name` without column mapping. */
  readonly physicalName: string;
  readonly fieldId?: number;
  readonly type: DataType;
  /** The fields of a struct, the element of an array, key and value of a map, where column mapping renames inside. */
  readonly children?: readonly LayoutColumn[];
}

/** The files of one pinned table that a predicate keeps, and what is known of them. */
export interface ScanFiles {
  readonly splits: readonly Split[];
  readonly statistics: ScanStatistics;
}

export interface ScanStatistics {
  readonly filesTotal: number;
  readonly filesKept: number;
  readonly partitionsTotal: number;
  readonly partitionsKept: number;
  readonly bytesTotal: number;
  readonly bytesKept: number;
  /** Live rows in the kept files; `exact` is false when some file has no numRecords and the figure is a guess from sizes. */
  readonly rowCount: number;
  readonly exact: boolean;
  /** What did the pruning, for EXPLAIN. */
  readonly prunedBy: readonly ("partition" | "statistics")[];
  readonly deletionVectors: number;
  /** By column name, over the kept files; a column without statistics in some file is absent. */
  readonly columns: Readonly<Record<string, ColumnStatistics>>;
}

export interface ColumnStatistics {
  /** Canonical scalar text; strings may be truncated bounds. Null when no file has a bound. */
  readonly min: string | null;
  readonly max: string | null;
  readonly nullCount: number;
  /** `min` and `max` are values of live rows: no wide bounds, nothing cut off, no deletion vector that could matter. */
  readonly exactBounds?: true;
  readonly exactNullCount?: true;
  /** From ANALYZE; absent when never computed. */
  readonly distinctCount?: number;
}
