// The catalog in memory: every object that is not hidden, by id and by name. Holds no rule; catalog.ts changes it together with the
// metastore.

import type { ObjectId } from "../common/ids.ts";
import { parentOf } from "../metastore/objects.ts";
import { ambiguousName } from "./errors.ts";
import type { NameLookup, NamePart } from "./lookup.ts";
import { NameIndex, ROOT } from "./name-index.ts";
import type {
  CatalogEntry,
  CatalogObject,
  FunctionEntry,
  Relation,
  SchemaEntry,
} from "./objects.ts";

/** The catalog every session may name and starts in. */
export const DEFAULT_CATALOG = "main";
/** The schema PostgreSQL's tools expect; `default` is another name for it. */
export const DEFAULT_SCHEMA = "public";
const DEFAULT_SCHEMA_ALIAS = "default";

/** `default` stands for `public` wherever a schema name stands. */
export function unaliasSchema(name: string): string {
  return name === DEFAULT_SCHEMA_ALIAS ? DEFAULT_SCHEMA : name;
}

export class CatalogIndex {
  readonly #objects = new Map<ObjectId, CatalogObject>();
  readonly #catalogs = new NameIndex<CatalogEntry>();
  readonly #schemas = new NameIndex<SchemaEntry>();
  readonly #relations = new NameIndex<Relation>();
  readonly #functions = new NameIndex<FunctionEntry>();

  add(object: CatalogObject): void {
    this.#objects.set(object.id, object);
    switch (object.kind) {
      case "catalog":
        return this.#catalogs.add(ROOT, object);
      case "schema":
        return this.#schemas.add(object.catalog, object);
      case "table":
      case "view":
        return this.#relations.add(object.schema, object);
      case "function":
        return this.#functions.add(object.schema, object);
    }
  }

  remove(object: CatalogObject): void {
    this.#objects.delete(object.id);
    switch (object.kind) {
      case "catalog":
        return this.#catalogs.remove(ROOT, object);
      case "schema":
        return this.#schemas.remove(object.catalog, object);
      case "table":
      case "view":
        return this.#relations.remove(object.schema, object);
      case "function":
        return this.#functions.remove(object.schema, object);
    }
  }

  clear(): void {
    this.#objects.clear();
    this.#catalogs.clear();
    this.#schemas.clear();
    this.#relations.clear();
    this.#functions.clear();
  }

  object(id: ObjectId): CatalogObject | undefined {
    return this.#objects.get(id);
  }

  objects(): Iterable<CatalogObject> {
    return this.#objects.values();
  }

  catalogs(): readonly CatalogEntry[] {
    return byName(this.#catalogs.list(ROOT));
  }

  schemas(catalog: ObjectId): readonly SchemaEntry[] {
    return byName(this.#schemas.list(catalog));
  }

  relations(schema: ObjectId): readonly Relation[] {
    return byName(this.#relations.list(schema));
  }

  functions(schema: ObjectId): readonly FunctionEntry[] {
    return byName(this.#functions.list(schema));
  }

  /** Itself and everything below it, parents first. */
  subtree(object: CatalogObject): readonly CatalogObject[] {
    switch (object.kind) {
      case "catalog":
        return [
          object,
          ...this.schemas(object.id).flatMap((schema) => this.subtree(schema)),
        ];
      case "schema":
        return [
          object,
          ...this.relations(object.id),
          ...this.functions(object.id),
        ];
      default:
        return [object];
    }
  }

  /** Those in the same container that could clash with the name, whatever their case. */
  sameName(object: CatalogObject): readonly CatalogObject[] {
    switch (object.kind) {
      case "catalog":
        return this.#catalogs.exact(ROOT, object.name);
      case "schema":
        return this.#schemas.exact(object.catalog, object.name);
      case "table":
      case "view":
        return this.#relations.exact(object.schema, object.name);
      case "function":
        return this.#functions.exact(object.schema, object.name);
    }
  }

  /** Names as somebody sees them who sees only what `accept` lets through. */
  lookup(
    accept: (object: CatalogObject) => boolean,
  ): Omit<NameLookup, "unfiltered"> {
    return {
      catalog: (name) =>
        single("catalog", name, this.#catalogs.find(ROOT, name, accept)),
      schema: (catalog, name) =>
        single(
          "schema",
          name,
          this.#schemas.find(
            catalog,
            { ...name, name: unaliasSchema(name.name) },
            accept,
          ),
        ),
      relation: (schema, name) =>
        single("relation", name, this.#relations.find(schema, name, accept)),
      functions: (schema, name) => this.#functions.find(schema, name, accept),
      function: (id) => {
        const object = this.object(id);
        return object?.kind === "function" && accept(object)
          ? object
          : undefined;
      },
    };
  }
}

/** The catalog an object lies in, itself for a catalog. */
export function catalogOf(
  index: Pick<CatalogIndex, "object">,
  object: CatalogObject,
): CatalogEntry | undefined {
  if (object.kind === "catalog") return object;
  const parent = parentOf(object);
  const above = parent === undefined ? undefined : index.object(parent);
  return above === undefined ? undefined : catalogOf(index, above);
}

function single<T>(
  what: "relation" | "schema" | "catalog",
  part: NamePart,
  found: readonly T[],
): T | undefined {
  if (found.length > 1) throw ambiguousName(what, part.name, part.position);
  return found[0];
}

function byName<T extends CatalogObject>(list: readonly T[]): readonly T[] {
  return [...list].sort((a, b) =>
    a.name === b.name ? a.oid - b.oid : a.name < b.name ? -1 : 1,
  );
}
