// Requirements of statements that show metadata (access-control: sections 6 and 15).

import type { QualifiedName, Statement } from "../../parse/ast.ts";
import {
  currentCatalog,
  requireCatalog,
  requireSchema,
} from "./lookup-name.ts";
import { dotted, sameWithoutCase } from "../names.ts";
import { resolveQuery } from "./resolve-query.ts";
import type { NameScope, ResolveState } from "./resolve-state.ts";
import {
  relationSecurable,
  requireOwner,
  requireTarget,
  requireVisible,
  resolveFunctionName,
  resolveSecurable,
  resolveTarget,
} from "./resolve-target.ts";
import { systemSchema } from "./system-relations.ts";
import { undefinedSchema } from "../errors/errors-object.ts";

type StatementOf<K extends Statement["kind"]> = Extract<
  Statement,
  { readonly kind: K }
>;

export function resolveDescribe(
  state: ResolveState,
  scope: NameScope,
  statement: StatementOf<"describe">,
): void {
  const { target } = statement;
  if (target.kind === "query") return resolveQuery(state, scope, target.query);
  if (target.kind === "function") {
    return requireFunction(state, scope, target);
  }
  switch (target.form) {
    case "columns":
      return requireVisible(state, scope, target.name);
    case "extended":
    case "detail":
    case "create":
      return requireTarget(state, scope, target.name, "READ_METADATA");
    case "history": {
      const relation = resolveTarget(state, scope, target.name);
      if (relation) {
        requireOwner(state, relationSecurable(relation), target.name);
      }
      return;
    }
  }
}

/** Whoever sees a function may know its signature; EXTENDED shows more. */
function requireFunction(
  state: ResolveState,
  scope: NameScope,
  target: { readonly name: QualifiedName; readonly extended: boolean },
): void {
  const { kind, entry } = resolveFunctionName(state, scope, target.name);
  if (kind === "temporary") return;
  const named = {
    securable: { kind: "object", type: "FUNCTION", id: entry.id },
    name: dotted(target.name),
    position: target.name.position,
  } as const;
  state.requirements.push(
    target.extended
      ? { kind: "privilege", privilege: "READ_METADATA", ...named }
      : { kind: "visible", ...named },
  );
}

/** Listings are open to all and filtered by what is visible; the place they list must be visible itself. */
export function resolveShow(
  state: ResolveState,
  scope: NameScope,
  statement: StatementOf<"show">,
): void {
  const { what } = statement;
  switch (what.kind) {
    case "columns":
      return requireVisible(state, scope, what.table);
    case "schemas":
      if (what.catalog) requireCatalog(scope, what.catalog);
      return;
    case "tables":
    case "views":
    case "functions":
      if (what.in) resolvePlace(state, scope, what.in);
      return;
    default:
      return;
  }
}

function resolvePlace(
  state: ResolveState,
  scope: NameScope,
  name: QualifiedName,
): void {
  const last = name.parts.at(-1);
  if (last && systemSchema(last.name) !== undefined) return;
  const found = requireSchema(state, scope, name);
  state.targets.set(name, { kind: "schema", schema: found.schema });
}

/** All rows for owners; anyone may ask about themselves, if they can see the object. */
export function resolveShowGrants(
  state: ResolveState,
  scope: NameScope,
  statement: StatementOf<"show-grants">,
): void {
  const { securable, name, position } = resolveSecurable(
    state,
    scope,
    statement.securable,
  );
  const user = state.environment.session?.("current_user", [])?.text;
  const aboutSelf =
    statement.principal !== undefined &&
    typeof user === "string" &&
    sameWithoutCase(user, statement.principal.name);
  if (aboutSelf) {
    if (securable.kind === "object") {
      state.requirements.push({ kind: "visible", securable, name, position });
    }
  } else if (securable.kind === "object") {
    state.requirements.push({ kind: "owner", securable, name, position });
  } else {
    state.requirements.push({ kind: "admin", action: `privileges on ${name}` });
  }
}

/** `USE x`: a schema of the current catalog, or else a catalog. */
export function resolveUse(
  state: ResolveState,
  scope: NameScope,
  statement: StatementOf<"use">,
): void {
  const { name, type } = statement;
  const [first, second] = name.parts;
  if (!first) return;
  if (type === "catalog") {
    const catalog = requireCatalog(scope, first);
    state.targets.set(name, { kind: "catalog", catalog });
    return;
  }
  if (type === "either" && !second) {
    const current = currentCatalog(state, scope);
    const catalog = scope.lookup.schema(current.id, first)
      ? undefined
      : scope.lookup.catalog(first);
    if (catalog) {
      state.targets.set(name, { kind: "catalog", catalog });
      return;
    }
    if (!scope.lookup.schema(current.id, first)) {
      throw undefinedSchema(dotted(name), name.position);
    }
  }
  const { schema } = requireSchema(state, scope, name);
  state.targets.set(name, { kind: "schema", schema });
}
