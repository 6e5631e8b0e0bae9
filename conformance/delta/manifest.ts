// Tables that other projects publish as their test data, and what is known of each. A small selection lies in `tables/`; the whole
// collection is used where it lies beside the checkout.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export interface PublishedColumn {
  readonly name: string;
  /** Delta's type name: `array<struct<a:integer>>`. */
  readonly type: string;
}

/** What an aggregate over one column must give; a missing key states nothing. */
export interface ColumnCheck {
  readonly column: string;
  readonly nulls?: number;
  readonly distinct?: number;
  readonly min?: JsonValue;
  readonly max?: JsonValue;
  /** Exact. */
  readonly sum?: string;
  readonly true_count?: number;
}

export type PublishedRow = Readonly<Record<string, JsonValue>>;

export interface ChangeFeed {
  readonly from: number;
  readonly to: number;
  /** Rows of each change type, by version. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly rows?: readonly PublishedRow[];
}

export interface Expectation {
  readonly expect_error?: string;
  readonly latest_version?: number;
  /** Absent: every version from 0 to the latest. */
  readonly reconstructable_versions?: readonly number[];
  readonly columns?: readonly PublishedColumn[];
  readonly column_count?: number;
  readonly partition_columns?: readonly string[];
  readonly protocol?: object;
  readonly table_properties?: Readonly<Record<string, string>>;
  readonly app_transactions?: Readonly<Record<string, number>>;
  readonly domain_metadata?: Readonly<Record<string, string>>;
  readonly active_dv_files?: number;
  readonly rows_removed_by_dv?: number;
  readonly active_files?: number;
  readonly row_count?: number;
  readonly row_count_by_version?: Readonly<Record<string, number>>;
  readonly unreadable_versions?: Readonly<Record<string, string>>;
  readonly checks?: readonly ColumnCheck[];
  readonly rows?: readonly PublishedRow[];
  readonly change_data_feed?: ChangeFeed;
  readonly in_commit_timestamps?: Readonly<Record<string, number>>;
  readonly data_files_published?: boolean;
}

export interface PublishedTable {
  readonly name: string;
  readonly path: string;
  readonly features: readonly string[];
  readonly ambiguous?: boolean;
  readonly expect: Expectation;
}

const REPOSITORY = resolve(import.meta.dirname, "../..");
const COLLECTION = resolve(REPOSITORY, "../shared/delta-tables");
const SELECTION = join(import.meta.dirname, "tables");

/** The folder with the tables and their manifest. */
export const TABLES_FOLDER: string = existsSync(
  join(COLLECTION, "MANIFEST.json"),
)
  ? COLLECTION
  : SELECTION;

export function publishedTables(): readonly PublishedTable[] {
  const entries: unknown = JSON.parse(
    readFileSync(join(TABLES_FOLDER, "MANIFEST.json"), "utf8"),
  );
  return Array.isArray(entries) ? entries.filter(isEntry) : [];
}

function isEntry(entry: unknown): entry is PublishedTable {
  return (
    typeof entry === "object" &&
    entry !== null &&
    "name" in entry &&
    "path" in entry &&
    "features" in entry &&
    "expect" in entry
  );
}
