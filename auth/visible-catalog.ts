// The catalog as one principal sees it (access-control section 15.1): the planner's name look-ups, and the lists behind SHOW, catalogs and
// the mirror. It reads the live state, so it may be kept for a session; every answer is of the moment it is asked for.

import type { Catalog } from "../storage/catalog/catalog.ts";
import { DEFAULT_CATALOG } from "../storage/catalog/catalog-index.ts";
import type { NameLookup } from "../storage/catalog/lookup.ts";
import type {
  CatalogEntry,
  CatalogObject,
  FunctionEntry,
  Relation,
  SchemaEntry,
} from "../storage/catalog/objects.ts";
import type { ObjectId, PrincipalId } from "../storage/common/ids.ts";
import type { AccessState } from "./access-state.ts";
import { decide, decideGate } from "./acl.ts";
import { isVisible, isVisibleInside } from "./visibility.ts";

export interface VisibleCatalog extends NameLookup {
  catalogs(): readonly CatalogEntry[];
  /** Ordered by name; empty for a catalog the principal may not see. */
  schemas(catalog: ObjectId): readonly SchemaEntry[];
  relations(schema: ObjectId): readonly Relation[];
  functionsIn(schema: ObjectId): readonly FunctionEntry[];
  isVisible(object: CatalogObject): boolean;
  /** READ_METADATA: view text, properties, details. */
  mayReadMetadata(object: CatalogObject): boolean;
  /** Same key, same answers: for caches. */
  readonly key: string;
}

/** `draft`: of a block, as its governance names it. */
export function visibleCatalog(
  catalog: Catalog,
  access: AccessState,
  principal: PrincipalId,
  draft = "",
): VisibleCatalog {
  const { index } = catalog;
  const sees = (object: CatalogObject): boolean =>
    isVisible(access, principal, object);
  const insideOpenGate = <T extends CatalogObject>(
    schema: ObjectId,
    list: () => readonly T[],
  ): readonly T[] => {
    const entry = index.object(schema);
    const open =
      entry !== undefined && decideGate(access, principal, entry).allowed;
    return open
      ? list().filter((object) => isVisibleInside(access, principal, object))
      : [];
  };
  return {
    ...index.lookup(sees),
    unfiltered: catalog.unfiltered,
    catalogs: () => index.catalogs().filter(sees),
    schemas: (id) => index.schemas(id).filter(sees),
    relations: (schema) =>
      insideOpenGate(schema, () => index.relations(schema)),
    functionsIn: (schema) =>
      insideOpenGate(schema, () => index.functions(schema)),
    isVisible: sees,
    mayReadMetadata: (object) =>
      sees(object) &&
      decide(access, principal, "READ_METADATA", object).allowed,
    get key() {
      return `${draft}${principal}/${catalog.version}/${access.version}`;
    },
  };
}

/** The catalog a session starts in when it names none; undefined only when no lake of that name is mounted. */
export function defaultCatalog(
  catalog: VisibleCatalog,
): CatalogEntry | undefined {
  return catalog.catalog({ name: DEFAULT_CATALOG, quoted: true, position: 0 });
}
