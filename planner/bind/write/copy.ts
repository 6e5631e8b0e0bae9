// COPY: what it sends is a query; what it receives are texts that a projection brings to the table's columns, as INSERT does.

import type { TableEntry } from "../../../storage/catalog/objects.ts";
import type { PinnedTable } from "../../../storage/catalog/view.ts";
import {
  INT8,
  TEXT,
  type DataType,
} from "../../../storage/common/data-type.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { Column } from "../../../storage/common/schema.ts";
import type { CopyFormat } from "../../logical/copy-format.ts";
import type { Expression } from "../../logical/expression.ts";
import type {
  CommonTableRef,
  LogicalPlan,
  PlanColumn,
  ProjectItem,
} from "../../logical/plan.ts";
import type { CopyStatement, Expr, Identifier } from "../../parse/ast.ts";
import type { StatementBody } from "../bound.ts";
import { cast } from "../coerce.ts";
import {
  completeRow,
  defaultValue,
  refuseAssigned,
  type GivenValue,
} from "./complete-row.ts";
import { readCopyOptions, type CopyOptions } from "./copy-options.ts";
import {
  cannotCopyFromView,
  cannotCopyToView,
  cannotFreeze,
  columnNotCopied,
  copyColumnTwice,
  copyUnsupported,
  generatedInCopy,
  undefinedCopyColumn,
} from "../errors/errors-copy.ts";
import { requireBoolean } from "../expression/predicate.ts";
import { noteColumns } from "../from/from-columns.ts";
import { lastPart, matching } from "../names.ts";
import { reference, resultOf } from "../query/output.ts";
import { namedRelation } from "../from/relation.ts";
import { CLAUSES, emptyScope, scopeColumns, type Scope } from "../scope.ts";
import type { BoundRelation, StatementContext } from "../statement-context.ts";
import { partsOf } from "../syntax.ts";

export function bindCopy(
  statement: StatementContext,
  node: CopyStatement,
): StatementBody {
  const options = readCopyOptions(node.options, node.direction);
  return node.direction === "to"
    ? bindCopyTo(statement, node, options)
    : bindCopyFrom(statement, node, options);
}

function bindCopyTo(
  statement: StatementContext,
  { source }: CopyStatement,
  options: CopyOptions,
): StatementBody {
  const all = source.kind === "table" ? tableColumns(statement, source) : [];
  const { query } = source;
  const bound = statement.binders.query(query, undefined);
  const names = bound.columns.map(({ name }) => name);
  const relation =
    source.kind === "table" ? lastPart(source.name).name : undefined;
  return {
    kind: "copy-to",
    query: { ...resultOf(statement, bound), parameterTypes: [] },
    format: formatOver(options, {
      names,
      all: all.length > 0 ? all : names,
      relation,
    }),
  };
}

/** Every column of the table. Views are copied as queries only, and the columns named must be the table's. */
function tableColumns(
  statement: StatementContext,
  source: CopyStatement["source"] & { readonly kind: "table" },
): readonly string[] {
  const { body } = source.query;
  const item = body.kind === "select" ? body.from[0] : undefined;
  const found = item && statement.resolved.relations.get(item);
  const { name } = lastPart(source.name);
  if (found?.kind === "view") throw cannotCopyFromView(name);
  invariant(found?.kind === "table", "COPY TO names a table");
  const { table, travel } = found.reference;
  const { columns } = statement.view.pinned(table.id, travel).schema;
  copiedColumns(columns, source.columns, name);
  return columns.map((column) => column.name);
}

/** The columns named, or all; throws 42703, 42701. */
function copiedColumns<T extends { readonly name: string }>(
  columns: readonly T[],
  names: readonly Identifier[],
  relation: string | undefined,
): readonly T[] {
  if (names.length === 0) return columns;
  const seen = new Set<T>();
  for (const name of names) {
    const [column] = matching(columns, name, (it) => it.name);
    if (!column) throw undefinedCopyColumn(name.name, relation);
    if (seen.has(column)) throw copyColumnTwice(name.name);
    seen.add(column);
  }
  return [...seen];
}

interface CopiedNames {
  /** The columns copied, in order. */
  readonly names: readonly string[];
  /** Every column there is. */
  readonly all: readonly string[];
  readonly relation: string | undefined;
}

/** The format with the places of the columns its lists name. Throws 42703, 42701, 42P10. */
function formatOver(options: CopyOptions, copied: CopiedNames): CopyFormat {
  const { format, forceQuote, forceNotNull, forceNull } = options;
  if (format.kind !== "csv") return format;
  return {
    ...format,
    forceQuote:
      forceQuote === "all"
        ? copied.names.map((_, place) => place)
        : placesOf("FORCE_QUOTE", forceQuote, copied),
    forceNotNull: placesOf("FORCE_NOT_NULL", forceNotNull, copied),
    forceNull: placesOf("FORCE_NULL", forceNull, copied),
  };
}

function placesOf(
  option: string,
  names: readonly Identifier[],
  copied: CopiedNames,
): readonly number[] {
  if (names.length === 0) return [];
  const all = copied.all.map((name) => ({ name }));
  return copiedColumns(all, names, copied.relation).map(({ name }) => {
    const place = copied.names.indexOf(name);
    if (place < 0) throw columnNotCopied(option, name);
    return place;
  });
}

