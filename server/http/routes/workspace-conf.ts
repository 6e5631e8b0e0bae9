// Switches of the workspace (http-api section 8): token use, token lifetime, IP access lists.

import type { FastifyInstance } from "fastify";
import { changeConf, readConf } from "../../../auth/conf-requests.ts";
import type { Governance } from "../../../auth/governance.ts";
import { identityOf } from "../credentials.ts";

const PATH = "/api/2.0/workspace-conf";

const CHANGES = {
  type: "object",
  additionalProperties: { type: "string" },
};
const QUERY = {
  type: "object",
  required: ["keys"],
  properties: { keys: { type: "string", minLength: 1 } },
};

export function workspaceConfRoutes(
  app: FastifyInstance,
  governance: Governance,
): void {
  app.get<{ Querystring: { readonly keys: string } }>(
    PATH,
    { schema: { querystring: QUERY } },
    (request) =>
      readConf(governance, identityOf(request), request.query.keys.split(",")),
  );

  app.patch<{ Body: Readonly<Record<string, string>> }>(
    PATH,
    { schema: { body: CHANGES } },
    (request, reply) => {
      changeConf(governance, identityOf(request), request.body);
      return reply.code(204).send();
    },
  );
}
