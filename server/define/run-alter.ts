// ALTER TABLE on a table's log: rows that forbid the change are looked for in the version it was bound to, then one commit makes it.

import { randomUUID } from "node:crypto";
import type { BoundAlterTable } from "../../planner/bind/bound.ts";
import { outputOf } from "../../planner/logical/walk.ts";
import type { Statement } from "../../planner/parse/ast.ts";
import type { LogicalPlan } from "../../planner/logical/plan.ts";
import type { DefinitionChange } from "../../storage/delta/definition/definition-change.ts";
import {
  changed,
  changeParameters,
  operationOf,
} from "../../storage/delta/definition/definition-change.ts";
import {
  definitionActions,
  definitionOf,
} from "../../storage/delta/definition/definition.ts";
import { checkWritable } from "../../storage/delta/features.ts";
import { filesToNumber } from "../../storage/delta/row-tracking-start.ts";
import { planQuery, simplified, type RunContext } from "../run-query.ts";
import type { Result } from "../session/result.ts";
import { keyProperty, keysAfter, keyText, noticeKeys } from "./table-keys.ts";
import { applyChange, refuseSecondTable } from "../write/pending-write.ts";

export async function runAlterTable(
  bound: BoundAlterTable,
  statement: Statement,
  context: RunContext,
): Promise<Result> {
  const { services, session, pinned } = context;
  const { table, obstacles } = bound;
  const tag = statement.kind === "comment" ? "COMMENT" : "ALTER TABLE";
  for (const notice of bound.notices) session.notice("NOTICE", notice);
  if (table === undefined) {
    const name =
      statement.kind === "alter"
        ? (statement.name.parts.at(-1)?.name ?? "")
        : "";
    session.notice("NOTICE", `relation "${name}" does not exist, skipping`);
    return { kind: "command", tag };
  }
  refuseSecondTable(session, table);
  const { version } = pinned.view.pinned(table.id, undefined);
  const snapshot = pinned.snapshot(table.id, version);
  checkWritable(snapshot.table.name, snapshot.protocol, snapshot.metadata);
  const changes = withKeys(bound, snapshot.properties);
  const [first] = changes;
  if (first === undefined) return { kind: "command", tag };
  const before = definitionOf(snapshot);
  const after = changed(before, changes);
  for (const { plan, error } of obstacles)
    if (await givesRow(plan, context)) throw error;
  const numbered = await filesToNumber(
    services.tables.contextOf(snapshot.table),
    snapshot,
    after,
  );
  await applyChange(services, session, table, {
    table: snapshot.table,
    version,
    actions: [...definitionActions(before, after), ...(numbered ?? [])],
    reads: {
      kind:
        obstacles.length > 0 || numbered !== undefined ? "table" : "nothing",
    },
    operation: operationOf(first),
    parameters: changeParameters(changes, before, after),
    metrics: {},
  });
  noticeKeys(session, table.name, bound.addedKeys);
  return { kind: "command", tag };
}

/** Keys follow the columns they name. */
function withKeys(
  { changes, addedKeys }: BoundAlterTable,
  properties: Readonly<Record<string, string>>,
): readonly DefinitionChange[] {
  return [
    ...changes,
    ...keysAfter(properties, changes),
    ...addedKeys.map((key): DefinitionChange => ({
      kind: "set-key",
      property: keyProperty(key.name),
      text: keyText(key),
    })),
  ];
}

async function givesRow(
  plan: LogicalPlan,
  context: RunContext,
): Promise<boolean> {
  const { services, session, format, signal } = context;
  const simple = simplified(plan, []);
  const output = outputOf(simple).map(({ id }) => id);
  const { physical, inputs } = await planQuery(simple, output, context);
  const batches = await services.scheduler.runPlan(physical, inputs, {
    queryId: `${session.pid}-${randomUUID()}`,
    format,
    signal,
  });
  for await (const { rowCount } of batches) if (rowCount > 0) return true;
  return false;
}
