// INSERT, CREATE TABLE and CREATE TABLE AS: sources brought to the columns of their target.

import type { TableEntry } from "../../storage/catalog/objects.ts";
import type { Column } from "../../storage/common/schema.ts";
import { numeric, type DataType } from "../../storage/common/data-type.ts";
import { notSupported, SqlError } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { resolveTypeName } from "../functions/type-name.ts";
import type { Expression } from "../logical/expression.ts";
import type { LogicalPlan, PlanColumn, ProjectItem } from "../logical/plan.ts";
import type {
  CreateTableAsStatement,
  CreateTableStatement,
  Identifier,
  InsertStatement,
  Query,
  Values,
} from "../parse/ast.ts";
import { assign } from "./assign.ts";
import type { StatementBody, TableColumn } from "./bound.ts";
import { cast } from "./coerce.ts";
import { bindWith } from "./common-table.ts";
import { scaleOf } from "./decimal-scale.ts";
import { ONE_ROW } from "./from-parts.ts";
import { withoutUnusedHidden } from "./hidden-columns.ts";
import { matching } from "./names.ts";
import { isNullable } from "./nullability.ts";
import { reference, typeLiterals } from "./output.ts";
import { withReturning, writtenRow, type BoundWrite } from "./returning.ts";
import type { BoundRelation, StatementContext } from "./statement-context.ts";
import { bindRows } from "./values.ts";
import { undefinedTargetColumn } from "./errors-column.ts";
import {
  columnSpecifiedTwice,
  insertTooMany,
  tooManyColumnNames,
} from "./errors-value.ts";

export function bindInsert(
  statement: StatementContext,
  node: InsertStatement,
): StatementBody {
  const target = statement.resolved.targets.get(node.table);
  invariant(target !== undefined, "the target of INSERT was not resolved");
  if (target.kind !== "relation" || target.relation.kind === "view") {
    throw notSupported("writing to a view is", node.table.position);
  }
  const table = target.relation;
  const { columns } = statement.view.pinned(table.id, undefined).schema;
  const targets = targetColumns(table, columns, node.columns);
  const bind = (): BoundWrite => {
    const rows = tableRows(
      statement,
      columns,
      targets,
      bindSource(statement, node, targets),
    );
    const name = node.alias?.name ?? table.name;
    const scope = writtenRow(table, name, rows.columns);
    return withReturning(statement, rows, [scope], node.returning);
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
    returning: bound.returning,
  };
}

