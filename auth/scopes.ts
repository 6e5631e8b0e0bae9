// What a credential may be used for (authentication section 1.3): checked a route over HTTP, and at log-in over Postgres.

import type { Identity } from "./principal.ts";

export const ALL_APIS = "all-apis";
export const SCOPES: readonly string[] = [
  ALL_APIS,
  "sql",
  "scim",
  "authentication",
  "unity-catalog",
  "access-management",
];

/** `all-apis` holds every scope. */
export function hasScope(identity: Identity, scope: string): boolean {
  return identity.scopes.includes(ALL_APIS) || identity.scopes.includes(scope);
}
