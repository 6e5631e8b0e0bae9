// How deciding, granting and logging in can fail. Messages are PostgreSQL's; the detail of a refusal is access-control section 15.2's.
// An invisible object gives exactly the error of an absent one: only the name as typed enters it.

import { SqlError } from "../storage/common/errors.ts";
import type { Privilege, SecurableKind } from "./privilege.ts";

// ---------------------------------------------------------------- refusals

/** Absent or invisible: 3D000, 3F000, 42P01 or 42883 by kind. For a function, `name` is as the error shows it, argument types included. */
export function undefinedObject(
  kind: SecurableKind,
  name: string,
  position: number | undefined,
): SqlError {
  switch (kind) {
    case "CATALOG":
      return new SqlError("3D000", `database "${name}" does not exist`, {
        position,
      });
    case "SCHEMA":
      return new SqlError("3F000", `schema "${name}" does not exist`, {
        position,
      });
    case "TABLE":
    case "VIEW":
      return new SqlError("42P01", `relation "${name}" does not exist`, {
        position,
      });
    case "FUNCTION":
      return new SqlError("42883", `function ${name} does not exist`, {
        position,
        hint: name.endsWith(")")
          ? "No function matches the given name and argument types. You might need to add explicit type casts."
          : undefined,
      });
  }
}

/** 42501 for a visible securable; `what` is `table x`, `any file`. */
export function permissionDenied(
  privilege: Privilege,
  what: string,
  position: number | undefined,
): SqlError {
  return new SqlError("42501", `permission denied for ${what}`, {
    detail: `User does not have permission ${privilege} on ${what}.`,
    position,
  });
}

/** 42501 where a view's chain is broken: names the outermost view or function and nothing below it. */
export function permissionDeniedBelow(
  privilege: Privilege,
  what: string,
  position: number | undefined,
): SqlError {
  return new SqlError("42501", `permission denied for ${what}`, {
    detail: `User does not have permission ${privilege} on an object that ${what} refers to.`,
    position,
  });
}

/** 42501: needs ownership of a visible object. */
export function notOwner(what: string, position: number | undefined): SqlError {
  return new SqlError("42501", `must be owner of ${what}`, {
    detail: `User does not own ${what}.`,
    position,
  });
}

/** 42501: needs an administrator; `action` is an infinitive, `create group`. */
export function notAdmin(action: string): SqlError {
  return new SqlError("42501", `permission denied to ${action}`, {
    detail: "Only members of the group admins may do this.",
  });
}

/** 42501: ownership given away by someone who is no administrator. */
export function transferRefused(
  owner: string,
  position: number | undefined,
): SqlError {
  return new SqlError("42501", `must be member of group "${owner}"`, {
    detail:
      "An owner who is not an administrator may transfer ownership only to a group it belongs to.",
    position,
  });
}

// ---------------------------------------------------------------- principals

/** 42704: no such user, service principal or group. */
export function undefinedPrincipal(name: string, position?: number): SqlError {
  return new SqlError("42704", `role "${name}" does not exist`, { position });
}

/** 42809: the name is there, but names another kind. */
export function wrongPrincipalKind(
  name: string,
  wanted: string,
  position?: number,
): SqlError {
  return new SqlError("42809", `"${name}" is not a ${wanted}`, { position });
}

/** 42710: users, service principals and groups share one namespace. */
export function duplicatePrincipal(name: string, position?: number): SqlError {
  return new SqlError("42710", `role "${name}" already exists`, { position });
}

/** 42939: built in. */
export function reservedPrincipal(name: string, position?: number): SqlError {
  return new SqlError("42939", `role name "${name}" is reserved`, {
    position,
  });
}

/** 42602: empty, too long, or with control or direction-override characters. */
export function invalidPrincipalName(position?: number): SqlError {
  return new SqlError("42602", "role name is not valid", {
    detail:
      "A name has 1 to 255 characters, none of them a control or text-direction character.",
    position,
  });
}

/** 0LP01: a group would contain itself. */
export function groupCycle(
  group: string,
  member: string,
  position?: number,
): SqlError {
  return new SqlError(
    "0LP01",
    `role "${group}" is a member of role "${member}"`,
    { position },
  );
}

/** 55000: the change would leave nobody to administer. */
export function lastAdmin(): SqlError {
  return new SqlError(
    "55000",
    "at least one active administrator must remain",
    {
      hint: "Add another user to the group admins first.",
    },
  );
}

/** 42939: membership of `users` follows from being active. */
export function implicitGroup(name: string, position?: number): SqlError {
  return new SqlError("42939", `membership of group "${name}" is implicit`, {
    detail: "Every active user and service principal belongs to it.",
    position,
  });
}

// ---------------------------------------------------------------- grants

