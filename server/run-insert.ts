// INSERT: the source's rows, cast to the table's columns, are written by nodes and committed by the gateway.

import type { BoundInsert } from "../planner/bind/bound.ts";
import type { LogicalPlan, PlanColumn } from "../planner/logical/plan.ts";
import { notSupported } from "../storage/common/errors.ts";
import { randomUUID } from "node:crypto";
import type { WriteTarget } from "./compute/fragment.ts";
import type { WriteOutcome } from "./compute/scheduler.ts";
import { commitRows, refuseSecondTable } from "./pending-write.ts";
import {
  inEnoughDigits,
  planQuery,
  simplified,
  type RunContext,
} from "./run-query.ts";
import type { Result } from "./session/result.ts";
import { writeTarget } from "./table-write.ts";

export async function runInsert(
  bound: BoundInsert,
  context: RunContext,
): Promise<Result> {
  const { services, session, pinned } = context;
  if (bound.overwrite) throw notSupported("INSERT OVERWRITE is");
  if (bound.returning !== undefined)
    throw notSupported("INSERT ... RETURNING is");
  refuseSecondTable(session, bound.table);
  const { layout, properties } = pinned.view.pinned(bound.table.id, undefined);
  const target = writeTarget(bound.table.location, layout, properties);
  const { violation } = bound;
  const outcome = await writeRows(
    bound.source,
    [...bound.columns, ...(violation === undefined ? [] : [violation])],
    { ...target, checked: violation !== undefined },
    context,
  );
  await commitRows(services, session, bound.table, outcome);
  return {
    kind: "command",
    tag: `INSERT 0 ${outcome.rowCount}`,
    rowCount: outcome.rowCount,
  };
}

/** The plan's rows as uncommitted files of the target: `columns`, those of the table and, for a checked target, the violation. */
export function writeRows(
  source: LogicalPlan,
  columns: readonly PlanColumn[],
  target: WriteTarget,
  context: RunContext,
): Promise<WriteOutcome> {
  const plan = simplified(source, context.parameters);
  const output = columns.map(({ id }) => id);
  return inEnoughDigits(context, async (run) => {
    const { physical, inputs } = await planQuery(plan, output, run);
    return run.services.scheduler.runWrite(physical, inputs, target, {
      queryId: `${run.session.pid}-${randomUUID()}`,
      signal: run.signal,
    });
  });
}
