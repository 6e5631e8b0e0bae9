// The caller's own tokens (http-api section 8). Rights and limits are auth/token-requests.ts's, as for SQL.

import type { FastifyInstance } from "fastify";
import type { Governance } from "../../../auth/governance.ts";
import {
  changeToken,
  createToken,
  listTokens,
  requireToken,
  revokeToken,
} from "../../../auth/token-requests.ts";
import type { IssuedToken, TokenChange } from "../../../auth/tokens.ts";
import { undefinedToken } from "../../../auth/errors.ts";
import type { TokenRecord } from "../../../storage/metastore/tokens.ts";
import { identityOf } from "../credentials.ts";
import { invalidParameter } from "../problem.ts";

const PATH = "/api/2.0/token";

interface CreateBody {
  readonly comment?: string;
  readonly lifetime_seconds?: number;
  readonly scopes?: readonly string[];
  /** Ours: addresses and CIDR blocks the token may be used from. */
  readonly allowed_cidrs?: readonly string[];
}

const CREATE = {
  type: "object",
  properties: {
    comment: { type: "string" },
    lifetime_seconds: { type: "integer" },
    scopes: { type: "array", items: { type: "string" } },
    allowed_cidrs: { type: "array", items: { type: "string" } },
  },
};

const DELETE = {
  type: "object",
  required: ["token_id"],
  properties: { token_id: { type: "string" } },
};

interface UpdateBody {
  readonly token: {
    readonly comment?: string;
    readonly scopes?: readonly string[];
  };
  readonly update_mask: string;
}

const UPDATE = {
  type: "object",
  required: ["token", "update_mask"],
  properties: {
    token: {
      type: "object",
      properties: {
        comment: { type: "string" },
        scopes: { type: "array", items: { type: "string" } },
      },
    },
    update_mask: { type: "string" },
  },
};

export function tokenRoutes(
  app: FastifyInstance,
  governance: Governance,
): void {
  app.post<{ Body: CreateBody }>(
    `${PATH}/create`,
    { schema: { body: CREATE } },
    (request) => {
      const { comment, lifetime_seconds: seconds, scopes } = request.body;
      const { allowed_cidrs: addresses } = request.body;
      return issuedBody(
        createToken(governance, identityOf(request), {
          comment,
          lifetimeMs: lifetimeMs(seconds),
          scopes,
          addresses,
        }),
      );
    },
  );

  app.get(`${PATH}/list`, (request) => ({
    token_infos: listTokens(governance, identityOf(request), "own").map(
      tokenInfo,
    ),
  }));

  app.post<{ Body: { readonly token_id: string } }>(
    `${PATH}/delete`,
    { schema: { body: DELETE } },
    (request) => {
      const { token_id: id } = request.body;
      requireOwn(governance, request, id);
      revokeToken(governance, identityOf(request), id);
      return {};
    },
  );

  app.patch<{ Body: UpdateBody; Params: { readonly id: string } }>(
    `${PATH}/:id`,
    { schema: { body: UPDATE } },
    (request) => {
      const { id } = request.params;
      requireOwn(governance, request, id);
      changeToken(governance, identityOf(request), id, masked(request.body));
      return {};
    },
  );
}

/** An administrator's way to the tokens of others is token management. */
function requireOwn(
  governance: Governance,
  request: Parameters<typeof identityOf>[0],
  id: string,
): void {
  const identity = identityOf(request);
  const token = requireToken(governance, identity, id);
  if (token.principal !== identity.principal.id) throw undefinedToken(id);
}

function masked({ token, update_mask: mask }: UpdateBody): TokenChange {
  const fields = mask.split(",").map((field) => field.trim());
  const wrong = fields.find((field) => !["comment", "scopes"].includes(field));
  if (wrong !== undefined) {
    throw invalidParameter(`update_mask: "${wrong}" cannot be changed.`);
  }
  return {
    ...(fields.includes("comment") ? { comment: token.comment ?? "" } : {}),
    ...(fields.includes("scopes") ? { scopes: token.scopes ?? [] } : {}),
  };
}

/** Undefined stays undefined: the default lifetime. */
export function lifetimeMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

/** The one answer that holds a token's text. */
export function issuedBody({ value, token }: IssuedToken): object {
  return { token_value: value, token_info: tokenInfo(token) };
}

export function tokenInfo(token: TokenRecord): object {
  return {
    token_id: token.id,
    creation_time: token.createdAtMs,
    expiry_time: token.expiresAtMs ?? -1,
    comment: token.comment,
    scopes: token.scopes,
    ...(token.lastUsedAtMs === undefined
      ? {}
      : { last_accessed_time: token.lastUsedAtMs }),
  };
}
