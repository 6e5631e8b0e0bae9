// The one authorization point: evaluates a statement's requirements in the order it names things. The first that fails decides the
// error (access-control section 15.2) and is told to the audit with what the client does not learn (section 18).

import type { CatalogObject } from "../storage/catalog/objects.ts";
import type { SqlError } from "../storage/common/errors.ts";
import type { ObjectId, PrincipalId } from "../storage/common/ids.ts";
import { unreachable } from "../storage/common/invariant.ts";
import {
  governedTable,
  isGoverned,
  policyFailed,
} from "../storage/common/policy.ts";
import {
  decide,
  decideGate,
  decideGlobal,
  owns,
  schemaOf,
  type Decision,
} from "./acl.ts";
import {
  notAdmin,
  notOwner,
  permissionDenied,
  permissionDeniedBelow,
  undefinedObject,
} from "./errors.ts";
import type {
  Privilege,
  Requirement,
  Securable,
  SecurableKind,
  ViewLink,
} from "./privilege.ts";
import { isVisible, type VisibilityState } from "./visibility.ts";

/** A requirement that does not hold. */
export interface Refusal {
  readonly requirement: Requirement;
  /** What the client gets. */
  readonly error: SqlError;
  /** The real object, whatever name was typed; undefined where there is none. */
  readonly object: CatalogObject | undefined;
  readonly reason: RefusalReason;
}

export type RefusalReason =
  | { readonly kind: "no-such-object" }
  | { readonly kind: "not-admin" }
  | { readonly kind: "not-owner" }
  | { readonly kind: "not-visible" }
  /** The table has a row filter or a mask. */
  | { readonly kind: "governed" }
  /** A policy's function, or its owner, is gone. */
  | { readonly kind: "no-definer" }
  /** The USAGE gate of the object's schema is shut; for `view-owner` that of the chain's owner. */
  | {
      readonly kind: "gate";
      readonly of: "caller" | "view-owner";
      readonly decision: Decision;
    }
  | { readonly kind: "privilege"; readonly decision: Decision };

type PrivilegeRequirement = Extract<Requirement, { kind: "privilege" }>;
type ObjectRequirement = Extract<Requirement, { kind: "visible" | "owner" }>;

/** Throws the first refusal's error, after `record` has seen the refusal. Touches no storage. */
export function authorize(
  state: VisibilityState,
  principal: PrincipalId,
  requirements: readonly Requirement[],
  record: (refusal: Refusal) => void,
): void {
  const refusal = firstRefusal(state, principal, requirements);
  if (refusal === undefined) return;
  record(refusal);
  throw refusal.error;
}

