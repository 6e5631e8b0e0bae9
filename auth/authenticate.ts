// Who is there: verifies a bearer token (HTTP), a password (Postgres inside TLS) or a SCRAM exchange, with one set of rules (authentication
// sections 1, 2 and 3). Every failure of user, secret, expiry or mismatch reads the same; the audit learns the reason.

import { createHmac } from "node:crypto";
import { tokenId, type TokenId } from "../storage/common/ids.ts";
import { invariant } from "../storage/common/invariant.ts";
import {
  findScramSalt,
  listLiveScramVerifiers,
} from "../storage/metastore/credentials.ts";
import type { PrincipalRecord } from "../storage/metastore/principals.ts";
import type { TokenRecord } from "../storage/metastore/tokens.ts";
import {
  malformedScram,
  passwordRefused,
  principalInactive,
  scopeMissing,
  scramNeedsUser,
  tokenAddressRefused,
} from "./errors.ts";
import type { Governance } from "./governance.ts";
import { containsAddress, parseBlock } from "./ip-address.ts";
import { foldName } from "./names.ts";
import type { Identity } from "./principal.ts";
import { redactTyped } from "./redact.ts";
import { hasScope } from "./scopes.ts";
import {
  SALT_BYTES,
  SCRAM_ITERATIONS,
  SCRAM_SHA_256,
  finishScram,
  newServerNonce,
  startScram,
  type ScramAccount,
  type ScramFailure,
  type ScramOffer,
  type ScramPending,
} from "./scram.ts";

/** Where a log-in comes from, for the identity and the audit. */
export interface Origin {
  readonly clientAddress: string;
  readonly userAgent?: string | undefined;
  readonly sessionId?: string | undefined;
}

/** The user name that stands for "whoever holds the token". */
export const TOKEN_USER = "token";
/** About as many as a busy user has, so that a mock exchange takes as long as a real one. */
const MOCK_CANDIDATES = 2;
const LOGIN_ACTIONS = {
  token: "tokenLogin",
  jwt: "jwtLogin",
  certificate: "certificateLogin",
} as const;

/**
 * HTTP: the token decides who it is; scopes are checked a route. Undefined when it is not the shape of a token of ours, or unknown, expired,
 * revoked, or of an inactive principal: all are 403 `Invalid access token.`
 */
export function authenticateBearer(
  governance: Governance,
  secret: string,
  origin: Origin,
  disabled: "refused" | "accepted" = "refused",
): Identity | undefined {
  const verification = governance.tokens.verify(secret, disabled);
  if (verification.kind === "invalid") {
    auditFailure(governance, undefined, verification.reason, origin);
    return undefined;
  }
  const identity = identityOf(governance, verification.token, origin);
  if (identity === undefined) {
    auditFailure(governance, undefined, "principal is not active", origin);
    return undefined;
  }
  if (!mayComeFrom(verification.token, origin)) {
    auditAddress(governance, identity, origin);
    return undefined;
  }
  governance.tokens.noteUse(verification.token);
  return identity;
}

/** False, and audited, for a connection or request from where the IP access lists allow none; before there is a credential. */
export function mayConnect(governance: Governance, origin: Origin): boolean {
  if (governance.ips.allows(origin.clientAddress)) return true;
  governance.audit.record({
    service: "accounts",
    action: "deniedIpLogin",
    identity: undefined,
    status: "refused",
    reason: "an IP access list refuses the address",
    request: {},
    sourceAddress: origin.clientAddress,
    userAgent: origin.userAgent,
  });
  return false;
}

/**
 * Whether who logged in before would be let in again, from `origin`: asked by what brings no credential of its own, an external link.
 * Reads the token anew, so what another process revoked counts at once.
 */
