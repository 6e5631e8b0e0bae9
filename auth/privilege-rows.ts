// Grants and denies as information_schema shows them (access-control section 16): the records that reach an object, its own and those of
// its ancestors, to owners and administrators all of them, to others those to themselves and their groups.

import type { CatalogObject } from "../storage/catalog/objects.ts";
import type { PrincipalId } from "../storage/common/ids.ts";
import type { AccessState } from "./access-state.ts";
import { owns, pathOf, PRIVILEGE_BITS, type Marks } from "./acl.ts";
import { isEffective } from "./applicability.ts";
import { PRIVILEGES, type Privilege } from "./privilege.ts";

export interface PrivilegeRow {
  readonly grantee: string;
  /** `SELECT` …, or `DENIED_SELECT` …. */
  readonly privilegeType: string;
  readonly inheritedFrom: "NONE" | "SCHEMA" | "CATALOG";
}

export function privilegeRows(
  access: AccessState,
  reader: PrincipalId,
  object: CatalogObject,
): readonly PrivilegeRow[] {
  const all = access.isAdmin(reader) || owns(access, reader, object);
  const own = access.effectiveSet(reader);
  const kept = PRIVILEGES.filter((one) => isEffective(object.kind, one));
  return pathOf(access, object).flatMap((level) =>
    [...(access.marksOn(level.id) ?? [])].flatMap(([id, marks]) => {
      const grantee = access.principal(id)?.name;
      if (grantee === undefined || !(all || own.has(id))) return [];
      const inheritedFrom = placeOf(level, object);
      return wordsOf(marks, kept).map((privilegeType) => ({
        grantee,
        privilegeType,
        inheritedFrom,
      }));
    }),
  );
}

function wordsOf(
  { granted, denied }: Marks,
  privileges: readonly Privilege[],
): readonly string[] {
  return privileges.flatMap((privilege) => [
    ...((granted & PRIVILEGE_BITS[privilege]) === 0 ? [] : [privilege]),
    ...((denied & PRIVILEGE_BITS[privilege]) === 0
      ? []
      : [`DENIED_${privilege}`]),
  ]);
}

function placeOf(
  level: CatalogObject,
  object: CatalogObject,
): PrivilegeRow["inheritedFrom"] {
  if (level.id === object.id) return "NONE";
  return level.kind === "catalog" ? "CATALOG" : "SCHEMA";
}
