// Principals, memberships, grants and denies in memory, changed only together with the metastore: what decisions read. Owners live in
// the catalog, so `version` here and the catalog's together say whether a decision may be reused.

import type { Catalog } from "../storage/catalog/catalog.ts";
import type {
  CatalogEntry,
  CatalogObject,
  SchemaEntry,
} from "../storage/catalog/objects.ts";
import type { ObjectId, PrincipalId } from "../storage/common/ids.ts";
import { invariant } from "../storage/common/invariant.ts";
import {
  clearAccessRecords,
  deleteAccessRecords,
  deleteGrants,
  insertAccessRecord,
  listAccessRecords,
} from "../storage/metastore/access-records.ts";
import type { Metastore } from "../storage/metastore/metastore.ts";
import {
  deleteMembership,
  deletePrincipal,
  insertMembership,
  insertPrincipal,
  listMemberships,
  listPrincipals,
  setPrincipalActive,
  setPrincipalNames,
  type Membership,
  type PrincipalRecord,
} from "../storage/metastore/principals.ts";
import { PRIVILEGE_BITS, type Marks, type SecurableKey } from "./acl.ts";
import { ADMINS, USERS, lookupName } from "./names.ts";
import type { Principal } from "./principal.ts";
import { PRIVILEGES, type Privilege } from "./privilege.ts";
import type { VisibilityState } from "./visibility.ts";

export interface AccessChange {
  readonly securable: SecurableKey;
  readonly principal: PrincipalId;
  readonly privileges: readonly Privilege[];
}

export class AccessState implements VisibilityState {
  readonly #metastore: Metastore;
  readonly #catalog: Catalog;
  readonly #principals = new Map<PrincipalId, PrincipalRecord>();
  readonly #byName = new Map<string, PrincipalRecord>();
  /** Direct groups of a member, direct members of a group. */
  readonly #groups = new Map<PrincipalId, Set<PrincipalId>>();
  readonly #members = new Map<PrincipalId, Set<PrincipalId>>();
  readonly #marks = new Map<SecurableKey, Map<PrincipalId, Marks>>();
  readonly #effective = new Map<PrincipalId, ReadonlySet<PrincipalId>>();
  /** The built-in groups; undefined until the first start made them. */
  #admins: PrincipalId | undefined;
  #users: PrincipalId | undefined;
  #version = 0;
  #membershipVersion = 0;

  constructor(metastore: Metastore, catalog: Catalog) {
    this.#metastore = metastore;
    this.#catalog = catalog;
    metastore.db.onRollback(() => this.reload());
    catalog.onDrop((ids) => {
      for (const id of ids) this.#marks.delete(id);
    });
    this.reload();
  }

  /** Rises with every change of records, principals or memberships. */
  get version(): number {
    return this.#version;
  }

  /** Rises with every change of principals or memberships. */
  get membershipVersion(): number {
    return this.#membershipVersion;
  }

  // -------------------------------------------------------------- reading

  object(id: ObjectId): CatalogObject | undefined {
    return this.#catalog.object(id);
  }

  schemasIn(catalog: CatalogEntry): readonly SchemaEntry[] {
    return this.#catalog.index.schemas(catalog.id);
  }

  marksOn(
    securable: SecurableKey,
  ): ReadonlyMap<PrincipalId, Marks> | undefined {
    return this.#marks.get(securable);
  }

