// Which columns plans and expressions use, make and leave free, and putting expressions in place of columns.

import type { ColumnId } from "../../storage/common/ids.ts";
import { operandsOf, rewriteExpression } from "./expression-walk.ts";
import type { Expression } from "./expression.ts";
import type { LogicalPlan, PlanColumn, ProjectItem } from "./plan.ts";
import {
  children,
  expressionsOf,
  mapChildren,
  mapExpressions,
  outputOf,
} from "./walk.ts";

/** Columns the plan uses but does not make: what ties a subquery or a lateral side to the plan around it. */
export function freeColumns(plan: LogicalPlan): ReadonlySet<ColumnId> {
  const used = new Set<ColumnId>();
  const made = new Set<ColumnId>();
  collect(plan, used, made);
  for (const id of made) used.delete(id);
  return used;
}

function collect(
  plan: LogicalPlan,
  used: Set<ColumnId>,
  made: Set<ColumnId>,
): void {
  for (const expression of expressionsOf(plan)) columnsUsed(expression, used);
  for (const column of columnsMade(plan)) made.add(column.id);
  // Plans of subqueries: what they make is theirs, what they leave free was added by columnsUsed above.
  for (const child of children(plan)) collect(child, used, made);
}

/** Columns that exist from this node upwards and not below it; a projection of a column under its own id is none. */
export function columnsMade(plan: LogicalPlan): readonly PlanColumn[] {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "set-operation":
    case "common-table-ref":
      return plan.columns;
    case "project":
      return plan.items.filter(isNew).map((item) => item.column);
    case "join":
      return plan.mark ? [plan.mark] : [];
    case "aggregate":
      return [
        ...plan.groups.filter(isNew).map((item) => item.column),
        ...plan.aggregates.map((item) => item.column),
        ...plan.grouping.map((item) => item.column),
      ];
    case "window":
      return plan.calls.map((item) => item.column);
    case "unnest":
    case "series":
      return [...plan.columns, ...(plan.ordinality ? [plan.ordinality] : [])];
    default:
      return [];
  }
}

function isNew(item: ProjectItem): boolean {
  return item.value.kind !== "column" || item.value.column !== item.column.id;
}

/** Ids of the columns an expression reads, those its subqueries leave free included. Adds to `used` and returns it. */
export function columnsUsed(
  expression: Expression,
  used: Set<ColumnId> = new Set<ColumnId>(),
): Set<ColumnId> {
  if (expression.kind === "column") used.add(expression.column);
  if (expression.kind === "subquery") {
    for (const id of freeColumns(expression.plan)) used.add(id);
  }
  for (const operand of operandsOf(expression)) columnsUsed(operand, used);
  return used;
}

/** Puts expressions in place of columns, correlated uses inside subqueries included. `undefined` keeps the column. */
export function substituteColumns(
  expression: Expression,
  replacement: (column: ColumnId) => Expression | undefined,
): Expression {
  return rewriteExpression(expression, (part) => {
    if (part.kind === "column") return replacement(part.column) ?? part;
    if (part.kind !== "subquery") return part;
    const plan = substituteInPlan(part.plan, replacement);
    return plan === part.plan ? part : { ...part, plan };
  });
}

/** `substituteColumns` in every expression of a plan. */
export function substituteInPlan(
  plan: LogicalPlan,
  replacement: (column: ColumnId) => Expression | undefined,
): LogicalPlan {
  const below = mapChildren(plan, (child) =>
    substituteInPlan(child, replacement),
  );
  return mapExpressions(below, (expression) =>
    substituteColumns(expression, replacement),
  );
}

/** The plan's output without columns that nobody asks for, so that they are not read; in the plan's order. */
export function onlyColumns(
  plan: LogicalPlan,
  wanted: readonly Pick<PlanColumn, "id">[],
): LogicalPlan {
  const ids = new Set(wanted.map(({ id }) => id));
  const items = outputOf(plan)
    .filter(({ id }) => ids.has(id))
    .map((column): ProjectItem => {
      const { id, name, type, nullable } = column;
      return {
        column,
        value: { kind: "column", column: id, name, type, nullable },
      };
    });
  return { kind: "project", items, input: plan };
}
