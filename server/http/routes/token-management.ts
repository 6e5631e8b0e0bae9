// Everybody's tokens, for administrators (http-api section 8).

import type { FastifyInstance } from "fastify";
import { undefinedPrincipal } from "../../../auth/errors.ts";
import {
  authorizeStatement,
  type Governance,
} from "../../../auth/governance.ts";
import {
  createToken,
  listTokens,
  requireToken,
  revokeToken,
} from "../../../auth/token-requests.ts";
import { DAY_MS } from "../../../auth/tokens.ts";
import type { TokenRecord } from "../../../storage/metastore/tokens.ts";
import { identityOf } from "../credentials.ts";
import { issuedBody, lifetimeMs } from "./tokens.ts";

const PATH = "/api/2.0/token-management";

interface OnBehalfBody {
  readonly application_id: string;
  readonly comment?: string;
  readonly lifetime_seconds?: number;
  readonly scopes?: readonly string[];
}

const ON_BEHALF = {
  type: "object",
  required: ["application_id"],
  properties: {
    application_id: { type: "string" },
    comment: { type: "string" },
    lifetime_seconds: { type: "integer" },
    scopes: { type: "array", items: { type: "string" } },
  },
};

interface ListQuery {
  readonly created_by_id?: string;
  readonly created_by_username?: string;
}

interface ById {
  readonly Params: { readonly id: string };
}

export function tokenManagementRoutes(
  app: FastifyInstance,
  governance: Governance,
): void {
  app.addHook("preHandler", (request, _reply, done) => {
    authorizeStatement(governance, identityOf(request), [
      { kind: "admin", action: "manage tokens" },
    ]);
    done();
  });

  app.get<{ Querystring: ListQuery }>(`${PATH}/tokens`, (request) => {
    const { created_by_id: id, created_by_username: name } = request.query;
    return {
      token_infos: listTokens(governance, identityOf(request), "all")
        .map((token) => managedInfo(governance, token))
        .filter(
          (info) =>
            (id === undefined || String(info.created_by_id) === id) &&
            (name === undefined || info.created_by_username === name),
        ),
    };
  });

  app.get<ById>(`${PATH}/tokens/:id`, (request) => ({
    token_info: managedInfo(
      governance,
      requireToken(governance, identityOf(request), request.params.id),
    ),
  }));

  app.delete<ById>(`${PATH}/tokens/:id`, (request) => {
    revokeToken(governance, identityOf(request), request.params.id);
    return {};
  });

  app.post<{ Body: OnBehalfBody }>(
    `${PATH}/on-behalf-of/tokens`,
    { schema: { body: ON_BEHALF } },
    (request) => {
      const { application_id: name, comment, scopes } = request.body;
      if (governance.access.named(name)?.kind !== "service-principal") {
        throw undefinedPrincipal(name);
      }
      return issuedBody(
        createToken(governance, identityOf(request), {
          user: { name },
          comment,
          scopes,
          lifetimeMs: lifetimeMs(request.body.lifetime_seconds),
        }),
      );
    },
  );
}

interface ManagedInfo {
  readonly created_by_id?: number;
  readonly created_by_username: string;
}

/** The time of the last use is shown to the day only: it is somebody else's. */
function managedInfo({ access }: Governance, token: TokenRecord): ManagedInfo {
  const creator = access.named(token.createdBy)?.oid;
  const owner = access.principal(token.principal)?.oid;
  return {
    ...(creator === undefined ? {} : { created_by_id: creator }),
    created_by_username: token.createdBy,
    ...{
      token_id: token.id,
      creation_time: token.createdAtMs,
      expiry_time: token.expiresAtMs ?? -1,
      comment: token.comment,
      scopes: token.scopes,
      owner_id: owner,
      workspace_id: 0,
      ...(token.lastUsedAtMs === undefined
        ? {}
        : {
            last_used_day: Math.floor(token.lastUsedAtMs / DAY_MS) * DAY_MS,
          }),
    },
  };
}