  effectiveSet(principal: PrincipalId): ReadonlySet<PrincipalId> {
    const known = this.#effective.get(principal);
    if (known !== undefined) return known;
    const set = new Set<PrincipalId>([principal]);
    if (this.#users !== undefined && this.#principals.has(principal)) {
      set.add(this.#users);
    }
    this.#addGroups(set);
    this.#effective.set(principal, set);
    return set;
  }

  isAdmin(principal: PrincipalId): boolean {
    return (
      this.#admins !== undefined &&
      this.effectiveSet(principal).has(this.#admins)
    );
  }

  principal(id: PrincipalId): PrincipalRecord | undefined {
    return this.#principals.get(id);
  }

  /** By name without case; `account users` is `users`. */
  named(name: string): PrincipalRecord | undefined {
    return this.#byName.get(lookupName(name));
  }

  /** One that logs in and is not deactivated. */
  activePrincipal(id: PrincipalId): Principal | undefined {
    const record = this.#principals.get(id);
    return record === undefined || record.kind === "group" || !record.active
      ? undefined
      : { id: record.id, kind: record.kind, name: record.name };
  }

  /** Ordered by folded name. */
  principals(): readonly PrincipalRecord[] {
    return [...this.#principals.values()].sort((a, b) =>
      a.folded < b.folded ? -1 : 1,
    );
  }

  /** Direct members, in no order. Those of `users` are every active user and service principal. */
  membersOf(group: PrincipalId): readonly PrincipalId[] {
    if (group === this.#users) {
      return this.principals()
        .filter(({ id }) => this.activePrincipal(id) !== undefined)
        .map(({ id }) => id);
    }
    return [...(this.#members.get(group) ?? [])];
  }

  /** Direct groups, without the implicit `users`. */
  groupsOf(member: PrincipalId): readonly PrincipalId[] {
    return [...(this.#groups.get(member) ?? [])];
  }

  /** The group and all it is nested in by explicit membership. */
  enclosing(group: PrincipalId): ReadonlySet<PrincipalId> {
    const set = new Set<PrincipalId>([group]);
    this.#addGroups(set);
    return set;
  }

  /** Some active user or service principal is an administrator. */
  hasActiveAdmin(): boolean {
    return [...this.#principals.keys()].some(
      (id) => this.activePrincipal(id) !== undefined && this.isAdmin(id),
    );
  }

  /** is_member(): false for a group that does not exist. */
  isMember(principal: PrincipalId, group: string): boolean {
    const record = this.named(group);
    return (
      record?.kind === "group" && this.effectiveSet(principal).has(record.id)
    );
  }

  // -------------------------------------------------------------- records

  addRecords(
    change: AccessChange,
    effect: "grant" | "deny",
    grantor: string,
  ): void {
    this.#metastore.gate.pass();
    const { securable, principal, privileges } = change;
    for (const privilege of privileges) {
      insertAccessRecord(this.#metastore.db, {
        securable,
        principal,
        privilege,
        effect,
        grantor,
        createdAtMs: this.#metastore.now(),
      });
    }
    const bits = bitsOf(privileges);
    this.#mark(securable, principal, ({ granted, denied }) =>
      effect === "grant"
        ? { granted: granted | bits, denied }
        : { granted, denied: denied | bits },
    );
  }

  /** Removes grants and denies alike; nothing there is no error. */
  removeRecords(change: AccessChange): void {
    this.#metastore.gate.pass();
    const { securable, principal, privileges } = change;
    deleteAccessRecords(this.#metastore.db, securable, principal, privileges);
    const keep = ~bitsOf(privileges);
    this.#mark(securable, principal, ({ granted, denied }) => ({
      granted: granted & keep,
      denied: denied & keep,
    }));
  }

  /** Removes the principal's grants and keeps its denies; answers how many. */
  removeGrants(securable: SecurableKey, principal: PrincipalId): number {
    this.#metastore.gate.pass();
    const marks = this.#marks.get(securable)?.get(principal);
    if (marks === undefined) return 0;
    deleteGrants(this.#metastore.db, securable, principal);
    this.#mark(securable, principal, ({ denied }) => ({ granted: 0, denied }));
    return PRIVILEGES.filter(
      (privilege) => (marks.granted & PRIVILEGE_BITS[privilege]) !== 0,
    ).length;
  }

  /** Removes every record on the securable; answers how many there were. */
  clearRecords(securable: SecurableKey): number {
    this.#metastore.gate.pass();
    const count = clearAccessRecords(this.#metastore.db, securable);
    this.#marks.delete(securable);
    this.#version += 1;
    return count;
  }

  // -------------------------------------------------------------- principals

  addPrincipal(record: PrincipalRecord): void {
    this.#metastore.gate.pass();
    insertPrincipal(this.#metastore.db, record);
    this.#remember(record);
    this.#membershipChanged();
  }

  setActive(id: PrincipalId, active: boolean): void {
    this.#metastore.gate.pass();
    const record = this.#principals.get(id);
    invariant(record !== undefined, "the principal exists");
    setPrincipalActive(this.#metastore.db, id, active);
    this.#remember({ ...record, active });
    this.#membershipChanged();
  }

  rename(
    id: PrincipalId,
    names: Pick<PrincipalRecord, "name" | "folded" | "displayName">,
  ): void {
    this.#metastore.gate.pass();
    const record = this.#principals.get(id);
    invariant(record !== undefined, "the principal exists");
    setPrincipalNames(this.#metastore.db, { id, ...names });
    this.#byName.delete(record.folded);
    this.#remember({ ...record, ...names });
    this.#membershipChanged();
  }

  /** Its records, memberships and tokens go with it; what it owned is unowned. */
  removePrincipal(id: PrincipalId): void {
    this.#metastore.gate.pass();
    const record = this.#principals.get(id);
    invariant(record !== undefined, "the principal exists");
    deletePrincipal(this.#metastore.db, id);
    this.#catalog.clearOwner(id);
    this.#principals.delete(id);
    this.#byName.delete(record.folded);
    for (const group of this.#groups.get(id) ?? []) {
      this.#members.get(group)?.delete(id);
    }
    for (const member of this.#members.get(id) ?? []) {
      this.#groups.get(member)?.delete(id);
    }
    this.#groups.delete(id);
    this.#members.delete(id);
    for (const marks of this.#marks.values()) marks.delete(id);
    this.#membershipChanged();
  }

  addMember(membership: Membership): void {
    this.#metastore.gate.pass();
    insertMembership(this.#metastore.db, membership);
    this.#link(membership);
    this.#membershipChanged();
  }

  removeMember(membership: Membership): void {
    this.#metastore.gate.pass();
    deleteMembership(this.#metastore.db, membership);
    this.#groups.get(membership.member)?.delete(membership.group);
    this.#members.get(membership.group)?.delete(membership.member);
    this.#membershipChanged();
  }

  /** How many deny records the principal carries. */
  countDenies(id: PrincipalId): number {
    let count = 0;
    for (const marks of this.#marks.values()) {
      const denied = marks.get(id)?.denied ?? 0;
      count += PRIVILEGES.filter(
        (privilege) => (denied & PRIVILEGE_BITS[privilege]) !== 0,
      ).length;
    }
    return count;
  }

  /** Reads everything anew, as after a rollback. */
  reload(): void {
    const { db } = this.#metastore;
    this.#admins = undefined;
    this.#users = undefined;
    for (const map of [
      this.#principals,
      this.#byName,
      this.#groups,
      this.#members,
      this.#marks,
    ]) {
      map.clear();
    }
    for (const record of listPrincipals(db)) this.#remember(record);
    for (const membership of listMemberships(db)) this.#link(membership);
    for (const record of listAccessRecords(db)) {
      const privilege = PRIVILEGES.find((name) => name === record.privilege);
      invariant(privilege !== undefined, "stored privileges are known ones");
      const bit = PRIVILEGE_BITS[privilege];
      this.#mark(record.securable, record.principal, ({ granted, denied }) =>
        record.effect === "grant"
          ? { granted: granted | bit, denied }
          : { granted, denied: denied | bit },
      );
    }
    this.#membershipChanged();
  }

  /** A set grows while it is walked: the walk ends when nothing new was reached. */
  #addGroups(set: Set<PrincipalId>): void {
    for (const member of set) {
      for (const group of this.#groups.get(member) ?? []) set.add(group);
    }
  }

  #remember(record: PrincipalRecord): void {
    this.#principals.set(record.id, record);
    this.#byName.set(record.folded, record);
    if (record.folded === ADMINS) this.#admins = record.id;
    if (record.folded === USERS) this.#users = record.id;
  }

  #link({ group, member }: Membership): void {
    const groups = this.#groups.get(member) ?? new Set<PrincipalId>();
    this.#groups.set(member, groups.add(group));
    const members = this.#members.get(group) ?? new Set<PrincipalId>();
    this.#members.set(group, members.add(member));
  }

  #mark(
    securable: SecurableKey,
    principal: PrincipalId,
    change: (marks: Marks) => Marks,
  ): void {
    const marks = this.#marks.get(securable) ?? new Map<PrincipalId, Marks>();
    const changed = change(marks.get(principal) ?? { granted: 0, denied: 0 });
    if (changed.granted === 0 && changed.denied === 0) marks.delete(principal);
    else marks.set(principal, changed);
    this.#marks.set(securable, marks);
    this.#version += 1;
  }

  #membershipChanged(): void {
    this.#effective.clear();
    this.#membershipVersion += 1;
    this.#version += 1;
  }
}

function bitsOf(privileges: readonly Privilege[]): number {
  return privileges.reduce((bits, name) => bits | PRIVILEGE_BITS[name], 0);
}
