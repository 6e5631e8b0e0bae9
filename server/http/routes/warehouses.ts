// One virtual warehouse: the pool (http-api section 5). Any id means it while the configuration names none.

import type { FastifyInstance } from "fastify";
import { HttpProblem } from "../problem.ts";

const PATH = "/api/2.0/sql/warehouses";

export function warehouseRoutes(app: FastifyInstance): void {
  app.get(PATH, (request) => ({
    warehouses: [warehouse("default", request.host)],
  }));
  app.get<{ Params: { readonly id: string } }>(`${PATH}/:id`, (request) =>
    warehouse(request.params.id, request.host),
  );
  app.post<{ Params: { readonly id: string } }>(
    `${PATH}/:id/start`,
    () => ({}),
  );
  app.post<{ Params: { readonly id: string } }>(`${PATH}/:id/stop`, () => ({}));
  app.post(PATH, () => {
    throw new HttpProblem(
      501,
      "NOT_IMPLEMENTED",
      "Warehouses are made by configuration.",
    );
  });
}

function warehouse(id: string, host: string): object {
  const [hostname = "", port = "80"] = host.split(":");
  return {
    id,
    name: "Sluice",
    state: "RUNNING",
    cluster_size: "2X-Small",
    min_num_clusters: 1,
    max_num_clusters: 1,
    num_clusters: 1,
    auto_stop_mins: 0,
    warehouse_type: "PRO",
    enable_photon: false,
    enable_serverless_compute: false,
    channel: { name: "CHANNEL_NAME_CURRENT" },
    odbc_params: {
      hostname,
      port: Number(port),
      path: `/sql/1.0/warehouses/${id}`,
      protocol: "https",
    },
    health: { status: "HEALTHY" },
  };
}
