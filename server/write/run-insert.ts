// INSERT and INSERT OVERWRITE: the source's rows, cast to the table's columns, are written by nodes and committed by the gateway.

import { randomUUID } from "node:crypto";
import type { BoundInsert } from "../../planner/bind/bound.ts";
import type { LogicalPlan, PlanColumn } from "../../planner/logical/plan.ts";
import { checkRowsMayGo, checkWritable } from "../../storage/delta/features.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import { asInserts, evaluateChange, readsOf } from "./change-plan.ts";
import type { TableLayout } from "../../storage/scan/split.ts";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import type { WriteTarget } from "../compute/fragment.ts";
import type { WriteOutcome } from "../compute/load.ts";
import { evolvedTable, withMarks, type EvolvedTable } from "./evolved-table.ts";
import { identityActions } from "./identity.ts";
import { overwritten, overwriteMode } from "./overwrite.ts";
import {
  applyChange,
  refuseSecondChange,
  refuseSecondTable,
} from "./pending-write.ts";
import { changedRows } from "./returning.ts";
import {
  inEnoughDigits,
  planQuery,
  simplified,
  type RunContext,
} from "../run-query.ts";
import type { Result } from "../session/result.ts";
import { appended, writeTarget, type TableChange } from "./table-write.ts";

export async function runInsert(
  bound: BoundInsert,
  context: RunContext,
): Promise<Result> {
  const { services, session, pinned } = context;
  const { table, overwrite } = bound;
  const { version } = pinned.view.pinned(table.id, undefined);
  const snapshot = pinned.snapshot(table.id, version);
  refuseSecondTable(session, table);
  refuseSecondChange(session, snapshot, overwrite ? "change" : "append");
  const evolved = evolvedTable(session, snapshot, bound.evolution);
  const { protocol, metadata } = evolved.written;
  checkWritable(snapshot.table.name, protocol, metadata);
  if (overwrite) checkRowsMayGo(snapshot.table.name, protocol, metadata);
  const columns = writtenColumns(bound);
  const target = insertTarget(bound, evolved.written);
  const change = (outcome: WriteOutcome): Promise<TableChange> =>
    insertion(bound, { snapshot, ...evolved }, outcome, context);
  if (bound.returning === undefined) {
    const outcome = await writeRows(bound.source, columns, target, context);
    await applyChange(services, session, table, await change(outcome));
    const { rowCount } = outcome;
    return { kind: "command", tag: `INSERT 0 ${rowCount}`, rowCount };
  }
  const inserts = asInserts(bound.source, columns);
  const outcome = await evaluateChange(
    {
      source: inserts.source,
      columns: [...inserts.columns, ...bound.returning],
      target,
      after: true,
      before: false,
      duplicates: "refuse",
      returning: true,
    },
    context,
  );
  return changedRows(
    bound.returning,
    `INSERT 0 ${outcome.inserted}`,
    outcome,
    async () => {
      const written = { drafts: outcome.added, rowCount: outcome.inserted };
      await applyChange(services, session, table, await change(written));
    },
  );
}

async function insertion(
  { source, overwrite, identity }: BoundInsert,
  { snapshot, written, definition }: InsertedInto,
  outcome: WriteOutcome,
  context: RunContext,
): Promise<TableChange> {
  const marks = identityActions(identity, written, outcome.rowCount);
  const plan = simplified(source, context.parameters);
  const reads = readsOf(plan, snapshot, context.pinned);
  const rows = appended(written, outcome, reads);
  const change = overwrite
    ? await overwritten(
        context.services,
        snapshot,
        rows,
        overwriteMode(context.session),
      )
    : rows;
  const actions = [...withMarks(definition, marks), ...change.actions];
  return { ...change, actions };
}

interface InsertedInto extends EvolvedTable {
  /** As it was read. */
  readonly snapshot: Snapshot;
}

interface WrittenRows {
  readonly table: TableEntry;
  readonly columns: readonly PlanColumn[];
  readonly violation: PlanColumn | undefined;
}

/** What a write asks of its plan: the table's columns and, where rows are checked, the violation. */
export function writtenColumns({
  columns,
  violation,
}: WrittenRows): readonly PlanColumn[] {
  return violation === undefined ? columns : [...columns, violation];
}

/** Where rows for the table go. */
export function insertTarget(
  { table, violation }: WrittenRows,
  {
    layout,
    properties,
  }: {
    readonly layout: TableLayout;
    readonly properties: Readonly<Record<string, string>>;
  },
): WriteTarget {
  const target = writeTarget(table.location, layout, properties);
  return { ...target, checked: violation !== undefined };
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
