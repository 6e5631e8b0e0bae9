// What a statement gives back, before any protocol turns it into messages.

import type { CopyFormat } from "../../planner/logical/copy-format.ts";
import type { DataType } from "../../storage/common/data-type.ts";

export interface OutputColumn {
  readonly name: string;
  readonly type: DataType;
  /** The catalog's oid of the table and the column's number from 1, when the column is a plain table column. */
  readonly tableOid?: number;
  readonly columnNumber?: number;
  /** PostgreSQL's own type where `type` only stands for it: columns of the system catalog (`"char"`, `oidvector`, `aclitem[]`). */
  readonly wireType?: {
    readonly oid: number;
    /** Bytes of a value, or -1 when it varies. */
    readonly size: number;
    readonly modifier: number;
  };
}

export type Result =
  | RowsResult
  | CommandResult
  | { readonly kind: "empty" }
  | CopyOutResult
  | CopyInResult;

/** `COPY … TO STDOUT`. */
export interface CopyOutResult {
  readonly kind: "copy-out";
  readonly binary: boolean;
  readonly columnCount: number;
  /** CopyData messages back to back; header and trailer count no rows. */
  readonly batches: AsyncIterable<EncodedRows>;
}

/** `COPY … FROM STDIN`: waits for what the client sends. */
export interface CopyInResult {
  readonly kind: "copy-in";
  readonly binary: boolean;
  readonly columnCount: number;
  /** Pulls all of it, as fast as it can be written. Throws what the rows are refused for. */
  readonly load: (data: AsyncIterable<ClientData>) => Promise<CommandResult>;
}

/** A piece of what the client sends, or that it gave up. */
export type ClientData =
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "failed"; readonly reason: string };

/** A statement without rows. `tag` is PostgreSQL's command tag, `INSERT 0 5`. `rowCount` is what it affected. */
export interface CommandResult {
  readonly kind: "command";
  readonly tag: string;
  readonly rowCount?: number;
  /** Of statements that may do several things to rows (MERGE). */
  readonly changed?: ChangedRows;
}

export interface ChangedRows {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

export interface RowsResult {
  readonly kind: "rows";
  readonly columns: readonly OutputColumn[];
  readonly rows: RowSource;
  /** First word(s) of the command tag, `SELECT`, `SHOW`, `FETCH`, `INSERT 0`; the row count is appended unless `countInTag` is false. */
  readonly tag: string;
  readonly countInTag: boolean;
}

export type RowSource =
  /** Rows as a node encoded them for this client: pulled, so back-pressure needs no code. Closing the iterator cancels the query. */
  | { readonly kind: "encoded"; readonly batches: AsyncIterable<EncodedRows> }
  /** A few rows made in the gateway: each cell is PostgreSQL's text under the session's settings. */
  | {
      readonly kind: "text";
      readonly rows: readonly (readonly (string | null)[])[];
    };

/** Whole rows, never a part of one. For the Postgres format: DataRow messages back to back. */
export interface EncodedRows {
  readonly bytes: Uint8Array;
  readonly rowCount: number;
}

/** How the nodes shall encode rows. */
export type ResultFormat =
  | {
      readonly kind: "postgres";
      /** One per column. */
      readonly formats: readonly ("text" | "binary")[];
      readonly output: OutputSettings;
    }
  /** Each row is one CopyData message; PostgreSQL's text (or binary) of every value. */
  | {
      readonly kind: "copy";
      readonly copy: CopyFormat;
      readonly output: OutputSettings;
    }
  /** JSON_ARRAY of http-api 4.9: each batch is rows `["1",null]` joined by commas, without the outer brackets. */
  | { readonly kind: "json"; readonly output: OutputSettings }
  | { readonly kind: "csv"; readonly output: OutputSettings }
  /** One Arrow IPC stream a batch, whose fields have the result's `names`. */
  | {
      readonly kind: "arrow";
      readonly names: readonly string[];
      readonly output: OutputSettings;
    };

/** The settings that change how a value is written. */
export interface OutputSettings {
  readonly timeZone: string;
  /** `ISO, MDY` and its relatives. */
  readonly dateStyle: string;
  readonly intervalStyle: string;
  readonly byteaOutput: "hex" | "escape";
  readonly extraFloatDigits: number;
}

export const DEFAULT_OUTPUT: OutputSettings = {
  timeZone: "UTC",
  dateStyle: "ISO, MDY",
  intervalStyle: "postgres",
  byteaOutput: "hex",
  extraFloatDigits: 1,
};
