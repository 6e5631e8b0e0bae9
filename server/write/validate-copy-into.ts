// COPY INTO … VALIDATE: rows go the way to the table, every check included, but for the files; the first of them are the answer.

import { randomUUID } from "node:crypto";
import type { BoundCopyInto } from "../../planner/bind/bound.ts";
import type { LogicalPlan } from "../../planner/logical/plan.ts";
import { INT8 } from "../../storage/common/data-type.ts";
import { checkWritable } from "../../storage/delta/features.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import {
  inEnoughDigits,
  planQuery,
  simplified,
  type RunContext,
} from "../run-query.ts";
import type { OutputColumn, Result } from "../session/result.ts";
import { evolvedTable } from "./evolved-table.ts";
import { insertTarget, writeRows, writtenColumns } from "./run-insert.ts";

/** As many as Databricks shows. */
const SHOWN = 50;

/** Throws what loading the rows would throw. */
export async function validatedRows(
  { table, rows, validated }: BoundCopyInto,
  columns: readonly OutputColumn[],
  snapshot: Snapshot,
  context: RunContext,
): Promise<Result> {
  const answer = { kind: "rows", columns, tag: "COPY INTO" } as const;
  if (rows === undefined)
    return {
      ...answer,
      rows: { kind: "text", rows: [] },
      countInTag: false,
    };
  const { written } = evolvedTable(context.session, snapshot, rows.evolution);
  checkWritable(snapshot.table.name, written.protocol, written.metadata);
  const given = { ...rows, table };
  const { rowCount } = validated ?? {};
  await writeRows(
    firstRows(rows.source, rowCount),
    writtenColumns(given),
    { ...insertTarget(given, written), dry: true },
    context,
  );
  const shown = firstRows(rows.source, Math.min(rowCount ?? SHOWN, SHOWN));
  const output = rows.columns.map(({ id }) => id);
  const batches = await inEnoughDigits(context, async (run) => {
    const plan = simplified(shown, run.parameters);
    const { physical, inputs } = await planQuery(plan, output, run);
    return run.services.scheduler.runPlan(physical, inputs, {
      queryId: `${run.session.pid}-${randomUUID()}`,
      format: run.format,
      signal: run.signal,
    });
  });
  return {
    ...answer,
    rows: { kind: "encoded", batches },
    countInTag: false,
  };
}

function firstRows(
  input: LogicalPlan,
  rowCount: number | undefined,
): LogicalPlan {
  if (rowCount === undefined) return input;
  return {
    kind: "limit",
    count: { kind: "literal", type: INT8, value: String(rowCount) },
    offset: undefined,
    ties: undefined,
    input,
  };
}
