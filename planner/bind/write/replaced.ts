// What an INSERT replaces besides adding rows: those of REPLACE WHERE, the partitions of INSERT OVERWRITE … PARTITION. They go as a
// DELETE's rows do, in the commit of the new ones.

import type { PinnedTable } from "../../../storage/catalog/view.ts";
import type { Column } from "../../../storage/common/schema.ts";
import { columnsUsed, substituteColumns } from "../../logical/columns.ts";
import { someExpression } from "../../logical/expression-walk.ts";
import type { Expression } from "../../logical/expression.ts";
import type { PlanColumn } from "../../logical/plan.ts";
import type { Expr, InsertStatement } from "../../parse/ast.ts";
import { assign } from "./assign.ts";
import type { ReplacedRows } from "../bound.ts";
import { actionLiteral, boundChange } from "../change/row.ts";
import { bindTarget, ruledTable, type ChangeTarget } from "../change/target.ts";
import { refuseAssigned } from "./complete-row.ts";
import { undefinedTargetColumn } from "../errors/errors-column.ts";
import {
  hiddenInReplaceWhere,
  notConstant,
  notPartitionColumn,
} from "../errors/errors-row.ts";
import { columnSpecifiedTwice } from "../errors/errors-value.ts";
import { applyOperator, conjunction } from "../expression/operator.ts";
import { requireBoolean } from "../expression/predicate.ts";
import { isVolatile } from "../library.ts";
import { noteColumns } from "../from/from-columns.ts";
import { matching } from "../names.ts";
import { reference } from "../query/output.ts";
import { CLAUSES, emptyScope, newLevel, type Scope } from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";
import { outsideBreach, type Breach } from "./violation.ts";

/** Values that PARTITION gives to all rows, of their columns' types, by the columns' names. */
export type FixedValues = ReadonlyMap<string, Expression>;

/** Throws 42703, 42701, 42P10 for what is no partition column, 0A000 for what is no constant, and what assigning throws. */
export function bindPartition(
  statement: StatementContext,
  { partition }: InsertStatement,
  { table, schema, layout }: PinnedTable,
): FixedValues {
  const seen = new Set<string>();
  const fixed = new Map<string, Expression>();
  for (const { column: name, value } of partition) {
    const [column] = matching(schema.columns, name, (it) => it.name);
    if (!column)
      throw undefinedTargetColumn(name.name, table.name, name.position);
    if (!layout.partitionColumns.includes(column.name))
      throw notPartitionColumn(column.name, table.name, name.position);
    if (seen.has(column.name))
      throw columnSpecifiedTwice(name.name, name.position);
    seen.add(column.name);
    if (value !== undefined)
      fixed.set(column.name, fixedValue(statement, column, value));
  }
  return fixed;
}

function fixedValue(
  statement: StatementContext,
  column: Column,
  value: Expr,
): Expression {
  refuseAssigned(column, "insert", value.position);
  const scope = emptyScope(statement, undefined, CLAUSES.values);
  const bound = statement.binders.expression(value, scope);
  refuseChanging(bound, "PARTITION", value.position);
  return assign(statement, bound, column);
}

/** It is asked in two plans, of old rows and of new ones, which must mean the same by it. */
function refuseChanging(
  value: Expression,
  clause: string,
  position: number,
): void {
  if (isVolatile(value))
    throw notConstant(`a volatile function in ${clause}`, position);
  if (someExpression(value, (part) => part.kind === "subquery"))
    throw notConstant(`a subquery in ${clause}`, position);
}

export interface BoundReplaced {
  readonly rows: ReplacedRows;
  /** New rows that lie outside: of REPLACE WHERE alone, since PARTITION puts all of them inside. */
  readonly breaches: (row: readonly PlanColumn[]) => readonly Breach[];
}

/** Undefined where nothing goes, or the whole table does. */
export function bindReplaced(
  statement: StatementContext,
  node: InsertStatement,
  fixed: FixedValues,
): BoundReplaced | undefined {
  const { replaceWhere, overwrite } = node;
  if (replaceWhere === undefined && (!overwrite || fixed.size === 0))
    return undefined;
  const target = bindTarget(statement, node.table, undefined);
  if (replaceWhere === undefined) {
    const predicate = inPartition(statement, target, fixed);
    return {
      rows: deletion(statement, target, predicate),
      breaches: () => [],
    };
  }
  const predicate = bindPredicate(statement, target, replaceWhere);
  const ruled = ruledTable(statement, target.pinned.table);
  return {
    rows: deletion(statement, target, predicate),
    breaches: (row) => [
      outsideBreach(
        ruled,
        substituteColumns(predicate, (id) => {
          const old = target.columns.find((column) => column.id === id);
          const value = row.find((column) => column.name === old?.name);
          return value && reference(value);
        }),
      ),
    ],
  };
}

function inPartition(
  statement: StatementContext,
  target: ChangeTarget,
  fixed: FixedValues,
): Expression {
  return conjunction(
    target.columns.flatMap((column) => {
      const value = fixed.get(column.name);
      if (value === undefined) return [];
      const operands = [reference(column), value];
      return [
        applyOperator(statement, "is not distinct from", operands, undefined),
      ];
    }),
  );
}

function bindPredicate(
  statement: StatementContext,
  target: ChangeTarget,
  condition: Expr,
): Expression {
  const level = { ...newLevel(), clause: CLAUSES.where };
  const relations = [target.relation];
  noteColumns(level, relations);
  const parent = undefined;
  const scope: Scope = { statement, level, relations, refused: [], parent };
  const predicate = requireBoolean(
    scope,
    statement.binders.expression(condition, scope),
    "REPLACE WHERE",
  );
  refuseChanging(predicate, "REPLACE WHERE", condition.position);
  const known = new Set(target.columns.map(({ id }) => id));
  for (const id of columnsUsed(predicate))
    if (!known.has(id)) throw hiddenInReplaceWhere(condition.position);
  return predicate;
}

function deletion(
  statement: StatementContext,
  target: ChangeTarget,
  predicate: Expression,
): ReplacedRows {
  return boundChange(
    statement,
    { command: "delete", duplicates: "first", target, with: undefined },
    () => ({
      plan: { kind: "filter", predicate, input: target.rows },
      action: actionLiteral("delete"),
      row: undefined,
      before: target,
      returning: undefined,
    }),
  );
}
