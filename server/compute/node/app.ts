// The node's HTTP face: fragments in, frames out. A closed request is a cancelled fragment.

import type { IncomingMessage, ServerResponse } from "node:http";
import fastify, { type FastifyInstance } from "fastify";
import { SqlError } from "../../../storage/common/errors.ts";
import { lazyCompilers } from "../../http/lazy-compilers.ts";
import { NARROW_DECIMALS, ticketRefused } from "../errors.ts";
import { FRAME, NODE_PROTOCOL, type ErrorFrame } from "../fragment.ts";
import { decodeBody, type FragmentBody } from "../fragment-body.ts";
import { decodeLoad, LOAD_TYPE } from "../client-data.ts";
import { jsonFrame } from "../frames.ts";
import { giveBack } from "./encode/machine/row-memory.ts";
import { runFragment, type NodeServices, type Send } from "./run-fragment.ts";

export interface NodeAppOptions {
  readonly services: NodeServices;
  /** Throws 28000 unless the header holds a good ticket. */
  readonly authenticate: (authorization: string | undefined) => void;
  /** The largest fragment with its parts. */
  readonly bodyLimitBytes: number;
}

export function nodeApp(options: NodeAppOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: options.bodyLimitBytes,
    schemaController: lazyCompilers,
  });
  app.addContentTypeParser(
    "application/octet-stream",
    { parseAs: "buffer" },
    (_request, body, done) => done(null, body),
  );
  app.addHook("onRequest", async (request, reply) => {
    try {
      options.authenticate(request.headers.authorization);
    } catch (error) {
      const refused = error instanceof SqlError ? error : ticketRefused();
      await reply.code(401).send(errorFields(refused));
    }
  });
  app.get("/v1/health", () => ({
    protocol: NODE_PROTOCOL,
    active: options.services.connections.active,
    fileCache: options.services.cacheUsage(),
  }));
  app.addContentTypeParser(LOAD_TYPE, (_request, payload, done) =>
    done(null, payload),
  );
  app.post("/v1/loads", async (request, reply) => {
    const decoded = await decodeLoad(request.raw);
    reply.hijack();
    await answer(options.services, decoded, request.raw, reply.raw);
    return reply;
  });
  app.post("/v1/fragments", async (request, reply) => {
    const { body } = request;
    const decoded = Buffer.isBuffer(body) ? decodeBody(body) : undefined;
    if (decoded === undefined) return reply.code(415).send();
    reply.hijack();
    await answer(options.services, decoded, request.raw, reply.raw);
    return reply;
  });
  return app;
}

async function answer(
  services: NodeServices,
  body: FragmentBody,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const cancel = new AbortController();
  const onClose = (): void => {
    if (!response.writableFinished) cancel.abort();
  };
  response.on("close", onClose);
  const out = frameWriter(response, cancel.signal);
  try {
    await runFragment(services, body, out.send, cancel.signal);
  } catch (error) {
    if (!cancel.signal.aborted)
      await out.send(jsonFrame(FRAME.error, errorFields(error)));
  }
  out.end();
  request.resume();
}

/**
 * Holds the last frame back until the next comes, so that a short answer (rows and end) leaves as one write with its length.
 */
function frameWriter(
  response: ServerResponse,
  signal: AbortSignal,
): { readonly send: Send; readonly end: () => void } {
  let held: readonly Uint8Array[] = [];
  let heldBytes = 0;
  const flush = async (): Promise<void> => {
    if (held.length === 0 || signal.aborted) return;
    const pieces = held;
    held = [];
    heldBytes = 0;
    if (!response.headersSent) response.writeHead(200, HEADERS);
    // Corked, so that small pieces leave with large ones without being copied together here.
    response.cork();
    for (const piece of pieces) response.write(piece, () => giveBack(piece));
    response.uncork();
    // Some batches may wait in the socket, so that encoding and sending go on side by side.
    if (response.writableLength > UNSENT_BYTES) await drained(response, signal);
  };
  return {
    send: async (pieces) => {
      // Large frames go at once: a client waits for its first rows.
      if (heldBytes >= HOLD_BYTES) await flush();
      held = [...held, ...pieces];
      for (const piece of pieces) heldBytes += piece.length;
      if (heldBytes >= HOLD_BYTES) await flush();
    },
    end: () => {
      if (signal.aborted) {
        response.destroy();
        return;
      }
      const bytes = Buffer.concat(held);
      if (!response.headersSent) {
        response.writeHead(200, { ...HEADERS, "content-length": bytes.length });
      }
      response.end(bytes);
    },
  };
}

const HEADERS = { "content-type": "application/octet-stream" };
const HOLD_BYTES = 16 * 1024;
const UNSENT_BYTES = 2 * 1024 * 1024;

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    response.on("drain", done);
    signal.addEventListener("abort", done);
  });
}

function errorFields(error: unknown): ErrorFrame {
  if (!(error instanceof SqlError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { code: "XX000", message: `internal error: ${message}` };
  }
  return {
    code: error.code,
    message: error.message,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.context === undefined ? {} : { context: error.context }),
    ...(error.object === undefined ? {} : { object: error.object }),
    ...(error.cause === NARROW_DECIMALS ? { narrow: true } : {}),
  };
}
