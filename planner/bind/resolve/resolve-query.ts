// Resolves every name in a query: relations in any position, common tables in scope, views by their stored text, functions.

import type { Relation, ViewEntry } from "../../../storage/catalog/objects.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import type {
  CommonTable,
  Expr,
  FromItem,
  FunctionFrom,
  Query,
  QueryBody,
  Select,
  TableFrom,
  WithClause,
} from "../../parse/ast.ts";
import { findRelation, type FoundRelation } from "./lookup-name.ts";
import { dotted, lastPart, matching } from "../names.ts";
import {
  noteKind,
  noteTable,
  requireRelation,
  requireUngoverned,
  type NameScope,
  type ResolveState,
} from "./resolve-state.ts";
import { groupParts, partsOf, sortParts, windowParts } from "../syntax.ts";
import { resolvePolicies } from "../policy/resolve-policies.ts";
import { resolveCall } from "./resolve-call.ts";
import { resolveChanges } from "./resolve-changes.ts";
import { resolvePath, resolveReadFiles } from "./resolve-files.ts";
import { systemEntry, systemTable, type SystemTable } from "./system-tables.ts";
import { insideTemporary, TEMPORARY_SCHEMA } from "./temporary.ts";
import { evaluateTravel } from "./travel.ts";
import { brokenView, undefinedRelation } from "../errors/errors-object.ts";
import {
  insideOf,
  parseStored,
  refuseCycle,
  refuseTravel,
} from "../define/stored-text.ts";

export function resolveQuery(
  state: ResolveState,
  outer: NameScope,
  query: Query,
): void {
  const scope = resolveWith(state, outer, query.with);
  resolveBody(state, scope, query.body);
  resolveExpressions(state, scope, [
    ...sortParts(query.orderBy),
    ...(query.limit ? [query.limit] : []),
    ...(query.offset ? [query.offset] : []),
  ]);
}

/** The scope in which what follows WITH stands. Every item is resolved, used or not. */
export function resolveWith(
  state: ResolveState,
  outer: NameScope,
  clause: WithClause | undefined,
): NameScope {
  if (clause === undefined) return outer;
  let scope = outer;
  if (clause.recursive) {
    for (const item of clause.items) {
      scope = {
        ...scope,
        commonTables: { item, next: scope.commonTables },
      };
    }
  }
  for (const item of clause.items) {
    if (item.query.kind !== "query") {
      throw notSupported(
        "data-modifying statements in WITH are",
        item.query.position,
      );
    }
    state.openTables.add(item);
    resolveQuery(state, scope, item.query);
    state.openTables.delete(item);
    if (!clause.recursive) {
      scope = { ...scope, commonTables: { item, next: scope.commonTables } };
    }
  }
  return scope;
}

function resolveBody(
  state: ResolveState,
  scope: NameScope,
  body: QueryBody,
): void {
  switch (body.kind) {
    case "query":
      return resolveQuery(state, scope, body);
    case "select":
      return resolveSelect(state, scope, body);
    case "set-operation":
      resolveBody(state, scope, body.left);
      return resolveBody(state, scope, body.right);
    case "values":
      return resolveExpressions(state, scope, body.rows.flat());
  }
}

function resolveSelect(
  state: ResolveState,
  scope: NameScope,
  select: Select,
): void {
  for (const item of select.from) resolveFrom(state, scope, item);
  resolveExpressions(state, scope, [
    ...(typeof select.distinct === "boolean" ? [] : select.distinct),
    ...select.items.map((item) => item.value),
    ...(select.where ? [select.where] : []),
    ...groupParts(select.groupBy),
    ...(select.having ? [select.having] : []),
    ...select.windows.flatMap((window) => windowParts(window.spec)),
    ...(select.qualify ? [select.qualify] : []),
  ]);
}

export function resolveExpressions(
  state: ResolveState,
  scope: NameScope,
  expressions: readonly Expr[],
): void {
  for (const expression of expressions) {
    if (expression.kind === "call") {
      resolveCall(state, scope, expression);
    }
    const parts = partsOf(expression);
    resolveExpressions(state, scope, parts.expressions);
    for (const query of parts.queries) resolveQuery(state, scope, query);
  }
}

export function resolveFrom(
  state: ResolveState,
  scope: NameScope,
  item: FromItem,
): void {
  switch (item.kind) {
    case "table":
      return resolveTable(state, scope, item);
    case "subquery":
      return resolveQuery(state, scope, item.query);
    case "function":
      return resolveTableFunction(state, scope, item);
    case "path":
      return resolvePath(state, scope, item);
    case "join":
      resolveFrom(state, scope, item.left);
      resolveFrom(state, scope, item.right);
      return resolveExpressions(state, scope, item.on ? [item.on] : []);
  }
}

function resolveTable(
  state: ResolveState,
  scope: NameScope,
  item: TableFrom,
): void {
  const common = findCommonTable(scope, item, true);
  if (common) return useCommonTable(state, item, common);
  const found = findRelation(state, scope, item.name);
  if (!found || caseFallback(found, item)) {
    const loose = findCommonTable(scope, item, false);
    if (loose) return useCommonTable(state, item, loose);
  }
  if (!found) throw missingRelation(scope, item);
  useRelation(state, scope, item, found);
}

