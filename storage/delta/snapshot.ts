// One version of a table: its metadata as plain values, its files behind `files`.

import type { Version } from "../common/ids.ts";
import type { Schema } from "../common/schema.ts";
import type { DuckDBConnection } from "../kernel/duckdb.ts";
import type { ScanFiles, ScanStatistics, TableLayout } from "../scan/split.ts";
import type {
  DomainMetadata,
  Metadata,
  Protocol,
  Transaction,
} from "./actions.ts";
import { damagedLog } from "./errors.ts";
import { checkReadable } from "./features.ts";
import { fileColumns, type FileColumns } from "./file-table/file-columns.ts";
import type { LogState } from "./replay.ts";
import {
  parseTableSchema,
  type DeltaField,
  type TableSchema,
} from "./definition/schema-json.ts";
import type { TableRef } from "./table-ref.ts";

export interface Snapshot {
  readonly table: TableRef;
  readonly version: Version;
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly schema: Schema;
  readonly layout: TableLayout;
  /** The schema with all that only storage needs. */
  readonly fields: readonly DeltaField[];
  readonly properties: Readonly<Record<string, string>>;
  /** Display names in the order of `Split.partitionValues`. */
  readonly partitionColumns: readonly string[];
  readonly transactions: ReadonlyMap<string, Transaction>;
  readonly domains: ReadonlyMap<string, DomainMetadata>;
  readonly files: SnapshotFiles;
}

/** Access to the files, loaded again if the cache has dropped them meanwhile. */
export interface SnapshotFiles {
  readonly columns: FileColumns;
  use<T>(work: (files: LiveFiles) => Promise<T>): Promise<T>;
  /** Remembers a few answers about this version's files: repeated scans of an unchanged table cost nothing. */
  memo(key: string, compute: () => Promise<ScanFiles>): Promise<ScanFiles>;
  /** Counts of all files, which every scan is compared with: computed once. */
  totals(compute: () => Promise<FileTotals>): Promise<FileTotals>;
}

export type FileTotals = Pick<
  ScanStatistics,
  "filesTotal" | "bytesTotal" | "partitionsTotal"
>;

export interface LiveFiles {
  readonly connection: DuckDBConnection;
  /** Kernel table with the columns of file-sql.ts. */
  readonly table: string;
  /** Condition that holds for the rows of this version. */
  readonly live: string;
  /** Of versions above this one, the table knows which files they added and removed. */
  readonly exactSince: number;
}

/** What a log state says once checked: the protocol first (checklist S9), then that everything needed is there (S8). */
export interface TableState {
  readonly state: LogState;
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly schema: TableSchema;
  readonly columns: FileColumns;
}

/** `file`: the log file that ends the version, for errors. */
export function checkState(
  table: TableRef,
  state: LogState,
  file: string,
): TableState {
  const { protocol, metadata } = state;
  if (protocol === undefined)
    throw damagedLog(table.name, file, "no protocol action at or before it");
  checkReadable(table.name, protocol);
  if (metadata === undefined)
    throw damagedLog(table.name, file, "no metaData action at or before it");
  const schema = parseTableSchema(table.name, metadata, protocol);
  return {
    state,
    protocol,
    metadata,
    schema,
    columns: fileColumns(schema, metadata, protocol),
  };
}

export function snapshotOf(
  table: TableRef,
  version: Version,
  checked: TableState,
  files: SnapshotFiles,
): Snapshot {
  const { state, protocol, metadata, schema } = checked;
  return {
    table,
    version,
    protocol,
    metadata,
    schema: schema.schema,
    layout: schema.layout,
    fields: schema.fields,
    properties: metadata.configuration,
    partitionColumns: schema.layout.partitionColumns,
    transactions: state.transactions,
    domains: state.domains,
    files,
  };
}

/** The same files under another definition of the table. */
export function withMetadata(snapshot: Snapshot, metadata: Metadata): Snapshot {
  const { table, protocol } = snapshot;
  const { fields, schema, layout } = parseTableSchema(
    table.name,
    metadata,
    protocol,
  );
  return {
    ...snapshot,
    metadata,
    schema,
    layout,
    fields,
    properties: metadata.configuration,
    partitionColumns: layout.partitionColumns,
  };
}
