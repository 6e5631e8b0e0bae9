// What a statement acts on: existing tables and views, names to create, securables of GRANT.

import type { Securable, SecurableKind } from "../../../auth/privilege.ts";
import type {
  Relation,
  SchemaEntry,
} from "../../../storage/catalog/objects.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import { isGoverned } from "../../../storage/common/policy.ts";
import type {
  CreateMode,
  ObjectType,
  QualifiedName,
  SecurableName,
} from "../../parse/ast.ts";
import {
  currentCatalog,
  findFunctions,
  findRelation,
  requireCatalog,
  requireSchema,
  schemaToCreateIn,
  type FoundFunction,
  type FoundRelation,
} from "./lookup-name.ts";
import { dotted, exactName, lastPart } from "../names.ts";
import {
  noteTable,
  requireRelation,
  type NameScope,
  type ResolveState,
} from "./resolve-state.ts";
import {
  resolvePolicies,
  type ResolvedPolicies,
} from "../policy/resolve-policies.ts";
import { systemSchema } from "./system-relations.ts";
import { isTemporaryName } from "./temporary.ts";
import {
  temporaryRights,
  undefinedFunctionName,
  undefinedObject,
  undefinedRelation,
  wrongObjectType,
} from "../errors/errors-object.ts";

/** The table or view a statement names as its target; undefined for a temporary one, which needs no right. */
export function resolveTarget(
  state: ResolveState,
  scope: NameScope,
  name: QualifiedName,
): Relation | undefined {
  const found = findRelation(state, scope, name);
  if (!found) throw undefinedRelation(dotted(name), name.position);
  return setTarget(state, name, found);
}

function setTarget(
  state: ResolveState,
  name: QualifiedName,
  found: FoundRelation,
): Relation | undefined {
  switch (found.kind) {
    case "system":
      throw new SqlError(
        "42501",
        `permission denied: "${found.name}" is a system catalog`,
        { position: name.position },
      );
    case "temporary":
      state.targets.set(name, {
        kind: "relation",
        relation: found.relation,
        schema: undefined,
        catalog: undefined,
      });
      return undefined;
    case "object":
      state.targets.set(name, {
        kind: "relation",
        relation: found.relation,
        schema: found.schema,
        catalog: found.catalog,
      });
      return found.relation;
  }
}

/** Requires ownership of what DROP and ALTER name. `ifExists`: what is not there to be seen becomes `absent`. */
export function resolveOwned(
  state: ResolveState,
  scope: NameScope,
  object: {
    readonly type: ObjectType;
    readonly name: QualifiedName;
    readonly ifExists: boolean;
    readonly statement: "drop" | "alter";
  },
): void {
  const { name } = object;
  try {
    const securable = ownedSecurable(state, scope, object);
    if (securable) requireOwner(state, securable, name);
  } catch (error) {
    const absent =
      error instanceof SqlError &&
      ["42P01", "3F000", "3D000", "42883"].includes(error.code);
    if (!object.ifExists || !absent) throw error;
    state.targets.set(name, { kind: "absent", why: error.message });
  }
}

export function requireOwner(
  state: ResolveState,
  securable: Securable,
  name: QualifiedName,
): void {
  state.requirements.push({
    kind: "owner",
    securable,
    name: dotted(name),
    position: name.position,
  });
}

function ownedSecurable(
  state: ResolveState,
  scope: NameScope,
  object: {
    readonly type: ObjectType;
    readonly name: QualifiedName;
    readonly statement: "drop" | "alter";
  },
): Securable | undefined {
  const { name, type } = object;
  switch (type) {
    case "catalog": {
      const catalog = requireCatalog(scope, lastPart(name));
      state.targets.set(name, { kind: "catalog", catalog });
      return objectSecurable("CATALOG", catalog.id);
    }
    case "schema": {
      const { parts } = name;
      const { schema } = requireSchema(
        state,
        scope,
        object.statement === "drop" ? { parts } : name,
      );
      state.targets.set(name, { kind: "schema", schema });
      return objectSecurable("SCHEMA", schema.id);
    }
    case "function": {
      const { kind, entry } = resolveFunctionName(state, scope, name);
      return kind === "object"
        ? objectSecurable("FUNCTION", entry.id)
        : undefined;
    }
    case "table":
    case "view":
      return ownedRelation(state, scope, { ...object, type });
  }
}

