// Who asks: `Authorization: Bearer <token>`, or Basic with user `token` and the token as password (http-api section 2).

import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  authenticateBearer,
  mayConnect,
  type Origin,
} from "../../auth/authenticate.ts";
import { authenticateJwt } from "../../auth/authenticate-jwt.ts";
import { hasJwtShape } from "../../auth/jwt/compact.ts";
import type { Identity } from "../../auth/principal.ts";
import { hasScope } from "../../auth/scopes.ts";
import { hasTokenShape } from "../../auth/token-text.ts";
import { invariant } from "../../storage/common/invariant.ts";
import {
  HttpProblem,
  addressBlocked,
  credentialNotSent,
  invalidAccessToken,
  tooManyFailures,
} from "./problem.ts";
import type { HttpServices } from "./services.ts";

const identities = new WeakMap<FastifyRequest, Identity>();

/** The identity of an authenticated route's request. */
export function identityOf(request: FastifyRequest): Identity {
  const identity = identities.get(request);
  invariant(identity !== undefined, "the route is authenticated");
  return identity;
}

/** What routes of one group need of a credential. */
export interface CredentialRule {
  /** All of `SCOPES`: http-api and authentication section 1.3. */
  readonly scope: string;
  /** Whether access tokens count here while the workspace has them disabled: somebody must be able to turn them on again. */
  readonly disabledTokens?: "refused" | "accepted";
}

/** Requires a valid credential of the rule's scope on every route of `app`. */
export function requireCredential(
  app: FastifyInstance,
  services: HttpServices,
  rule: CredentialRule,
): void {
  app.addHook("onRequest", async (request, reply) => {
    const { governance } = services;
    const { limits } = governance;
    if (!mayConnect(governance, originOf(request)))
      throw addressBlocked(request.ip);
    const identity = await authenticate(services, request, rule);
    if (identity === undefined) {
      const waitMs = limits.retryAfterMs(request.ip);
      throw waitMs === 0 ? invalidAccessToken() : tooManyFailures(waitMs);
    }
    if (!hasScope(identity, rule.scope)) {
      throw new HttpProblem(
        403,
        "PERMISSION_DENIED",
        "The token's scopes do not cover this API.",
      );
    }
    identities.set(request, identity);
    void reply.header("cache-control", "no-store");
  });
}

/** Undefined for a credential that does not count. Throws 401 for one of another shape, or none. */
async function authenticate(
  { governance }: HttpServices,
  request: FastifyRequest,
  rule: CredentialRule,
): Promise<Identity | undefined> {
  const { scheme, secret } = credentialOf(request);
  const origin = originOf(request);
  if (hasTokenShape(secret)) {
    return authenticateBearer(governance, secret, origin, rule.disabledTokens);
  }
  const isJwt = scheme === "bearer" && hasJwtShape(secret);
  if (!isJwt || governance.jwts === undefined) throw credentialNotSent();
  return authenticateJwt(governance, secret, origin);
}

/** Where a request comes from. */
export function originOf(request: FastifyRequest): Origin {
  return {
    clientAddress: request.ip,
    userAgent: request.headers["user-agent"],
  };
}

interface SentCredential {
  readonly scheme: "bearer" | "basic";
  readonly secret: string;
}

function credentialOf(request: FastifyRequest): SentCredential {
  const sent = request.raw.rawHeaders.filter(
    (name, at) => at % 2 === 0 && name.toLowerCase() === "authorization",
  );
  if (sent.length > 1)
    throw new HttpProblem(
      400,
      "BAD_REQUEST",
      "The Authorization header is given more than once.",
    );
  const header = request.headers.authorization ?? "";
  const bearer = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (bearer !== undefined) return { scheme: "bearer", secret: bearer };
  const basic = /^Basic +(\S+)$/i.exec(header)?.[1];
  const decoded =
    basic === undefined ? "" : Buffer.from(basic, "base64").toString("utf8");
  if (!decoded.startsWith("token:")) throw credentialNotSent();
  return { scheme: "basic", secret: decoded.slice("token:".length) };
}
