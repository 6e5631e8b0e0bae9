// What the rows of a mirror are made from, and the questions all of them ask: whose it is, and what of it may be told.

import type { Governance } from "../../auth/governance.ts";
import type { VisibleCatalog } from "../../auth/visible-catalog.ts";
import { resolve } from "../../planner/bind/resolve/resolve.ts";
import { parseSql } from "../../planner/parse/parse.ts";
import type {
  FunctionEntry,
  ViewEntry,
} from "../../storage/catalog/objects.ts";
import type { ObjectId, PrincipalId } from "../../storage/common/ids.ts";
import type { RoleRow } from "./content.ts";
import { quoted } from "./names.ts";
import type { Seen } from "./own-schema.ts";
import { OWNER_ROLE } from "./setup.ts";
import type { TableColumns } from "./table-columns.ts";

/** PostgreSQL's bootstrap role: stands for every owner who is not to be named. */
export const NOBODY = 10;

export interface Collecting {
  readonly governance: Governance;
  readonly visible: Seen;
  readonly principal: PrincipalId;
  readonly columns: ReadonlyMap<string, TableColumns>;
  readonly roles: ReadonlyMap<PrincipalId, RoleRow>;
  readonly user: RoleRow;
}

/** Of the session alone, so that all of it is its own. */
export function isOwn(
  { visible: { own } }: Pick<Collecting, "visible">,
  { schema }: { readonly schema: ObjectId },
): boolean {
  return schema === own?.id;
}

/** READ_METADATA on it, and nothing named in the text is hidden (access-control section 16). */
export function showsText(
  { visible }: Pick<Collecting, "visible">,
  entry: ViewEntry | FunctionEntry,
): boolean {
  if (isOwn({ visible }, entry)) return true;
  return visible.mayReadMetadata(entry) && namesOnlyVisible(visible, entry);
}

/** The stored text names everything in full: it resolves among what is visible only if it names nothing else. */
export function namesOnlyVisible(
  lookup: VisibleCatalog,
  entry: ViewEntry | FunctionEntry,
): boolean {
  const text =
    entry.kind === "view" ? entry.definition : `SELECT ${entry.definition}`;
  try {
    for (const { statement } of parseSql(text))
      resolve(statement, { lookup, currentCatalog: "", searchPath: [] });
    return true;
  } catch {
    return false;
  }
}

/** The owner's role where the principal may know it. */
export function ownerOf(
  { roles }: Collecting,
  { owner }: { readonly owner: PrincipalId | undefined },
): number {
  return (owner === undefined ? undefined : roles.get(owner)?.oid) ?? NOBODY;
}

/** What the session itself may do, through its groups or not. */
export function acl({ user }: Collecting, rights: string): string {
  return rights === ""
    ? "{}"
    : `{"${`${quoted(user.name)}=${rights}/${OWNER_ROLE}`.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"}`;
}
