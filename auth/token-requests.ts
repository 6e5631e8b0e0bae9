// Tokens by statement or request: who may make, see and revoke which, within which limits (authentication section 1.3).

import { tokenId, type TokenId } from "../storage/common/ids.ts";
import { invariant } from "../storage/common/invariant.ts";
import type { PrincipalRecord } from "../storage/metastore/principals.ts";
import type { TokenRecord } from "../storage/metastore/tokens.ts";
import {
  invalidTokenOption,
  notAdmin,
  tokenActionDenied,
  tokenQuotaExceeded,
  undefinedToken,
  wrongPrincipalKind,
} from "./errors.ts";
import { contains, parseBlock } from "./ip-address.ts";
import { changeAudited, type Governance } from "./governance.ts";
import { resolvePrincipal, type TypedName } from "./principals.ts";
import type { Identity } from "./principal.ts";
import { SCOPES, hasScope } from "./scopes.ts";
import {
  DAY_MS,
  DEFAULT_LIFETIME_DAYS,
  TOKEN_QUOTA,
  type IssuedToken,
  type TokenChange,
} from "./tokens.ts";

const MAX_COMMENT_LENGTH = 256;

export interface TokenRequest {
  /** Undefined: the caller itself. Anybody else: administrators only. */
  readonly user?: TypedName | undefined;
  readonly comment?: string | undefined;
  /** Undefined: 90 days, or the configured maximum when that is less. */
  readonly lifetimeMs?: number | undefined;
  /** Undefined: those of the credential in use. */
  readonly scopes?: readonly string[] | undefined;
  /** Addresses and CIDR blocks it may be used from. Undefined: those of the credential in use. */
  readonly addresses?: readonly string[] | undefined;
}

/** 42501 without the right or scope, 22023 for limits, 54000 over quota, 42704 for an unknown user. */
export function createToken(
  governance: Governance,
  identity: Identity,
  request: TokenRequest,
): IssuedToken {
  const { tokens, access } = governance;
  if (!tokens.enabled) {
    throw tokenActionDenied("create token", "Access tokens are disabled.");
  }
  requireScope(identity, "create token");
  if (!governance.permissions.mayUse("tokens", identity.principal.id)) {
    throw tokenActionDenied(
      "create token",
      "User does not have permission CAN_USE on tokens.",
    );
  }
  const owner = tokenOwner(governance, identity, request.user);
  const scopes = requestedScopes(identity, request.scopes);
  const allowedCidrs = requestedAddresses(
    tokens.find(identity.credential)?.allowedCidrs ?? [],
    request.addresses,
  );
  const comment = checkedComment(request.comment ?? "");
  const lifetimeMs = lifetimeOf(request.lifetimeMs, tokens.maxLifetimeDays);
  if (tokens.list(owner.id).length >= TOKEN_QUOTA) {
    throw tokenQuotaExceeded(TOKEN_QUOTA);
  }
  invariant(access.principal(owner.id) !== undefined, "the owner exists");
  const event = {
    service: "accounts",
    action: "generateDbToken",
    identity,
    status: "ok",
    request: {
      user: owner.name,
      scopes,
      lifetime_days: lifetimeMs / DAY_MS,
      allowed_cidrs: allowedCidrs.length === 0 ? undefined : allowedCidrs,
    },
  } as const;
  return changeAudited(governance, event, () =>
    tokens.issue({
      principal: owner.id,
      createdBy: identity.principal.name,
      comment,
      scopes,
      lifetimeMs,
      allowedCidrs,
    }),
  );
}

/** One's own, or anybody's for administrators; else 42704, as for one that does not exist. */
export function revokeToken(
  governance: Governance,
  identity: Identity,
  id: string,
): void {
  const token = requireToken(governance, identity, id);
  requireScope(identity, "revoke token");
  const event = {
    service: "accounts",
    action: "revokeDbToken",
    identity,
    status: "ok",
    request: { token_id: token.id },
  } as const;
  changeAudited(governance, event, () => governance.tokens.revoke(token.id));
}

/** Comment and scopes of one's own token, or anybody's for administrators. Scopes stay within those of the credential in use. */
export function changeToken(
  governance: Governance,
  identity: Identity,
  id: string,
  change: TokenChange,
): TokenRecord {
  const token = requireToken(governance, identity, id);
  requireScope(identity, "change token");
  const { comment, scopes } = change;
  const checked = {
    ...(comment === undefined ? {} : { comment: checkedComment(comment) }),
    ...(scopes === undefined
      ? {}
      : { scopes: requestedScopes(identity, scopes) }),
  };
  const event = {
    service: "accounts",
    action: "updateDbToken",
    identity,
    status: "ok",
    request: { token_id: token.id, scopes },
  } as const;
  return changeAudited(governance, event, () =>
    governance.tokens.change(token, checked),
  );
}

/** A live token of the caller, or of anybody for administrators; 42704. */
export function requireToken(
  governance: Governance,
  identity: Identity,
  id: string,
): TokenRecord {
  const token = governance.tokens.find(tokenId(id));
  const mine = token?.principal === identity.principal.id;
  const admin = governance.access.isAdmin(identity.principal.id);
  if (
    token === undefined ||
    token.revokedAtMs !== undefined ||
    !(mine || admin)
  ) {
    throw undefinedToken(id);
  }
  return token;
}

