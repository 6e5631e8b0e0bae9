// A session's temporary objects as a schema among those it may see, `pg_temp_7`: what is the session's own needs no right.

import type { VisibleCatalog } from "../../auth/visible-catalog.ts";
import type {
  CatalogEntry,
  SchemaEntry,
} from "../../storage/catalog/objects.ts";
import type { Session } from "../session/session.ts";
import { derivedOid } from "./derived-oid.ts";

export interface Seen extends VisibleCatalog {
  /** Undefined for a session without temporary objects. */
  readonly own: SchemaEntry | undefined;
}

/** What `pg_my_temp_schema()` gives: 0 for a session without temporary objects. */
export function ownSchemaOid({ temporary, pid }: Session): number {
  const { key = "" } = temporary?.contents ?? {};
  return key === "" ? 0 : derivedOid(pid, "pg_temp", new Set());
}

function ownSchema(
  session: Session,
  catalog: CatalogEntry,
): SchemaEntry | undefined {
  const { temporary, identity } = session;
  const oid = ownSchemaOid(session);
  if (temporary === undefined || oid === 0) return undefined;
  return {
    kind: "schema",
    id: temporary.schemaId,
    oid,
    name: temporary.contents.name,
    owner: identity.principal.id,
    catalog: catalog.id,
  };
}

/** `visible` with the session's own schema in the catalog it works in. */
export function withOwnSchema(
  visible: VisibleCatalog,
  session: Session,
  catalog: CatalogEntry,
): Seen {
  const own = ownSchema(session, catalog);
  const contents = session.temporary?.contents;
  if (own === undefined || contents === undefined)
    return { ...visible, key: visible.key, own };
  return {
    ...visible,
    key: `${visible.key}/${contents.key}`,
    own,
    schemas: (id) =>
      id === catalog.id ? [...visible.schemas(id), own] : visible.schemas(id),
    relations: (id) =>
      id === own.id ? contents.relations : visible.relations(id),
    functionsIn: (id) =>
      id === own.id ? contents.functions : visible.functionsIn(id),
    mayReadMetadata: (object) =>
      ("schema" in object && object.schema === own.id) ||
      visible.mayReadMetadata(object),
  };
}
