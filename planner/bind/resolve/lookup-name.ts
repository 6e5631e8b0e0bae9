// Names of relations, schemas and catalogs to objects: the search path, temporary relations, the system schemas,
// and PostgreSQL's errors for what is not there (access-control: 15.2).

import type { NamePart } from "../../../storage/catalog/lookup.ts";
import type {
  CatalogEntry,
  FunctionEntry,
  Relation,
  SchemaEntry,
} from "../../../storage/catalog/objects.ts";
import type { QualifiedName } from "../../parse/ast.ts";
import { dotted, exactName } from "../names.ts";
import type { NameScope, ResolveState } from "./resolve-state.ts";
import {
  isCatalogRelation,
  isRelationOf,
  systemSchema,
  type SystemSchema,
} from "./system-relations.ts";
import {
  findTemporary,
  findTemporaryFunction,
  isTemporarySchema,
} from "./temporary.ts";
import {
  noSchemaSelected,
  tooManyNameParts,
  undefinedCatalog,
  undefinedSchema,
} from "../errors/errors-object.ts";

export type FoundRelation =
  | {
      readonly kind: "object";
      readonly relation: Relation;
      readonly schema: SchemaEntry;
      readonly catalog: CatalogEntry;
    }
  | { readonly kind: "temporary"; readonly relation: Relation }
  | {
      readonly kind: "system";
      readonly schema: SystemSchema;
      readonly name: string;
    };

export type FoundFunction =
  | {
      readonly kind: "object";
      readonly entry: FunctionEntry;
      readonly schema: SchemaEntry;
      readonly catalog: CatalogEntry;
    }
  | { readonly kind: "temporary"; readonly entry: FunctionEntry };

/** Undefined when no such relation is there to be seen. Throws 42601 for too many parts. */
export function findRelation(
  state: ResolveState,
  scope: NameScope,
  name: QualifiedName,
): FoundRelation | undefined {
  const [first, second, third, extra] = name.parts;
  if (first === undefined || extra !== undefined) {
    throw tooManyNameParts(dotted(name), name.position);
  }
  if (second === undefined) return findUnqualified(state, scope, first);
  if (third === undefined) {
    const { environment } = state;
    if (isTemporarySchema(state, first.name))
      return asTemporary(findTemporary(state, scope, second));
    const catalog = scope.lookup.catalog(exactName(environment.currentCatalog));
    return findInSchema(scope, catalog, first, second);
  }
  return findInSchema(scope, scope.lookup.catalog(first), second, third);
}

function findInSchema(
  scope: NameScope,
  catalog: CatalogEntry | undefined,
  schemaName: NamePart,
  name: NamePart,
): FoundRelation | undefined {
  const system = systemSchema(schemaName.name);
  if (system !== undefined) {
    // Of the other two the mirror knows best what there is.
    return system === "system" && !(catalog && isRelationOf(system, name.name))
      ? undefined
      : { kind: "system", schema: system, name: name.name };
  }
  const schema = catalog && scope.lookup.schema(catalog.id, schemaName);
  if (!catalog || !schema) return undefined;
  const relation = scope.lookup.relation(schema.id, name);
  return relation && { kind: "object", relation, schema, catalog };
}

/**
 * Temporary relations, unless the search path places them, pg_catalog, then the search path; a name that matches exactly anywhere
 * wins over one that differs by case.
 */
function findUnqualified(
  state: ResolveState,
  scope: NameScope,
  name: NamePart,
): FoundRelation | undefined {
  const exact = findOnPath(state, scope, { ...name, quoted: true });
  return exact ?? (name.quoted ? undefined : findOnPath(state, scope, name));
}

