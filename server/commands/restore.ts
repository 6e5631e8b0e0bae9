// RESTORE TABLE t TO VERSION | TIMESTAMP AS OF x: a new commit that brings an older version back.

import { authorizeStatement } from "../../auth/governance.ts";
import { INT8 } from "../../storage/common/data-type.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { Restoration } from "../../storage/delta/maintenance/restore.ts";
import { ownObject } from "../define/temporary.ts";
import { restorationFigures, restoreTable } from "../write/restore-table.ts";
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
  const table = targetTable(context, name);
  const travel = context.resolved.tables.find(
    (reference) => reference.table.id === table.id && reference.travel,
  )?.travel;
  invariant(
    travel !== undefined && travel.kind !== "changes",
    "RESTORE says to which version",
  );
  // MODIFY lets one change rows; who changes the schema must own the table.
  const approve = ({ changesSchema }: Restoration): void => {
    if (!changesSchema || ownObject(session, table) !== undefined) return;
    const label = name.parts.map((part) => part.name).join(".");
    authorizeStatement(services.governance, session.identity, [
      {
        kind: "owner",
        securable: { kind: "object", type: "TABLE", id: table.id },
        name: label,
        position: name.position,
      },
    ]);
  };
  const request = { table, travel, approve, signal };
  const plan = await restoreTable(services, session, request);
  return [restorationFigures(plan).map(String)];
}
