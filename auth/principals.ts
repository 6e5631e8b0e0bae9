// Users, service principals and groups by statement (access-control sections 2 and 12): each function checks the caller's right, validates,
// and makes its change in one transaction with its audit record.

import { randomUUID } from "node:crypto";
import { principalId, type PrincipalId } from "../storage/common/ids.ts";
import { newOid } from "../storage/metastore/oids.ts";
import type { PrincipalRecord } from "../storage/metastore/principals.ts";
import {
  duplicatePrincipal,
  groupCycle,
  implicitGroup,
  lastAdmin,
  reservedPrincipal,
  undefinedPrincipal,
  wrongPrincipalKind,
} from "./errors.ts";
import {
  authorizeStatement,
  changeAudited,
  type Governance,
} from "./governance.ts";
import {
  ADMINS,
  USERS,
  foldName,
  normalName,
  requireCreatable,
  requireShowable,
} from "./names.ts";
import type { Identity } from "./principal.ts";

/** A name as typed, with its place in the statement. */
export interface TypedName {
  readonly name: string;
  readonly position?: number | undefined;
}

/** What a change answers beside its command tag. */
export interface Outcome {
  readonly notices: readonly string[];
}

export interface MemberChange {
  readonly verb: "add" | "drop";
  /** `user` lists may hold user names and application ids. */
  readonly type: "user" | "group";
  readonly members: readonly TypedName[];
}

const DONE: Outcome = { notices: [] };

// ---------------------------------------------------------------- reading

/** 42704 when nobody has the name. */
export function resolvePrincipal(
  governance: Governance,
  typed: TypedName,
): PrincipalRecord {
  const record = governance.access.named(typed.name);
  if (record === undefined)
    throw undefinedPrincipal(typed.name, typed.position);
  return record;
}

/** SHOW USERS: all for administrators, oneself for others. Ordered by name. */
export function listUsers(
  governance: Governance,
  identity: Identity,
): readonly PrincipalRecord[] {
  const { access } = governance;
  const self = identity.principal.id;
  return access
    .principals()
    .filter(
      ({ id, kind }) =>
        kind !== "group" && (id === self || access.isAdmin(self)),
    );
}

/**
 * SHOW GROUPS [WITH USER|GROUP member]: all for administrators, one's own for others; with a member, the groups it belongs to.
 * 42704 for a member the caller may not see.
 */
export function listGroups(
  governance: Governance,
  identity: Identity,
  member: TypedName | undefined,
): readonly PrincipalRecord[] {
  const { access } = governance;
  const self = identity.principal.id;
  const own = access.effectiveSet(self);
  const visible = (id: PrincipalId): boolean =>
    access.isAdmin(self) || own.has(id);
  const of = member && resolvePrincipal(governance, member);
  if (of !== undefined && !visible(of.id)) {
    throw undefinedPrincipal(of.name, member?.position);
  }
  const reached = of && access.effectiveSet(of.id);
  return access
    .principals()
    .filter(
      ({ id, kind }) =>
        kind === "group" &&
        id !== of?.id &&
        visible(id) &&
        (reached?.has(id) ?? true),
    );
}

// ---------------------------------------------------------------- users

/** CREATE USER. 42710 when any principal has the name. */
export function createPrincipal(
  governance: Governance,
  identity: Identity,
  fresh: TypedName & {
    readonly kind: "user" | "service-principal";
    readonly displayName?: string;
  },
): PrincipalRecord {
  requireAdmin(governance, identity, "create user");
  return changeAudited(
    governance,
    {
      service: "accounts",
      action: "add",
      identity,
      status: "ok",
      request: { target: fresh.name, kind: fresh.kind },
    },
    () => addPrincipal(governance, fresh),
  );
}

/** DROP USER. Tokens end, sessions close, records go, what it owned is unowned. 55000 for the last administrator. */
export function dropUser(
  governance: Governance,
  identity: Identity,
  typed: TypedName,
  ifExists: boolean,
): Outcome {
  requireAdmin(governance, identity, "drop user");
  const record = governance.access.named(typed.name);
  if (record === undefined && ifExists) {
    return {
      notices: [`role "${typed.name}" does not exist, skipping`],
    };
  }
  if (record === undefined)
    throw undefinedPrincipal(typed.name, typed.position);
  if (record.kind === "group") {
    throw wrongPrincipalKind(typed.name, "user", typed.position);
  }
  return removeAudited(governance, identity, record, "delete");
}

