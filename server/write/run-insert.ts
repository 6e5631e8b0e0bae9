// INSERT and INSERT OVERWRITE: the source's rows, cast to the table's columns, are written by nodes and committed by the gateway.

import { randomUUID } from "node:crypto";
import type { BoundInsert, ReplacedRows } from "../../planner/bind/bound.ts";
import type { LogicalPlan, PlanColumn } from "../../planner/logical/plan.ts";
import type { InsertStatement } from "../../planner/parse/ast.ts";
import { checkRowsMayGo, checkWritable } from "../../storage/delta/features.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import { asInserts, evaluateChange } from "./change-plan.ts";
import { readsOf } from "./table-reads.ts";
import type { TableLayout } from "../../storage/scan/split.ts";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import type { ChangeOutcome } from "../compute/changes.ts";
import type { FileDraft, WriteTarget } from "../compute/fragment.ts";
import type { WriteOutcome } from "../compute/load.ts";
import { evolvedTable, withMarks, type EvolvedTable } from "./evolved-table.ts";
import { changeFiles } from "./gone-rows.ts";
import { identityActions } from "./identity.ts";
import { overwritten, overwriteMode } from "./overwrite.ts";
import {
  applyChange,
  refuseSecondChange,
  refuseSecondTable,
} from "./pending-write.ts";
import { replacedRows, replacing, type Replacement } from "./replaced-rows.ts";
import { changedRows } from "./returning.ts";
import {
  inEnoughDigits,
  planQuery,
  simplified,
  type RunContext,
} from "../run-query.ts";
import type { Result } from "../session/result.ts";
import type { Session } from "../session/session.ts";
import { appended, writeTarget, type TableChange } from "./table-write.ts";

/** Throws 44000 for a row that REPLACE WHERE would not replace, 0A000 where rows may not go, 40001, 23502, 23514. */
export async function runInsert(
  bound: BoundInsert,
  statement: InsertStatement,
  context: RunContext,
): Promise<Result> {
  const { services, session, pinned } = context;
  const { table } = bound;
  const { version } = pinned.view.pinned(table.id, undefined);
  const snapshot = pinned.snapshot(table.id, version);
  const replaces = bound.overwrite || bound.replaced !== undefined;
  refuseSecondTable(session, table);
  refuseSecondChange(session, snapshot, replaces ? "change" : "append");
  const evolved = evolvedTable(session, snapshot, bound.evolution);
  const { protocol, metadata } = evolved.written;
  checkWritable(snapshot.table.name, protocol, metadata);
  if (replaces) checkRowsMayGo(snapshot.table.name, protocol, metadata);
  const into: InsertedInto = { bound, statement, snapshot, ...evolved };
  const replaced = rowsToReplace(into, session);
  const replacement =
    replaced && (await replacedRows(replaced, snapshot, context));
  const apply = async (rows: InsertedRows): Promise<void> =>
    applyChange(
      services,
      session,
      table,
      await insertion(into, rows, replacement, context),
    );
  if (bound.returning === undefined && replacement?.recorded !== true) {
    const columns = writtenColumns(bound);
    const target = insertTarget(bound, evolved.written);
    const outcome = await writeRows(bound.source, columns, target, context);
    await apply({ ...outcome, changeData: [] });
    return inserted(outcome.rowCount);
  }
  const outcome = await evaluateInserts(into, replacement, context);
  const { added: drafts, inserted: rowCount, changeData } = outcome;
  const applyRows = (): Promise<void> =>
    apply({ drafts, rowCount, changeData });
  if (bound.returning !== undefined)
    return changedRows(
      bound.returning,
      `INSERT 0 ${rowCount}`,
      outcome,
      applyRows,
    );
  await applyRows();
  return inserted(rowCount);
}

function inserted(rowCount: number): Result {
  return { kind: "command", tag: `INSERT 0 ${rowCount}`, rowCount };
}

interface InsertedInto extends EvolvedTable {
  readonly bound: BoundInsert;
  readonly statement: InsertStatement;
  /** As it was read. */
  readonly snapshot: Snapshot;
}

interface InsertedRows extends WriteOutcome {
  readonly changeData: readonly FileDraft[];
}

/** Those the statement names, unless dynamic partition overwrite leaves it to the new rows. */
function rowsToReplace(
  { bound, statement, snapshot }: InsertedInto,
  session: Session,
): ReplacedRows | undefined {
  const { overwrite, replaced } = bound;
  const fixed = statement.partition.filter(({ value }) => value !== undefined);
  const dynamic =
    overwrite &&
    overwriteMode(session) === "dynamic" &&
    fixed.length < snapshot.partitionColumns.length;
  return dynamic ? undefined : replaced;
}

/** Rows that RETURNING or change data ask more of than to be written. */
function evaluateInserts(
  { bound, written }: InsertedInto,
  replacement: Replacement | undefined,
  context: RunContext,
): Promise<ChangeOutcome> {
  const before = replacement?.recorded === true;
  const inserts = asInserts(
    bound.source,
    writtenColumns(bound),
    before ? written.layout.columns : [],
  );
  return evaluateChange(
    {
      command: "insert",
      source: inserts.source,
      columns: [...inserts.columns, ...(bound.returning ?? [])],
      target: insertTarget(bound, written),
      after: true,
      before,
      duplicates: "refuse",
      returning: bound.returning !== undefined,
    },
    context,
  );
}

async function insertion(
  into: InsertedInto,
  { changeData, ...outcome }: InsertedRows,
  replacement: Replacement | undefined,
  context: RunContext,
): Promise<TableChange> {
  const { bound, statement, snapshot, written, definition } = into;
  const marks = identityActions(bound.identity, written, outcome.rowCount);
  const plan = simplified(bound.source, context.parameters);
  const reads = readsOf(plan, snapshot, context.pinned);
  const rows = appended(written, outcome, reads);
  const recorded = {
    ...rows,
    actions: [...rows.actions, ...changeFiles(changeData, written.layout)],
  };
  const change =
    replacement !== undefined
      ? replacing(statement, recorded, replacement)
      : bound.overwrite
        ? await overwritten(
            context.services,
            snapshot,
            recorded,
            overwriteMode(context.session),
          )
        : recorded;
  const actions = [...withMarks(definition, marks), ...change.actions];
  return { ...change, actions };
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

/** For messages of progress. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
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
    const planned = await planQuery(plan, output, run);
    const { physical, inputs } = planned;
    return run.services.scheduler.runWrite(physical, inputs, target, {
      queryId: `${run.session.pid}-${randomUUID()}`,
      signal: run.signal,
      onBytes: (bytes) =>
        run.session.progress(`${megabytes(bytes)} of data files are written`),
      onEnd: (summary) =>
        run.onWritten?.({ command: "insert", planned, summary }),
    });
  });
}