/** The function a statement names without arguments. Throws 42883. */
export function resolveFunctionName(
  state: ResolveState,
  scope: NameScope,
  name: QualifiedName,
): FoundFunction {
  const [found] = findFunctions(state, scope, name);
  if (!found) throw undefinedFunctionName(dotted(name), name.position);
  state.targets.set(name, { kind: "function", function: found.entry });
  return found;
}

function ownedRelation(
  state: ResolveState,
  scope: NameScope,
  object: {
    readonly type: "table" | "view";
    readonly name: QualifiedName;
    readonly statement: "drop" | "alter";
  },
): Securable | undefined {
  const { name, type } = object;
  const dropped = object.statement === "drop";
  const found = findRelation(state, scope, name);
  if (!found) {
    if (!dropped) throw undefinedRelation(dotted(name));
    const schema = { parts: name.parts.slice(0, -1) };
    if (schema.parts.length > 0 && !isTemporaryName(state, name, false))
      requireSchema(state, scope, schema);
    throw undefinedObject(type, lastPart(name).name);
  }
  const relation = setTarget(state, name, found);
  if (dropped && relation && relation.kind !== type) {
    throw wrongObjectType(lastPart(name).name, type);
  }
  return relation && relationSecurable(relation);
}

export function objectSecurable(
  type: SecurableKind,
  id: Relation["id"],
): Securable {
  return { kind: "object", type, id };
}

export function relationSecurable(relation: Relation): Securable {
  return objectSecurable(
    relation.kind === "table" ? "TABLE" : "VIEW",
    relation.id,
  );
}

/**
 * A table or view to create: CREATE on its schema, or with OR REPLACE on an existing one ownership of that. An object the session
 * cannot see counts there too, or one user could overwrite another's.
 */
export function resolveNew(
  state: ResolveState,
  scope: NameScope,
  name: QualifiedName,
  options: {
    readonly mode: CreateMode;
    readonly temporary: boolean;
    /** What it is made of is temporary, so it can be nothing else. */
    readonly implied?: boolean;
  },
): void {
  const last = lastPart(name);
  const implied = options.implied === true && !options.temporary;
  if (isTemporaryName(state, name, options.temporary || implied)) {
    state.targets.set(name, { kind: "temporary", name: last.name, implied });
    return;
  }
  refuseSystemSchema(name);
  const { catalog, schema } = schemaToCreateIn(state, scope, name);
  const wanted = exactName(last.name, last.position);
  const existing = scope.lookup.relation(schema.id, wanted);
  state.targets.set(name, {
    kind: "new",
    schema,
    catalog,
    name: last.name,
    existing,
  });
  const replaced =
    options.mode === "or-replace"
      ? scope.lookup.unfiltered.relation(schema.id, wanted)
      : undefined;
  if (replaced) {
    requireOwner(state, relationSecurable(replaced), name);
    return;
  }
  requireInSchema(state, "CREATE", schema, name);
}

/** The right to make an object called `name` in the schema. */
export function requireInSchema(
  state: ResolveState,
  privilege: "CREATE" | "CREATE_NAMED_FUNCTION",
  schema: SchemaEntry,
  name: QualifiedName,
): void {
  state.requirements.push({
    kind: "privilege",
    privilege,
    securable: objectSecurable("SCHEMA", schema.id),
    name:
      name.parts.length > 1
        ? dotted({ parts: name.parts.slice(0, -1) })
        : schema.name,
    position: name.position,
  });
}

