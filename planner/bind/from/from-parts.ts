// What the pieces of a FROM list have in common.

import { freeColumns } from "../../logical/columns.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import { outputOf } from "../../logical/walk.ts";
import type { Level, Scope, ScopeRelation } from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";

export interface BoundFrom {
  readonly plan: LogicalPlan;
  readonly relations: readonly ScopeRelation[];
}

/** The query whose FROM list is bound. */
export interface FromContext {
  readonly statement: StatementContext;
  readonly level: Level;
  readonly parent: Scope | undefined;
  /** The target of UPDATE, DELETE or MERGE, which the list cannot refer to. */
  readonly refused?: readonly ScopeRelation[];
}

/** One row without columns: what SELECT without FROM reads. */
export const ONE_ROW: LogicalPlan = { kind: "values", columns: [], rows: [[]] };

/** True when the right side uses columns of the left. */
export function isLateral(left: LogicalPlan, right: LogicalPlan): boolean {
  const free = freeColumns(right);
  return free.size > 0 && outputOf(left).some((column) => free.has(column.id));
}

/** A set-returning function over nothing becomes one over the left side. */
export function chained(
  left: LogicalPlan,
  right: LogicalPlan,
  outer: boolean,
): LogicalPlan | undefined {
  const overNothing =
    (right.kind === "unnest" || right.kind === "series") &&
    right.input === ONE_ROW;
  return overNothing ? { ...right, outer, input: left } : undefined;
}