/** The columns named, or all; throws 42703, 42701. */
function targetColumns(
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

/** The rows to insert, one column a target from the left; fewer than the targets only without a column list. */
function bindSource(
  statement: StatementContext,
  node: InsertStatement,
  targets: readonly Column[],
): BoundRelation {
  const { source } = node;
  if (!source) return { plan: ONE_ROW, columns: [] };
  const values = plainValues(source);
  const bound = values
    ? bindInsertValues(statement, values, targets)
    : assigned(
        statement,
        statement.binders.query(source, undefined, { keepUnknown: true }),
        targets,
      );
  const count = bound.columns.length;
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

/** Each value is brought to its column by itself; DEFAULT is NULL. */
function bindInsertValues(
  statement: StatementContext,
  values: Values,
  targets: readonly Column[],
): BoundRelation {
  const rows = values.rows.map((row) =>
    row.map((item, i) => {
      const target = targets[i];
      if (!target) throw insertTooMany("expressions", item.position);
      if (item.kind === "keyword" && item.keyword === "default") {
        return nullOf(target.type);
      }
      const single = { ...values, rows: [[item]] };
      const [value] = bindRows(statement, single, undefined)[0] ?? [];
      return value ? assign(statement, value, target) : nullOf(target.type);
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
  return { plan: { kind: "values", columns, rows }, columns };
}

function nullOf(type: DataType): Expression {
  return { kind: "literal", type, value: null };
}

function assigned(
  statement: StatementContext,
  query: BoundRelation,
  targets: readonly Column[],
): BoundRelation {
  const surplus = query.columns[targets.length];
  if (surplus) throw insertTooMany("expressions", surplus.position);
  const types = targets.map((target) => target.type);
  const bound = typeLiterals(statement, query, types);
  const items = bound.columns.map((column, i): ProjectItem => {
    const target = targets[i];
    const value: Expression = {
      ...reference(column),
      position: column.position,
    };
    const stored = target ? assign(statement, value, target) : value;
    const { id, name, type, nullable } = column;
    return stored === value
      ? { column: { id, name, type, nullable }, value }
      : {
          column: statement.newColumn(name, stored.type, nullable),
          value: stored,
        };
  });
  return {
    plan: { kind: "project", items, input: bound.plan },
    columns: items.map((item) => item.column),
  };
}

/** All columns of the table in its order; those not named are NULL. */
function tableRows(
  statement: StatementContext,
  columns: readonly Column[],
  targets: readonly Column[],
  bound: BoundRelation,
): { readonly plan: LogicalPlan; readonly columns: readonly PlanColumn[] } {
  const items = columns.map((column): ProjectItem => {
    const given = bound.columns[targets.indexOf(column)];
    const value = given ? reference(given) : nullOf(column.type);
    const id = given?.id ?? statement.newColumnId();
    return {
      column: {
        id,
        name: column.name,
        type: column.type,
        nullable: given?.nullable ?? true,
      },
      value,
    };
  });
  return {
    plan: { kind: "project", items, input: bound.plan },
    columns: items.map((item) => item.column),
  };
}

/** Column types by name; throws 42704, 42701. */
export function bindCreateTable(node: CreateTableStatement): StatementBody {
  const columns = node.columns.map((column): TableColumn => ({
    name: column.name.name,
    type: resolveTypeName(column.type),
    nullable: column.nullable,
    comment: column.comment,
  }));
  refuseRepeated(node.columns.map((column) => column.name.name));
  return { kind: "create-table", columns };
}

/** Names that differ by case alone are the same to Delta. */
function refuseRepeated(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    const folded = name.toLowerCase();
    if (seen.has(folded)) throw columnSpecifiedTwice(name);
    seen.add(folded);
  }
}

export function bindCreateTableAs(
  statement: StatementContext,
  node: CreateTableAsStatement,
): StatementBody {
  const query = statement.binders.query(node.query, undefined);
  if (node.columnNames.length > query.columns.length) {
    throw tooManyColumnNames("CREATE TABLE AS");
  }
  const items = query.columns.map((column, i): ProjectItem => {
    const name = node.columnNames[i]?.name ?? column.name;
    const type = storedType(column.type, scaleOf(query.plan, column.id));
    const { id, nullable } = column;
    const value = reference(column);
    return type === column.type
      ? { column: { id, name, type, nullable }, value }
      : {
          column: statement.newColumn(name, type, nullable),
          value: cast(value, type),
        };
  });
  refuseRepeated(items.map((item) => item.column.name));
  return {
    kind: "create-table-as",
    columns: items.map(({ column: { name, type } }) => ({
      name,
      type,
      nullable: true,
    })),
    source: withoutUnusedHidden(statement, {
      kind: "project",
      items,
      input: query.plan,
    }),
  };
}

/** Delta's decimals have one scale: what the expression shows, or one that holds both large sums and averages. */
function storedType(type: DataType, scale: number | undefined): DataType {
  if (type.kind === "numeric" && type.precision === undefined) {
    return numeric(38, Math.min(scale ?? 18, 37));
  }
  if (type.kind === "array") {
    const element = storedType(type.element, undefined);
    return element === type.element ? type : { kind: "array", element };
  }
  return type.kind === "name" || type.kind === "void" || type.kind === "unknown"
    ? { kind: "text" }
    : type;
}
