// The contract between gateway and node: what is posted, what comes back (design.md section 8, "Node contract").
//
// POST /v1/fragments    body: u32 length + Fragment as JSON, then per input part: u32 length + Arrow-free Parquet bytes (all u32 big-endian)
// POST /v1/loads        body: u32 length + Fragment with `client`, then the client's bytes as client-data.ts frames them
// answer: frames of u8 kind, u32 payload length, payload. No frame before the first row, so a retry is safe until one passed on.

import type { ErrorObject } from "../../storage/common/errors.ts";
import type {
  PhysicalColumn,
  PhysicalScan,
} from "../../planner/physical/plan.ts";
import type { InputSettings } from "../../planner/functions/input.ts";
import type { CopyFormat } from "../../planner/logical/copy-format.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type { FilesFormat } from "../../storage/files/format.ts";
import type {
  LayoutColumn,
  Split,
  TableLayout,
} from "../../storage/scan/split.ts";
import type { ResultFormat } from "../session/result.ts";

/** Nodes with another number are refused at join. */
export const NODE_PROTOCOL = 3;

export interface Fragment {
  readonly queryId: string;
  readonly stageId: number;
  /** Counts from 0; names of written files contain it. */
  readonly attempt: number;
  /** As in Stage.sql. */
  readonly sql: string;
  readonly scans: readonly FragmentScan[];
  /** Relations `stage_<id>`: the Parquet parts that follow the JSON, in order. No part means no rows: the columns tell the types. */
  readonly inputs: readonly {
    readonly stageId: number;
    readonly parts: number;
    readonly columns: readonly PhysicalColumn[];
  }[];
  /** Relation `client`, when the client's rows are written: they follow in the request, and the SQL runs over one portion after the other. */
  readonly client?: ClientRows;
  readonly columns: readonly PhysicalColumn[];
  readonly output: FragmentOutput;
  readonly memoryBytes: number;
}

/** How the bytes a client sends become the relation `client` (COPY FROM). */
export interface ClientRows {
  readonly format: CopyFormat;
  /** The table's name, for errors. */
  readonly tableName: string;
  readonly fields: readonly ClientField[];
  /** How dates and instants are read. */
  readonly settings: InputSettings;
}

export interface ClientField {
  /** Column of the relation; its type is text. */
  readonly name: string;
  /** The table's column. */
  readonly column: string;
  readonly type: DataType;
}

export interface FragmentScan extends PhysicalScan {
  /** `schema.table`, for errors that name table and file. */
  readonly tableName: string;
  readonly tableOid: number;
  readonly layout: TableLayout;
  readonly splits: readonly Split[];
  /** How the files are read; absent for a Delta table's. */
  readonly format?: FilesFormat | undefined;
}

export type FragmentOutput =
  | {
      readonly kind: "client";
      readonly format: ResultFormat;
      readonly rowLimit?: number;
    }
  /** Rows as one Parquet file's bytes, for a later stage. */
  | { readonly kind: "exchange" }
  | { readonly kind: "write"; readonly target: WriteTarget }
  | ChangeOutput;

/**
 * Rows that say how rows of a table change, evaluated once. The fragment's columns are: action (int2: 0 insert, 1 update, 2 delete),
 * path of the changed row's file, its position there from 0 (both null for an insert), then as many as told below.
 */
export interface ChangeOutput {
  readonly kind: "change";
  /** Where new rows are written. */
  readonly target: WriteTarget;
  /** The row's new values, in the layout's order, the ids it keeps, and the violation of a checked target. None: nothing but deletes. */
  readonly after: boolean;
  /** The row's old values, in the layout's order: change data is written. */
  readonly before: boolean;
  /** A second change of one row: one of them counts, or 21000. */
  readonly duplicates: "first" | "refuse" | "refuse-proposed";
  /** The columns left are answered in this form, behind everything else. */
  readonly returning?: ResultFormat;
}

/** Where rows are written as data files of a Delta table. */
export interface WriteTarget {
  /** Table root. */
  readonly location: string;
  readonly layout: TableLayout;
  /** Columns behind the layout's that files have and the table has not: ids that rows keep. No statistics. */
  readonly tracked: readonly LayoutColumn[];
  /** Stops a file and starts the next; the default of the table property delta.targetFileSize is 128 MB. */
  readonly targetFileBytes: number;
  /** Leaf columns with statistics: delta.dataSkippingNumIndexedCols, 32 by default. */
  readonly indexedColumns: number;
  /**
   * The fragment's column behind these is text: NULL for a good row, else the error (`SQLSTATE:message`) that ends the write.
   */
  readonly checked: boolean;
  /** Rows are made and checked as if they were written, and no file is. */
  readonly dry?: true;
}

/** A written file, before it is committed: becomes an `add` action. */
export interface FileDraft {
  /** Relative to the table root, as on disk (not URI-encoded). */
  readonly path: string;
  readonly partitionValues: readonly (string | null)[];
  readonly sizeBytes: number;
  readonly rowCount: number;
  readonly modificationTimeMs: number;
  /** The Delta `stats` JSON text. */
  readonly stats: string;
}

/** What a change fragment has written, besides the positions of the rows that are gone. */
export interface ChangeDrafts {
  readonly added: readonly FileDraft[];
  /** Files of change data, below `_change_data`. */
  readonly changeData: readonly FileDraft[];
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

export const FRAME = {
  rows: 0x52,
  exchange: 0x58,
  drafts: 0x44,
  positions: 0x4f,
  changes: 0x43,
  progress: 0x50,
  end: 0x45,
  error: 0x21,
} as const;

/**
 * rows: u32 row count + EncodedRows bytes. exchange: Parquet bytes. positions, one a file: u32 length of its path, the path, its rows
 * as a roaring bitmap (storage/delta/deletion-vector/roaring.ts). changes, behind all positions: ChangeDrafts. The others, as this, are JSON.
 */
export interface EndFrame {
  readonly rowCount: number;
  readonly bytesRead: number;
  readonly elapsedMs: number;
  readonly peakMemoryBytes: number;
}
export interface ErrorFrame {
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly context?: string;
  readonly object?: ErrorObject;
  /** It failed only because decimals were computed in 64 bits: emitted with `wideDecimals` it may succeed. */
  readonly narrow?: true;
}