function bindCopyFrom(
  statement: StatementContext,
  node: CopyStatement,
  options: CopyOptions,
): StatementBody {
  const table = targetOf(statement, node);
  if (options.freeze) throw cannotFreeze();
  const pinned = statement.view.pinned(table.id, undefined);
  const { columns } = pinned.schema;
  const names = node.source.kind === "table" ? node.source.columns : [];
  const targets = writableColumns(columns, names, table.name);
  const client = clientRows(statement, targets);
  const typed = typedRows(statement, client, targets);
  const input = node.where
    ? keptRows(statement, pinned, { targets, typed }, node.where)
    : { plan: typed.plan, given: givenValues(columns, targets, typed.columns) };
  const row = completeRow(statement, pinned, input.given, {
    plan: input.plan,
    keep: [],
  });
  if (row.identity !== undefined) {
    throw notSupported(
      `COPY that leaves out identity column "${row.identity.column}" is`,
      node.position,
    );
  }
  return {
    kind: "copy-from",
    table,
    client,
    fields: targets.map(({ name, type }) => ({ name, type })),
    source: row.plan,
    columns: row.columns,
    violation: row.violation,
    format: formatOver(options, {
      names: targets.map(({ name }) => name),
      all: columns.map(({ name }) => name),
      relation: table.name,
    }),
  };
}

/** The columns named, or all that do not follow from others. Throws 42703, 42701, 42P10, 428C9. */
function writableColumns(
  columns: readonly Column[],
  names: readonly Identifier[],
  relation: string,
): readonly Column[] {
  if (names.length === 0) {
    return columns.filter(
      ({ generated, identity }) =>
        generated === undefined && identity?.allowsValues !== false,
    );
  }
  return copiedColumns(columns, names, relation).map((column) => {
    if (column.generated !== undefined) throw generatedInCopy(column.name);
    refuseAssigned(column, "insert", undefined);
    return column;
  });
}

/** By the table's order: the value the client gives, where it gives one. */
function givenValues(
  columns: readonly Column[],
  targets: readonly Column[],
  values: readonly PlanColumn[],
): readonly (GivenValue | undefined)[] {
  return columns.map((column) => {
    const value = values[targets.indexOf(column)];
    return value && { value: reference(value) };
  });
}

function targetOf(
  statement: StatementContext,
  { source }: CopyStatement,
): TableEntry {
  invariant(source.kind === "table", "COPY FROM names a table");
  const target = statement.resolved.targets.get(source.name);
  invariant(target !== undefined, "the target of COPY was resolved");
  if (target.kind !== "relation" || target.relation.kind === "view") {
    throw cannotCopyToView(lastPart(source.name).name);
  }
  return target.relation;
}

/** A common table that no plan defines: the node fills it with what the client sends. */
function clientRows(
  statement: StatementContext,
  targets: readonly Column[],
): CommonTableRef {
  return {
    kind: "common-table-ref",
    id: statement.newTableId(),
    name: "client",
    columns: targets.map(({ name }) => statement.newColumn(name, TEXT)),
  };
}

/** Each text as PostgreSQL's input function of the column's type reads it; a declared length is the writer's to check. */
function typedRows(
  statement: StatementContext,
  client: CommonTableRef,
  targets: readonly Column[],
): BoundRelation {
  const items = targets.map(({ name, type }, index): ProjectItem => {
    const column = client.columns[index];
    invariant(column !== undefined, "a text for each column");
    const value = reference({ ...column, position: 0 });
    return {
      column: statement.newColumn(name, type),
      value: cast(value, withoutLength(type)),
    };
  });
  return {
    plan: { kind: "project", items, input: client },
    columns: items.map(({ column }) => column),
  };
}

function withoutLength(type: DataType): DataType {
  return type.kind === "varchar" || type.kind === "bpchar"
    ? { kind: type.kind }
    : type;
}

/**
 * WHERE sees the row with its defaults, read completely by then: a bad value in a row it drops is an error too. Generated columns
 * and rules come after it.
 */
function keptRows(
  statement: StatementContext,
  { table, schema }: PinnedTable,
  {
    targets,
    typed,
  }: { readonly targets: readonly Column[]; readonly typed: BoundRelation },
  where: Expr,
): {
  readonly plan: LogicalPlan;
  readonly given: readonly (GivenValue | undefined)[];
} {
  const seen = schema.columns.filter(
    (column) =>
      targets.includes(column) ||
      (column.generated === undefined && column.identity === undefined),
  );
  const items = seen.map((column): ProjectItem => {
    const value = typed.columns[targets.indexOf(column)];
    return value
      ? { column: value, value: reference(value) }
      : {
          column: statement.newColumn(column.name, column.type),
          value: defaultValue(statement, table, column),
        };
  });
  const rows = items.map(({ column }) => column);
  const relation = namedRelation(table.name, scopeColumns(rows));
  const scope: Scope = {
    ...emptyScope(statement, undefined, CLAUSES.copyWhere),
    relations: [relation],
  };
  noteColumns(scope.level, scope.relations);
  refuseSubquery(where);
  const value = statement.binders.expression(where, scope);
  const plan: LogicalPlan = {
    kind: "filter",
    predicate: requireBoolean(scope, value, "WHERE"),
    input: {
      kind: "limit",
      count: EVERY_ROW,
      offset: undefined,
      ties: undefined,
      input: { kind: "project", items, input: typed.plan },
    },
  };
  return { plan, given: givenValues(schema.columns, seen, rows) };
}

/** No filter passes a limit, so that the kernel reads every value before it drops rows. */
const EVERY_ROW: Expression = {
  kind: "literal",
  type: INT8,
  value: "9223372036854775807",
};

/** Throws 0A000. */
function refuseSubquery(part: Expr): void {
  const { queries, expressions } = partsOf(part);
  if (queries.length > 0) {
    throw copyUnsupported(
      "cannot use subquery in COPY FROM WHERE condition",
      part.position,
    );
  }
  for (const inner of expressions) refuseSubquery(inner);
}
