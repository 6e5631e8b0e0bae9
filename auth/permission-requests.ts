// Who may see and change the permissions on tokens and on the warehouse.

import { invalidPermissionLevel } from "./errors.ts";
import {
  authorizeStatement,
  changeAudited,
  type Governance,
} from "./governance.ts";
import {
  PERMISSION_LEVELS,
  type ManagedObject,
  type Permission,
} from "./object-permissions.ts";
import { resolvePrincipal } from "./principals.ts";
import type { Identity } from "./principal.ts";

export interface PermissionRequest {
  readonly name: string;
  readonly level: string;
}

/** Administrators only. `replace` makes the list what is given, `add` keeps the others. 42704 for nobody, 22023 for a level the object lacks. */
export function changePermissions(
  governance: Governance,
  identity: Identity,
  object: ManagedObject,
  change: {
    readonly kind: "replace" | "add";
    readonly list: readonly PermissionRequest[];
  },
): void {
  requireAdmin(governance, identity, object);
  const given = change.list.map(({ name, level }) => {
    const known = PERMISSION_LEVELS[object].find((one) => one === level);
    if (known === undefined) throw invalidPermissionLevel(level);
    return {
      principal: resolvePrincipal(governance, { name }).id,
      level: known,
    };
  });
  const named = new Set(given.map(({ principal }) => principal));
  const kept =
    change.kind === "replace"
      ? []
      : governance.permissions
          .on(object)
          .filter(({ principal }) => !named.has(principal));
  const event = {
    service: "accounts",
    action: "changePermissions",
    identity,
    status: "ok",
    request: {
      object,
      kind: change.kind,
      permissions: change.list.map(({ name, level }) => `${level} ${name}`),
    },
  } as const;
  changeAudited(governance, event, () =>
    governance.permissions.replace(object, [...kept, ...given]),
  );
}

/** Administrators only. */
export function listPermissions(
  governance: Governance,
  identity: Identity,
  object: ManagedObject,
): readonly Permission[] {
  requireAdmin(governance, identity, object);
  return governance.permissions.on(object);
}

function requireAdmin(
  governance: Governance,
  identity: Identity,
  object: ManagedObject,
): void {
  authorizeStatement(governance, identity, [
    { kind: "admin", action: `manage permissions on the ${object}` },
  ]);
}
