// Names of principals: normalised, compared without case, one namespace for all kinds (access-control section 2).

import { invalidPrincipalName, reservedPrincipal } from "./errors.ts";

/** The group whose members are administrators. */
export const ADMINS = "admins";
/** Every active user and service principal, implicitly. */
export const USERS = "users";

const USERS_ALIAS = "account users";
const MAX_LENGTH = 255;
/** Control characters, line separators, and the marks that turn the direction of text. */
const FORBIDDEN =
  /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
const RESERVED: ReadonlySet<string> = new Set([
  ADMINS,
  USERS,
  USERS_ALIAS,
  "token",
  "public",
]);

/** NFC, as stored and shown. */
export function normalName(name: string): string {
  return name.normalize("NFC");
}

/** What names are compared by. */
export function foldName(name: string): string {
  return normalName(name).toLowerCase().normalize("NFC");
}

/** What a name in a statement is looked up by: `account users` is `users`. */
export function lookupName(name: string): string {
  const folded = foldName(name);
  return folded === USERS_ALIAS ? USERS : folded;
}

/** Throws 42602 or 42939 unless a principal may be created under this name. */
export function requireCreatable(name: string, position?: number): void {
  requireShowable(name, position);
  if (RESERVED.has(foldName(name))) throw reservedPrincipal(name, position);
}

/** Throws 42602 for a name that cannot be told from another, or from nothing, where it is shown. */
export function requireShowable(name: string, position?: number): void {
  const normal = normalName(name);
  if (
    normal === "" ||
    normal.length > MAX_LENGTH ||
    normal.trim() !== normal ||
    FORBIDDEN.test(normal)
  ) {
    throw invalidPrincipalName(position);
  }
}