export function refuseSystemSchema(name: QualifiedName): void {
  const qualifier = name.parts.at(-2)?.name;
  if (qualifier !== undefined && systemSchema(qualifier) !== undefined) {
    throw new SqlError(
      "42501",
      `permission denied to create "${dotted(name)}"`,
      {
        detail: "System catalog modifications are currently disallowed.",
        position: name.position,
      },
    );
  }
}

/** What GRANT and its relatives name, and the name as typed for the error. */
export function resolveSecurable(
  state: ResolveState,
  scope: NameScope,
  named: SecurableName,
): {
  readonly securable: Securable;
  readonly name: string;
  readonly position?: number;
} {
  switch (named.kind) {
    case "any-file":
      return { securable: { kind: "any-file" }, name: "any file" };
    case "anonymous-function":
      return {
        securable: { kind: "anonymous-function" },
        name: "anonymous function",
      };
    case "catalog": {
      const catalog = named.name
        ? requireCatalog(scope, named.name)
        : currentCatalog(state, scope);
      return {
        securable: objectSecurable("CATALOG", catalog.id),
        name: named.name?.name ?? catalog.name,
        ...(named.name ? { position: named.name.position } : {}),
      };
    }
    default: {
      const statement = "alter";
      const securable = ownedSecurable(state, scope, {
        type: named.kind,
        name: named.name,
        statement,
      });
      if (!securable)
        throw temporaryRights(dotted(named.name), named.name.position);
      return {
        securable,
        name: dotted(named.name),
        position: named.name.position,
      };
    }
  }
}

export function requireTarget(
  state: ResolveState,
  scope: NameScope,
  name: QualifiedName,
  ...privileges: readonly ("SELECT" | "MODIFY" | "READ_METADATA")[]
): void {
  const relation = resolveTarget(state, scope, name);
  const target = state.targets.get(name);
  if (target?.kind === "relation" && target.relation.kind === "table") {
    noteTable(state, target.relation, undefined);
  }
  if (!relation) return;
  for (const privilege of privileges) {
    requireRelation(state, scope, relation, {
      privilege,
      name: dotted(name),
      position: name.position,
    });
  }
}

/** The target's policies, where the statement reads rows that are there, and where it returns those it writes. */
export function governTarget(
  state: ResolveState,
  scope: NameScope,
  name: QualifiedName,
  reads: { readonly rows: boolean; readonly returning: boolean },
): void {
  const target = state.targets.get(name);
  if (target?.kind !== "relation" || target.relation.kind !== "table") return;
  const { relation } = target;
  const policies = (): ResolvedPolicies | undefined =>
    resolvePolicies(state, scope, relation, name);
  state.targets.set(name, {
    ...target,
    policies: reads.rows ? policies() : undefined,
    returned: reads.returning ? policies() : undefined,
  });
}

/** What destroys rows unseen is the owner's where a filter hides some (access-control section 14, rule 7). */
export function requireOwnerIfFiltered(
  state: ResolveState,
  name: QualifiedName,
): void {
  const target = state.targets.get(name);
  if (target?.kind !== "relation" || target.relation.kind !== "table") return;
  if (target.relation.policies?.rowFilter)
    requireOwner(state, relationSecurable(target.relation), name);
}

/** Values that come from files and not from rows are the owner's under any policy (access-control section 14, rule 6). */
export function requireOwnerIfGoverned(
  state: ResolveState,
  name: QualifiedName,
): void {
  const target = state.targets.get(name);
  if (target?.kind !== "relation" || target.relation.kind !== "table") return;
  if (isGoverned(target.relation.policies))
    requireOwner(state, relationSecurable(target.relation), name);
}

/** Any right that shows the relation's columns. */
export function requireVisible(
  state: ResolveState,
  scope: NameScope,
  name: QualifiedName,
): void {
  const relation = resolveTarget(state, scope, name);
  if (!relation) return;
  state.requirements.push({
    kind: "visible",
    securable: {
      kind: "object",
      type: relation.kind === "table" ? "TABLE" : "VIEW",
      id: relation.id,
    },
    name: dotted(name),
    position: name.position,
  });
}
