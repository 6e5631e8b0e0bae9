// A plan whose rows are changes of a table -> what the nodes made of it, uncommitted; and what the plan read of the table.

import { randomUUID } from "node:crypto";
import type { BoundChange } from "../../planner/bind/bound.ts";
import type {
  LogicalPlan,
  PlanColumn,
  ProjectItem,
} from "../../planner/logical/plan.ts";
import { onlyColumns } from "../../planner/logical/columns.ts";
import { nodesOf, outputOf } from "../../planner/logical/walk.ts";
import { columnId } from "../../storage/common/ids.ts";
import { INT2, INT8, TEXT } from "../../storage/common/data-type.ts";
import { isTrue, supportsWriterFeature } from "../../storage/delta/features.ts";
import { trackedColumns } from "../../storage/delta/row-tracking.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import type { ChangeOutcome } from "../compute/changes.ts";
import type { ChangeOutput, WriteTarget } from "../compute/fragment.ts";
import {
  inEnoughDigits,
  planQuery,
  simplified,
  type RunContext,
  type WritePlan,
} from "../run-query.ts";
import { withKeyPruning } from "./key-pruning.ts";
import { writeTarget } from "./table-write.ts";

export interface ChangePlan extends Pick<
  ChangeOutput,
  "after" | "before" | "duplicates"
> {
  readonly command: WritePlan["command"];
  readonly source: LogicalPlan;
  /** As ChangeOutput tells: action, path, position, then new values, old values, and what RETURNING gives. */
  readonly columns: readonly Pick<PlanColumn, "id">[];
  readonly target: WriteTarget;
  readonly returning: boolean;
  /** The scan of the changed table. */
  readonly changedScan?: number;
}

export function evaluateChange(
  change: ChangePlan,
  context: RunContext,
): Promise<ChangeOutcome> {
  const { columns, changedScan, target, after, before, duplicates } = change;
  const output = columns.map(({ id }) => id);
  const plan = simplified(
    onlyColumns(change.source, columns),
    context.parameters,
  );
  return inEnoughDigits(context, async (run) => {
    const pruned =
      changedScan === undefined
        ? plan
        : await withKeyPruning(plan, changedScan, run);
    const planned = await planQuery(pruned, output, {
      ...run,
      ...scattering(change),
    });
    const { physical, inputs } = planned;
    return run.services.scheduler.runChange(
      physical,
      inputs,
      {
        kind: "change",
        target,
        after,
        before,
        duplicates,
        ...(change.returning ? { returning: run.format } : {}),
      },
      {
        queryId: `${run.session.pid}-${randomUUID()}`,
        signal: run.signal,
        onEnd: (summary) =>
          run.onWritten?.({ command: change.command, planned, summary }),
      },
    );
  });
}

/**
 * Where the first change of a row counts, one fragment has to see all changes of a file: only the changed table's files are shared out.
 * A row that MERGE changes twice is an error wherever that comes out, so that its source may be shared out as well.
 */
function scattering({ duplicates, changedScan }: ChangePlan): {
  readonly scatterScan?: number;
} {
  return changedScan === undefined || duplicates !== "first"
    ? {}
    : { scatterScan: changedScan };
}

/** What the nodes shall evaluate: new values unless rows only go, old ones where change data tells of them. */
export function changePlan(
  bound: Omit<
    BoundChange,
    "parameterTypes" | "sessionDependent" | "requirements"
  >,
  snapshot: Snapshot,
): ChangePlan {
  const { columns, command, violation, returning } = bound;
  const after = command !== "delete";
  const before = hasChangeFeed(snapshot);
  return {
    command,
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

export function hasChangeFeed({ protocol, metadata }: Snapshot): boolean {
  return (
    supportsWriterFeature(protocol, "changeDataFeed") &&
    isTrue(metadata, "delta.enableChangeDataFeed")
  );
}

/** Rows to insert as changes; `before`: the columns whose missing old values change data asks for. */
export function asInserts(
  source: LogicalPlan,
  columns: readonly PlanColumn[],
  before: readonly Pick<PlanColumn, "name" | "type">[],
): { readonly source: LogicalPlan; readonly columns: readonly PlanColumn[] } {
  const output = outputOf(source);
  let next = Math.max(
    ...[...nodesOf(source)].flatMap((node) =>
      outputOf(node).map(({ id }) => Number(id)),
    ),
  );
  const constant = (
    name: string,
    type: PlanColumn["type"],
    value: string | null,
  ): ProjectItem => {
    next += 1;
    return {
      column: { id: columnId(next), name, type, nullable: value === null },
      value: { kind: "literal", type, value },
    };
  };
  const facts = [
    constant("action", INT2, "0"),
    constant("file_path", TEXT, null),
    constant("row_index", INT8, null),
  ];
  const old = before.map(({ name, type }) => constant(name, type, null));
  return {
    source: {
      kind: "project",
      items: [...facts, ...output.map(passed), ...old],
      input: source,
    },
    columns: [
      ...facts.map(({ column }) => column),
      ...columns,
      ...old.map(({ column }) => column),
    ],
  };
}

function passed(column: PlanColumn): ProjectItem {
  const { id, name, type, nullable } = column;
  return {
    column,
    value: { kind: "column", column: id, name, type, nullable },
  };
}
