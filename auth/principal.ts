// Who acts: a principal and the credential it logged in with.

import type { PrincipalId, TokenId } from "../storage/common/ids.ts";

export interface Principal {
  readonly id: PrincipalId;
  readonly kind: "user" | "service-principal";
  /** As given at creation; compared without case. */
  readonly name: string;
}

/** What a successful authentication yields (authentication: opening paragraph). */
export interface Identity {
  readonly principal: Principal;
  readonly credential: TokenId;
  readonly credentialKind: "token" | "jwt" | "certificate";
  /** Milliseconds since 1970, or undefined when it does not expire. */
  readonly expiresAtMs: number | undefined;
  readonly scopes: readonly string[];
  readonly clientAddress: string;
}
