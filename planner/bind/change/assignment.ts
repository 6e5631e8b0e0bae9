// SET lists: `c = v`, `c.f = v`, `(c, d) = (v, w)`, `(c, d) = (SELECT …)`, each value brought to its column's type.

import type { Column } from "../../../storage/common/schema.ts";
import type { Expression } from "../../logical/expression.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import type {
  Assignment,
  Expr,
  Identifier,
  QualifiedName,
} from "../../parse/ast.ts";
import { assign, assignByName } from "../write/assign.ts";
import { refuseAssigned } from "../write/complete-row.ts";
import { undefinedTargetColumn } from "../errors/errors-column.ts";
import { isLateral } from "../from/from-parts.ts";
import { matching } from "../names.ts";
import { reference } from "../query/output.ts";
import { CLAUSES, inClause, type Scope } from "../scope.ts";
import {
  assignedTwice,
  defaultOfField,
  rowSource,
  rowWidth,
} from "./errors.ts";
import {
  assignField,
  findField,
  withFields,
  type FieldValue,
} from "./field.ts";
import type { ChangeTarget } from "./target.ts";

/** What a column becomes: a value of its type, or what its DEFAULT stands for. */
export type NewValue = Expression | "default";

export interface Assigned {
  /** The input, beside it the rows of subqueries that give several columns. */
  readonly plan: LogicalPlan;
  /** By the table's order; undefined for columns that keep their value. */
  readonly values: readonly (NewValue | undefined)[];
}

/** A value on the way to its target: bound, not yet of the target's type. */
interface Source {
  readonly target: QualifiedName;
  readonly value: NewValue;
}

/** Rows that values are computed for: columns of `plan` are in scope, a subquery for several columns is asked where `when` is true. */
export interface AssignmentInput {
  readonly plan: LogicalPlan;
  readonly when: Expression;
  /** A struct's fields go by their names, with NULL for those it lacks. Default false: it must have the column's type. */
  readonly structsByName?: boolean;
}

/** Throws 42703, 42601, 42804 and what expressions throw. */
export function bindAssignments(
  scope: Scope,
  target: ChangeTarget,
  assignments: readonly Assignment[],
  { plan: input, when, structsByName = false }: AssignmentInput,
): Assigned {
  let plan = input;
  const sources = inClause(scope, CLAUSES.update, () =>
    assignments.flatMap((assignment) => {
      const bound = bindSources(scope, assignment, { plan, when });
      plan = bound.plan;
      return bound.sources;
    }),
  );
  const placed = sources.map((source) =>
    place(scope, target, source, structsByName ? assignByName : assign),
  );
  const { columns } = target.pinned.schema;
  return {
    plan,
    values: columns.map((column, i) =>
      combined(
        column,
        target.columns[i] && reference(target.columns[i]),
        placed.filter((it) => it.column === column),
      ),
    ),
  };
}

function bindSources(
  scope: Scope,
  assignment: Assignment,
  { plan, when }: AssignmentInput,
): { readonly plan: LogicalPlan; readonly sources: readonly Source[] } {
  const { columns, listed, value } = assignment;
  const [only] = columns;
  if (!listed) {
    const sources = only ? [bindSource(scope, only, value)] : [];
    return { plan, sources };
  }
  if (value.kind === "row") {
    if (value.items.length !== columns.length) throw rowWidth(value.position);
    const sources = value.items.flatMap((item, i) => {
      const column = columns[i];
      return column ? [bindSource(scope, column, item)] : [];
    });
    return { plan, sources };
  }
  if (value.kind !== "subquery" || value.form !== "scalar") {
    throw rowSource(value.position);
  }
  const { position } = value;
  const bound = scope.statement.binders.query(value.query, scope);
  if (bound.columns.length !== columns.length) throw rowWidth(position);
  return {
    plan: {
      kind: "join",
      type: "single",
      condition: when,
      left: plan,
      right: bound.plan,
      lateral: isLateral(plan, bound.plan),
    },
    sources: columns.flatMap((target, i) => {
      const column = bound.columns[i];
      if (!column) return [];
      const value = reference({ ...column, nullable: true });
      return [{ target, value: { ...value, position: column.position } }];
    }),
  };
}

function bindSource(scope: Scope, target: QualifiedName, value: Expr): Source {
  if (value.kind === "keyword" && value.keyword === "default") {
    return { target, value: "default" };
  }
  return { target, value: scope.statement.binders.expression(value, scope) };
}

interface Placed {
  readonly column: Column;
  /** Fields below the column; empty when the whole column is assigned. */
  readonly path: readonly string[];
  readonly value: NewValue;
}

function place(
  { statement }: Scope,
  target: ChangeTarget,
  { target: name, value }: Source,
  store: typeof assign,
): Placed {
  const { column, fields } = findTarget(target, name);
  if (fields.length === 0) {
    if (value === "default") return { column, path: [], value };
    refuseAssigned(column, "update", name.position);
    return { column, path: [], value: store(statement, value, column) };
  }
  if (value === "default") throw defaultOfField(name.position);
  const found = findField(column, fields, name.position);
  const stored = assignField(statement, value, found, name.position);
  return { column, path: found.path, value: stored };
}

/** `c`, or as Databricks allows `t.c`, where no column is called as the table. Throws 42703. */
function findTarget(
  { pinned, relation }: ChangeTarget,
  { parts, position }: QualifiedName,
): { readonly column: Column; readonly fields: readonly Identifier[] } {
  const { table, schema } = pinned;
  const [first, second] = parts;
  const named = (part: Identifier | undefined): Column | undefined =>
    part && matching(schema.columns, part, (it) => it.name)[0];
  const column = named(first);
  if (column) return { column, fields: parts.slice(1) };
  const qualified =
    first && matching([relation], first, (it) => it.name).length > 0;
  const under = qualified === true ? named(second) : undefined;
  if (under) return { column: under, fields: parts.slice(2) };
  throw undefinedTargetColumn(first?.name ?? "", table.name, position);
}

/** One value of a column's assignments: itself, or the old value with fields replaced. Throws 42601. */
function combined(
  column: Column,
  old: Expression | undefined,
  placed: readonly Placed[],
): NewValue | undefined {
  const [first, second] = placed;
  if (first === undefined || old === undefined) return undefined;
  if (first.path.length === 0) {
    if (second) throw assignedTwice(column.name);
    return first.value;
  }
  return withFields(
    old,
    placed.flatMap(({ path, value }): readonly FieldValue[] =>
      value === "default" ? [] : [{ path, value }],
    ),
    column.name,
  );
}
