// Who is there, by an access token of an identity provider (authentication section 4): as bearer over HTTP, as password inside TLS. A token
// names a principal that exists; it never makes one.

import { createHash } from "node:crypto";
import { tokenId } from "../storage/common/ids.ts";
import type { PrincipalRecord } from "../storage/metastore/principals.ts";
import {
  TOKEN_USER,
  admit,
  auditFailure,
  authenticatePassword,
  type Origin,
} from "./authenticate.ts";
import { passwordRefused } from "./errors.ts";
import type { Governance } from "./governance.ts";
import { hasJwtShape } from "./jwt/compact.ts";
import type { VerifiedJwt } from "./jwt/verifier.ts";
import { foldName } from "./names.ts";
import type { Identity } from "./principal.ts";

/** HTTP. Undefined for a token that does not count, or whose principal is absent or inactive: 403 alike. */
export async function authenticateJwt(
  governance: Governance,
  text: string,
  origin: Origin,
): Promise<Identity | undefined> {
  const login = await verified(governance, undefined, text, origin);
  if (login === undefined) return undefined;
  const identity = identityOf(governance, login, origin);
  if (identity === undefined) {
    auditFailure(governance, undefined, "principal is not active", origin);
  }
  return identity;
}

/**
 * Postgres, cleartext inside TLS: an access token of ours, or one of an identity provider; its shape decides, nothing is tried twice.
 * Throws 28P01, or 28000 after a correct secret.
 */
export async function authenticateSecret(
  governance: Governance,
  user: string,
  secret: string,
  origin: Origin,
): Promise<Identity> {
  if (governance.jwts === undefined || !hasJwtShape(secret)) {
    return authenticatePassword(governance, user, secret, origin);
  }
  const login = await verified(governance, user, secret, origin);
  if (login === undefined) throw passwordRefused(user);
  const folded = foldName(user);
  if (folded !== TOKEN_USER && folded !== login.principal.folded) {
    auditFailure(governance, user, "the token is another user's", origin);
    throw passwordRefused(user);
  }
  const identity = identityOf(governance, login, origin);
  return admit(governance, user, identity, origin);
}

interface JwtLogin {
  readonly jwt: VerifiedJwt;
  readonly principal: PrincipalRecord;
}

/** Undefined, and audited, when the token is refused or names nobody. */
async function verified(
  governance: Governance,
  user: string | undefined,
  text: string,
  origin: Origin,
): Promise<JwtLogin | undefined> {
  const jwt = (await governance.jwts?.verify(text)) ?? {
    kind: "refused",
    reason: "no issuer is configured",
  };
  if (jwt.kind === "refused") {
    auditFailure(governance, user, `JWT: ${jwt.reason}`, origin);
    return undefined;
  }
  const principal = governance.access.named(jwt.principal.name);
  if (principal?.kind !== jwt.principal.kind) {
    auditFailure(
      governance,
      user,
      `JWT: no ${jwt.principal.kind} "${jwt.principal.name}"`,
      origin,
    );
    return undefined;
  }
  return { jwt, principal };
}

/** Undefined while the principal is deactivated. */
function identityOf(
  governance: Governance,
  { jwt, principal }: JwtLogin,
  origin: Origin,
): Identity | undefined {
  const active = governance.access.activePrincipal(principal.id);
  // Not over the signature: one token may bear several that are good.
  const digest = createHash("sha256").update(jwt.token.signingInput);
  return (
    active && {
      principal: active,
      credential: tokenId(digest.digest("hex")),
      credentialKind: "jwt",
      expiresAtMs: jwt.expiresAtMs,
      scopes: jwt.scopes,
      clientAddress: origin.clientAddress,
    }
  );
}
