// The WHEN clauses of MERGE: when each applies, and what it makes of a row.

import { notSupported } from "../../../storage/common/errors.ts";
import type { Column } from "../../../storage/common/schema.ts";
import type { Expression } from "../../logical/expression.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import type {
  Expr,
  Identifier,
  MergeClause,
  QualifiedName,
} from "../../parse/ast.ts";
import { assign, assignByName } from "../write/assign.ts";
import { ambiguousColumn } from "../errors/errors-column.ts";
import { refuseAssigned } from "../write/complete-row.ts";
import { insertTooMany } from "../errors/errors-value.ts";
import { requireBoolean } from "../expression/predicate.ts";
import { matching } from "../names.ts";
import { reference } from "../query/output.ts";
import { CLAUSES, inClause, type Scope, type ScopeRelation } from "../scope.ts";
import { targetColumns } from "../write/write.ts";
import { bindAssignments, type AssignmentInput } from "./assignment.ts";
import { unreachableClause, unresolvedStar } from "./errors.ts";
import { updatedValues, type Action } from "./row.ts";
import type { ChangeTarget } from "./target.ts";

/** Throws 42601 for a clause after one without condition for the same rows. */
export function refuseUnreachable(clauses: readonly MergeClause[]): void {
  const closed = new Set<MergeClause["match"]>();
  for (const { match, condition } of clauses) {
    if (closed.has(match)) throw unreachableClause();
    if (!condition) closed.add(match);
  }
}

export function bindCondition(
  scope: Scope,
  { condition }: MergeClause,
): Expression | undefined {
  if (!condition) return undefined;
  return inClause(scope, CLAUSES.mergeWhen, () =>
    requireBoolean(
      scope,
      scope.statement.binders.expression(condition, scope),
      "WHEN",
    ),
  );
}

export interface Effect {
  /** The input, beside it what the values are computed from. */
  readonly plan: LogicalPlan;
  readonly action: Action;
  /** By the table's order; undefined: what the column's DEFAULT stands for. Empty for a delete. */
  readonly values: readonly (Expression | undefined)[];
}

export interface ChosenEffect extends Effect {
  /** True for the rows of the clause; not NULL. */
  readonly when: Expression;
}

/** What a clause sees: `scope` for its expressions, `source` for its stars. */
export interface ClauseScope {
  readonly scope: Scope;
  readonly target: ChangeTarget;
  readonly source: readonly ScopeRelation[];
  /** WITH SCHEMA EVOLUTION: stars may lack columns of the target, structs go by the names of their fields. */
  readonly evolves: boolean;
}

export function bindEffect(
  context: ClauseScope,
  { action, position }: MergeClause,
  input: AssignmentInput,
): Effect | undefined {
  const { plan } = input;
  switch (action.kind) {
    case "nothing":
      return undefined;
    case "delete":
      return { plan, action: "delete", values: [] };
    case "update": {
      const { scope, target } = context;
      const assigned = bindAssignments(scope, target, action.assignments, {
        ...input,
        structsByName: context.evolves,
      });
      const values = updatedValues(target, assigned.values);
      return { plan: assigned.plan, action: "update", values };
    }
    case "insert":
      return { plan, action: "insert", values: inserted(context, action) };
    case "update-star":
      return {
        plan,
        action: "update",
        values: starValues(context, "UPDATE", position),
      };
    case "insert-star":
      return {
        plan,
        action: "insert",
        values: starValues(context, "INSERT", position),
      };
  }
}

/** Columns left out, and DEFAULT, are undefined. Throws 42601 when there are more of one than of the other. */
function inserted(
  { scope, target, evolves }: ClauseScope,
  action: {
    readonly columns: readonly QualifiedName[];
    readonly values: readonly Expr[];
  },
): readonly (Expression | undefined)[] {
  const { table, schema } = target.pinned;
  const names = action.columns.map((name) => columnOf(target, name));
  const targets = targetColumns(table, schema.columns, names);
  const values = inClause(scope, CLAUSES.values, () =>
    action.values.map((value) =>
      value.kind === "keyword" && value.keyword === "default"
        ? undefined
        : scope.statement.binders.expression(value, scope),
    ),
  );
  const surplus = action.values[targets.length];
  if (surplus) throw insertTooMany("expressions", surplus.position);
  const lacking = action.columns[values.length];
  if (lacking) throw insertTooMany("target columns", lacking.position);
  return schema.columns.map((column) => {
    const index = targets.indexOf(column);
    const value = values[index];
    if (!value) return undefined;
    refuseAssigned(column, "insert", action.values[index]?.position);
    return evolves
      ? assignByName(scope.statement, value, column)
      : assign(scope.statement, value, column);
  });
}

/** `c`, or `t.c` for the target `t`. Throws 0A000 for a field of a column. */
function columnOf({ relation }: ChangeTarget, name: QualifiedName): Identifier {
  const [first, ...more] = name.parts;
  const last = more.length === 1 ? more[0] : undefined;
  if (first && more.length === 0) return first;
  const qualified = first && matching([relation], first, (it) => it.name)[0];
  if (qualified && last) return last;
  throw notSupported("writing a part of a column is", name.position);
}

/**
 * `*`: each column from the source's of the same name, exactly or but for case. What the table computes by itself may be missing.
 * Throws 42703, 42702.
 */
function starValues(
  { scope, target, source, evolves }: ClauseScope,
  clause: "UPDATE" | "INSERT",
  position: number,
): readonly (Expression | undefined)[] {
  const visible = source.filter((relation) => relation.unqualified);
  const available = visible.flatMap((relation) => relation.columns);
  const command = clause === "UPDATE" ? "update" : "insert";
  return target.pinned.schema.columns.map((column: Column, i) => {
    const name = { name: column.name, quoted: false, position };
    const [found, more] = matching(available, name, (it) => it.name);
    if (more) throw ambiguousColumn(column.name, position);
    if (found) {
      refuseAssigned(column, command, position);
      return evolves
        ? assignByName(scope.statement, found.value, column)
        : assign(scope.statement, found.value, column);
    }
    const old = target.columns[i];
    if (column.generated) return undefined;
    if (column.identity || evolves)
      return command === "update" && old ? reference(old) : undefined;
    throw unresolvedStar(column.name, clause, namesOf(visible), position);
  });
}

function namesOf(relations: readonly ScopeRelation[]): readonly string[] {
  return relations.flatMap(({ name, columns }) =>
    columns.map((column) =>
      name === undefined ? column.name : `${name}.${column.name}`,
    ),
  );
}
