// GRANT, DENY, REVOKE, MSCK REPAIR PRIVILEGES and OWNER TO (access-control sections 4, 5.4, 7 and 10): checks the caller's authority,
// validates the whole statement, then changes everything in one transaction with its audit record.

import type { CatalogObject } from "../storage/catalog/objects.ts";
import type { ObjectId, PrincipalId } from "../storage/common/ids.ts";
import { invariant } from "../storage/common/invariant.ts";
import type { PrincipalRecord } from "../storage/metastore/principals.ts";
import { owns, type SecurableKey } from "./acl.ts";
import { expandPrivileges, namesAll } from "./applicability.ts";
import { isLinkIntact } from "./authorize.ts";
import { transferRefused } from "./errors.ts";
import {
  authorizeStatement,
  changeAudited,
  type Governance,
} from "./governance.ts";
import { SECURABLE_WORDS, fullName } from "./object-words.ts";
import {
  resolvePrincipal,
  type Outcome,
  type TypedName,
} from "./principals.ts";
import type { Identity } from "./principal.ts";
import { PRIVILEGES, type Securable } from "./privilege.ts";

/** A securable as resolved, with the name as typed: the only name an error shows. */
export interface NamedSecurable extends TypedName {
  readonly securable: Securable;
}

export interface GrantRequest {
  readonly kind: "grant" | "deny" | "revoke";
  /** As written, `ALL PRIVILEGES` and aliases included. */
  readonly privileges: readonly TypedName[];
  readonly on: NamedSecurable;
  readonly principals: readonly TypedName[];
}

const ACTIONS = {
  grant: "grantPermission",
  deny: "denyPermission",
  revoke: "revokePermission",
} as const;

/** 42501 or not found without authority; then 0LP01, 0A000 (privileges), 42704 (principals). */
export function changeGrants(
  governance: Governance,
  identity: Identity,
  request: GrantRequest,
): Outcome {
  const object = requireAuthority(governance, identity, request.on);
  const key = keyOf(request.on.securable);
  const expanded = expandPrivileges(
    request.privileges,
    object?.kind ?? global(key),
  );
  const principals = request.principals.map((typed) =>
    resolvePrincipal(governance, typed),
  );
  const privileges =
    request.kind === "revoke" && namesAll(request.privileges)
      ? PRIVILEGES
      : expanded.privileges;
  const event = {
    service: "sqlPermissions",
    action: ACTIONS[request.kind],
    identity,
    status: "ok",
    request: {
      privileges,
      securable: securableText(governance, request.on.securable),
      principals: principals.map(({ name }) => name),
    },
  } as const;
  changeAudited(governance, event, () => {
    for (const { id } of principals) {
      const change = { securable: key, principal: id, privileges };
      if (request.kind === "revoke") governance.access.removeRecords(change);
      else {
        governance.access.addRecords(
          change,
          request.kind,
          identity.principal.name,
        );
      }
    }
  });
  return {
    notices: [
      ...(request.kind === "revoke" ? [] : expanded.inert).map(
        (privilege) =>
          `${privilege} has no effect on ${object?.kind ?? "this securable"} ${request.on.name}`,
      ),
      ...ownerNotices(governance, request, object, principals),
    ],
  };
}

/** Removes all grants and denies on the securable; ownership stays. */
export function repairPrivileges(
  governance: Governance,
  identity: Identity,
  on: NamedSecurable,
): Outcome {
  requireAuthority(governance, identity, on);
  const event = {
    service: "sqlPermissions",
    action: "removeAllPermissions",
    identity,
    status: "ok",
    request: { securable: securableText(governance, on.securable) },
  } as const;
  changeAudited(governance, event, () =>
    governance.access.clearRecords(keyOf(on.securable)),
  );
  return { notices: [] };
}

export interface OwnerRequest {
  readonly on: NamedSecurable;
  readonly owner: TypedName;
  /** For a view or function: the objects its text names directly. A chain that closes by the transfer takes its grants away. */
  readonly references: readonly ObjectId[];
}