/** Undefined when all hold. */
export function firstRefusal(
  state: VisibilityState,
  principal: PrincipalId,
  requirements: readonly Requirement[],
): Refusal | undefined {
  for (const requirement of requirements) {
    const refusal = check(state, principal, requirement);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function check(
  state: VisibilityState,
  principal: PrincipalId,
  requirement: Requirement,
): Refusal | undefined {
  switch (requirement.kind) {
    case "admin":
      return state.isAdmin(principal)
        ? undefined
        : {
            requirement,
            error: notAdmin(requirement.action),
            object: undefined,
            reason: { kind: "not-admin" },
          };
    case "privilege":
      return checkPrivilege(state, principal, requirement);
    case "visible":
    case "owner":
      return checkObject(state, principal, requirement);
    case "ungoverned":
      return checkUngoverned(state, requirement);
    default:
      return unreachable(requirement);
  }
}

/** Access-control section 14, rule 6. Comes behind the requirements that say the caller may know the table at all. */
function checkUngoverned(
  state: VisibilityState,
  requirement: Extract<Requirement, { kind: "ungoverned" }>,
): Refusal | undefined {
  const { securable, what, name, position } = requirement;
  const object =
    securable.kind === "object" ? state.object(securable.id) : undefined;
  if (object?.kind !== "table" || !isGoverned(object.policies))
    return undefined;
  return {
    requirement,
    error: governedTable(what, name, position),
    object,
    reason: { kind: "governed" },
  };
}

function checkPrivilege(
  state: VisibilityState,
  principal: PrincipalId,
  requirement: PrivilegeRequirement,
): Refusal | undefined {
  const { securable, privilege, through } = requirement;
  if (securable.kind !== "object") {
    const decision = decideGlobal(state, principal, privilege, securable.kind);
    return decision.allowed
      ? undefined
      : refuseGlobal(requirement, { kind: "privilege", decision });
  }
  const object = state.object(securable.id);
  if (object === undefined) return absent(state, requirement, securable.type);
  if (through !== undefined) {
    return checkLink(state, principal, { requirement, object, through });
  }
  const gate = gateRefusal(state, principal, requirement, object);
  if (gate !== undefined) return gate;
  const decision = decide(state, principal, privilege, object);
  if (decision.allowed) return undefined;
  const visible = isVisible(state, principal, object);
  return {
    requirement,
    error: visible
      ? permissionDenied(
          privilege,
          describe(object, requirement.name),
          requirement.position,
        )
      : undefinedObject(kindOf(object), requirement.name, requirement.position),
    object,
    reason: { kind: "privilege", decision },
  };
}

/**
 * A reference in the text of a view or function (section 8). Intact link: the definer's owner must pass the object's gate, the caller
 * is not asked. Broken link: the caller needs gate and privilege itself. Either way the error names the outermost view only.
 * Below a policy its function's owner stands in for the caller.
 */
function checkLink(
  state: VisibilityState,
  reader: PrincipalId,
  reference: {
    readonly requirement: PrivilegeRequirement;
    readonly object: CatalogObject;
    readonly through: ViewLink;
  },
): Refusal | undefined {
  const { requirement, object, through } = reference;
  const caller =
    through.policy === undefined ? reader : state.object(through.policy)?.owner;
  if (caller === undefined) {
    const reason: RefusalReason = { kind: "no-definer" };
    return {
      requirement,
      object,
      reason,
      error: policyFailed(through.outermostName),
    };
  }
  if (state.isAdmin(caller)) return undefined;
  const intactOwner = chainOwner(state, through.definer, object);
  const schema = schemaOf(state, object);
  const gate = schema && decideGate(state, intactOwner ?? caller, schema);
  let reason: RefusalReason | undefined;
  if (gate?.allowed === false) {
    const of = intactOwner === undefined ? "caller" : "view-owner";
    reason = { kind: "gate", of, decision: gate };
  } else if (intactOwner === undefined) {
    const decision = decide(state, caller, requirement.privilege, object);
    if (!decision.allowed) reason = { kind: "privilege", decision };
  }
  return (
    reason && {
      requirement,
      error: belowError(state, requirement, through),
      object,
      reason,
    }
  );
}

/** The definer's owner when the link to `object` is intact: it is the recorded owner itself, or a member of the owning group. */
function chainOwner(
  state: VisibilityState,
  definer: ObjectId,
  object: CatalogObject,
): PrincipalId | undefined {
  const owner = state.object(definer)?.owner;
  return isLinkIntact(state, owner, object.owner) ? owner : undefined;
}

/** Inherited ownership and being an administrator do not count, nor does a group's view over a member's table. */
export function isLinkIntact(
  state: Pick<VisibilityState, "effectiveSet">,
  definerOwner: PrincipalId | undefined,
  objectOwner: PrincipalId | undefined,
): boolean {
  return (
    definerOwner !== undefined &&
    objectOwner !== undefined &&
    state.effectiveSet(definerOwner).has(objectOwner)
  );
}

function checkObject(
  state: VisibilityState,
  principal: PrincipalId,
  requirement: ObjectRequirement,
): Refusal | undefined {
  const { securable, kind, name, position } = requirement;
  if (securable.kind !== "object") {
    return state.isAdmin(principal)
      ? undefined
      : refuseGlobal(requirement, { kind: "not-admin" });
  }
  const object = state.object(securable.id);
  if (object === undefined) return absent(state, requirement, securable.type);
  const gate = gateRefusal(state, principal, requirement, object);
  if (gate !== undefined) return gate;
  if (!isVisible(state, principal, object)) {
    return {
      requirement,
      error: undefinedObject(kindOf(object), name, position),
      object,
      reason: { kind: "not-visible" },
    };
  }
  if (kind === "visible" || owns(state, principal, object)) return undefined;
  return {
    requirement,
    error: notOwner(describe(object, name), position),
    object,
    reason: { kind: "not-owner" },
  };
}

function gateRefusal(
  state: VisibilityState,
  principal: PrincipalId,
  requirement: PrivilegeRequirement | ObjectRequirement,
  object: CatalogObject,
): Refusal | undefined {
  const schema = object.kind === "schema" ? object : schemaOf(state, object);
  if (schema === undefined) return undefined;
  const decision = decideGate(state, principal, schema);
  if (decision.allowed) return undefined;
  return {
    requirement,
    error: undefinedObject(
      kindOf(object),
      requirement.name,
      requirement.position,
    ),
    object,
    reason: { kind: "gate", of: "caller", decision },
  };
}

/** Dropped since its name was resolved. */
function absent(
  state: VisibilityState,
  requirement: PrivilegeRequirement | ObjectRequirement,
  type: SecurableKind,
): Refusal {
  const through =
    requirement.kind === "privilege" ? requirement.through : undefined;
  return {
    requirement,
    error:
      requirement.kind === "privilege" && through !== undefined
        ? belowError(state, requirement, through)
        : undefinedObject(type, requirement.name, requirement.position),
    object: undefined,
    reason: { kind: "no-such-object" },
  };
}

function refuseGlobal(
  requirement: PrivilegeRequirement | ObjectRequirement,
  reason: RefusalReason,
): Refusal {
  const what =
    requirement.securable.kind === "any-file"
      ? "any file"
      : "anonymous function";
  return {
    requirement,
    error:
      requirement.kind === "privilege"
        ? permissionDenied(requirement.privilege, what, requirement.position)
        : notOwner(what, requirement.position),
    object: undefined,
    reason,
  };
}

function belowError(
  state: VisibilityState,
  requirement: {
    readonly privilege: Privilege;
    readonly position?: number | undefined;
  },
  through: ViewLink,
): SqlError {
  if (through.policy !== undefined)
    return policyFailed(through.outermostName, requirement.position);
  const outermost = state.object(through.path[0] ?? through.definer);
  const what = describe(outermost, through.outermostName);
  return permissionDeniedBelow(
    requirement.privilege,
    what,
    requirement.position,
  );
}

/** `table x`, with the name as typed. */
function describe(object: CatalogObject | undefined, name: string): string {
  return `${object?.kind === "catalog" ? "database" : (object?.kind ?? "view")} ${name}`;
}

export function kindOf(object: CatalogObject): SecurableKind {
  switch (object.kind) {
    case "catalog":
      return "CATALOG";
    case "schema":
      return "SCHEMA";
    case "table":
      return "TABLE";
    case "view":
      return "VIEW";
    case "function":
      return "FUNCTION";
  }
}

/** An object of the tree as a securable. */
export function securableOf(object: CatalogObject): Securable {
  return { kind: "object", type: kindOf(object), id: object.id };
}
