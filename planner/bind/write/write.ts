// INSERT: sources brought to the columns of their target.

import type { TableEntry } from "../../../storage/catalog/objects.ts";
import type { PinnedTable } from "../../../storage/catalog/view.ts";
import type { Column } from "../../../storage/common/schema.ts";
import { BOOL, type DataType } from "../../../storage/common/data-type.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { Expression } from "../../logical/expression.ts";
import type { LogicalPlan, PlanColumn } from "../../logical/plan.ts";
import type {
  Expr,
  Identifier,
  InsertStatement,
  Query,
  Values,
} from "../../parse/ast.ts";
import { assign, assignByName } from "./assign.ts";
import type {
  Evolution,
  ReplacedRows,
  Returning,
  StatementBody,
} from "../bound.ts";
import { returnedPolicies, writtenTable } from "../change/target.ts";
import { bindWith } from "../from/common-table.ts";
import {
  completeRow,
  defaultValue,
  refuseAssigned,
  type CompleteRow,
  type GivenValue,
} from "./complete-row.ts";
import { scaleOf } from "../decimal-scale.ts";
import { evolve, mayEvolve, type EvolvedTable } from "./evolve.ts";
import { ONE_ROW } from "../from/from-parts.ts";
import { withoutUnusedHidden } from "../query/hidden-columns.ts";
import { matching } from "../names.ts";
import { isNullable } from "../nullability.ts";
import { bindPartition, bindReplaced, type FixedValues } from "./replaced.ts";
import { reference, typeLiterals } from "../query/output.ts";
import { maskedRow } from "../policy/apply-policies.ts";
import { withReturning, insertedRow } from "./returning.ts";
import type { BoundRelation, StatementContext } from "../statement-context.ts";
import { storedType } from "../define/stored-type.ts";
import { bindRows } from "../query/values.ts";
import { undefinedTargetColumn } from "../errors/errors-column.ts";
import { columnSpecifiedTwice, insertTooMany } from "../errors/errors-value.ts";

export function bindInsert(
  statement: StatementContext,
  node: InsertStatement,
): StatementBody {
  const table = writtenTable(statement, node.table);
  const pinned = statement.view.pinned(table.id, undefined);
  const bind = (): InsertedRow => {
    const fixed = bindPartition(statement, node, pinned);
    const source = bindSource(statement, node, pinned, fixed);
    const replaced = bindReplaced(statement, node, fixed);
    const { columns } = source.pinned.schema;
    const row = completeRow(
      statement,
      source.pinned,
      columns.map(({ name }) => source.given.get(name)),
      { plan: source.plan, keep: [], rules: replaced?.breaches },
    );
    const name = node.alias?.name ?? table.name;
    const seen = maskedRow(statement, row, row.columns, {
      policies: returnedPolicies(statement, node.table),
      layout: pinned.layout,
    });
    const relations = [insertedRow(table, name, seen.columns)];
    const { evolution } = source;
    const rows = { ...seen.rows, evolution, replaced: replaced?.rows };
    return withReturning(statement, rows, { relations }, node.returning);
  };
  const bound = node.with
    ? bindWith(statement, node.with, undefined, bind)
    : bind();
  return {
    kind: "insert",
    table,
    overwrite: node.overwrite,
    replaced: bound.replaced,
    source: withoutUnusedHidden(statement, bound.plan),
    columns: bound.columns,
    violation: bound.violation,
    identity: bound.identity,
    evolution: bound.evolution,
    returning: bound.returning,
  };
}

type InsertedRow = CompleteRow & {
  readonly returning: Returning;
  readonly evolution: Evolution;
  readonly replaced: ReplacedRows | undefined;
};

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

/** The rows to insert. */
export interface InsertSource extends EvolvedTable {
  readonly plan: LogicalPlan;
  /** By the column's name: what they say about it. */
  readonly given: ReadonlyMap<string, GivenValue>;
}

interface Target {
  readonly table: TableEntry;
  readonly targets: readonly Column[];
}

