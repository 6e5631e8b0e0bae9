// A principal as a SCIM resource. Its id is the number pg_roles shows too.

import type { Governance } from "../../../auth/governance.ts";
import type { PrincipalRecord } from "../../../storage/metastore/principals.ts";

export const LIST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

const CORE = "urn:ietf:params:scim:schemas:core:2.0";

export function resourceOf(
  governance: Governance,
  record: PrincipalRecord,
): object {
  const { access } = governance;
  const references = (
    ids: readonly PrincipalRecord["id"][],
  ): readonly object[] =>
    ids.flatMap((id) => {
      const found = access.principal(id);
      return found === undefined ? [] : [reference(found)];
    });
  const groups = references(access.groupsOf(record.id));
  const id = String(record.oid);
  switch (record.kind) {
    case "user":
      return {
        schemas: [`${CORE}:User`],
        id,
        userName: record.name,
        displayName: shownName(record),
        active: record.active,
        name: { givenName: shownName(record) },
        emails: [{ value: record.name, type: "work", primary: true }],
        groups,
        entitlements: [],
      };
    case "service-principal":
      return {
        schemas: [`${CORE}:ServicePrincipal`],
        id,
        applicationId: record.name,
        displayName: shownName(record),
        active: record.active,
        groups,
        entitlements: [],
      };
    case "group":
      return {
        schemas: [`${CORE}:Group`],
        id,
        displayName: shownName(record),
        members: references(access.membersOf(record.id)),
        groups,
        entitlements: [],
        meta: { resourceType: "WorkspaceGroup" },
      };
  }
}

/** What SCIM calls its display name. */
export function shownName({
  kind,
  name,
  displayName,
}: PrincipalRecord): string {
  return kind === "group" ? name : (displayName ?? name);
}

const COLLECTIONS = {
  user: "Users",
  "service-principal": "ServicePrincipals",
  group: "Groups",
} as const;

function reference({ oid, name, kind }: PrincipalRecord): object {
  return {
    value: String(oid),
    display: name,
    type: "direct",
    $ref: `${COLLECTIONS[kind]}/${oid}`,
  };
}
