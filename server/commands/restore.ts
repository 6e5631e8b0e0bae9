// RESTORE TABLE t TO VERSION | TIMESTAMP AS OF x: a new commit that brings an older version back.

import { authorizeStatement } from "../../auth/governance.ts";
import { INT8 } from "../../storage/common/data-type.ts";
import { invariant } from "../../storage/common/invariant.ts";
import {
  planRestore,
  type Restoration,
} from "../../storage/delta/maintenance/restore.ts";
import { commitChange } from "../write/table-write.ts";
import { tableRef } from "../table-ref.ts";
import {
  columnsOf,
  listing,
  type Command,
  type CommandContext,
  type StatementOf,
  type TextRows,
} from "./command.ts";
import { targetTable } from "./target-table.ts";

const COLUMNS = columnsOf(
  ["table_size_after_restore", INT8],
  ["num_of_files_after_restore", INT8],
  ["num_removed_files", INT8],
  ["num_restored_files", INT8],
  ["removed_files_size", INT8],
  ["restored_files_size", INT8],
);

export function restoreCommand(statement: StatementOf<"restore">): Command {
  return listing(COLUMNS, "RESTORE", async (context) => {
    context.session.transaction.refuseBlock("RESTORE");
    return restore(context, statement);
  });
}

async function restore(
  context: CommandContext,
  { table: name }: StatementOf<"restore">,
): Promise<TextRows> {
  const { services, session, signal } = context;
  const entry = targetTable(context, name);
  const table = tableRef(services, entry);
  const travel = context.resolved.tables.find(
    (reference) => reference.table.id === entry.id && reference.travel,
  )?.travel;
  invariant(
    travel !== undefined && travel.kind !== "changes",
    "RESTORE says to which version",
  );
  const current = await services.tables.snapshot(table);
  const wanted = await services.tables.snapshot(table, travel);
  const plan = await planRestore(
    services.tables.contextOf(table),
    current,
    wanted,
    { nowMs: Date.now(), signal },
  );
  // MODIFY lets one change rows; who changes the schema must own the table.
  if (plan.changesSchema) {
    const label = name.parts.map((part) => part.name).join(".");
    authorizeStatement(services.governance, session.identity, [
      {
        kind: "owner",
        securable: { kind: "object", type: "TABLE", id: entry.id },
        name: label,
        position: name.position,
      },
    ]);
  }
  const figures = figuresOf(plan);
  const point =
    travel.kind === "version"
      ? { version: String(travel.version), timestamp: "" }
      : { version: "", timestamp: travel.timestamp };
  await commitChange(
    services,
    {
      table,
      version: current.version,
      actions: plan.actions,
      reads: { kind: "table" },
      operation: "RESTORE",
      parameters: point,
      metrics: metricsOf(figures),
    },
    session.userName,
  );
  return [figures.map(String)];
}

/** In the order of COLUMNS. */
function figuresOf(plan: Restoration): readonly number[] {
  const bytes = (files: Restoration["added"]): number =>
    files.reduce((sum, { size }) => sum + size, 0);
  return [
    plan.bytesAfter,
    plan.filesAfter,
    plan.removed.length,
    plan.added.length,
    bytes(plan.removed),
    bytes(plan.added),
  ];
}

const METRICS = [
  "tableSizeAfterRestore",
  "numOfFilesAfterRestore",
  "numRemovedFiles",
  "numRestoredFiles",
  "removedFilesSize",
  "restoredFilesSize",
];

function metricsOf(
  figures: readonly number[],
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    METRICS.map((name, index) => [name, figures[index] ?? 0]),
  );
}
