// The catalog as one statement sees it: each table it touches at one fixed Delta version.

import type { ObjectId, Version } from "../common/ids.ts";
import type { Schema } from "../common/schema.ts";
import type { TableLayout } from "../scan/split.ts";
import type { TableEntry } from "./objects.ts";

/** A point in a table's history; undefined where used means the newest version (or the transaction's pinned one). */
export type TravelPoint =
  | { readonly kind: "version"; readonly version: number }
  /** Canonical timestamptz text in UTC. */
  | { readonly kind: "timestamp"; readonly timestamp: string };

/** What changed between two points of a table's history, both included; no end means the newest version. */
export interface ChangeRange {
  readonly kind: "changes";
  readonly from: TravelPoint;
  readonly to: TravelPoint | undefined;
}

export interface TableReference {
  readonly table: TableEntry;
  readonly travel: TravelPoint | ChangeRange | undefined;
  /** As the user named it: the only name that errors show. */
  readonly typed?: string;
  /** Of plain files: only those that this table, which is referred to as well, has not taken in yet (COPY INTO). */
  readonly into?: ObjectId;
}

export interface PinnedTable {
  readonly table: TableEntry;
  readonly version: Version;
  readonly schema: Schema;
  readonly layout: TableLayout;
  readonly properties: Readonly<Record<string, string>>;
  /** First version of a range of changes, whose last is `version`. */
  readonly changesFrom?: Version;
  /** Of plain files: how many there are. */
  readonly fileCount?: number;
  /** All its rows, as canonical text, where no files hold them. */
  readonly rows?: readonly (readonly (string | null)[])[];
}

export interface CatalogView {
  /** The table pinned for this reference; every reference of the resolved statement is there. */
  pinned(table: ObjectId, travel: TableReference["travel"]): PinnedTable;
}
