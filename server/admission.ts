// Where a new session starts: the catalog it names, among what its identity may see.

import type { Governance } from "../auth/governance.ts";
import type { Identity } from "../auth/principal.ts";
import { defaultCatalog, visibleCatalog } from "../auth/visible-catalog.ts";
import { SqlError } from "../storage/common/errors.ts";

export interface SessionStart {
  readonly catalog: string;
  /** When the database was given as `catalog.schema`. */
  readonly schema?: string;
  readonly isAdmin: boolean;
}

/**
 * `database` is a catalog, or `catalog.schema`; undefined is the default catalog, where everybody may start. Throws 3D000 for a
 * catalog that is absent or invisible.
 */
export function admit(
  governance: Governance,
  identity: Identity,
  database: string | undefined,
): SessionStart {
  const { catalog, access } = governance;
  const visible = visibleCatalog(catalog, access, identity.principal.id);
  const isAdmin = access.isAdmin(identity.principal.id);
  const fallback = defaultCatalog(visible)?.name ?? "main";
  if (database === undefined || database === fallback)
    return { catalog: fallback, isAdmin };
  const find = (name: string): string | undefined =>
    visible.catalog({ name, quoted: false, position: 0 })?.name;
  const whole = find(database);
  if (whole !== undefined) return { catalog: whole, isAdmin };
  const dot = database.lastIndexOf(".");
  const part =
    dot < 0
      ? undefined
      : (find(database.slice(0, dot)) ??
        (database.slice(0, dot) === fallback ? fallback : undefined));
  if (part === undefined)
    throw new SqlError("3D000", `database "${database}" does not exist`);
  return { catalog: part, schema: database.slice(dot + 1), isAdmin };
}
