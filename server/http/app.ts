// The HTTP listener: base rules of the API (http-api, opening section), credentials, errors, routes.

import { randomUUID } from "node:crypto";
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { compiledWhenUsed, lazyCompilers } from "./lazy-compilers.ts";
import { requireCredential, type CredentialRule } from "./credentials.ts";
import { HttpProblem, invalidParameter, problemOf } from "./problem.ts";
import { ipAccessListRoutes } from "./routes/ip-access-lists.ts";
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
import { StatementStore } from "./statement-store.ts";

export interface HttpListener {
  readonly port: number;
  /** Stops accepting, cancels what runs, waits for both. */
  close(): Promise<void>;
}

export interface HttpOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** PEM. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
}

const BODY_LIMIT_BYTES = 17 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;

export async function startHttpListener(
  options: HttpOptions,
  services: HttpServices,
): Promise<HttpListener> {
  const app = buildApp(services, options.tls);
  const store = new StatementStore(services);
  statusRoutes(app, services);
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
    statementRoutes(routes, store, services.clock);
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
    close: async () => {
      await store[Symbol.asyncDispose]();
      await app.close();
    },
  };
}

function buildApp(
  services: HttpServices,
  tls: HttpOptions["tls"],
): FastifyInstance {
  const app = fastify({
    ...(tls === undefined
      ? {}
      : {
          https: {
            cert: tls.cert,
            key: tls.key,
            minVersion: "TLSv1.2",
          },
        }),
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
    });
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
