// UPDATE, DELETE and MERGE: nodes find the rows and write new ones; the gateway turns positions of rows that go into actions and
// commits everything at once.

import type { BoundChange } from "../../planner/bind/bound.ts";
import type {
  DeleteStatement,
  InsertStatement,
  MergeStatement,
  UpdateStatement,
} from "../../planner/parse/ast.ts";
import type { Action } from "../../storage/delta/actions.ts";
import { checkRowsMayGo, checkWritable } from "../../storage/delta/features.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import { changePlan, evaluateChange } from "./change-plan.ts";
import { readsOf } from "./table-reads.ts";
import type { ChangeOutcome } from "../compute/changes.ts";
import {
  changeMetrics,
  changeParameters,
  type ChangeCounts,
} from "./change-info.ts";
import { evolvedTable, withMarks, type EvolvedTable } from "./evolved-table.ts";
import { changeFiles, goneRows, removals } from "./gone-rows.ts";
import { identityActions } from "./identity.ts";
import {
  applyChange,
  refuseSecondChange,
  refuseSecondTable,
} from "./pending-write.ts";
import { changedRows } from "./returning.ts";
import { simplified, type RunContext } from "../run-query.ts";
import type { Result } from "../session/result.ts";
import { addActions, type TableChange } from "./table-write.ts";
import { doomedFiles } from "./whole-files.ts";

export type ChangeStatement =
  UpdateStatement | DeleteStatement | MergeStatement | InsertStatement;

/** An INSERT is here for its ON CONFLICT. Throws 21000 when MERGE changes a row twice, 0A000 where rows may not go, 40001, 23502, 23514. */
export async function runChange(
  bound: BoundChange,
  statement: ChangeStatement,
  context: RunContext,
): Promise<Result> {
  const { session, pinned } = context;
  const { table, command, returning } = bound;
  const { version } = pinned.view.pinned(table.id, undefined);
  const snapshot = pinned.snapshot(table.id, version);
  const { name } = snapshot.table;
  refuseSecondTable(session, table);
  refuseSecondChange(session, snapshot, "change");
  const evolved = evolvedTable(session, snapshot, bound.evolution);
  const { written } = evolved;
  checkWritable(name, written.protocol, written.metadata);
  if (command !== "merge")
    checkRowsMayGo(name, snapshot.protocol, snapshot.metadata);
  const run: ChangeRun = { bound, statement, snapshot, context, ...evolved };
  const deleted =
    command === "delete" && returning === undefined
      ? await deleteFiles(run)
      : undefined;
  if (deleted !== undefined) return deleted;
  const outcome = await evaluateChange(changePlan(bound, written), context);
  const rowCount = outcome.inserted + outcome.updated + outcome.deleted;
  const word = statement.kind === "insert" ? "INSERT 0" : command.toUpperCase();
  const tag = `${word} ${rowCount}`;
  const apply = (): Promise<void> => applyRows(run, outcome);
  if (returning !== undefined)
    return changedRows(returning, tag, outcome, apply);
  await apply();
  const { inserted, updated } = outcome;
  return {
    kind: "command",
    tag,
    rowCount,
    changed: { inserted, updated, deleted: outcome.deleted },
  };
}

interface ChangeRun extends EvolvedTable {
  readonly bound: BoundChange;
  readonly statement: ChangeStatement;
  /** As it was read. */
  readonly snapshot: Snapshot;
  readonly context: RunContext;
}

/** A DELETE the log alone can answer; undefined otherwise. */
async function deleteFiles(run: ChangeRun): Promise<Result | undefined> {
  const { bound, snapshot, context } = run;
  const whole = await doomedFiles(bound, snapshot, context);
  if (whole === undefined) return undefined;
  const { files, rowCount } = whole;
  await applyActions(run, removals(files), {
    ...NOTHING,
    removed: files,
    deleted: rowCount,
  });
  return {
    kind: "command",
    tag: `DELETE ${rowCount}`,
    rowCount,
    changed: { inserted: 0, updated: 0, deleted: rowCount },
  };
}

const NOTHING: ChangeCounts = {
  added: [],
  rewritten: { drafts: [], rowCount: 0 },
  changeData: [],
  removed: [],
  vectors: [],
  inserted: 0,
  updated: 0,
  deleted: 0,
};

async function applyRows(
  run: ChangeRun,
  outcome: ChangeOutcome,
): Promise<void> {
  const { snapshot, written, context } = run;
  const gone = await goneRows(outcome.gone, snapshot, context);
  await applyActions(
    run,
    [
      ...gone.actions,
      ...addActions(outcome.added, written.layout),
      ...changeFiles(outcome.changeData, written.layout),
    ],
    { ...outcome, ...gone },
  );
}

function applyActions(
  { bound, statement, snapshot, written, definition, context }: ChangeRun,
  actions: readonly Action[],
  counts: ChangeCounts,
): Promise<void> {
  const { services, session, pinned } = context;
  const { table, version } = snapshot;
  const plan = simplified(bound.source, context.parameters);
  const change: TableChange = {
    table,
    version,
    actions: [
      ...withMarks(
        definition,
        identityActions(
          bound.identity,
          written,
          counts.inserted + counts.updated,
        ),
      ),
      ...actions,
    ],
    reads: readsOf(plan, snapshot, pinned),
    operation: bound.command.toUpperCase(),
    parameters: changeParameters(statement),
    metrics: changeMetrics(bound.command, counts),
  };
  return applyChange(services, session, bound.table, change);
}
