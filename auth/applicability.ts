// Which privilege may be granted where (access-control section 4), and the spellings accepted for each.

import type { CatalogObject } from "../storage/catalog/objects.ts";
import {
  inapplicablePrivilege,
  unknownPrivilege,
  unsupportedPrivilege,
} from "./errors.ts";
import { PRIVILEGES, type Privilege } from "./privilege.ts";
import type { TypedName } from "./principals.ts";

export type GrantTarget =
  CatalogObject["kind"] | "any-file" | "anonymous-function";

/** `effective` as documented; `inert` is stored without effect, with a notice; absent is 0LP01. */
type Applicability = "effective" | "inert";

const MATRIX: Readonly<
  Record<GrantTarget, Readonly<Partial<Record<Privilege, Applicability>>>>
> = {
  catalog: {
    SELECT: "effective",
    MODIFY: "effective",
    CREATE: "effective",
    CREATE_NAMED_FUNCTION: "effective",
    USAGE: "effective",
    READ_METADATA: "effective",
  },
  schema: {
    SELECT: "effective",
    MODIFY: "effective",
    CREATE: "effective",
    CREATE_NAMED_FUNCTION: "effective",
    USAGE: "effective",
    READ_METADATA: "effective",
  },
  table: {
    SELECT: "effective",
    MODIFY: "effective",
    USAGE: "inert",
    READ_METADATA: "effective",
  },
  view: {
    SELECT: "effective",
    MODIFY: "inert",
    USAGE: "inert",
    READ_METADATA: "effective",
  },
  function: { SELECT: "effective", READ_METADATA: "effective" },
  "anonymous-function": { SELECT: "effective" },
  "any-file": { SELECT: "effective", MODIFY: "effective" },
};

const SPELLINGS: ReadonlyMap<string, Privilege> = new Map([
  ...PRIVILEGES.map((privilege) => [privilege, privilege] as const),
  ["USE", "USAGE"],
  ["USE SCHEMA", "USAGE"],
  ["USE DATABASE", "USAGE"],
  ["USE CATALOG", "USAGE"],
]);

/** Silently widening these would grant more than was asked. */
const POSTGRES_ONLY: ReadonlyMap<string, string> = new Map([
  ...["INSERT", "UPDATE", "DELETE", "TRUNCATE"].map(
    (name) =>
      [
        name,
        "MODIFY lets a principal insert, update and delete rows.",
      ] as const,
  ),
  ...["REFERENCES", "TRIGGER"].map(
    (name) => [name, "Grant SELECT or MODIFY instead."] as const,
  ),
  ...["CONNECT", "TEMPORARY", "TEMP"].map(
    (name) =>
      [name, "Every user may connect and make temporary tables."] as const,
  ),
]);

export interface ExpandedPrivileges {
  readonly privileges: readonly Privilege[];
  /** Those of them that are stored without effect. */
  readonly inert: readonly Privilege[];
}

/**
 * The privileges meant, ALL expanded into those effective on the target. Throws 0LP01 for a name that is none or does not apply, 0A000
 * for MODIFY_CLASSPATH; nothing is taken when one of the list is wrong.
 */
export function expandPrivileges(
  typed: readonly TypedName[],
  target: GrantTarget,
): ExpandedPrivileges {
  const row = MATRIX[target];
  const privileges = new Set<Privilege>();
  for (const { name, position } of typed) {
    const spelled = name.toUpperCase().replaceAll(/\s+/g, " ").trim();
    if (namesAll([{ name }])) {
      for (const privilege of effectiveOn(target)) privileges.add(privilege);
      continue;
    }
    const privilege = spellingOf(spelled, target, { name, position });
    if (row[privilege] === undefined) {
      throw inapplicablePrivilege(spelled, targetNoun(target), position);
    }
    privileges.add(privilege);
  }
  return {
    privileges: [...privileges],
    inert: [...privileges].filter((privilege) => row[privilege] === "inert"),
  };
}

function effectiveOn(target: GrantTarget): readonly Privilege[] {
  return PRIVILEGES.filter((privilege) => isEffective(target, privilege));
}

/** Whether a record of the privilege has an effect on such an object. */
export function isEffective(
  target: GrantTarget,
  privilege: Privilege,
): boolean {
  return MATRIX[target][privilege] === "effective";
}

/** REVOKE ALL takes away whatever is there. */
export function namesAll(typed: readonly TypedName[]): boolean {
  return typed.some(({ name }) => /^all(\s+privileges)?$/i.test(name.trim()));
}

function spellingOf(
  spelled: string,
  target: GrantTarget,
  typed: TypedName,
): Privilege {
  if (spelled === "MODIFY_CLASSPATH") {
    throw unsupportedPrivilege(spelled, typed.position);
  }
  if (spelled === "EXECUTE") {
    if (target === "function") return "SELECT";
    throw inapplicablePrivilege(spelled, targetNoun(target), typed.position);
  }
  const privilege = SPELLINGS.get(spelled);
  if (privilege === undefined) {
    throw unknownPrivilege(
      typed.name,
      typed.position,
      POSTGRES_ONLY.get(spelled),
    );
  }
  return privilege;
}

function targetNoun(target: GrantTarget): string {
  switch (target) {
    case "catalog":
      return "database";
    case "any-file":
      return "any file";
    case "anonymous-function":
      return "anonymous function";
    default:
      return target;
  }
}
