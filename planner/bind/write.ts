// INSERT: sources brought to the columns of their target.

import type { TableEntry } from "../../storage/catalog/objects.ts";
import type { Column } from "../../storage/common/schema.ts";
import { BOOL, type DataType } from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { Expression } from "../logical/expression.ts";
import type { LogicalPlan, PlanColumn } from "../logical/plan.ts";
import type {
  Expr,
  Identifier,
  InsertStatement,
  Query,
  Values,
} from "../parse/ast.ts";
import { assign } from "./assign.ts";
import type { Returning, StatementBody } from "./bound.ts";
import { writtenTable } from "./change/target.ts";
import { bindWith } from "./common-table.ts";
import {
  completeRow,
  defaultValue,
  refuseAssigned,
  type CompleteRow,
  type GivenValue,
} from "./complete-row.ts";
import { ONE_ROW } from "./from-parts.ts";
import { withoutUnusedHidden } from "./hidden-columns.ts";
import { matching } from "./names.ts";
import { isNullable } from "./nullability.ts";
import { reference, typeLiterals } from "./output.ts";
import { withReturning, insertedRow } from "./returning.ts";
import type { BoundRelation, StatementContext } from "./statement-context.ts";
import { bindRows } from "./values.ts";
import { undefinedTargetColumn } from "./errors-column.ts";
import { columnSpecifiedTwice, insertTooMany } from "./errors-value.ts";

export function bindInsert(
  statement: StatementContext,
  node: InsertStatement,
): StatementBody {
  const table = writtenTable(statement, node.table);
  const pinned = statement.view.pinned(table.id, undefined);
  const { columns } = pinned.schema;
  const targets = targetColumns(table, columns, node.columns);
  const bind = (): InsertedRow => {
    const source = bindSource(statement, node, { table, targets });
    const row = completeRow(
      statement,
      pinned,
      columns.map((column) => source.given[targets.indexOf(column)]),
      { plan: source.plan, keep: [] },
    );
    const name = node.alias?.name ?? table.name;
    const scope = insertedRow(table, name, row.columns);
    return withReturning(statement, row, [scope], node.returning);
  };
  const bound = node.with
    ? bindWith(statement, node.with, undefined, bind)
    : bind();
  return {
    kind: "insert",
    table,
    overwrite: node.overwrite,
    source: withoutUnusedHidden(statement, bound.plan),
    columns: bound.columns,
    violation: bound.violation,
    identity: bound.identity,
    returning: bound.returning,
  };
}

type InsertedRow = CompleteRow & { readonly returning: Returning };

/** The columns named, or all; throws 42703, 42701. */
export function targetColumns(
  table: TableEntry,
  columns: readonly Column[],
  names: readonly Identifier[],
): readonly Column[] {
  if (names.length === 0) return columns;
  const seen = new Set<string>();
  return names.map((name) => {
    const [column] = matching(columns, name, (it) => it.name);
    if (!column) {
      throw undefinedTargetColumn(name.name, table.name, name.position);
    }
    if (seen.has(column.name)) {
      throw columnSpecifiedTwice(name.name, name.position);
    }
    seen.add(column.name);
    return column;
  });
}

/** The rows to insert, and what they say about the targets, in their order. */
interface Source {
  readonly plan: LogicalPlan;
  readonly given: readonly (GivenValue | undefined)[];
}

interface Target {
  readonly table: TableEntry;
  readonly targets: readonly Column[];
}

/** One column a target from the left; fewer than the targets only without a column list. */
function bindSource(
  statement: StatementContext,
  node: InsertStatement,
  target: Target,
): Source {
  const { source } = node;
  const { targets } = target;
  if (!source) return { plan: ONE_ROW, given: [] };
  const values = plainValues(source);
  const bound = values
    ? bindInsertValues(statement, values, target)
    : assigned(
        statement,
        statement.binders.query(source, undefined, { keepUnknown: true }),
        targets,
      );
  const count = bound.given.length;
  if (count < targets.length && node.columns.length > 0) {
    throw insertTooMany(
      "target columns",
      node.columns[count]?.position ?? node.position,
    );
  }
  return bound;
}

