// What a token with a good signature says, and whether it may say it here (authentication section 4, steps 5 to 8). Pure.

import { ALL_APIS, SCOPES } from "../scopes.ts";
import { refused, type CompactToken, type JwtRefusal } from "./compact.ts";
import type { IssuerSettings } from "./issuer.ts";
import { textsOf, type Members } from "./strict-json.ts";

export interface AcceptedClaims {
  readonly kind: "accepted";
  readonly principal: {
    readonly kind: "user" | "service-principal";
    readonly name: string;
  };
  /** Never empty. */
  readonly scopes: readonly string[];
  /** When sessions of this token end: its `exp`, the skew, and the configured grace. */
  readonly expiresAtMs: number;
}

const SKEW_SECONDS = 60;
const MAX_LIFETIME_SECONDS = 24 * 3600;
const ACCESS_TOKEN_TYPES: ReadonlySet<string> = new Set(["jwt", "at+jwt"]);
/** Claims only ID tokens have (OpenID Connect Core section 2 and 3.3.2.11). */
const ID_TOKEN_CLAIMS = ["nonce", "at_hash", "c_hash"];

export function checkClaims(
  settings: IssuerSettings,
  { header, payload }: CompactToken,
  nowMs: number,
): AcceptedClaims | JwtRefusal {
  const problem =
    timeProblem(payload, nowMs / 1000) ??
    audienceProblem(settings, payload) ??
    typeProblem(settings, header, payload) ??
    requiredProblem(settings.requiredClaims, payload);
  if (problem !== undefined) return refused(problem);
  const principal = principalOf(settings, payload);
  if (typeof principal === "string") return refused(principal);
  const scopes = scopesOf(settings, payload);
  if (scopes.length === 0) return refused("no scope of this server");
  const expiry = (seconds(payload, "exp") ?? 0) + SKEW_SECONDS;
  const expiresAtMs = expiry * 1000 + settings.sessionGraceMs;
  return { kind: "accepted", principal, scopes, expiresAtMs };
}

// ---------------------------------------------------------------- time

function timeProblem(payload: Members, now: number): string | undefined {
  const wrong = ["exp", "nbf", "iat"].find(
    (name) => payload.has(name) && seconds(payload, name) === undefined,
  );
  if (wrong !== undefined) return `${wrong} is not a number of seconds`;
  const expiry = seconds(payload, "exp");
  const notBefore = seconds(payload, "nbf") ?? 0;
  const issued = seconds(payload, "iat") ?? now;
  if (expiry === undefined) return "no exp";
  if (now >= expiry + SKEW_SECONDS) return "expired";
  if (notBefore > now + SKEW_SECONDS) return "not valid yet";
  if (issued > now + SKEW_SECONDS) return "issued in the future";
  return expiry - Math.min(issued, now) > MAX_LIFETIME_SECONDS + SKEW_SECONDS
    ? "lives longer than 24 hours"
    : undefined;
}

function seconds(payload: Members, name: string): number | undefined {
  const value = payload.get(name);
  return typeof value === "number" && Number.isFinite(value) && value >= 0
    ? value
    : undefined;
}

// ---------------------------------------------------------------- for whom, and what kind

function audienceProblem(
  { audiences, clients }: IssuerSettings,
  payload: Members,
): string | undefined {
  const named = textsOf(payload.get("aud"));
  if (named === undefined) return "no aud";
  if (!named.some((audience) => audiences.includes(audience)))
    return "aud names another server";
  const party = payload.get("azp");
  const known = typeof party === "string" && clients.includes(party);
  return named.length > 1 && !known
    ? "several audiences and no azp that is known"
    : undefined;
}

function typeProblem(
  { tokenType, idTokens }: IssuerSettings,
  header: Members,
  payload: Members,
): string | undefined {
  if (!isAccessTokenType(header.get("typ"), tokenType))
    return "typ is not that of an access token";
  return !idTokens && isIdToken(payload) ? "an ID token" : undefined;
}

/** RFC 7515 section 4.1.9: `application/` may be left out, and case does not count. */
function isAccessTokenType(type: unknown, needed: string | undefined): boolean {
  if (type === undefined) return needed === undefined;
  if (typeof type !== "string") return false;
  const bare = type.toLowerCase().replace(/^application\//, "");
  return needed === undefined
    ? ACCESS_TOKEN_TYPES.has(bare)
    : bare === needed.toLowerCase();
}

/** Cognito marks its tokens with `token_use`, Keycloak with a claim `typ`; others by claims access tokens do not have. */
function isIdToken(payload: Members): boolean {
  return (
    payload.get("token_use") === "id" ||
    payload.get("typ") === "ID" ||
    ID_TOKEN_CLAIMS.some((name) => payload.has(name))
  );
}

function requiredProblem(
  required: ReadonlyMap<string, string>,
  payload: Members,
): string | undefined {
  const missing = [...required].find(([name, value]) => {
    return String(payload.get(name)) !== value;
  });
  return missing === undefined
    ? undefined
    : `claim ${missing[0]} has not the required value`;
}

// ---------------------------------------------------------------- who, and how much

/** Who it speaks for, or why nobody: groups claims play no part, and a user's token never makes a service principal. */
function principalOf(
  settings: IssuerSettings,
  payload: Members,
): AcceptedClaims["principal"] | string {
  const text = (name: string): string | undefined => {
    const value = payload.get(name);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const { servicePrincipalClaim, servicePrincipalWhen, userClaim } = settings;
  const application =
    servicePrincipalClaim === undefined
      ? undefined
      : text(servicePrincipalClaim);
  const withoutUser =
    servicePrincipalWhen.size === 0
      ? application !== undefined && text("sub") === application
      : requiredProblem(servicePrincipalWhen, payload) === undefined;
  if (withoutUser) {
    return application === undefined
      ? "no claim names the application"
      : { kind: "service-principal", name: application };
  }
  const user = text(userClaim);
  if (user === undefined) return `no claim ${userClaim}`;
  if (userClaim === "email" && payload.get("email_verified") !== true)
    return "email is not verified";
  return { kind: "user", name: user };
}

/** A token without the claim may do what its principal may; one with it, no more than it names. */
function scopesOf(
  { scopeClaim, scopePrefix }: IssuerSettings,
  payload: Members,
): readonly string[] {
  const names = scopeClaim === undefined ? ["scope", "scp"] : [scopeClaim];
  const name = names.find((candidate) => payload.has(candidate));
  if (name === undefined) return [ALL_APIS];
  const given = textsOf(payload.get(name)) ?? [];
  return given
    .flatMap((text) => text.split(" "))
    .filter((scope) => scope.startsWith(scopePrefix))
    .map((scope) => scope.slice(scopePrefix.length))
    .filter((scope) => SCOPES.includes(scope));
}