export function isStillWelcome(
  governance: Governance,
  { principal, credential, credentialKind, expiresAtMs }: Identity,
  origin: Origin,
): boolean {
  const { access, ips, metastore, tokens } = governance;
  if (!ips.allows(origin.clientAddress)) return false;
  if (access.activePrincipal(principal.id) === undefined) return false;
  if (expiresAtMs !== undefined && expiresAtMs <= metastore.now()) return false;
  if (credentialKind !== "token") return true;
  const token = tokens.find(credential);
  return (
    token !== undefined &&
    isUsable(governance, token) &&
    mayComeFrom(token, origin)
  );
}

/** The token's own limits of addresses (authentication section 8). */
function mayComeFrom(
  { allowedCidrs }: TokenRecord,
  { clientAddress }: Origin,
): boolean {
  const blocks = allowedCidrs.flatMap((text) => parseBlock(text) ?? []);
  return allowedCidrs.length === 0 || containsAddress(blocks, clientAddress);
}

function auditAddress(
  governance: Governance,
  identity: Identity,
  { clientAddress, userAgent, sessionId }: Origin,
): void {
  governance.limits.failed(clientAddress);
  governance.audit.record({
    service: "accounts",
    action: "deniedIpLogin",
    identity,
    status: "refused",
    reason: "the token may not be used from this address",
    request: { token_id: identity.credential },
    userAgent,
    sessionId,
  });
}

/** Postgres, cleartext inside TLS: `user` is `token` or the token's principal. Throws 28P01, or 28000 after a correct secret. */
export function authenticatePassword(
  governance: Governance,
  user: string,
  secret: string,
  origin: Origin,
): Identity {
  const verification = governance.tokens.verify(secret);
  if (verification.kind === "invalid") {
    auditFailure(governance, user, verification.reason, origin);
    throw passwordRefused(user);
  }
  const { token } = verification;
  const principal = governance.access.principal(token.principal);
  const folded = foldName(user);
  if (folded !== TOKEN_USER && folded !== principal?.folded) {
    auditFailure(governance, user, "the token is another user's", origin);
    throw passwordRefused(user);
  }
  return admitToken(governance, user, token, origin);
}

/** One exchange: each step answers the message to send, the last also who it is. Throws 28P01, 28000 or 08P01. */
export interface ScramExchange {
  clientFirst(message: string): string;
  clientFinal(message: string): {
    readonly message: string;
    readonly identity: Identity;
  };
}

/** Postgres, SCRAM-SHA-256. Throws 28000 for the user `token`: it has no salt. */
export function beginScram(
  governance: Governance,
  user: string,
  origin: Origin,
  offer: ScramOffer = { mechanism: SCRAM_SHA_256, channelBinding: undefined },
): ScramExchange {
  if (foldName(user) === TOKEN_USER) {
    auditFailure(governance, user, "SCRAM as user token", origin);
    throw scramNeedsUser();
  }
  const account = scramAccount(governance, user);
  let pending: ScramPending<TokenId> | undefined;
  const refuse = (failure: ScramFailure): never => {
    auditFailure(governance, user, failure.reason, origin);
    throw failure.kind === "malformed"
      ? malformedScram(failure.reason)
      : passwordRefused(user);
  };
  return {
    clientFirst(message) {
      invariant(pending === undefined, "an exchange starts once");
      const step = startScram(message, offer, account, newServerNonce());
      if (step.kind !== "continue") return refuse(step);
      pending = step;
      return step.message;
    },
    clientFinal(message) {
      invariant(pending !== undefined, "an exchange ends after its start");
      const step = finishScram(pending, message);
      if (step.kind !== "success") return refuse(step);
      const token = governance.tokens.find(step.id);
      if (token === undefined || !isUsable(governance, token)) {
        return refuse({ kind: "refused", reason: "token ended meanwhile" });
      }
      return {
        message: step.message,
        identity: admitToken(governance, user, token, origin),
      };
    },
  };
}

function isUsable(governance: Governance, token: TokenRecord): boolean {
  const { expiresAtMs, revokedAtMs } = token;
  return (
    governance.tokens.enabled &&
    revokedAtMs === undefined &&
    (expiresAtMs === undefined || expiresAtMs > governance.metastore.now())
  );
}

