// RETURNING: select items over the rows a statement writes, computed in the same plan as the rows.

import type { TableEntry } from "../../../storage/catalog/objects.ts";
import type {
  LogicalPlan,
  PlanColumn,
  ResultColumn,
} from "../../logical/plan.ts";
import type { Expression } from "../../logical/expression.ts";
import { outputOf } from "../../logical/walk.ts";
import type { SelectItem } from "../../parse/ast.ts";
import type { Returning } from "../bound.ts";
import { isLimited } from "./assign.ts";
import { noteColumns } from "../from/from-columns.ts";
import { isNullable } from "../nullability.ts";
import { reference } from "../query/output.ts";
import { namedRelation } from "../from/relation.ts";
import {
  CLAUSES,
  emptyScope,
  scopeColumns,
  type Scope,
  type ScopeRelation,
} from "../scope.ts";
import { bindItems } from "../query/select-list.ts";
import type { StatementContext } from "../statement-context.ts";

/** The new row under the target's name, as RETURNING of INSERT sees it. */
export function insertedRow(
  table: TableEntry,
  name: string,
  columns: readonly PlanColumn[],
): ScopeRelation {
  const shown = scopeColumns(
    columns.map((column, i) => ({
      ...column,
      origin: { tableOid: table.oid, columnNumber: i + 1 },
    })),
  );
  return namedRelation(
    name,
    shown.map((it) => ({ ...it, value: asWritten(it.value) })),
  );
}

/** Values of char(n) and varchar(n) get their length only where they are written. */
function asWritten(value: Expression): Expression {
  const { type } = value;
  if (!isLimited(type)) return value;
  const operand = { ...value, type: { kind: type.kind } };
  return { kind: "cast", operand, type, attempt: false };
}

/**
 * The relation with other values, as RETURNING of UPDATE, DELETE and MERGE sees it: `columns[i]` is its i-th column. Schema evolution
 * may have added some behind.
 */
export function changedRow(
  target: ScopeRelation,
  columns: readonly PlanColumn[],
): ScopeRelation {
  return {
    ...target,
    columns: columns.map((column, i) => ({
      ...(target.columns[i] ?? { name: column.name }),
      value: asWritten(reference(column)),
    })),
    hidden: target.hidden.filter(({ name }) => name === "tableoid"),
  };
}

/** Adds the items' values to what the plan gives. */
export function withReturning<T extends { readonly plan: LogicalPlan }>(
  statement: StatementContext,
  rows: T,
  {
    relations,
    mergeAction,
    refused = [],
  }: Pick<Scope, "relations" | "mergeAction"> & Partial<Pick<Scope, "refused">>,
  items: readonly SelectItem[],
): T & { readonly returning: Returning } {
  if (items.length === 0) return { ...rows, returning: undefined };
  const scope: Scope = {
    ...emptyScope(statement, undefined, CLAUSES.returning),
    relations,
    refused,
    ...(mergeAction && { mergeAction }),
  };
  noteColumns(scope.level, scope.relations);
  const made = bindItems(scope, items, false).map(({ name, value, origin }) => {
    const column = statement.newColumn(name, value.type, isNullable(value));
    const { id, type } = column;
    const result: ResultColumn = { id, name, type, origin };
    return { column, value, result };
  });
  const passed = outputOf(rows.plan).map((column) => ({
    column,
    value: reference(column),
  }));
  return {
    ...rows,
    plan: {
      kind: "project",
      items: [
        ...passed,
        ...made.map(({ column, value }) => ({ column, value })),
      ],
      input: rows.plan,
    },
    returning: made.map(({ result }) => result),
  };
}