function findOnPath(
  state: ResolveState,
  scope: NameScope,
  name: NamePart,
): FoundRelation | undefined {
  const { environment } = state;
  const temporary = asTemporary(findTemporary(state, scope, name));
  const placed = environment.searchPath.some((entry) =>
    isTemporarySchema(state, entry),
  );
  if (temporary && !placed) return temporary;
  if (isCatalogRelation(name.name)) {
    return { kind: "system", schema: "pg_catalog", name: name.name };
  }
  const catalog = scope.lookup.catalog(exactName(environment.currentCatalog));
  for (const entry of environment.searchPath) {
    if (isTemporarySchema(state, entry)) {
      if (temporary) return temporary;
      continue;
    }
    const system = systemSchema(entry);
    if (system !== undefined) {
      if (isRelationOf(system, name.name)) {
        return { kind: "system", schema: system, name: name.name };
      }
      continue;
    }
    const found = findInSchema(scope, catalog, exactName(entry), name);
    if (found) return found;
  }
  return undefined;
}

function asTemporary(
  relation: Relation | undefined,
): FoundRelation | undefined {
  return relation && { kind: "temporary", relation };
}

/** The schema a name of one or two parts stands for. Throws 3D000, 3F000; DROP gives no position. */
export function requireSchema(
  state: ResolveState,
  scope: NameScope,
  name: {
    readonly parts: QualifiedName["parts"];
    readonly position?: number | undefined;
  },
): { readonly catalog: CatalogEntry; readonly schema: SchemaEntry } {
  const [first, second, extra] = name.parts;
  if (first === undefined || extra !== undefined) {
    throw tooManyNameParts(dotted(name), name.position);
  }
  const catalog =
    second === undefined
      ? currentCatalog(state, scope)
      : requireCatalog(scope, first);
  const part = second ?? first;
  const schema = scope.lookup.schema(catalog.id, part);
  if (!schema) throw undefinedSchema(dotted(name), name.position);
  return { catalog, schema };
}

export function requireCatalog(scope: NameScope, name: NamePart): CatalogEntry {
  const catalog = scope.lookup.catalog(name);
  if (!catalog) throw undefinedCatalog(name.name, name.position);
  return catalog;
}

export function currentCatalog(
  state: ResolveState,
  scope: NameScope,
): CatalogEntry {
  return requireCatalog(scope, exactName(state.environment.currentCatalog));
}

/** Where an object to be created goes: the named schema, or the first of the search path that exists. Throws 3F000, 3D000. */
export function schemaToCreateIn(
  state: ResolveState,
  scope: NameScope,
  name: QualifiedName,
): { readonly catalog: CatalogEntry; readonly schema: SchemaEntry } {
  const qualifier = name.parts.slice(0, -1);
  if (qualifier.length > 0) {
    return requireSchema(state, scope, {
      parts: qualifier,
      position: name.position,
    });
  }
  const catalog = currentCatalog(state, scope);
  for (const entry of state.environment.searchPath) {
    const schema = scope.lookup.schema(catalog.id, exactName(entry));
    if (schema) return { catalog, schema };
  }
  throw noSchemaSelected(name.position);
}

/** Functions of that name, from the named schema or the first schema of the search path that has one. */
export function findFunctions(
  state: ResolveState,
  scope: NameScope,
  name: QualifiedName,
): readonly FoundFunction[] {
  const last = name.parts.at(-1);
  if (last === undefined || name.parts.length > 3) return [];
  const [first, second] = name.parts;
  const own = findTemporaryFunction(state, scope, name);
  if (own) return [{ kind: "temporary", entry: own }];
  const { lookup } = scope;
  const current = exactName(state.environment.currentCatalog);
  const catalog = lookup.catalog(
    name.parts.length === 3 && first ? first : current,
  );
  if (!catalog) return [];
  const explicit = name.parts.length === 3 ? second : first;
  const schemas =
    name.parts.length === 1
      ? state.environment.searchPath.map((entry) => exactName(entry))
      : explicit
        ? [explicit]
        : [];
  for (const part of schemas) {
    const schema = lookup.schema(catalog.id, part);
    const found = schema ? lookup.functions(schema.id, last) : [];
    if (schema && found.length > 0) {
      return found.map((entry) => ({ kind: "object", entry, schema, catalog }));
    }
  }
  return [];
}