/** Deactivating ends sessions and blocks log-in; grants and ownership stay. 55000 for the last administrator. */
export function setUserActive(
  governance: Governance,
  identity: Identity,
  typed: TypedName,
  active: boolean,
): Outcome {
  requireAdmin(
    governance,
    identity,
    active ? "activate user" : "deactivate user",
  );
  const record = resolvePrincipal(governance, typed);
  if (record.kind === "group") {
    throw wrongPrincipalKind(typed.name, "user", typed.position);
  }
  const event = {
    service: "accounts",
    action: active ? "activateUser" : "deactivateUser",
    identity,
    status: "ok",
    request: { target: record.name },
  } as const;
  changeAudited(governance, event, () => {
    governance.access.setActive(record.id, active);
    requireSomeAdmin(governance);
    if (!active) governance.tokens.endOfPrincipal(record.id);
  });
  return DONE;
}

/**
 * What a principal is shown as: the name of a group itself, beside the name of others, which never changes. Grants, ownership and
 * memberships stay. 42602, 42710 when any principal has the name, 42939 for the built-in groups and their names.
 */
export function renamePrincipal(
  governance: Governance,
  identity: Identity,
  record: PrincipalRecord,
  shown: string,
): Outcome {
  requireAdmin(governance, identity, "rename");
  const names = newNames(governance, record, shown);
  const event = {
    service: "accounts",
    action: record.kind === "group" ? "updateGroup" : "updateUser",
    identity,
    status: "ok",
    request: { target: record.name, display_name: shown },
  } as const;
  changeAudited(governance, event, () =>
    governance.access.rename(record.id, names),
  );
  return DONE;
}

function newNames(
  { access }: Governance,
  record: PrincipalRecord,
  shown: string,
): Pick<PrincipalRecord, "name" | "folded" | "displayName"> {
  if (record.kind !== "group") {
    requireShowable(shown);
    return { ...record, displayName: normalName(shown) };
  }
  if (record.folded === ADMINS || record.folded === USERS)
    throw reservedPrincipal(record.name);
  requireCreatable(shown);
  const taken = access.named(shown);
  if (taken !== undefined && taken.id !== record.id)
    throw duplicatePrincipal(shown);
  const [name, folded] = [normalName(shown), foldName(shown)];
  return { name, folded, displayName: record.displayName };
}

// ---------------------------------------------------------------- groups

export function createGroup(
  governance: Governance,
  identity: Identity,
  typed: TypedName,
  changes: readonly MemberChange[],
): Outcome {
  requireAdmin(governance, identity, "create group");
  const event = {
    service: "accounts",
    action: "createGroup",
    identity,
    status: "ok",
    request: { target: typed.name },
  } as const;
  changeAudited(governance, event, () => {
    const group = addPrincipal(governance, { ...typed, kind: "group" });
    for (const change of changes)
      applyMembers(governance, identity, group, change);
  });
  return DONE;
}

/** ALTER GROUP: all changes or none. Adding a member twice or dropping a non-member is no error. */
export function alterGroup(
  governance: Governance,
  identity: Identity,
  typed: TypedName,
  changes: readonly MemberChange[],
): Outcome {
  requireAdmin(governance, identity, "alter group");
  const group = resolveGroup(governance, typed);
  if (group.folded === USERS) throw implicitGroup(USERS, typed.position);
  governance.metastore.db.transaction(() => {
    for (const change of changes)
      applyMembers(governance, identity, group, change);
    requireSomeAdmin(governance);
  });
  return DONE;
}

/** DROP GROUP. Removing its denies can widen access, so the notice counts them. */
export function dropGroup(
  governance: Governance,
  identity: Identity,
  typed: TypedName,
  ifExists: boolean,
): Outcome {
  requireAdmin(governance, identity, "drop group");
  const record = governance.access.named(typed.name);
  if (record === undefined && ifExists) {
    return { notices: [`role "${typed.name}" does not exist, skipping`] };
  }
  const group = resolveGroup(governance, typed);
  if (group.folded === ADMINS || group.folded === USERS) {
    throw reservedPrincipal(group.name, typed.position);
  }
  return removeAudited(governance, identity, group, "removeGroup");
}

