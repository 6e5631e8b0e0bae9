// UPDATE and DELETE: the target and the FROM or USING list joined, WHERE, and what becomes of each row that is left.

import type { LogicalPlan } from "../../logical/plan.ts";
import { outputOf } from "../../logical/walk.ts";
import type {
  DeleteStatement,
  Expr,
  FromItem,
  UpdateStatement,
} from "../../parse/ast.ts";
import type { StatementBody } from "../bound.ts";
import { completeRow } from "../write/complete-row.ts";
import { conjunction } from "../expression/operator.ts";
import { requireBoolean } from "../expression/predicate.ts";
import { bindFromList, crossJoin } from "../from/from.ts";
import { noteColumns } from "../from/from-columns.ts";
import { maskedRow } from "../policy/apply-policies.ts";
import { withReturning, changedRow } from "../write/returning.ts";
import {
  CLAUSES,
  inClause,
  newLevel,
  type Scope,
  type ScopeRelation,
} from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";
import { bindAssignments } from "./assignment.ts";
import { actionLiteral, boundChange, updatedValues } from "./row.ts";
import { bindTarget, returnedPolicies, type ChangeTarget } from "./target.ts";

/** Values are checked before RETURNING, which PostgreSQL does the other way round. */
export function bindUpdate(
  statement: StatementContext,
  node: UpdateStatement,
): StatementBody {
  const target = bindTarget(statement, node.table, node.alias);
  return boundChange(
    statement,
    { command: "update", duplicates: "first", target, with: node.with },
    () => {
      const rows = bindRows(statement, target, node.from, node.where);
      const { scope } = rows;
      const { plan, values } = bindAssignments(
        scope,
        target,
        node.assignments,
        { plan: rows.plan, when: conjunction([]) },
      );
      const given = updatedValues(target, values).map(
        (value) => value && { value },
      );
      const row = completeRow(statement, target.pinned, given, {
        plan,
        keep: outputOf(plan),
      });
      const { rows: seen, columns } = maskedRow(statement, row, row.columns, {
        policies: returnedPolicies(statement, node.table),
        layout: target.pinned.layout,
      });
      const written = changedRow(target.relation, columns);
      return {
        ...withReturning(
          statement,
          seen,
          { relations: [written, ...rows.others] },
          node.returning,
        ),
        action: actionLiteral("update"),
        row,
        before: target,
      };
    },
  );
}

export function bindDelete(
  statement: StatementContext,
  node: DeleteStatement,
): StatementBody {
  const target = bindTarget(statement, node.table, node.alias);
  return boundChange(
    statement,
    { command: "delete", duplicates: "first", target, with: node.with },
    () => {
      const rows = bindRows(statement, target, node.using, node.where);
      const deleted = changedRow(target.relation, target.shown);
      return {
        ...withReturning(
          statement,
          rows,
          { relations: [deleted, ...rows.others] },
          node.returning,
        ),
        action: actionLiteral("delete"),
        row: undefined,
        before: target,
      };
    },
  );
}

interface Rows {
  readonly plan: LogicalPlan;
  readonly scope: Scope;
  /** The relations beside the target. */
  readonly others: readonly ScopeRelation[];
}

/** Rows of the target to change, each with the row of the list that it was found with. */
function bindRows(
  statement: StatementContext,
  target: ChangeTarget,
  list: readonly FromItem[],
  where: Expr | undefined,
): Rows {
  const level = newLevel();
  noteColumns(level, [target.relation]);
  const parent = undefined;
  const refused = [target.relation];
  const from =
    list.length === 0
      ? undefined
      : bindFromList({ statement, level, parent, refused }, list);
  const others = from?.relations ?? [];
  const relations = [target.relation, ...others];
  const scope: Scope = { statement, level, relations, refused: [], parent };
  const input = from ? crossJoin(target.rows, from.plan) : target.rows;
  const predicate =
    where &&
    inClause(scope, CLAUSES.where, () =>
      requireBoolean(
        scope,
        statement.binders.expression(where, scope),
        "WHERE",
      ),
    );
  const plan: LogicalPlan = predicate
    ? { kind: "filter", predicate, input }
    : input;
  return { plan, scope, others };
}
