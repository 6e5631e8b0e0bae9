// The decision of access-control sections 1 and 5, pure: admin, owner, DENY, GRANT, default deny, in this order; no level of the tree and
// no directness of membership carries weight. Each answer names what decided it, for the audit.

import type { CatalogObject } from "../storage/catalog/objects.ts";
import type { ObjectId, PrincipalId } from "../storage/common/ids.ts";
import type { Privilege } from "./privilege.ts";

/** What records hang on. */
export type SecurableKey = ObjectId | "any-file" | "anonymous-function";

/** Bit sets over PRIVILEGE_BITS, of one principal on one securable. */
export interface Marks {
  readonly granted: number;
  readonly denied: number;
}

export const PRIVILEGE_BITS: Readonly<Record<Privilege, number>> = {
  SELECT: 1,
  MODIFY: 2,
  CREATE: 4,
  CREATE_NAMED_FUNCTION: 8,
  USAGE: 16,
  READ_METADATA: 32,
};

/** What the decision reads: access-state.ts keeps it in memory. */
export interface AclState {
  object(id: ObjectId): CatalogObject | undefined;
  /** The principal itself, every group reached transitively, and `users`. */
  effectiveSet(principal: PrincipalId): ReadonlySet<PrincipalId>;
  isAdmin(principal: PrincipalId): boolean;
  /** Records on exactly this securable, by principal. */
  marksOn(securable: SecurableKey): ReadonlyMap<PrincipalId, Marks> | undefined;
}

export type Decision =
  | { readonly allowed: true; readonly by: "admin" }
  | {
      readonly allowed: true;
      readonly by: "owner";
      readonly object: CatalogObject;
    }
  | {
      readonly allowed: true;
      readonly by: "grant";
      readonly record: DecidingRecord;
    }
  | {
      readonly allowed: false;
      readonly by: "deny";
      readonly record: DecidingRecord;
    }
  | { readonly allowed: false; readonly by: "default" };

export interface DecidingRecord {
  readonly privilege: Privilege;
  readonly securable: CatalogObject | "any-file" | "anonymous-function";
  readonly principal: PrincipalId;
}

const ADMIN: Decision = { allowed: true, by: "admin" };
const NOTHING: Decision = { allowed: false, by: "default" };

/** has(P, A, O) for an object of the tree. The gate is a question of its own. */
export function decide(
  state: AclState,
  principal: PrincipalId,
  privilege: Privilege,
  object: CatalogObject,
): Decision {
  if (state.isAdmin(principal)) return ADMIN;
  const set = state.effectiveSet(principal);
  const path = pathOf(state, object);
  const owned = path.find(({ owner }) => owner !== undefined && set.has(owner));
  if (owned !== undefined) return { allowed: true, by: "owner", object: owned };
  return decideByRecords(state, set, privilege, path);
}

/** has(P, A, ANY FILE) and has(P, A, ANONYMOUS FUNCTION): outside the tree, so nothing is inherited and nobody owns them. */
export function decideGlobal(
  state: AclState,
  principal: PrincipalId,
  privilege: Privilege,
  securable: "any-file" | "anonymous-function",
): Decision {
  if (state.isAdmin(principal)) return ADMIN;
  const set = state.effectiveSet(principal);
  return decideByRecords(state, set, privilege, [securable]);
}

/** The USAGE gate of section 5.2 for what lies in `schema`. */
export function decideGate(
  state: AclState,
  principal: PrincipalId,
  schema: CatalogObject,
): Decision {
  return decide(state, principal, "USAGE", schema);
}

/** Owner of the object or of an ancestor; administrators count as owners. */
export function owns(
  state: AclState,
  principal: PrincipalId,
  object: CatalogObject,
): boolean {
  if (state.isAdmin(principal)) return true;
  const set = state.effectiveSet(principal);
  return pathOf(state, object).some(
    ({ owner }) => owner !== undefined && set.has(owner),
  );
}

/** The object, then its schema, then its catalog, as far as they apply. */
export function pathOf(
  state: Pick<AclState, "object">,
  object: CatalogObject,
): readonly CatalogObject[] {
  if (object.kind === "catalog") return [object];
  const parent = state.object(
    object.kind === "schema" ? object.catalog : object.schema,
  );
  return parent === undefined ? [object] : [object, ...pathOf(state, parent)];
}

/** The schema whose gate guards the object; undefined for schemas and catalogs. */
export function schemaOf(
  state: Pick<AclState, "object">,
  object: CatalogObject,
): CatalogObject | undefined {
  return object.kind === "catalog" || object.kind === "schema"
    ? undefined
    : state.object(object.schema);
}

function decideByRecords(
  state: AclState,
  set: ReadonlySet<PrincipalId>,
  privilege: Privilege,
  securables: readonly DecidingRecord["securable"][],
): Decision {
  const bit = PRIVILEGE_BITS[privilege];
  let grant: DecidingRecord | undefined;
  for (const securable of securables) {
    const marks = state.marksOn(keyOf(securable));
    if (marks === undefined) continue;
    for (const [principal, mark] of matching(marks, set)) {
      const record = { privilege, securable, principal };
      if ((mark.denied & bit) !== 0) {
        return { allowed: false, by: "deny", record };
      }
      if ((mark.granted & bit) !== 0) grant ??= record;
    }
  }
  return grant === undefined
    ? NOTHING
    : { allowed: true, by: "grant", record: grant };
}

/** Walks whichever is smaller: the records on the securable or the groups of the principal. */
function* matching(
  marks: ReadonlyMap<PrincipalId, Marks>,
  set: ReadonlySet<PrincipalId>,
): Generator<readonly [PrincipalId, Marks]> {
  if (marks.size <= set.size) {
    for (const entry of marks) if (set.has(entry[0])) yield entry;
    return;
  }
  for (const principal of set) {
    const mark = marks.get(principal);
    if (mark !== undefined) yield [principal, mark];
  }
}

function keyOf(securable: DecidingRecord["securable"]): SecurableKey {
  return typeof securable === "string" ? securable : securable.id;
}
