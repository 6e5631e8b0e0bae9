// External links (http-api section 4.8): making one for who asks with a credential, and following one, which brings none.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isStillWelcome, mayConnect } from "../../../auth/authenticate.ts";
import type { Key } from "../../../storage/metastore/keys.ts";
import { identityOf, originOf } from "../credentials.ts";
import { isGenuine, linkPath, readLink } from "../links/link.ts";
import { addressBlocked, linkRefused } from "../problem.ts";
import { CHUNK_FORMATS } from "../results/chunk-format.ts";
import type { Chunk } from "../results/collect-rows.ts";
import type { HttpServices } from "../services.ts";
import type { MakeLink } from "../statement-response.ts";
import { ROWS_KEPT_MS, type StatementStore } from "../statement-store.ts";
import type { Statement } from "../statement.ts";

const LINK_LIVES_MS = 15 * 60_000;
/** Stands for whoever owns a statement that is not there, so that both take the same work. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** Links for this request's credential, to where the client found us. They end with the rows and with the credential. */
export function linksFor(
  { governance, clock }: HttpServices,
  request: FastifyRequest,
): MakeLink {
  const identity = identityOf(request);
  return (statement, chunk) => {
    const { id: statementId } = statement.submission;
    const reader = statement.readers.of(identity);
    const expiresAtMs = Math.min(
      clock.now() + LINK_LIVES_MS,
      statement.endedAtMs + ROWS_KEPT_MS,
      reader.identity.expiresAtMs ?? Infinity,
    );
    const link = { statementId, chunk, reader: reader.number, expiresAtMs };
    const path = linkPath(keyOf(governance), link, statement.owner);
    return { url: `${request.protocol}://${request.host}${path}`, expiresAtMs };
  };
}

interface LinkRoute {
  readonly Params: { readonly id: string; readonly chunk: string };
  readonly Querystring: Readonly<Record<string, unknown>>;
}

export function linkRoutes(
  app: FastifyInstance,
  store: StatementStore,
  services: HttpServices,
): void {
  app.route<LinkRoute>({
    method: ["GET", "HEAD"],
    url: "/api/2.0/sql/statements/:id/result/external/:chunk",
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const { statement, chunk, signal } = followed(store, services, request);
      const body =
        request.method === "HEAD"
          ? null
          : await statement.stored.send(chunk, signal);
      if (body === undefined) throw linkRefused();
      describeBody(reply, statement, chunk);
      return reply.send(body);
    },
  });
}

interface Followed {
  readonly statement: Statement;
  readonly chunk: Chunk;
  readonly signal: AbortSignal;
}

/** Throws one and the same 403 for a link that is wrong, has ended, or leads nowhere; another for an address that may not connect. */
function followed(
  store: StatementStore,
  { governance, clock }: HttpServices,
  request: FastifyRequest<LinkRoute>,
): Followed {
  const origin = originOf(request);
  if (!mayConnect(governance, origin)) throw addressBlocked(request.ip);
  const read = readLink(request.params, request.query);
  if (read === undefined) throw linkRefused();
  const { link, signature } = read;
  const statement = store.peek(link.statementId);
  const owner = statement?.owner ?? NOBODY;
  const genuine = isGenuine(keyOf(governance), link, owner, signature);
  if (!genuine || statement === undefined) throw linkRefused();
  const reader = statement.readers.find(link.reader);
  const chunk = statement.outcome?.chunks[link.chunk];
  if (reader === undefined || chunk === undefined) throw linkRefused();
  const isLive =
    clock.now() < link.expiresAtMs &&
    isStillWelcome(governance, reader.identity, origin);
  if (!isLive) throw linkRefused();
  return { statement, chunk, signal: reader.signal };
}

function describeBody(
  reply: FastifyReply,
  { submission }: Statement,
  { sizeBytes }: Chunk,
): void {
  const { contentType } = CHUNK_FORMATS[submission.wanted.format];
  void reply.headers({
    "content-type": contentType,
    "content-length": sizeBytes,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
}

function keyOf({ metastore }: HttpServices["governance"]): Key {
  return metastore.keys.links;
}