/** Live ones, newest first: one's own, or everybody's for administrators who ask for all. */
export function listTokens(
  governance: Governance,
  identity: Identity,
  whose: "own" | "all",
): readonly TokenRecord[] {
  const { tokens, access } = governance;
  if (whose === "own") return tokens.list(identity.principal.id);
  if (!access.isAdmin(identity.principal.id)) throw notAdmin("list all tokens");
  return tokens.list(undefined);
}

/** Revokes what was unused for 90 days and tells sessions of ended credentials; call every few seconds. */
export function sweepTokens(governance: Governance): readonly TokenId[] {
  const { credentials, metastore, tokens } = governance;
  const nowMs = metastore.now();
  credentials.emit(
    ({ credentialKind, expiresAtMs }) =>
      credentialKind !== "token" &&
      expiresAtMs !== undefined &&
      expiresAtMs <= nowMs,
  );
  const idle = tokens.sweep();
  for (const token of idle) {
    governance.audit.record({
      service: "accounts",
      action: "revokeDbToken",
      identity: undefined,
      status: "ok",
      reason: "not used for 90 days",
      request: { token_id: token.id },
    });
  }
  return idle.map(({ id }) => id);
}

function tokenOwner(
  governance: Governance,
  identity: Identity,
  user: TypedName | undefined,
): PrincipalRecord {
  const { access } = governance;
  const typed = user ?? { name: identity.principal.name };
  const admin = access.isAdmin(identity.principal.id);
  const self = access.principal(identity.principal.id);
  if (user === undefined || self === access.named(user.name)) {
    invariant(self !== undefined, "who is logged in exists");
    return self;
  }
  if (!admin) throw notAdmin("create token for another user");
  const owner = resolvePrincipal(governance, typed);
  if (owner.kind === "group") {
    throw wrongPrincipalKind(typed.name, "user", typed.position);
  }
  return owner;
}

function checkedComment(comment: string): string {
  if (comment.length > MAX_COMMENT_LENGTH) {
    throw invalidTokenOption(
      "token comment is too long",
      `It has ${comment.length} characters; the limit is ${MAX_COMMENT_LENGTH}.`,
    );
  }
  return comment;
}

/** At most as many as an IP access list takes. */
const MAX_ADDRESSES = 1000;

/** A token makes tokens only for addresses within its own. */
function requestedAddresses(
  own: readonly string[],
  requested: readonly string[] | undefined,
): readonly string[] {
  if (requested === undefined || requested.length === 0) return own;
  if (requested.length > MAX_ADDRESSES)
    throw invalidTokenOption(
      "too many addresses for a token",
      `There are ${requested.length}; the limit is ${MAX_ADDRESSES}.`,
    );
  const within = own.flatMap((text) => parseBlock(text) ?? []);
  for (const text of requested) {
    const block = parseBlock(text);
    if (block === undefined)
      throw invalidTokenOption(
        `"${text}" is not an address or CIDR block`,
        "Write 10.0.0.7, 10.0.0.0/8 or 2001:db8::/32.",
      );
    const outside = !within.some(
      (it) => it.prefix <= block.prefix && contains(it, block.address),
    );
    if (own.length > 0 && outside)
      throw tokenActionDenied(
        "create token",
        `The credential in use may not be used from "${text}".`,
      );
  }
  return requested;
}

/** A token makes tokens only within its own scopes. */
function requestedScopes(
  identity: Identity,
  requested: readonly string[] | undefined,
): readonly string[] {
  if (requested === undefined || requested.length === 0) return identity.scopes;
  for (const scope of requested) {
    if (!SCOPES.includes(scope)) {
      throw invalidTokenOption(
        `scope "${scope}" does not exist`,
        `Scopes are ${SCOPES.join(", ")}.`,
      );
    }
    if (!hasScope(identity, scope)) {
      throw tokenActionDenied(
        "create token",
        `The credential in use does not have scope "${scope}".`,
      );
    }
  }
  return requested;
}

function lifetimeOf(
  requestedMs: number | undefined,
  maxLifetimeDays: number,
): number {
  const maxMs = maxLifetimeDays * DAY_MS;
  if (requestedMs === undefined) {
    return Math.min(DEFAULT_LIFETIME_DAYS * DAY_MS, maxMs);
  }
  if (!Number.isSafeInteger(requestedMs) || requestedMs <= 0) {
    throw invalidTokenOption(
      "token lifetime is not positive",
      "A token must live for at least one second.",
    );
  }
  if (requestedMs > maxMs) {
    throw invalidTokenOption(
      "token lifetime is too long",
      `The limit is ${maxLifetimeDays} days.`,
    );
  }
  return requestedMs;
}

function requireScope(identity: Identity, action: string): void {
  if (!hasScope(identity, "authentication")) {
    throw tokenActionDenied(
      action,
      'The credential in use does not have scope "authentication".',
    );
  }
}