function useCommonTable(
  state: ResolveState,
  item: TableFrom,
  common: CommonTable,
): void {
  if (state.openTables.has(common)) state.recursive.add(common);
  state.relations.set(item, { kind: "common-table", item: common });
}

/** True when the name matched only without regard to case: a common table that does so too stands nearer. */
function caseFallback(found: FoundRelation, item: TableFrom): boolean {
  const name = found.kind === "system" ? found.name : found.relation.name;
  return name !== lastPart(item.name).name;
}

function findCommonTable(
  scope: NameScope,
  item: TableFrom,
  exact: boolean,
): CommonTable | undefined {
  const [name, ...more] = item.name.parts;
  if (name === undefined || more.length > 0) return undefined;
  for (let at = scope.commonTables; at; at = at.next) {
    const wanted = exact ? { ...name, quoted: true } : name;
    if (matching([at.item], wanted, (it) => it.name.name).length > 0) {
      return at.item;
    }
  }
  return undefined;
}

function missingRelation(scope: NameScope, item: TableFrom): Error {
  return scope.stored
    ? brokenView(scope.stored.outermostName, scope.stored.position)
    : undefinedRelation(dotted(item.name), item.name.position);
}

function useRelation(
  state: ResolveState,
  scope: NameScope,
  item: TableFrom,
  found: FoundRelation,
): void {
  const name = dotted(item.name);
  const { position } = item.name;
  switch (found.kind) {
    case "system": {
      const table =
        found.schema === "system" ? systemTable(found.name) : undefined;
      if (table) return useSystemTable(state, item, table);
      noteKind(state, "system", position);
      state.relations.set(item, found);
      return;
    }
    case "temporary":
      noteKind(state, "lake", position);
      return useTemporary(state, scope, item, found.relation);
    case "object": {
      noteKind(state, "lake", position);
      requireRelation(state, scope, found.relation, {
        privilege: "SELECT",
        name,
        position,
      });
      const place = { schema: found.schema.name, catalog: found.catalog.name };
      if (found.relation.kind === "view") {
        return useView(state, scope, item, { ...place, view: found.relation });
      }
      const table = found.relation;
      const travel = item.travel && evaluateTravel(state, item.travel);
      if (travel) {
        const what = "time travel on";
        requireUngoverned(state, scope, table, { what, name, position });
      }
      if (scope.stored?.link?.policy) state.policyTables.add(table.id);
      state.relations.set(item, {
        kind: "table",
        reference: noteTable(state, table, travel, {
          typed: scope.stored?.outermostName ?? name,
        }),
        name: `${found.schema.name}.${table.name}`,
        ...place,
        policies: resolvePolicies(state, scope, table, item.name),
      });
      return;
    }
  }
}

/** Rows of the gateway itself, which the planner reads as it reads a table. */
function useSystemTable(
  state: ResolveState,
  item: TableFrom,
  table: SystemTable,
): void {
  refuseTravel(item);
  noteKind(state, "lake", item.name.position);
  const name = `system.${table.name}`;
  if (table.readers === "administrators")
    state.requirements.push({ kind: "admin", action: `read ${name}` });
  state.relations.set(item, {
    kind: "table",
    reference: noteTable(state, systemEntry(table), undefined),
    name,
    schema: "system",
    catalog: state.environment.currentCatalog,
  });
}

function useTemporary(
  state: ResolveState,
  scope: NameScope,
  item: TableFrom,
  relation: Relation,
): void {
  const place = { schema: TEMPORARY_SCHEMA, catalog: undefined };
  if (relation.kind === "table") {
    const travel = item.travel && evaluateTravel(state, item.travel);
    const reference = noteTable(state, relation, travel);
    const { name } = relation;
    state.relations.set(item, { kind: "table", reference, name, ...place });
    return;
  }
  refuseTravel(item);
  const { id } = relation;
  const { position } = item.name;
  const name = dotted(item.name);
  refuseCycle(scope.stored, id, name, position);
  const query = parseStored(relation.definition);
  const view = { kind: "view", view: relation, temporary: true } as const;
  state.relations.set(item, { ...view, query, ...place });
  const inner = insideTemporary(state, scope, { id, name, position });
  resolveQuery(state, inner, query);
}

function useView(
  state: ResolveState,
  scope: NameScope,
  item: TableFrom,
  use: {
    readonly view: ViewEntry;
    readonly schema: string;
    readonly catalog: string;
  },
): void {
  refuseTravel(item);
  const { view } = use;
  const name = dotted(item.name);
  refuseCycle(scope.stored, view.id, name, item.name.position);
  const query = parseStored(view.definition);
  state.relations.set(item, { kind: "view", temporary: false, ...use, query });
  const inner = insideOf(state, scope, {
    id: view.id,
    name,
    position: item.name.position,
  });
  resolveQuery(state, inner, query);
}

/** `table_changes('t', …)` reads a table, `read_files('p')` a path; other functions are calls. */
function resolveTableFunction(
  state: ResolveState,
  scope: NameScope,
  item: FunctionFrom,
): void {
  for (const call of item.calls) {
    const name = lastPart(call.name).name.toLowerCase();
    if (name === "read_files") {
      resolveReadFiles(state, scope, item, call);
    }
    if (name === "table_changes") resolveChanges(state, scope, call);
  }
  resolveExpressions(state, scope, item.calls);
}
