// Makes a table: commit 0 with protocol and metaData, and with files when it is made by a query (checklist F4, W2).

import { randomUUID } from "node:crypto";
import type { Action } from "./actions.ts";
import { commitInfoAction, put } from "./commit.ts";
import { definitionActions, type Definition } from "./definition/definition.ts";
import { tableExists } from "./errors.ts";
import { isTrue } from "./features.ts";
import { listLog, newestVersion } from "./log.ts";
import { withRowIds } from "./row-tracking.ts";
import type { TableRef } from "./table-ref.ts";
import type { DeltaTables } from "./tables.ts";

export interface NewTable {
  readonly definition: Definition;
  /** Files written by a query, for CREATE TABLE AS. */
  readonly files?: readonly Action[];
  readonly operation?: string;
  readonly operationParameters?: Readonly<Record<string, string>>;
  readonly operationMetrics?: Readonly<Record<string, string>>;
  readonly txnId?: string;
  readonly userName?: string;
}

/**
 * Commits version 0. Throws 42P07 when the folder holds a log already (also one that another writer made meanwhile). `now` in milliseconds since 1970.
 */
export async function createTable(
  tables: DeltaTables,
  table: TableRef,
  created: NewTable,
  now: () => number,
): Promise<void> {
  const context = tables.contextOf(table);
  const { metadata } = created.definition;
  if (newestVersion(await listLog(context.store, table.location)) !== undefined)
    throw tableExists(table.name);
  const txnId = created.txnId ?? randomUUID();
  const timestamp = now();
  const info = commitInfoAction({
    request: {
      readVersion: -1,
      operation: created.operation ?? "CREATE TABLE",
      operationParameters: created.operationParameters ?? {
        partitionBy: JSON.stringify(metadata.partitionColumns),
      },
      ...(created.operationMetrics === undefined
        ? {}
        : { operationMetrics: created.operationMetrics }),
      ...(created.userName === undefined ? {} : { userName: created.userName }),
      reads: { kind: "nothing" },
    },
    txnId,
    timestamp,
    inCommitTimestamp: isTrue(metadata, "delta.enableInCommitTimestamps")
      ? timestamp
      : undefined,
    isolationLevel: "Serializable",
  });
  const files = withRowIds(created.files ?? [], {
    table: table.name,
    protocol: created.definition.protocol,
    metadata,
    domains: new Map(),
    version: 0,
  });
  const actions: readonly Action[] = [
    info,
    ...definitionActions(undefined, created.definition),
    ...files,
  ];
  if (!(await put(context, 0, txnId, actions))) throw tableExists(table.name);
}
