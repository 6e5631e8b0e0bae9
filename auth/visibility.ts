// What a principal may know to exist (access-control section 15.1): the same rule for listings, look-ups, errors and the mirror.

import { DEFAULT_CATALOG } from "../storage/catalog/catalog-index.ts";
import type {
  CatalogEntry,
  CatalogObject,
  SchemaEntry,
} from "../storage/catalog/objects.ts";
import type { PrincipalId } from "../storage/common/ids.ts";
import { decide, decideGate, owns, schemaOf, type AclState } from "./acl.ts";
import { PRIVILEGES, type Privilege } from "./privilege.ts";

/** Visibility of a catalog asks for the schemas in it. */
export interface VisibilityState extends AclState {
  schemasIn(catalog: CatalogEntry): readonly SchemaEntry[];
}

const SEES_RELATION: readonly Privilege[] = [
  "SELECT",
  "MODIFY",
  "READ_METADATA",
];
const SEES_FUNCTION: readonly Privilege[] = ["SELECT", "READ_METADATA"];

/** Catalogs and schemas by their own rule; what lies in a schema needs the gate too. */
export function isVisible(
  state: VisibilityState,
  principal: PrincipalId,
  object: CatalogObject,
): boolean {
  switch (object.kind) {
    case "catalog":
      return isCatalogVisible(state, principal, object);
    case "schema":
      return decideGate(state, principal, object).allowed;
    case "table":
    case "view":
    case "function": {
      const schema = schemaOf(state, object);
      return (
        schema !== undefined &&
        decideGate(state, principal, schema).allowed &&
        isVisibleInside(state, principal, object)
      );
    }
  }
}

/** For callers that asked the gate already: one question for a whole listing. */
export function isVisibleInside(
  state: AclState,
  principal: PrincipalId,
  object: CatalogObject,
): boolean {
  const privileges = object.kind === "function" ? SEES_FUNCTION : SEES_RELATION;
  return privileges.some(
    (privilege) => decide(state, principal, privilege, object).allowed,
  );
}

/** The default catalog is everybody's: sessions start in it, and its name is public. */
function isCatalogVisible(
  state: VisibilityState,
  principal: PrincipalId,
  catalog: CatalogEntry,
): boolean {
  return (
    catalog.name === DEFAULT_CATALOG ||
    owns(state, principal, catalog) ||
    PRIVILEGES.some(
      (privilege) => decide(state, principal, privilege, catalog).allowed,
    ) ||
    state
      .schemasIn(catalog)
      .some((schema) => decideGate(state, principal, schema).allowed)
  );
}