/** Throws 42703, 42701, 42601, and what values throw that do not fit. */
export function bindSource(
  statement: StatementContext,
  node: InsertStatement,
  pinned: PinnedTable,
  fixed: FixedValues,
): InsertSource {
  const { table, schema } = pinned;
  const given = targetColumns(table, schema.columns, node.columns);
  for (const [i, { name, position }] of node.columns.entries())
    if (fixed.has(given[i]?.name ?? ""))
      throw columnSpecifiedTwice(name, position);
  const targets = given.filter(({ name }) => !fixed.has(name));
  const source = bindRowSource(statement, node, { pinned, targets });
  const values = [...fixed].map(
    ([name, value]): readonly [string, GivenValue] => {
      if (source.given.has(name)) throw columnSpecifiedTwice(name);
      return [name, { value }];
    },
  );
  return { ...source, given: new Map([...source.given, ...values]) };
}

/** What the statement's query or VALUES say about the targets. */
function bindRowSource(
  statement: StatementContext,
  node: InsertStatement,
  {
    pinned,
    targets,
  }: { readonly pinned: PinnedTable; readonly targets: readonly Column[] },
): InsertSource {
  const { source } = node;
  const { table } = pinned;
  if (!source)
    return { plan: ONE_ROW, given: new Map(), pinned, evolution: [] };
  const values = node.byName ? undefined : plainValues(source);
  if (values !== undefined) {
    const bound = bindInsertValues(statement, values, { table, targets });
    refuseTooFew(node, bound.given.length, targets.length);
    const given = byColumn(targets, bound.given);
    return { plan: bound.plan, given, pinned, evolution: [] };
  }
  const query = statement.binders.query(source, undefined, {
    keepUnknown: true,
  });
  if (!node.byName) refuseTooFew(node, query.columns.length, targets.length);
  return bindInsertQuery(statement, node, query, { pinned, targets });
}

/** From the left; fewer than the targets only without a column list. */
function refuseTooFew(
  { columns, position }: InsertStatement,
  count: number,
  wanted: number,
): void {
  if (count < wanted && columns.length > 0)
    throw insertTooMany("target columns", columns[count]?.position ?? position);
}

function byColumn(
  targets: readonly Column[],
  given: readonly (GivenValue | undefined)[],
): ReadonlyMap<string, GivenValue> {
  return new Map(
    targets.flatMap(({ name }, i) => {
      const value = given[i];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
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
): {
  readonly plan: LogicalPlan;
  readonly given: readonly (GivenValue | undefined)[];
} {
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

/** Columns in order, or BY NAME; with schema evolution the table may get those it lacks, behind its own without a column list. */
export function bindInsertQuery(
  statement: StatementContext,
  node: Pick<InsertStatement, "table" | "columns" | "byName" | "evolves">,
  query: BoundRelation,
  {
    pinned,
    targets,
  }: { readonly pinned: PinnedTable; readonly targets: readonly Column[] },
): InsertSource {
  const { table } = pinned;
  const evolves = mayEvolve(statement, node) && node.columns.length === 0;
  const places = query.columns.map(({ name, position }, i) => {
    const at = node.byName ? columnNamed(targets, name) : targets[i];
    if (at !== undefined || evolves) return at;
    throw node.byName
      ? undefinedTargetColumn(name, table.name, position)
      : insertTooMany("expressions", position);
  });
  // Without a length: a constant that is too long is for the writer to refuse, not to be cut.
  const types = places.map((column) => {
    const kind = column?.type.kind;
    return kind === "varchar" || kind === "bpchar" ? { kind } : column?.type;
  });
  const bound = typeLiterals(statement, query, types);
  const offered = bound.columns.map(({ id, name, type, position }, i) => ({
    target: places[i],
    name,
    type: storedType(type, scaleOf(bound.plan, id)),
    position,
  }));
  const evolved = evolves
    ? evolve(statement, pinned, node.table, offered)
    : { pinned, evolution: [] };
  const { columns } = evolved.pinned.schema;
  const given = new Map<string, GivenValue>();
  for (const [i, column] of bound.columns.entries()) {
    const { position } = column;
    const name = places[i]?.name ?? column.name;
    const target = columns.find((it) => it.name === name);
    invariant(target !== undefined, "the source is no wider than its target");
    if (given.has(name)) throw columnSpecifiedTwice(name, position);
    refuseAssigned(target, "insert", position);
    const value = { ...reference(column), position };
    const stored = evolves
      ? assignByName(statement, value, target)
      : assign(statement, value, target);
    given.set(name, { value: stored });
  }
  return { ...evolved, plan: bound.plan, given };
}

/** Exactly, else but for case. */
function columnNamed(
  columns: readonly Column[],
  name: string,
): Column | undefined {
  return matching(
    columns,
    { name, quoted: false, position: 0 },
    (it) => it.name,
  )[0];
}
