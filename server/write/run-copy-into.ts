// COPY INTO: the rows of files that the table has not taken in are written as those of INSERT, and one commit holds them and what says
// that these files were loaded.

import type { BoundCopyInto } from "../../planner/bind/bound.ts";
import { INT8 } from "../../storage/common/data-type.ts";
import { checkWritable } from "../../storage/delta/features.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import type { PlainFile } from "../files/list-files.ts";
import { simplified, type RunContext } from "../run-query.ts";
import { textRows } from "../session/command-result.ts";
import type { OutputColumn, Result } from "../session/result.ts";
import { readsOf } from "./table-reads.ts";
import { evolvedTable, withMarks } from "./evolved-table.ts";
import { identityActions } from "./identity.ts";
import { isLoaded, loadActions } from "./loaded-files.ts";
import {
  applyChange,
  refuseSecondChange,
  refuseSecondTable,
} from "./pending-write.ts";
import { insertTarget, writeRows, writtenColumns } from "./run-insert.ts";
import { appended } from "./table-write.ts";
import { validatedRows } from "./validate-copy-into.ts";

/** As Databricks names them. */
const COPY_INTO_COLUMNS: readonly OutputColumn[] = [
  { name: "num_affected_rows", type: INT8 },
  { name: "num_inserted_rows", type: INT8 },
  { name: "num_skipped_corrupt_files", type: INT8 },
];

export function copyIntoColumns({
  validated,
}: BoundCopyInto): readonly OutputColumn[] {
  return (
    validated?.columns.map(({ name, type }) => ({ name, type })) ??
    COPY_INTO_COLUMNS
  );
}

export async function runCopyInto(
  bound: BoundCopyInto,
  context: RunContext,
): Promise<Result> {
  const { session, pinned } = context;
  const { table, rows } = bound;
  const { version } = pinned.view.pinned(table.id, undefined);
  const snapshot = pinned.snapshot(table.id, version);
  const { files, corruptCount } = pinned.plainFiles(bound.files);
  refuseSecondTable(session, table);
  refuseSecondChange(session, snapshot, "append");
  checkWritable(snapshot.table.name, snapshot.protocol, snapshot.metadata);
  if (bound.validated !== undefined)
    return validatedRows(bound, copyIntoColumns(bound), snapshot, context);
  const inserted =
    rows === undefined
      ? 0
      : await load({ ...bound, rows }, { snapshot, files }, context);
  const counts = [inserted, inserted, corruptCount].map(String);
  return textRows(COPY_INTO_COLUMNS, [counts], "COPY INTO");
}

/** Returns how many rows. Throws 40001 when another statement has loaded one of the files meanwhile. */
async function load(
  {
    table,
    rows,
  }: BoundCopyInto & { readonly rows: NonNullable<BoundCopyInto["rows"]> },
  from: { readonly snapshot: Snapshot; readonly files: readonly PlainFile[] },
  context: RunContext,
): Promise<number> {
  const { services, session } = context;
  const { snapshot } = from;
  const evolved = evolvedTable(session, snapshot, rows.evolution);
  const { protocol, metadata } = evolved.written;
  checkWritable(snapshot.table.name, protocol, metadata);
  const given = { ...rows, table };
  const outcome = await writeRows(
    rows.source,
    writtenColumns(given),
    insertTarget(given, evolved.written),
    context,
  );
  const plan = simplified(rows.source, context.parameters);
  const reads = readsOf(plan, snapshot, context.pinned);
  const change = appended(evolved.written, outcome, reads);
  const marks = identityActions(
    rows.identity,
    evolved.written,
    outcome.rowCount,
  );
  // Loaded again by force, a file is one that was loaded, as before.
  const files = from.files.filter((file) => !isLoaded(snapshot, file));
  await applyChange(services, session, table, {
    ...change,
    actions: [
      ...withMarks(evolved.definition, marks),
      ...loadActions(files, Date.now()),
      ...change.actions,
    ],
    operation: "COPY INTO",
    parameters: {},
    metrics: { ...change.metrics, numSourceFiles: from.files.length },
  });
  return outcome.rowCount;
}
