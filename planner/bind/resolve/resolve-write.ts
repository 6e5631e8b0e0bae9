// Requirements of statements that write rows or create tables (access-control: section 6).

import { notSupported, SqlError } from "../../../storage/common/errors.ts";
import type { QualifiedName, Statement } from "../../parse/ast.ts";
import {
  resolveExpressions,
  resolveFrom,
  resolveQuery,
  resolveWith,
} from "./resolve-query.ts";
import { dotted } from "../names.ts";
import { resolvePolicyCall } from "../policy/resolve-change.ts";
import {
  requireUngoverned,
  type NameScope,
  type ResolveState,
} from "./resolve-state.ts";
import { requireAnyFile } from "../define/stored-text.ts";
import {
  governTarget,
  requireOwnerIfFiltered,
  requireTarget,
  resolveNew,
} from "./resolve-target.ts";

type StatementOf<K extends Statement["kind"]> = Extract<
  Statement,
  { readonly kind: K }
>;

export function resolveInsert(
  state: ResolveState,
  scope: NameScope,
  statement: StatementOf<"insert">,
): void {
  const reads =
    statement.overwrite ||
    statement.replaceWhere !== undefined ||
    statement.onConflict !== undefined ||
    statement.returning.length > 0;
  requireTarget(
    state,
    scope,
    statement.table,
    "MODIFY",
    ...(reads ? (["SELECT"] as const) : []),
  );
  const replaces = statement.replaceWhere !== undefined;
  if (statement.overwrite || replaces)
    requireOwnerIfFiltered(state, statement.table);
  const returning = statement.returning.length > 0;
  governTarget(state, scope, statement.table, { rows: replaces, returning });
  const inner = resolveWith(state, scope, statement.with);
  if (statement.source) resolveQuery(state, inner, statement.source);
  const { update } = statement.onConflict ?? {};
  resolveExpressions(state, inner, [
    ...(update?.assignments ?? []).map(({ value }) => value),
    ...(update?.where ? [update.where] : []),
    ...statement.partition.flatMap(({ value }) => value ?? []),
    ...(statement.replaceWhere ? [statement.replaceWhere] : []),
    ...statement.returning.map((item) => item.value),
  ]);
}

export function resolveUpdate(
  state: ResolveState,
  scope: NameScope,
  statement: StatementOf<"update">,
): void {
  requireTarget(state, scope, statement.table, "MODIFY", "SELECT");
  const returning = statement.returning.length > 0;
  governTarget(state, scope, statement.table, { rows: true, returning });
  const inner = resolveWith(state, scope, statement.with);
  for (const item of statement.from) resolveFrom(state, inner, item);
  resolveExpressions(state, inner, [
    ...statement.assignments.map(({ value }) => value),
    ...(statement.where ? [statement.where] : []),
    ...statement.returning.map((item) => item.value),
  ]);
}

/** Without a predicate nothing is read and every row goes, as by TRUNCATE: MODIFY is enough where none is hidden. */
export function resolveDelete(
  state: ResolveState,
  scope: NameScope,
  statement: StatementOf<"delete">,
): void {
  const reads =
    statement.where !== undefined ||
    statement.using.length > 0 ||
    statement.returning.length > 0;
  requireTarget(
    state,
    scope,
    statement.table,
    "MODIFY",
    ...(reads ? (["SELECT"] as const) : []),
  );
  if (reads)
    governTarget(state, scope, statement.table, {
      rows: true,
      returning: false,
    });
  else requireOwnerIfFiltered(state, statement.table);
  const inner = resolveWith(state, scope, statement.with);
  for (const item of statement.using) resolveFrom(state, inner, item);
  resolveExpressions(state, inner, [
    ...(statement.where ? [statement.where] : []),
    ...statement.returning.map((item) => item.value),
  ]);
}

export function resolveMerge(
  state: ResolveState,
  scope: NameScope,
  statement: StatementOf<"merge">,
): void {
  requireTarget(state, scope, statement.target, "MODIFY", "SELECT");
  const returning = statement.returning.length > 0;
  governTarget(state, scope, statement.target, { rows: true, returning });
  const inner = resolveWith(state, scope, statement.with);
  resolveFrom(state, inner, statement.source);
  resolveExpressions(state, inner, [
    statement.on,
    ...statement.clauses.flatMap((clause) => [
      ...(clause.condition ? [clause.condition] : []),
      ...(clause.action.kind === "update"
        ? clause.action.assignments.map(({ value }) => value)
        : []),
      ...(clause.action.kind === "insert" ? clause.action.values : []),
    ]),
    ...statement.returning.map((item) => item.value),
  ]);
}

export function resolveCopy(
  state: ResolveState,
  scope: NameScope,
  statement: StatementOf<"copy">,
): void {
  refuseServerFiles(statement.target, statement.position);
  const { source } = statement;
  if (statement.direction === "to") {
    return source.kind === "query"
      ? resolveQuery(state, scope, source.query)
      : withoutPosition(() => resolveQuery(state, scope, source.query));
  }
  if (source.kind === "table") {
    withoutPosition(() => requireTarget(state, scope, source.name, "MODIFY"));
  }
  if (statement.where) resolveExpressions(state, scope, [statement.where]);
}

/** PostgreSQL opens the table of COPY by its name alone and shows no place in the text. */
function withoutPosition(resolveTable: () => void): void {
  try {
    resolveTable();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const { code, message, detail, hint } = error;
    throw new SqlError(code, message, { detail, hint });
  }
}

/** With LOCATION also SELECT on any file; whether it must be MODIFY is known only to who sees that the path is new. */
export function resolveCreateTable(
  state: ResolveState,
  scope: NameScope,
  statement: StatementOf<"create-table" | "create-table-as">,
): void {
  resolveNew(state, scope, statement.name, statement);
  if (statement.options.location !== undefined) {
    requireAnyFile(state, scope, "SELECT", statement.position);
  }
  const { rowFilter } = statement.options;
  if (rowFilter) resolvePolicyCall(state, scope, statement.name, rowFilter);
  if (statement.kind === "create-table") {
    for (const { mask } of statement.columns)
      if (mask) resolvePolicyCall(state, scope, statement.name, mask);
    if (statement.like) resolveLike(state, scope, statement.like);
    resolveExpressions(state, scope, [
      ...statement.columns.flatMap((column) =>
        [column.default, column.generated, column.check].filter(
          (part) => part !== undefined,
        ),
      ),
      ...statement.constraints.flatMap((constraint) =>
        constraint.kind === "check" ? [constraint.condition] : [],
      ),
    ]);
  }
}

/** The columns of a table with policies are not copied: the copy would have none (access-control section 11). */
function resolveLike(
  state: ResolveState,
  scope: NameScope,
  like: QualifiedName,
): void {
  requireTarget(state, scope, like, "SELECT");
  const target = state.targets.get(like);
  if (target?.kind !== "relation" || target.schema === undefined) return;
  requireUngoverned(state, scope, target.relation, {
    what: "CREATE TABLE LIKE",
    name: dotted(like),
    position: like.position,
  });
}

/** COPY with a file or a program: never, for anyone. */
function refuseServerFiles(target: string, position: number): void {
  if (target === "file" || target === "program") {
    throw notSupported(`COPY to or from a ${target} is`, position);
  }
}
