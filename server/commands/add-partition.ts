// ALTER TABLE t ADD PARTITION: nothing to do, since a Delta table has the partitions its rows have; scripts for Hive tables go on.

import { SqlError } from "../../storage/common/errors.ts";
import { pinTables } from "../pin.ts";
import { action, done, type Command, type StatementOf } from "./command.ts";
import { targetTable } from "./target-table.ts";

/** Throws 42P16 for what is no partition column of the table. */
export function addPartitionCommand(
  statement: StatementOf<"add-partition">,
): Command {
  return action(async (context) => {
    const { services, session } = context;
    const table = targetTable(context, statement.table);
    const pinned = await pinTables(services, session, [
      { table, travel: undefined },
    ]);
    const { version } = pinned.view.pinned(table.id, undefined);
    const { partitionColumns } = pinned.snapshot(table.id, version);
    for (const { name, position } of statement.columns) {
      if (
        !partitionColumns.some((it) => it.toLowerCase() === name.toLowerCase())
      )
        throw new SqlError(
          "42P16",
          `"${name}" is not a partition column of table "${table.name}"`,
          { position },
        );
    }
    session.notice(
      "NOTICE",
      `table "${table.name}" has a partition as soon as it has rows of it`,
    );
    return done("ALTER TABLE");
  });
}