function applyMembers(
  governance: Governance,
  identity: Identity,
  group: PrincipalRecord,
  change: MemberChange,
): void {
  for (const typed of change.members) {
    const member = resolvePrincipal(governance, typed);
    if ((member.kind === "group") !== (change.type === "group")) {
      throw wrongPrincipalKind(typed.name, change.type, typed.position);
    }
    applyMember(governance, identity, { group, member, typed, change });
  }
}

function applyMember(
  governance: Governance,
  identity: Identity,
  step: {
    readonly group: PrincipalRecord;
    readonly member: PrincipalRecord;
    readonly typed: TypedName;
    readonly change: MemberChange;
  },
): void {
  const { access, audit } = governance;
  const { group, member, typed, change } = step;
  const membership = { group: group.id, member: member.id };
  if (change.verb === "drop") {
    access.removeMember(membership);
  } else {
    if (access.enclosing(group.id).has(member.id)) {
      throw groupCycle(group.name, typed.name, typed.position);
    }
    access.addMember(membership);
  }
  const admins = group.folded === ADMINS;
  const added = change.verb === "add";
  audit.recordOrFail({
    service: "accounts",
    action: admins
      ? added
        ? "setAdmin"
        : "removeAdmin"
      : added
        ? "addPrincipalToGroup"
        : "removePrincipalFromGroup",
    identity,
    status: "ok",
    request: { group: group.name, target: member.name },
  });
}

// ---------------------------------------------------------------- shared

/** Without a check of rights: bootstrap.ts makes the first ones. */
export function addPrincipal(
  governance: Governance,
  fresh: TypedName & {
    readonly kind: PrincipalRecord["kind"];
    readonly displayName?: string;
  },
): PrincipalRecord {
  requireCreatable(fresh.name, fresh.position);
  if (fresh.displayName !== undefined) requireShowable(fresh.displayName);
  if (governance.access.named(fresh.name) !== undefined) {
    throw duplicatePrincipal(fresh.name, fresh.position);
  }
  const record = newRecord(governance, fresh);
  governance.access.addPrincipal(record);
  return record;
}

/** A built-in group, which `addPrincipal` refuses. */
export function addBuiltInGroup(
  governance: Governance,
  name: typeof ADMINS | typeof USERS,
): PrincipalRecord {
  const record = newRecord(governance, { name, kind: "group" });
  governance.access.addPrincipal(record);
  return record;
}

function newRecord(
  governance: Governance,
  fresh: {
    readonly name: string;
    readonly kind: PrincipalRecord["kind"];
    readonly displayName?: string;
  },
): PrincipalRecord {
  const { metastore } = governance;
  return {
    id: principalId(randomUUID()),
    oid: newOid(metastore.db),
    kind: fresh.kind,
    name: normalName(fresh.name),
    folded: foldName(fresh.name),
    displayName: fresh.displayName,
    active: true,
    createdAtMs: metastore.now(),
  };
}

function removeAudited(
  governance: Governance,
  identity: Identity,
  record: PrincipalRecord,
  action: "delete" | "removeGroup",
): Outcome {
  const { access, tokens } = governance;
  const denies = access.countDenies(record.id);
  const event = {
    service: "accounts",
    action,
    identity,
    status: "ok",
    request: { target: record.name, denies_removed: denies },
  } as const;
  changeAudited(governance, event, () => {
    tokens.endOfPrincipal(record.id);
    access.removePrincipal(record.id);
    requireSomeAdmin(governance);
  });
  if (record.kind !== "group" || denies === 0) return DONE;
  const counted = denies === 1 ? "1 deny" : `${denies} denies`;
  return {
    notices: [`${counted} removed with group "${record.name}"`],
  };
}

function resolveGroup(
  governance: Governance,
  typed: TypedName,
): PrincipalRecord {
  const record = resolvePrincipal(governance, typed);
  if (record.kind !== "group") {
    throw wrongPrincipalKind(typed.name, "group", typed.position);
  }
  return record;
}

function requireSomeAdmin(governance: Governance): void {
  if (!governance.access.hasActiveAdmin()) throw lastAdmin();
}

function requireAdmin(
  governance: Governance,
  identity: Identity,
  action: string,
): void {
  authorizeStatement(governance, identity, [{ kind: "admin", action }]);
}
