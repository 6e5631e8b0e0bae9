// Who asks: `Authorization: Bearer <token>`, or Basic with user `token` and the token as password (http-api section 2).

import type { FastifyInstance, FastifyRequest } from "fastify";
import { authenticateBearer } from "../../auth/authenticate.ts";
import type { Identity } from "../../auth/principal.ts";
import { hasScope } from "../../auth/token-requests.ts";
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
  app.addHook("onRequest", (request, reply, done) => {
    const { ips, limits } = services.governance;
    if (!ips.allows(request.ip)) throw addressBlocked(request.ip);
    const secret = secretOf(request);
    if (!hasTokenShape(secret)) throw credentialNotSent();
    const identity = authenticateBearer(
      services.governance,
      secret,
      {
        clientAddress: request.ip,
        userAgent: request.headers["user-agent"],
      },
      rule.disabledTokens,
    );
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
    done();
  });
}

function secretOf(request: FastifyRequest): string {
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
  if (bearer !== undefined) return bearer;
  const basic = /^Basic +(\S+)$/i.exec(header)?.[1];
  const decoded =
    basic === undefined ? "" : Buffer.from(basic, "base64").toString("utf8");
  if (!decoded.startsWith("token:")) throw credentialNotSent();
  return decoded.slice("token:".length);
}