/** 0LP01: no privilege has this name. */
export function unknownPrivilege(
  name: string,
  position: number | undefined,
  hint?: string,
): SqlError {
  return new SqlError("0LP01", `unrecognized privilege type "${name}"`, {
    position,
    hint,
  });
}

/** 0LP01: this kind of securable has no such privilege. */
export function inapplicablePrivilege(
  privilege: string,
  kind: string,
  position: number | undefined,
): SqlError {
  return new SqlError(
    "0LP01",
    `invalid privilege type ${privilege} for ${kind}`,
    {
      position,
    },
  );
}

/** 0A000: a privilege of clusters, not of SQL warehouses. */
export function unsupportedPrivilege(
  name: string,
  position: number | undefined,
): SqlError {
  return new SqlError("0A000", `privilege ${name} is not supported`, {
    position,
  });
}

/** 58030: a change of rights that cannot be recorded does not happen. */
export function auditFailed(cause: unknown): SqlError {
  return new SqlError("58030", "audit record could not be written", {
    detail: "The change was not made.",
    cause,
  });
}

// ---------------------------------------------------------------- tokens and log-in

/** 28P01, PostgreSQL's words, for every failure of user, secret, expiry or mismatch. `user` as typed. */
export function passwordRefused(user: string): SqlError {
  return new SqlError(
    "28P01",
    `password authentication failed for user "${user}"`,
  );
}

/** 28000 */
export function certificateRefused(user: string): SqlError {
  return new SqlError(
    "28000",
    `certificate authentication failed for user "${user}"`,
  );
}

/** 28000 after a correct secret: the principal is switched off. */
export function principalInactive(user: string): SqlError {
  return new SqlError("28000", `role "${user}" is not permitted to log in`);
}

/** 28000 after a correct secret: the token's scopes do not hold SQL. */
export function scopeMissing(scope: string): SqlError {
  return new SqlError("28000", `access token has no scope "${scope}"`);
}

/** 28000: several principals answer to `token`, so no salt can be chosen. */
export function scramNeedsUser(): SqlError {
  return new SqlError(
    "28000",
    'user "token" cannot log in with SCRAM-SHA-256',
    {
      hint: "Connect with the name of the user the token belongs to, or over TLS.",
    },
  );
}

/** 08P01: not a SCRAM message. */
export function malformedScram(detail: string): SqlError {
  return new SqlError("08P01", "malformed SCRAM message", { detail });
}

/** 22023: lifetime or comment out of range. */
export function invalidTokenOption(message: string, detail: string): SqlError {
  return new SqlError("22023", message, { detail });
}

/** 54000: too many live tokens of one principal. */
export function tokenQuotaExceeded(quota: number): SqlError {
  return new SqlError("54000", `token quota of ${quota} exceeded`, {
    hint: "Revoke tokens that are no longer used.",
  });
}

/** 42501: the credential in use, or the feature switch, does not allow it. */
export function tokenActionDenied(action: string, detail: string): SqlError {
  return new SqlError("42501", `permission denied to ${action}`, { detail });
}

/** 42704: absent, or somebody else's. */
export function undefinedToken(id: string): SqlError {
  return new SqlError("42704", `token "${id}" does not exist`);
}

/** 22023: no such switch, or not a value of it. */
export function invalidSwitch(name: string, value?: string): SqlError {
  return new SqlError(
    "22023",
    value === undefined
      ? `workspace configuration has no key "${name}"`
      : `"${value}" is not a value of "${name}"`,
  );
}

/** 22023: the object has no such level of permission. */
export function invalidPermissionLevel(level: string): SqlError {
  return new SqlError("22023", `permission level "${level}" does not exist`);
}

/** 22023: a label, type or address of an IP access list. */
export function invalidIpList(detail: string): SqlError {
  return new SqlError("22023", "IP access list is not valid", { detail });
}

/** 54000: too many addresses in all lists. */
export function ipListQuotaExceeded(quota: number): SqlError {
  return new SqlError("54000", `quota of ${quota} IP addresses exceeded`);
}

/** 55000: the change would refuse the address it comes from. */
export function ipLockOut(address: string): SqlError {
  return new SqlError(
    "55000",
    `IP access lists would refuse your own address ${address}`,
  );
}

/** 42704 */
export function undefinedIpList(id: string): SqlError {
  return new SqlError("42704", `IP access list "${id}" does not exist`);
}

/** 28000: the token, which was right, may not be used from there. */
export function tokenAddressRefused(address: string): SqlError {
  return new SqlError(
    "28000",
    `connection from host "${address}" is refused by the addresses of the access token`,
  );
}

/** 28000: an IP access list refuses where the connection comes from. */
export function addressRefused(address: string): SqlError {
  return new SqlError(
    "28000",
    `connection from host "${address}" is refused by an IP access list`,
  );
}
