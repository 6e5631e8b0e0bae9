// What the upkeep of a table needs (access-control: section 6).

import type { RestoreStatement, VacuumStatement } from "../../parse/ast.ts";
import {
  noteTable,
  type NameScope,
  type ResolveState,
} from "./resolve-state.ts";
import {
  relationSecurable,
  requireOwner,
  requireTarget,
} from "./resolve-target.ts";
import { evaluateTravel } from "./travel.ts";

/** Delta's default of delta.deletedFileRetentionDuration. */
const DEFAULT_RETENTION_HOURS = 168;

/** MODIFY; who shortens the time others have to read old versions must own the table. */
export function resolveVacuum(
  state: ResolveState,
  scope: NameScope,
  { table, retainHours }: VacuumStatement,
): void {
  requireTarget(state, scope, table, "MODIFY");
  const target = state.targets.get(table);
  const short =
    retainHours !== undefined && retainHours < DEFAULT_RETENTION_HOURS;
  if (short && target?.kind === "relation" && target.schema !== undefined) {
    requireOwner(state, relationSecurable(target.relation), table);
  }
}

/** MODIFY; the owner where policies are or were. That a changed schema needs the owner shows only when both versions are read. */
export function resolveRestore(
  state: ResolveState,
  scope: NameScope,
  { table, travel }: RestoreStatement,
): void {
  requireTarget(state, scope, table, "MODIFY");
  const target = state.targets.get(table);
  if (target?.kind === "relation" && target.relation.kind === "table") {
    if (target.relation.policies && target.schema)
      requireOwner(state, relationSecurable(target.relation), table);
    noteTable(state, target.relation, evaluateTravel(state, travel));
  }
}