function admitToken(
  governance: Governance,
  user: string,
  token: TokenRecord,
  origin: Origin,
): Identity {
  const known = identityOf(governance, token, origin);
  if (known !== undefined && !mayComeFrom(token, origin)) {
    auditAddress(governance, known, origin);
    throw tokenAddressRefused(origin.clientAddress);
  }
  const identity = admit(governance, user, known, origin);
  governance.tokens.noteUse(token);
  return identity;
}

/** After a correct secret: what is still missing may be told. Undefined stands for a principal that is not active. */
export function admit(
  governance: Governance,
  user: string,
  identity: Identity | undefined,
  origin: Origin,
): Identity {
  if (identity === undefined) {
    auditFailure(governance, user, "principal is not active", origin);
    throw principalInactive(user);
  }
  if (!hasScope(identity, "sql")) {
    auditFailure(governance, user, "credential without scope sql", origin);
    throw scopeMissing("sql");
  }
  governance.audit.record({
    service: "accounts",
    action: LOGIN_ACTIONS[identity.credentialKind],
    identity,
    status: "ok",
    request: { user: redactTyped(user), token_id: identity.credential },
    userAgent: origin.userAgent,
    sessionId: origin.sessionId,
  });
  return identity;
}

function identityOf(
  governance: Governance,
  token: TokenRecord,
  origin: Origin,
): Identity | undefined {
  const principal = governance.access.activePrincipal(token.principal);
  return (
    principal && {
      principal,
      credential: token.id,
      credentialKind: "token",
      expiresAtMs: token.expiresAtMs,
      scopes: token.scopes,
      clientAddress: origin.clientAddress,
    }
  );
}

/** Deactivated users run the real exchange: who has the right secret may be told why it fails. */
function scramAccount(
  governance: Governance,
  user: string,
): ScramAccount<TokenId> {
  const { metastore, access, tokens } = governance;
  const record = access.named(user);
  const salt = saltOf(governance, record);
  if (record === undefined || salt === undefined || !tokens.enabled) {
    return mockAccount(governance, user);
  }
  const verifiers = listLiveScramVerifiers(
    metastore.db,
    metastore.keys.verifiers,
    record.id,
    metastore.now(),
  );
  return {
    ...salt,
    candidates: verifiers.map(({ token, ...keys }) => ({ id: token, ...keys })),
  };
}

function saltOf(
  governance: Governance,
  record: PrincipalRecord | undefined,
): ReturnType<typeof findScramSalt> {
  return record === undefined || record.kind === "group"
    ? undefined
    : findScramSalt(governance.metastore.db, record.id);
}

/** The same salt for the same name each time, from a key nobody sees, and keys nobody can match. */
function mockAccount(
  governance: Governance,
  user: string,
): ScramAccount<TokenId> {
  const derive = (purpose: string): Buffer =>
    createHmac("sha256", governance.metastore.keys["mock-salt"].secret)
      .update(`${purpose}\0${foldName(user)}`)
      .digest();
  const candidates = Array.from({ length: MOCK_CANDIDATES }, (_, index) => ({
    id: tokenId(`mock ${index}`),
    storedKey: derive(`stored ${index}`),
    serverKey: derive(`server ${index}`),
  }));
  return {
    salt: derive("salt").subarray(0, SALT_BYTES),
    iterations: SCRAM_ITERATIONS,
    candidates,
  };
}

/** The user as typed enters the audit shortened and without secrets: people type passwords there. */
export function auditFailure(
  governance: Governance,
  user: string | undefined,
  reason: string,
  origin: Origin,
): void {
  governance.limits.failed(origin.clientAddress);
  governance.audit.record({
    service: "accounts",
    action: "loginFailure",
    identity: undefined,
    status: "refused",
    reason,
    request: { user: user === undefined ? undefined : redactTyped(user) },
    sourceAddress: origin.clientAddress,
    userAgent: origin.userAgent,
    sessionId: origin.sessionId,
  });
}
