// What probes and clients ask before they log in: health, metrics, discovery.

import type { FastifyInstance } from "fastify";
import type { HttpServices } from "../services.ts";
import { HttpProblem } from "../problem.ts";

export function statusRoutes(
  app: FastifyInstance,
  services: HttpServices,
): void {
  app.get("/healthz", (_request, reply) =>
    reply
      .code(services.ready() ? 200 : 503)
      .send({ status: services.ready() ? "ok" : "starting" }),
  );
  app.get("/readyz", (_request, reply) =>
    reply.code(services.ready() ? 200 : 503).send({ ready: services.ready() }),
  );
  app.get("/metrics", async (_request, reply) =>
    reply
      .type(services.metrics.contentType)
      .send(await services.metrics.metrics()),
  );
  // SDKs ask at every start and only want a quick answer.
  app.get("/.well-known/databricks-config", () => {
    throw new HttpProblem(404, "NOT_FOUND", "no discovery document");
  });
}
