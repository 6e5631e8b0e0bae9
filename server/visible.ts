// What a session may see of the catalog.

import {
  visibleCatalog,
  type VisibleCatalog,
} from "../auth/visible-catalog.ts";
import type { CatalogEntry } from "../storage/catalog/objects.ts";
import type { Services } from "./services.ts";
import type { Session } from "./session/session.ts";

export function visibleTo(
  { identity }: Session,
  { governance }: Pick<Services, "governance">,
): VisibleCatalog {
  const { catalog, access, draft } = governance;
  return visibleCatalog(catalog, access, identity.principal.id, draft);
}

/** The catalog it works in; undefined when that is gone, or no longer to be seen. */
export function currentCatalog(
  { currentCatalog: name }: Session,
  visible: VisibleCatalog,
): CatalogEntry | undefined {
  return visible.catalog({ name, quoted: true, position: 0 });
}
