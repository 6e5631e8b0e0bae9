// UPDATE, DELETE and MERGE: nodes find the rows and write new ones; the gateway turns positions of rows that go into actions and
// commits everything at once.

import { randomUUID } from "node:crypto";
import type { BoundChange } from "../../planner/bind/bound.ts";
import { onlyColumns } from "../../planner/logical/columns.ts";
import type {
  DeleteStatement,
  MergeStatement,
  UpdateStatement,
} from "../../planner/parse/ast.ts";
import type { Action } from "../../storage/delta/actions.ts";
import {
  planRowDeletion,
  survivors,
  takesVectors,
  vectorActions,
} from "../../storage/delta/deletion-vector/delete-rows.ts";
import {
  checkRowsMayGo,
  checkWritable,
  isTrue,
  supportsWriterFeature,
} from "../../storage/delta/features.ts";
import {
  removeAction,
  type LiveFile,
} from "../../storage/delta/file-table/live-files.ts";
import { trackedColumns } from "../../storage/delta/row-tracking.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import { evaluateChange, readsOf, type ChangePlan } from "./change-plan.ts";
import type { ChangeOutcome } from "../compute/changes.ts";
import type { FileDraft } from "../compute/fragment.ts";
import {
  changeMetrics,
  changeParameters,
  type ChangeCounts,
} from "./change-info.ts";
import { evolvedTable, withMarks, type EvolvedTable } from "./evolved-table.ts";
import { identityActions } from "./identity.ts";
import {
  applyChange,
  refuseSecondChange,
  refuseSecondTable,
} from "./pending-write.ts";
import { changedRows } from "./returning.ts";
import { rewriteFiles } from "./rewrite.ts";
import { simplified, type RunContext } from "../run-query.ts";
import type { Result } from "../session/result.ts";
import { addActions, writeTarget, type TableChange } from "./table-write.ts";
import { wholeFiles } from "./whole-files.ts";

export type ChangeStatement =
  UpdateStatement | DeleteStatement | MergeStatement;

/** Throws 21000 when MERGE changes a row twice, 0A000 where rows may not go, 40001, 23502, 23514. */
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
  const tag = `${command.toUpperCase()} ${rowCount}`;
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

/** What the nodes shall evaluate: new values unless rows only go, old ones where change data tells of them. */
function changePlan(bound: BoundChange, snapshot: Snapshot): ChangePlan {
  const { columns, command, violation, returning } = bound;
  const after = command !== "delete";
  const before = hasChangeFeed(snapshot);
  return {
    source: bound.source,
    columns: [
      columns.action,
      columns.filePath,
      columns.rowIndex,
      ...(after ? columns.after : []),
      ...(after && columns.rowId !== undefined ? [columns.rowId] : []),
      ...(after && violation !== undefined ? [violation] : []),
      ...(before ? columns.before : []),
      ...(returning ?? []),
    ],
    target: {
      ...writeTarget(
        snapshot.table.location,
        snapshot.layout,
        snapshot.properties,
      ),
      tracked: trackedColumns(snapshot.layout.rowTracking, "updated"),
      checked: after && violation !== undefined,
    },
    after,
    before,
    duplicates: bound.duplicates,
    returning: returning !== undefined,
    changedScan: bound.targetScanId,
  };
}

function hasChangeFeed({ protocol, metadata }: Snapshot): boolean {
  return (
    supportsWriterFeature(protocol, "changeDataFeed") &&
    isTrue(metadata, "delta.enableChangeDataFeed")
  );
}

/** A DELETE the log alone can answer; undefined otherwise. */
async function deleteFiles(run: ChangeRun): Promise<Result | undefined> {
  const { bound, snapshot, context } = run;
  const { action, filePath, rowIndex } = bound.columns;
  const plan = simplified(
    onlyColumns(bound.source, [action, filePath, rowIndex]),
    context.parameters,
  );
  const whole = await wholeFiles(plan, snapshot, context);
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

function removals(files: readonly LiveFile[]): readonly Action[] {
  const now = Date.now();
  return files.map((file) => ({
    kind: "remove",
    remove: removeAction(file, now),
  }));
}

async function applyRows(
  run: ChangeRun,
  outcome: ChangeOutcome,
): Promise<void> {
  const { snapshot, written, context } = run;
  const { services, session, signal } = context;
  const { store } = services.tables.contextOf(snapshot.table);
  const { whole, partial } = await planRowDeletion(
    store,
    snapshot,
    outcome.gone,
  );
  const marked = partial.filter(({ file }) => takesVectors(snapshot, file));
  const copied = partial.filter(({ file }) => !takesVectors(snapshot, file));
  const rewritten = await rewriteFiles(
    services,
    snapshot,
    copied.map(survivors),
    { queryId: `${session.pid}-${randomUUID()}`, signal },
  );
  const vectors = await vectorActions(store, snapshot, marked, Date.now());
  const removed = [...whole, ...copied.map(({ file }) => file)];
  await applyActions(
    run,
    [
      ...removals(removed),
      ...vectors,
      ...addActions([...rewritten.drafts, ...outcome.added], written.layout),
      ...changeFiles(outcome.changeData, written),
    ],
    { ...outcome, rewritten, removed, vectors: marked },
  );
}

/** Checklist G4. */
function changeFiles(
  drafts: readonly FileDraft[],
  { layout }: Snapshot,
): readonly Action[] {
  return addActions(drafts, layout).flatMap((action): Action[] => {
    if (action.kind !== "add") return [];
    const { path, partitionValues, size } = action.add;
    return [{ kind: "cdc", cdc: { path, partitionValues, size } }];
  });
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
