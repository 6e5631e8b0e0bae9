// Permissions on things that are no securables of SQL: who may make tokens, who may use the warehouse (http-api section 9, "Generic").
// Administrators manage both always; a list holds what was given to others.

import { principalId, type PrincipalId } from "../storage/common/ids.ts";
import type { Metastore } from "../storage/metastore/metastore.ts";
import { readSetting, writeSetting } from "../storage/metastore/settings.ts";
import type { AccessState } from "./access-state.ts";
import { USERS } from "./names.ts";

export type ManagedObject = "tokens" | "warehouse";
export type PermissionLevel = "CAN_USE" | "CAN_MANAGE";

/** What each object's lists may hold. */
export const PERMISSION_LEVELS: Readonly<
  Record<ManagedObject, readonly PermissionLevel[]>
> = { tokens: ["CAN_USE"], warehouse: ["CAN_USE", "CAN_MANAGE"] };

export interface Permission {
  readonly principal: PrincipalId;
  readonly level: PermissionLevel;
}

export class ObjectPermissions {
  readonly #metastore: Metastore;
  readonly #access: AccessState;
  readonly #lists = new Map<ManagedObject, readonly Permission[]>();

  constructor(metastore: Metastore, access: AccessState) {
    this.#metastore = metastore;
    this.#access = access;
    metastore.db.onRollback(() => this.#lists.clear());
  }

  /** Until somebody changes it everybody may use the object: `users` has CAN_USE. Principals that were dropped are left out. */
  on(object: ManagedObject): readonly Permission[] {
    const list = this.#lists.get(object) ?? this.#read(object);
    this.#lists.set(object, list);
    return list.filter(
      ({ principal }) => this.#access.principal(principal) !== undefined,
    );
  }

  mayUse(object: ManagedObject, principal: PrincipalId): boolean {
    if (this.#access.isAdmin(principal)) return true;
    const set = this.#access.effectiveSet(principal);
    return this.on(object).some((given) => set.has(given.principal));
  }

  replace(object: ManagedObject, list: readonly Permission[]): void {
    writeSetting(
      this.#metastore.db,
      settingName(object),
      list.map(({ principal, level }) => `${level} ${principal}`).join("\n"),
    );
    this.#lists.set(object, list);
  }

  #read(object: ManagedObject): readonly Permission[] {
    const stored = readSetting(this.#metastore.db, settingName(object));
    if (stored === undefined) {
      const users = this.#access.named(USERS);
      return users === undefined
        ? []
        : [{ principal: users.id, level: "CAN_USE" }];
    }
    return stored
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const at = line.indexOf(" ");
        return {
          level: line.slice(0, at) === "CAN_MANAGE" ? "CAN_MANAGE" : "CAN_USE",
          principal: principalId(line.slice(at + 1)),
        };
      });
  }
}

function settingName(object: ManagedObject): string {
  return `permissions.${object}`;
}