/** Administrators give to anyone, owners only to a group they belong to (section 7.2). */
export function transferOwnership(
  governance: Governance,
  identity: Identity,
  request: OwnerRequest,
): Outcome {
  const { access, catalog } = governance;
  const object = requireAuthority(governance, identity, request.on);
  invariant(object !== undefined, "only objects of the tree have an owner");
  const owner = resolvePrincipal(governance, request.owner);
  requireTransferRight(access, identity.principal.id, object, {
    owner,
    typed: request.owner,
  });
  const closes = request.references.some((id) => {
    const below = access.object(id)?.owner;
    return (
      !isLinkIntact(access, object.owner, below) &&
      isLinkIntact(access, owner.id, below)
    );
  });
  const event = {
    service: "sqlPermissions",
    action: "changeSecurableOwner",
    identity,
    status: "ok",
    request: {
      securable: securableText(governance, request.on.securable),
      owner: owner.name,
      grants_removed: closes ? "all" : undefined,
    },
  } as const;
  const removed = changeAudited(governance, event, () => {
    catalog.setOwner(object.id, owner.id);
    return closes ? removeGrants(governance, object.id) : 0;
  });
  return {
    notices:
      removed === 0
        ? []
        : [
            `${removed === 1 ? "1 grant" : `${removed} grants`} on ${object.kind} ${request.on.name} removed: what it reads now belongs to its owner`,
          ],
  };
}

function requireTransferRight(
  access: Governance["access"],
  caller: PrincipalId,
  object: CatalogObject,
  to: { readonly owner: PrincipalRecord; readonly typed: TypedName },
): void {
  const unchanged = object.owner === to.owner.id;
  const ownGroup =
    to.owner.kind === "group" && access.effectiveSet(caller).has(to.owner.id);
  if (!access.isAdmin(caller) && !unchanged && !ownGroup) {
    throw transferRefused(to.typed.name, to.typed.position);
  }
}

/** Grants of everybody but administrators; denies stay. Answers how many. */
function removeGrants(governance: Governance, id: ObjectId): number {
  const { access } = governance;
  let removed = 0;
  for (const [principal, marks] of [...(access.marksOn(id) ?? [])]) {
    if (marks.granted === 0 || access.isAdmin(principal)) continue;
    removed += access.removeGrants(id, principal);
  }
  return removed;
}

/** The gate and ownership (section 7.1); administrators for the two securables outside the tree. */
function requireAuthority(
  governance: Governance,
  identity: Identity,
  on: NamedSecurable,
): CatalogObject | undefined {
  const { securable, name, position } = on;
  authorizeStatement(governance, identity, [
    { kind: "owner", securable, name, position },
  ]);
  if (securable.kind !== "object") return undefined;
  return governance.access.object(securable.id);
}

function ownerNotices(
  governance: Governance,
  request: GrantRequest,
  object: CatalogObject | undefined,
  principals: readonly PrincipalRecord[],
): readonly string[] {
  if (request.kind === "grant" || object === undefined) return [];
  const verb = request.kind === "deny" ? "DENY" : "REVOKE";
  return principals
    .filter(({ id }) => owns(governance.access, id, object))
    .map(
      ({ name }) =>
        `"${name}" owns ${object.kind} ${request.on.name}: ${verb} has no effect while that lasts`,
    );
}

export function keyOf(securable: Securable): SecurableKey {
  return securable.kind === "object" ? securable.id : securable.kind;
}

/** How audit records name a securable. */
export function securableText(
  governance: Governance,
  securable: Securable,
): string {
  if (securable.kind !== "object") {
    return securable.kind.replace("-", "_").toUpperCase();
  }
  const object = governance.access.object(securable.id);
  return object === undefined
    ? securable.type
    : `${SECURABLE_WORDS[object.kind]} ${fullName(governance.access, object)}`;
}

function global(key: SecurableKey): "any-file" | "anonymous-function" {
  return key === "any-file" ? "any-file" : "anonymous-function";
}
