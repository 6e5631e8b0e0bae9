// OPTIMIZE t [FULL] [WHERE predicate] [ZORDER BY (c, …)]: small files become large ones, deleted rows go, and rows may be put in an
// order that skips well. REORG TABLE t APPLY (PURGE): deleted rows go, and nothing else. One commit that changes no row (dataChange = false; checklist W6, X3).

import { readJsonb } from "../../planner/functions/value/json.ts";
import { printExpr } from "../../planner/parse/print.ts";
import { JSONB, TEXT } from "../../storage/common/data-type.ts";
import type { Action } from "../../storage/delta/actions.ts";
import { clusteringColumns } from "../../storage/delta/definition/clustering.ts";
import {
  packDeleted,
  packSmallFiles,
  packUnclustered,
  packWholePartitions,
  type FileGroup,
} from "../../storage/delta/maintenance/compaction.ts";
import { checkWritable } from "../../storage/delta/features.ts";
import {
  liveFiles,
  removeAction,
  type LiveFile,
} from "../../storage/delta/file-table/live-files.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import { mapConcurrently } from "../../storage/object-store/concurrently.ts";
import { commitChange, writeTarget } from "../write/table-write.ts";
import { tableRef } from "../table-ref.ts";
import {
  columnsOf,
  listing,
  type Command,
  type CommandContext,
  type StatementOf,
  type TextRows,
} from "./command.ts";
import { optimizeMetrics } from "./optimize-metrics.ts";
import { orderOf, type RowOrder } from "./optimize-order.ts";
import { partitionFilter } from "./optimize-partitions.ts";
import { rewriteGroup, type Rewritten } from "./optimize-rewrite.ts";
import { targetTable } from "./target-table.ts";

const COLUMNS = columnsOf(["path", TEXT], ["metrics", JSONB]);

export function optimizeCommand(statement: StatementOf<"optimize">): Command {
  const command = statement.purge ? "REORG TABLE" : "OPTIMIZE";
  return listing(COLUMNS, command, async (context) => {
    context.session.transaction.refuseBlock(command);
    return optimize(context, statement);
  });
}

/** What one sort takes on at once; it may spill. */
const SORT_BYTES = 8 * 1024 ** 3;

async function optimize(
  context: CommandContext,
  statement: StatementOf<"optimize">,
): Promise<TextRows> {
  const { services, session } = context;
  const startedAtMs = Date.now();
  const entry = targetTable(context, statement.table);
  const table = tableRef(services, entry);
  const snapshot = await services.tables.snapshot(table);
  services.pins.hold(session.transaction, snapshot);
  checkWritable(table.name, snapshot.protocol, snapshot.metadata);
  const order = statement.purge ? undefined : orderOf(snapshot, statement);
  const choice = await partitionFilter(context, statement);
  const files = await liveFiles(snapshot, choice);
  const target = writeTarget(
    table.location,
    snapshot.layout,
    snapshot.properties,
  );
  const groups = packed(statement, order, files, target.targetFileBytes);
  const rewritten = await rewriteAll(context, snapshot, groups, order);
  const removed = groups.flat();
  if (rewritten.length > 0) {
    await commitChange(
      services,
      {
        table,
        version: snapshot.version,
        actions: actionsOf(rewritten, removed),
        reads: { kind: "predicates", predicates: [] },
        operation: statement.purge ? "REORG" : "OPTIMIZE",
        parameters: parametersOf(snapshot, statement),
        metrics: {
          numRemovedFiles: removed.length,
          numAddedFiles: rewritten.length,
          numRemovedBytes: removed.reduce((sum, { add }) => sum + add.size, 0),
          numAddedBytes: rewritten.reduce((sum, { add }) => sum + add.size, 0),
          numDeletionVectorsRemoved: removed.filter(
            ({ deletionVector }) => deletionVector !== undefined,
          ).length,
        },
      },
      session,
    );
  }
  const metrics = optimizeMetrics({
    files,
    groups,
    added: rewritten.map(({ add }) => add),
    order: order?.names,
    startedAtMs,
    endedAtMs: Date.now(),
    nodes: services.pool.size,
  });
  return [[table.location, readJsonb(JSON.stringify(metrics))]];
}

function packed(
  { full, purge }: StatementOf<"optimize">,
  order: RowOrder | undefined,
  files: readonly LiveFile[],
  targetBytes: number,
): readonly FileGroup[] {
  if (purge) return packDeleted(files, targetBytes);
  if (order === undefined) return packSmallFiles(files, targetBytes);
  return order.clusters && !full
    ? packUnclustered(files, { targetBytes, groupBytes: SORT_BYTES })
    : packWholePartitions(files, SORT_BYTES);
}

/** Groups side by side; a cancel ends them, and leaves files that no log names. */
async function rewriteAll(
  { services, session, signal }: CommandContext,
  snapshot: Snapshot,
  groups: readonly FileGroup[],
  order: RowOrder | undefined,
): Promise<readonly Rewritten[]> {
  let done = 0;
  const parallel = Math.max(1, services.pool.size) * 2;
  const results = await mapConcurrently(groups, parallel, async (group) => {
    const result = await rewriteGroup(services, snapshot, group, {
      queryId: `${session.pid}-optimize`,
      signal,
      order,
    });
    done += 1;
    services.log.info(
      { table: snapshot.table.name, done, of: groups.length },
      "OPTIMIZE has rewritten a group of files",
    );
    session.progress(
      `OPTIMIZE has rewritten ${done} of ${groups.length} groups of files`,
    );
    return result;
  });
  return results.flat();
}

function actionsOf(
  rewritten: readonly Rewritten[],
  removed: FileGroup,
): readonly Action[] {
  const nowMs = Date.now();
  return [
    ...removed.map((file): Action => ({
      kind: "remove",
      remove: { ...removeAction(file, nowMs), dataChange: false },
    })),
    ...rewritten.map(({ add }): Action => ({
      kind: "add",
      add: { ...add, dataChange: false },
    })),
  ];
}

/** As Spark's DESCRIBE HISTORY names them. */
function parametersOf(
  snapshot: Snapshot,
  { where, zorder, full, purge }: StatementOf<"optimize">,
): Readonly<Record<string, string>> {
  const predicate = JSON.stringify(
    where === undefined ? [] : [printExpr(where)],
  );
  if (purge) return { predicate, applyPurge: "true" };
  const clustered = clusteringColumns(snapshot).map((path) => path.join("."));
  return {
    predicate,
    zOrderBy: JSON.stringify(
      zorder.map(({ parts }) => parts.map(({ name }) => name).join(".")),
    ),
    ...(clustered.length === 0
      ? {}
      : { clusterBy: JSON.stringify(clustered), isFull: String(full) }),
    auto: "false",
  };
}