function plainValues(query: Query): Values | undefined {
  const { body } = query;
  const plain =
    !query.with && query.orderBy.length === 0 && !query.limit && !query.offset;
  return plain && body.kind === "values" ? body : undefined;
}

/** Each value is brought to its column by itself; DEFAULT is what the table says. */
function bindInsertValues(
  statement: StatementContext,
  values: Values,
  { table, targets }: Target,
): Source {
  const bindValue = (item: Expr, column: Column): Expression => {
    if (isDefault(item)) return defaultHere(statement, table, column);
    refuseAssigned(column, "insert", item.position);
    const single = { ...values, rows: [[item]] };
    const [value] = bindRows(statement, single, undefined)[0] ?? [];
    return value ? assign(statement, value, column) : nullOf(column.type);
  };
  const rows = values.rows.map((row) =>
    row.map((item, i) => {
      const column = targets[i];
      if (!column) throw insertTooMany("expressions", item.position);
      return bindValue(item, column);
    }),
  );
  const width = rows[0]?.length ?? 0;
  if (rows.some((row) => row.length !== width)) {
    throw new SqlError("42601", "VALUES lists must all be the same length", {
      position: values.position,
    });
  }
  const columns = targets.slice(0, width).map((target, i) =>
    statement.newColumn(
      target.name,
      target.type,
      rows.some((row) => row[i] === undefined || isNullable(row[i])),
    ),
  );
  const flags = columns.map((_, i) =>
    givenFlag(statement, values, targets[i], i),
  );
  const plan: LogicalPlan = {
    kind: "values",
    columns: [...columns, ...flags.flatMap((flag) => flag.column ?? [])],
    rows: rows.map((row, r) => [
      ...row,
      ...flags.flatMap((flag) =>
        flag.column === undefined ? [] : [truth(flag.given[r] === true)],
      ),
    ]),
  };
  return {
    plan,
    given: columns.map((column, i) => {
      const flag = flags[i];
      return flag?.given.includes(true) === false
        ? undefined
        : {
            value: reference(column),
            when: flag?.column && reference(flag.column),
          };
    }),
  };
}

function isDefault(item: Expr): boolean {
  return item.kind === "keyword" && item.keyword === "default";
}

/** Generated and identity columns are computed above the rows. */
function defaultHere(
  statement: StatementContext,
  table: TableEntry,
  column: Column,
): Expression {
  return isComputed(column)
    ? nullOf(column.type)
    : defaultValue(statement, table, column);
}

function isComputed({ generated, identity }: Column): boolean {
  return generated !== undefined || identity !== undefined;
}

/** Which rows give a value for a computed column, and a column that tells when only some do. */
function givenFlag(
  statement: StatementContext,
  values: Values,
  target: Column | undefined,
  index: number,
): {
  readonly given: readonly boolean[];
  readonly column: PlanColumn | undefined;
} {
  const given = values.rows.map((row) => {
    const item = row[index];
    const computed = target !== undefined && isComputed(target);
    return !(computed && item !== undefined && isDefault(item));
  });
  const mixed = given.includes(true) && given.includes(false);
  return {
    given,
    column: mixed ? statement.newColumn("given", BOOL, false) : undefined,
  };
}

function truth(value: boolean): Expression {
  return { kind: "literal", type: BOOL, value: value ? "t" : "f" };
}

function nullOf(type: DataType): Expression {
  return { kind: "literal", type, value: null };
}

function assigned(
  statement: StatementContext,
  query: BoundRelation,
  targets: readonly Column[],
): Source {
  const surplus = query.columns[targets.length];
  if (surplus) throw insertTooMany("expressions", surplus.position);
  // Without a length: a constant that is too long is for the writer to refuse, not to be cut.
  const types = targets.map(({ type }) =>
    type.kind === "varchar" || type.kind === "bpchar"
      ? { kind: type.kind }
      : type,
  );
  const bound = typeLiterals(statement, query, types);
  const given = bound.columns.map((column, i): GivenValue => {
    const target = targets[i];
    invariant(target !== undefined, "the source is no wider than its target");
    refuseAssigned(target, "insert", column.position);
    const value = { ...reference(column), position: column.position };
    return { value: assign(statement, value, target) };
  });
  return { plan: bound.plan, given };
}
