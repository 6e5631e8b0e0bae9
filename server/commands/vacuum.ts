// VACUUM t [RETAIN n HOURS] [DRY RUN]: removes files that no version within the retention needs.

import { SqlError } from "../../storage/common/errors.ts";
import { tombstoneRetentionMs } from "../../storage/delta/definition/durations.ts";
import { withUnneededFiles } from "../../storage/delta/maintenance/vacuum.ts";
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

const HOUR_MS = 3_600_000;
/** Paths DRY RUN answers; the notice tells how many there are. */
const LISTED = 1000;
const CHECK = "spark.databricks.delta.retentionDurationCheck.enabled";

export function vacuumCommand(statement: StatementOf<"vacuum">): Command {
  return listing(columnsOf("path"), "VACUUM", async (context) => {
    context.session.transaction.refuseBlock("VACUUM");
    return vacuum(context, statement);
  });
}

async function vacuum(
  context: CommandContext,
  { table: name, retainHours, dryRun }: StatementOf<"vacuum">,
): Promise<TextRows> {
  const { services, session, signal } = context;
  const table = tableRef(services, targetTable(context, name));
  const { properties } = await services.tables.snapshot(table);
  const ownMs = tombstoneRetentionMs(properties);
  const retainMs = retainHours === undefined ? ownMs : retainHours * HOUR_MS;
  if (retainMs < ownMs && session.settings.get(CHECK) === "on")
    throw retentionTooShort(retainMs / HOUR_MS, ownMs / HOUR_MS);
  const request = {
    olderThanMs: Date.now() - retainMs,
    inUse: () => services.pins.of(table.location),
    signal,
    onProgress: (done: number, files: number) =>
      session.progress(`VACUUM has deleted ${done} of ${files} files`),
  };
  return withUnneededFiles(services.tables, table, request, async (found) => {
    const { files, bytes } = found;
    if (!dryRun) {
      await found.deleteAll();
      return [[table.location]];
    }
    session.notice(
      "NOTICE",
      `${files} files of ${bytes} bytes would be deleted`,
    );
    return (await found.list(LISTED)).map((path) => [path]);
  });
}

/** 22023: readers of older versions, and writers that have not committed yet, might lose files they need. */
function retentionTooShort(wanted: number, needed: number): SqlError {
  return new SqlError(
    "22023",
    `retention of ${wanted} hours is shorter than the ${needed} hours that the table keeps removed files`,
    {
      detail:
        "Files that other systems still read, or have written and not yet committed, could be deleted.",
      hint: `If you are certain that nothing else uses the table, SET ${CHECK} = off.`,
    },
  );
}
