// Expressions kept in a table's log as SQL text: defaults, generated columns, CHECK constraints, invariants. Text of another writer is
// Spark's SQL and is used only where it means the same to us; a write that depends on any other text is refused.

import type { TableEntry } from "../../../storage/catalog/objects.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import type { StoredExpression } from "../../../storage/common/schema.ts";
import { fixedOffset } from "../../functions/value/calendar.ts";
import type { Expression } from "../../logical/expression.ts";
import type { PlanColumn } from "../../logical/plan.ts";
import type { Expr, Query } from "../../parse/ast.ts";
import { parseSql } from "../../parse/parse.ts";
import { settleUnknown } from "../coerce.ts";
import { noteColumns } from "../from/from-columns.ts";
import { namedRelation } from "../from/relation.ts";
import { CLAUSES, emptyScope, scopeColumns, type Scope } from "../scope.ts";
import { foreignMeaning } from "./shared-meaning.ts";
import { fromSpark } from "./spark-syntax.ts";
import type { StatementContext } from "../statement-context.ts";
import { partsOf } from "../syntax.ts";

export type StoredUse = "default" | "check" | "generated";

/** Whose expression it is, for the error: `default of column "a"`. */
export interface StoredPlace {
  readonly table: TableEntry;
  readonly use: StoredUse;
  readonly subject: string;
}

/**
 * The expression over the table's columns (none for a default). Throws 0A000 naming table, subject and text when it cannot be
 * understood.
 */
export function bindStored(
  statement: StatementContext,
  stored: StoredExpression,
  columns: readonly PlanColumn[],
  place: StoredPlace,
): Expression {
  const refuse = (reason: string, cause: unknown): SqlError =>
    notUnderstood(stored, place, reason, cause);
  try {
    if (!stored.ours) refuseFarZone(statement.environment.timeZone);
    return stored.ours
      ? bindOver(statement, parseExpression(stored.text), columns, place)
      : bindShared(statement, stored.text, { ...place, columns });
  } catch (error) {
    if (error instanceof SqlError) throw refuse(error.message, error);
    throw error;
  }
}

/** Java's limit for offsets (`ZoneOffset.MAX`); partitions by a day are skipped in the trust that no writer's day is farther off. */
const FARTHEST_SECONDS = 18 * 3600;

/** PostgreSQL takes zones of up to 168 hours from UTC. */
function refuseFarZone(zone: string): void {
  const digits = /^[+-]\d{3}/.test(zone);
  if (!digits && Math.abs(fixedOffset(zone) ?? 0) <= FARTHEST_SECONDS) return;
  throw new SqlError(
    "0A000",
    `Spark has no time zone as far from UTC as "${zone}"`,
  );
}

/** Spark's text, when it means the same to us. Throws 0A000 with the difference. */
export function bindShared(
  statement: StatementContext,
  text: string,
  over: {
    readonly table: { readonly name: string };
    readonly columns: readonly PlanColumn[];
    readonly use: StoredUse;
  },
): Expression {
  const syntax = fromSpark(parseExpression(text));
  const bound = bindOver(statement, syntax, over.columns, over);
  const difference = foreignMeaning(text, bound);
  if (difference !== undefined) throw new SqlError("0A000", difference);
  return bound;
}

/** As `bindStored`, with PostgreSQL's own errors: for an expression that a statement gives. */
export function bindOver(
  statement: StatementContext,
  syntax: Expr,
  columns: readonly PlanColumn[],
  place: { readonly table: { readonly name: string }; readonly use: StoredUse },
): Expression {
  refuseSubqueries(syntax, place.use);
  const relation = namedRelation(place.table.name, scopeColumns(columns));
  const scope: Scope = {
    ...emptyScope(statement, undefined, CLAUSES[place.use]),
    relations: columns.length === 0 ? [] : [relation],
  };
  noteColumns(scope.level, scope.relations);
  return place.use === "default"
    ? statement.binders.expression(syntax, scope)
    : settleUnknown(statement, statement.binders.expression(syntax, scope));
}

/** Throws 42601 and its relatives. */
export function parseExpression(text: string): Expr {
  const [parsed, more] = parseSql(`SELECT ${text}`);
  const only =
    parsed?.statement.kind === "select" && more === undefined
      ? onlyItem(parsed.statement.query)
      : undefined;
  if (only === undefined)
    throw new SqlError("42601", "the text is not one expression");
  return only;
}

/** The one item of a query that has nothing else. */
function onlyItem({ body, orderBy, limit }: Query): Expr | undefined {
  if (body.kind !== "select" || orderBy.length > 0 || limit) return undefined;
  const [item, more] = body.items;
  const others = [body.where, body.having, body.qualify, more, item?.alias];
  const bare =
    body.from.length === 0 &&
    body.groupBy.length === 0 &&
    others.every((clause) => clause === undefined);
  return bare ? item?.value : undefined;
}

const SUBQUERY: Readonly<Record<StoredUse, string>> = {
  default: "cannot use subquery in DEFAULT expression",
  check: "cannot use subquery in check constraint",
  generated: "cannot use subquery in column generation expression",
};

export function refuseSubqueries(syntax: Expr, use: StoredUse): void {
  const { expressions, queries } = partsOf(syntax);
  const quantified =
    syntax.kind === "quantified" && syntax.source.kind === "query";
  if (queries.length > 0 || quantified) {
    throw new SqlError("0A000", SUBQUERY[use], { position: syntax.position });
  }
  for (const part of expressions) refuseSubqueries(part, use);
}

function notUnderstood(
  stored: StoredExpression,
  { table, subject }: StoredPlace,
  reason: string,
  cause: unknown,
): SqlError {
  return new SqlError(
    "0A000",
    `writing to table "${table.name}" is not supported: its ${subject} cannot be understood`,
    { detail: `It says "${stored.text}": ${reason}.`, cause },
  );
}
