// TRUNCATE t: every file goes, by one commit of removals; no data file is opened.

import { notSupported } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { checkRowsMayGo, checkWritable } from "../../storage/delta/features.ts";
import {
  liveFiles,
  removeAction,
} from "../../storage/delta/file-table/live-files.ts";
import {
  applyChange,
  refuseSecondChange,
  refuseSecondTable,
} from "../write/pending-write.ts";
import { pinTables } from "../pin.ts";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import type { Services } from "../services.ts";
import type { Result } from "../session/result.ts";
import type { Session } from "../session/session.ts";
import {
  action,
  done,
  type Command,
  type CommandContext,
  type StatementOf,
} from "./command.ts";
import { targetTable } from "./target-table.ts";

export function truncateCommand(statement: StatementOf<"truncate">): Command {
  const [, second] = statement.tables;
  if (second !== undefined)
    throw notSupported(
      "TRUNCATE of several tables is",
      second.position,
      "A commit covers one table: truncate them one by one.",
    );
  return action((context) => truncate(context, statement));
}

async function truncate(
  context: CommandContext,
  { tables: [name] }: StatementOf<"truncate">,
): Promise<Result> {
  invariant(name !== undefined, "TRUNCATE names a table");
  const table = targetTable(context, name);
  await truncateTable(context.services, context.session, table);
  return done("TRUNCATE TABLE");
}

/** Commits now, or with the block. */
export async function truncateTable(
  services: Services,
  session: Session,
  table: TableEntry,
): Promise<void> {
  refuseSecondTable(session, table);
  const pinned = await pinTables(services, session, [
    { table, travel: undefined },
  ]);
  const { version } = pinned.view.pinned(table.id, undefined);
  const snapshot = pinned.snapshot(table.id, version);
  refuseSecondChange(session, snapshot, "change");
  checkWritable(snapshot.table.name, snapshot.protocol, snapshot.metadata);
  checkRowsMayGo(snapshot.table.name, snapshot.protocol, snapshot.metadata);
  const files = await liveFiles(snapshot, { kind: "all" });
  const now = Date.now();
  await applyChange(services, session, table, {
    table: snapshot.table,
    version: snapshot.version,
    actions: files.map((file) => ({
      kind: "remove",
      remove: removeAction(file, now),
    })),
    reads: { kind: "table" },
    operation: "TRUNCATE",
    parameters: {},
    metrics: {
      numRemovedFiles: files.length,
      numRemovedBytes: files.reduce((sum, { add }) => sum + add.size, 0),
      numAddedFiles: 0,
    },
  });
}
