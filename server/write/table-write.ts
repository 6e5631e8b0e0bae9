// Rows written by nodes -> commits of the gateway: the write target of a table, and the append or creation that names its files.

import {
  version as versionId,
  type Version,
} from "../../storage/common/ids.ts";
import type { Action } from "../../storage/delta/actions.ts";
import { addAction } from "../../storage/delta/add-file.ts";
import { commit } from "../../storage/delta/commit.ts";
import type { TransactionReads } from "../../storage/delta/transaction-reads.ts";
import { createTable, type NewTable } from "../../storage/delta/create.ts";
import {
  definedSchema,
  definitionActions,
  type Definition,
} from "../../storage/delta/definition/definition.ts";
import {
  liveFiles,
  removeAction,
} from "../../storage/delta/file-table/live-files.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import type { TableRef } from "../../storage/delta/table-ref.ts";
import { SqlError } from "../../storage/common/errors.ts";
import type { TableLayout } from "../../storage/scan/split.ts";
import type { FileDraft, WriteTarget } from "../compute/fragment.ts";
import type { WriteOutcome } from "../compute/load.ts";
import type { Services } from "../services.ts";
import type { Session } from "../session/session.ts";
import { forgetLoads } from "./loaded-files.ts";

const DEFAULT_FILE_BYTES = 128 * 1024 * 1024;
/** Delta's default of delta.dataSkippingNumIndexedCols. */
const DEFAULT_INDEXED_COLUMNS = 32;

export function writeTarget(
  location: string,
  layout: TableLayout,
  properties: Readonly<Record<string, string>>,
): WriteTarget {
  const indexed = Number(
    properties["delta.dataSkippingNumIndexedCols"] ?? DEFAULT_INDEXED_COLUMNS,
  );
  const fileBytes = Number(
    properties["delta.targetFileSize"] ?? DEFAULT_FILE_BYTES,
  );
  return {
    location,
    layout,
    tracked: [],
    targetFileBytes:
      Number.isSafeInteger(fileBytes) && fileBytes > 0
        ? fileBytes
        : DEFAULT_FILE_BYTES,
    indexedColumns: indexed < 0 ? Number.MAX_SAFE_INTEGER : indexed,
    checked: false,
  };
}

/** Commit 0, with the files of a query where there are some. */
export async function createTableWith(
  services: Services,
  table: TableRef,
  created: NewTable,
  drafts: readonly FileDraft[] | undefined,
): Promise<void> {
  const { layout } = definedSchema(created.definition);
  const files = drafts && addActions(drafts, layout);
  await createTable(
    services.tables,
    table,
    {
      ...created,
      ...(files === undefined
        ? {}
        : { files, operation: "CREATE TABLE AS SELECT" }),
    },
    Date.now,
  );
}

/** What a statement does to a table, not yet committed. */
export interface TableChange {
  readonly table: TableRef;
  /** The version it read. */
  readonly version: Version;
  /** At most one add and one remove of a path. */
  readonly actions: readonly Action[];
  readonly reads: TransactionReads;
  /** As DESCRIBE HISTORY shows it: `WRITE`, `DELETE`. */
  readonly operation: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
}

export function addActions(
  drafts: readonly FileDraft[],
  layout: TableLayout,
): readonly Action[] {
  return drafts.map((draft) => ({
    kind: "add",
    add: addAction(draft, layout),
  }));
}

/** Files with new rows; the rows depend on what `reads` says of the table. */
export function appended(
  { table, version, layout, partitionColumns }: Snapshot,
  { drafts, rowCount }: WriteOutcome,
  reads: TransactionReads = { kind: "nothing" },
): TableChange {
  return {
    table,
    version,
    actions: addActions(drafts, layout),
    reads,
    operation: "WRITE",
    parameters: {
      mode: "Append",
      partitionBy: JSON.stringify(partitionColumns),
    },
    metrics: writeMetrics(drafts, rowCount),
  };
}

/** CREATE OR REPLACE TABLE of a table that is there: a new definition and the query's files, if there is one, for all it had. */
export async function replaced(
  snapshot: Snapshot,
  before: Definition,
  after: Definition,
  outcome: WriteOutcome | undefined,
): Promise<TableChange> {
  const { layout } = definedSchema(after);
  const removed = await liveFiles(snapshot, { kind: "all" });
  const now = Date.now();
  return {
    table: snapshot.table,
    version: snapshot.version,
    actions: [
      ...definitionActions(before, after),
      ...forgetLoads(snapshot, now),
      ...removed.map((file) => ({
        kind: "remove" as const,
        remove: removeAction(file, now),
      })),
      ...addActions(outcome?.drafts ?? [], layout),
    ],
    reads: { kind: "table" },
    operation:
      outcome === undefined
        ? "CREATE OR REPLACE TABLE"
        : "CREATE OR REPLACE TABLE AS SELECT",
    parameters: {
      description: after.metadata.description ?? "null",
      partitionBy: JSON.stringify(after.metadata.partitionColumns),
      properties: JSON.stringify(after.metadata.configuration),
    },
    metrics:
      outcome === undefined
        ? {}
        : writeMetrics(outcome.drafts, outcome.rowCount),
  };
}

export function writeMetrics(
  drafts: readonly FileDraft[],
  rowCount: number,
): TableChange["metrics"] {
  return {
    numFiles: drafts.length,
    numOutputRows: rowCount,
    numOutputBytes: bytesOf(drafts),
  };
}

export function bytesOf(drafts: readonly FileDraft[]): number {
  return drafts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** `session`: who commits; the gateway itself when absent. `txnId`: known beforehand where an intent names it. Throws 40001 when a concurrent change forbids it, naming the commit that won. */
export async function commitChange(
  services: Services,
  change: TableChange,
  session?: Session,
  txnId?: string,
): Promise<void> {
  const { table } = change;
  const result = await commit(
    services.tables,
    table,
    {
      readVersion: change.version,
      actions: change.actions,
      operation: change.operation,
      operationParameters: change.parameters,
      operationMetrics: Object.fromEntries(
        Object.entries(change.metrics).map(([name, value]) => [
          name,
          String(value),
        ]),
      ),
      reads: change.reads,
      ...(session === undefined ? {} : { userName: session.userName }),
      ...(txnId === undefined ? {} : { txnId }),
    },
    Date.now,
  );
  if (result.kind === "conflict") {
    throw new SqlError(
      "40001",
      "could not serialize access due to concurrent update",
      {
        detail: `Commit ${result.winner.version} of table ${table.name} ${result.winner.reason}.`,
        hint: "Run the statement again.",
      },
    );
  }
  session?.temporary?.committed(table.location, versionId(result.version));
  if (result.checkpoint.kind === "failed") {
    services.log.warn(
      { err: result.checkpoint.error, table: table.name },
      "the checkpoint could not be written, or the log not be cleaned",
    );
  }
}
