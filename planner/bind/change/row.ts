// The rows of a change: what it does to which row of the table, the row's new values and its old ones.

import { INT2, type DataType } from "../../../storage/common/data-type.ts";
import type { Case, Expression } from "../../logical/expression.ts";
import type {
  LogicalPlan,
  PlanColumn,
  ProjectItem,
} from "../../logical/plan.ts";
import type { WithClause } from "../../parse/ast.ts";
import type {
  BoundChange,
  Evolution,
  Returning,
  StatementBody,
} from "../bound.ts";
import { bindWith } from "../from/common-table.ts";
import type { CompleteRow } from "../write/complete-row.ts";
import { withoutUnusedHidden } from "../query/hidden-columns.ts";
import { reference } from "../query/output.ts";
import type { StatementContext } from "../statement-context.ts";
import type { NewValue } from "./assignment.ts";
import type { ChangeTarget } from "./target.ts";

/** Numbers of the `action` column. */
const ACTIONS = { insert: 0, update: 1, delete: 2 } as const;
export type Action = keyof typeof ACTIONS;

export function actionLiteral(action: Action): Expression {
  return { kind: "literal", type: INT2, value: String(ACTIONS[action]) };
}

export function nullOf({ type }: Pick<PlanColumn, "type">): Expression {
  return { kind: "literal", type, value: null };
}

/** NULL where no branch applies. */
export function caseOf(type: DataType, branches: Case["branches"]): Expression {
  return branches.length === 0
    ? nullOf({ type })
    : { kind: "case", type, branches, otherwise: undefined };
}

/** What an update says about each column: its new value or the old one. Undefined: DEFAULT, and what follows from other columns. */
export function updatedValues(
  { columns, pinned }: ChangeTarget,
  values: readonly (NewValue | undefined)[],
): readonly (Expression | undefined)[] {
  return pinned.schema.columns.map(({ generated }, i) => {
    const value = values[i];
    const old = columns[i];
    if (value !== undefined) return value === "default" ? undefined : value;
    return old && !generated ? reference(old) : undefined;
  });
}

/** Changes over a plan that gives everything they are made of. */
export interface Changes {
  readonly plan: LogicalPlan;
  readonly action: Expression;
  /** New rows beside the plan's other columns; undefined where nothing is written. */
  readonly row: Omit<CompleteRow, "plan"> | undefined;
  readonly evolution?: Evolution;
  /** Place and old values; undefined where no row has any. */
  readonly before: ChangeTarget | undefined;
  readonly returning: Returning;
}

type ChangeRows = Pick<
  BoundChange,
  "columns" | "violation" | "identity" | "evolution" | "returning"
> & { readonly plan: LogicalPlan };

/** Exactly the columns of a change, its violation, and those of RETURNING. */
function changeRows(
  statement: StatementContext,
  target: ChangeTarget,
  changes: Changes,
): ChangeRows {
  const { plan, action, row, before, returning, evolution = [] } = changes;
  const items: ProjectItem[] = [];
  const add = (column: PlanColumn, value: Expression): PlanColumn => {
    items.push({ column, value });
    return column;
  };
  const pass = (column: PlanColumn): PlanColumn =>
    add(column, reference(column));
  const missing = ({ name, type }: PlanColumn): PlanColumn =>
    add(statement.newColumn(name, type), nullOf({ type }));
  const old = before === undefined ? missing : pass;
  const columns = {
    action: add(statement.newColumn("action", INT2, false), action),
    filePath: old(target.filePath),
    rowIndex: old(target.rowIndex),
    after: row ? row.columns.map(pass) : target.columns.map(missing),
    rowId: target.rowId && old(target.rowId),
    before: (before ?? target).columns.map(old),
  };
  const violation = row?.violation && pass(row.violation);
  for (const { id, name, type } of returning ?? []) {
    pass({ id, name, type, nullable: true });
  }
  return {
    plan: { kind: "project", items, input: plan },
    columns,
    violation,
    identity: row?.identity,
    evolution,
    returning,
  };
}

/** The statement's common tables are in scope of `bind`. */
export function boundChange(
  statement: StatementContext,
  change: Pick<BoundChange, "command" | "duplicates"> & {
    readonly target: ChangeTarget;
    readonly with: WithClause | undefined;
  },
  bind: () => Changes,
): Extract<StatementBody, { readonly kind: "change" }> {
  const { command, duplicates, target } = change;
  const bound = (): ChangeRows => changeRows(statement, target, bind());
  const { plan, ...rows } = change.with
    ? bindWith(statement, change.with, undefined, bound)
    : bound();
  return {
    kind: "change",
    command,
    table: target.pinned.table,
    source: withoutUnusedHidden(statement, plan),
    ...rows,
    targetScanId: target.scan.table.scanId,
    duplicates,
  };
}
