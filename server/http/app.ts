// The HTTP listener: base rules of the API (http-api, opening section), credentials, errors, routes.

import { randomUUID } from "node:crypto";
import { Server as TlsServer } from "node:tls";
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { Gauge } from "prom-client";
import { isLoopback } from "../../auth/ip-address.ts";
import { compiledWhenUsed, lazyCompilers } from "./lazy-compilers.ts";
import { requireCredential, type CredentialRule } from "./credentials.ts";
import {
  HttpProblem,
  insecureTransport,
  invalidParameter,
  problemOf,
} from "./problem.ts";
import { ipAccessListRoutes } from "./routes/ip-access-lists.ts";
import { linkRoutes } from "./routes/links.ts";
import { objectPermissionRoutes } from "./routes/object-permissions.ts";
import { permissionRoutes } from "./routes/permissions.ts";
import { scimRoutes } from "./routes/scim.ts";
import { statementRoutes } from "./routes/statements.ts";
import { statusRoutes } from "./routes/status.ts";
import { tokenManagementRoutes } from "./routes/token-management.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { warehouseRoutes } from "./routes/warehouses.ts";
import { workspaceConfRoutes } from "./routes/workspace-conf.ts";
import type { HttpServices } from "./services.ts";
import {
  ResultStore,
  type ResultStoreOptions,
} from "./results/result-store.ts";
import { StatementStore } from "./statement-store.ts";

export interface HttpListener {
  readonly port: number;
  /** New connections get this certificate. */
  renew(tls: HttpTls): void;
  /** Stops accepting, cancels what runs, waits for both. */
  close(): Promise<void>;
}

export interface HttpOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly tls: HttpTls | undefined;
  /** Whose X-Forwarded-For says who asks: read from its end, up to the first address that is not trusted. */
  readonly isTrustedProxy: (address: string) => boolean;
  readonly results: ResultStoreOptions;
}

export interface HttpTls {
  /** PEM. */
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: "TLSv1.2";
  readonly ciphers: string;
}

const BODY_LIMIT_BYTES = 17 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
/** A bearer token of an identity provider alone may have 16 KiB. */
const HEADER_LIMIT_BYTES = 32 * 1024;
const HSTS = "max-age=31536000";

export async function startHttpListener(
  options: HttpOptions,
  services: HttpServices,
): Promise<HttpListener> {
  const app = buildApp(services, options);
  const results = new ResultStore(options.results);
  countBytes(results, services);
  const store = new StatementStore(services, results);
  statusRoutes(app, services);
  linkRoutes(app, store, services);
  const group = (
    rule: CredentialRule,
    add: (routes: FastifyInstance) => void,
  ): void => {
    void app.register((routes, _options, done) => {
      requireCredential(routes, services, rule);
      add(routes);
      done();
    });
  };
  group({ scope: "sql" }, (routes) => {
    statementRoutes(routes, store, services);
    warehouseRoutes(routes);
  });
  group({ scope: "authentication" }, (routes) => {
    tokenRoutes(routes, services.governance);
  });
  group({ scope: "authentication" }, (routes) => {
    tokenManagementRoutes(routes, services.governance);
  });
  group({ scope: "unity-catalog" }, (routes) => {
    permissionRoutes(routes, services.governance);
  });
  group({ scope: "scim" }, (routes) => {
    scimRoutes(routes, services.governance);
  });
  group({ scope: "access-management" }, (routes) => {
    objectPermissionRoutes(routes, services.governance);
    ipAccessListRoutes(routes, services.governance);
  });
  group(
    { scope: "access-management", disabledTokens: "accepted" },
    (routes) => {
      workspaceConfRoutes(routes, services.governance);
    },
  );
  await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  return {
    port:
      typeof address === "object" && address !== null
        ? address.port
        : options.port,
    renew: (tls) => {
      if (app.server instanceof TlsServer) app.server.setSecureContext(tls);
    },
    close: async () => {
      await store[Symbol.asyncDispose]();
      await app.close();
    },
  };
}

function countBytes(results: ResultStore, { metrics }: HttpServices): void {
  new Gauge({
    name: "sluice_results_bytes",
    help: "Bytes of HTTP results that are kept, in memory and on disk",
    registers: [metrics],
    collect() {
      this.set(results.bytes);
    },
  });
}

function buildApp(
  services: HttpServices,
  { tls, isTrustedProxy }: HttpOptions,
): FastifyInstance {
  const maxHeaderSize = HEADER_LIMIT_BYTES;
  const app = fastify({
    ...(tls === undefined
      ? { http: { maxHeaderSize } }
      : { https: { ...tls, maxHeaderSize } }),
    trustProxy: isTrustedProxy,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    genReqId: () => randomUUID(),
    routerOptions: { ignoreTrailingSlash: true },
    schemaController: lazyCompilers,
    forceCloseConnections: true,
  });
  app.setValidatorCompiler(
    compiledWhenUsed({
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: true,
        allowUnionTypes: true,
      },
    }),
  );
  acceptJson(app);
  app.addHook("onRequest", (request, reply, done) => {
    void reply.headers({
      "x-request-id": request.id,
      "x-databricks-org-id": "0",
      vary: "Accept-Encoding",
      ...(tls === undefined ? {} : { "strict-transport-security": HSTS }),
    });
    const peer = request.raw.socket.remoteAddress ?? "";
    if (tls === undefined && !isLoopback(peer) && !isTrustedProxy(peer))
      throw refusedInClear(services, request);
    done();
  });
  app.setNotFoundHandler((request) => {
    throw new HttpProblem(
      404,
      "ENDPOINT_NOT_FOUND",
      `No API found for '${request.method} ${request.url.split("?")[0] ?? ""}'`,
    );
  });
  app.setErrorHandler((error, request, reply) =>
    sendError(services, error, request, reply),
  );
  return app;
}

/** A token that crossed a network in clear is worth knowing of. */
function refusedInClear(
  { governance }: HttpServices,
  request: FastifyRequest,
): HttpProblem {
  if (request.headers.authorization !== undefined) {
    governance.audit.record({
      service: "accounts",
      action: "loginFailure",
      identity: undefined,
      status: "refused",
      reason: "credential sent without TLS",
      request: {},
      sourceAddress: request.ip,
      userAgent: request.headers["user-agent"],
    });
  }
  return insecureTransport();
}

/** Some clients send a JSON body with GET or DELETE, or the content type without a body: neither is an error. */
function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "*",
    { parseAs: "string" },
    (_request, body, done) => {
      if (typeof body !== "string" || body.trim() === "") {
        done(null, {});
        return;
      }
      try {
        done(null, JSON.parse(body));
      } catch {
        done(
          new HttpProblem(
            400,
            "MALFORMED_REQUEST",
            "The request body is not JSON.",
          ),
        );
      }
    },
  );
}

function sendError(
  services: HttpServices,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = frameworkProblem(error) ?? problemOf(error);
  if (problem.status === 500)
    services.log.error({ err: error, requestId: request.id }, "request failed");
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .send({ error_code: problem.errorCode, message: problem.message });
}

/** Errors fastify raises itself: validation, body too large. */
function frameworkProblem(error: unknown): HttpProblem | undefined {
  if (!(error instanceof Error) || error instanceof HttpProblem)
    return undefined;
  if ("validation" in error) return invalidParameter(error.message);
  const status =
    "statusCode" in error && typeof error.statusCode === "number"
      ? error.statusCode
      : 500;
  return status >= 400 && status < 500
    ? new HttpProblem(status, "BAD_REQUEST", error.message)
    : undefined;
}
