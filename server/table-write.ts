// Rows written by nodes -> commits of the gateway: the write target of a table, and the append or creation that names its files.

import { addAction } from "../storage/delta/add-file.ts";
import { commit } from "../storage/delta/commit.ts";
import { createTable, type NewTable } from "../storage/delta/create.ts";
import type { TableRef } from "../storage/delta/table-ref.ts";
import { SqlError } from "../storage/common/errors.ts";
import type { Schema } from "../storage/common/schema.ts";
import type { TableLayout } from "../storage/scan/split.ts";
import type { FileDraft, WriteTarget } from "./compute/fragment.ts";
import type { WriteOutcome } from "./compute/scheduler.ts";
import type { Services } from "./services.ts";

const DEFAULT_FILE_BYTES = 128 * 1024 * 1024;
/** Delta's default of delta.dataSkippingNumIndexedCols. */
const DEFAULT_INDEXED_COLUMNS = 32;

/** The layout of a table made now: no column mapping. */
export function layoutOf(
  schema: Schema,
  partitionColumns: readonly string[],
): TableLayout {
  return {
    columns: schema.columns.map(({ name, type }) => ({
      name,
      physicalName: name,
      type,
    })),
    partitionColumns,
    mapping: "name",
  };
}

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
  const layout = layoutOf(created.schema, created.partitionColumns);
  const files = drafts?.map((draft) => ({
    kind: "add" as const,
    add: addAction(draft, layout),
  }));
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

/** A blind append of `outcome`'s files; nothing is committed when there are none. Throws 40001 when a concurrent change forbids it. */
export async function appendFiles(
  services: Services,
  table: TableRef,
  outcome: WriteOutcome,
  userName?: string,
): Promise<void> {
  if (outcome.drafts.length === 0) return;
  const snapshot = await services.tables.snapshot(table);
  const result = await commit(
    services.tables,
    table,
    {
      readVersion: snapshot.version,
      actions: outcome.drafts.map((draft) => ({
        kind: "add" as const,
        add: addAction(draft, snapshot.layout),
      })),
      operation: "WRITE",
      operationParameters: {
        mode: "Append",
        partitionBy: JSON.stringify(snapshot.partitionColumns),
      },
      operationMetrics: {
        numFiles: String(outcome.drafts.length),
        numOutputRows: String(outcome.rowCount),
      },
      reads: { kind: "nothing" },
      ...(userName === undefined ? {} : { userName }),
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
  if (result.checkpoint.kind === "failed") {
    services.log.warn(
      { err: result.checkpoint.error, table: table.name },
      "the checkpoint could not be written",
    );
  }
}
