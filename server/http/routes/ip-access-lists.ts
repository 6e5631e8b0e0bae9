// IP access lists (authentication section 8).

import type { FastifyInstance } from "fastify";
import type { Governance } from "../../../auth/governance.ts";
import {
  changeIpList,
  createIpList,
  deleteIpList,
  findIpList,
  listIpLists,
} from "../../../auth/ip-requests.ts";
import type { IpListRecord } from "../../../storage/metastore/ip-lists.ts";
import { identityOf } from "../credentials.ts";

const PATH = "/api/2.0/ip-access-lists";

interface ListBody {
  readonly label?: string;
  readonly list_type?: string;
  readonly ip_addresses?: readonly string[];
  readonly enabled?: boolean;
}

function bodySchema(required: readonly string[]): object {
  return {
    type: "object",
    required,
    properties: {
      label: { type: "string" },
      list_type: { type: "string" },
      ip_addresses: { type: "array", items: { type: "string" } },
      enabled: { type: "boolean" },
    },
  };
}

const CREATE = bodySchema(["label", "list_type"]);
const REPLACE = bodySchema(["label", "list_type", "enabled"]);
const CHANGE = bodySchema([]);

interface ById {
  readonly Params: { readonly id: string };
}

export function ipAccessListRoutes(
  app: FastifyInstance,
  governance: Governance,
): void {
  app.post<{ Body: ListBody }>(PATH, { schema: { body: CREATE } }, (request) =>
    answer(
      createIpList(governance, identityOf(request), changeOf(request.body)),
    ),
  );

  app.get(PATH, (request) => ({
    ip_access_lists: listIpLists(governance, identityOf(request)).map(listBody),
  }));

  app.get<ById>(`${PATH}/:id`, (request) =>
    answer(findIpList(governance, identityOf(request), request.params.id)),
  );

  for (const [method, schema] of [
    ["PUT", REPLACE],
    ["PATCH", CHANGE],
  ] as const) {
    app.route<ById & { readonly Body: ListBody }>({
      method,
      url: `${PATH}/:id`,
      schema: { body: schema },
      handler: (request) =>
        answer(
          changeIpList(
            governance,
            identityOf(request),
            request.params.id,
            changeOf(request.body),
          ),
        ),
    });
  }

  app.delete<ById>(`${PATH}/:id`, (request) => {
    deleteIpList(governance, identityOf(request), request.params.id);
    return {};
  });
}

function changeOf(body: ListBody): Parameters<typeof createIpList>[2] {
  return {
    label: body.label,
    type: body.list_type,
    addresses: body.ip_addresses,
    enabled: body.enabled,
  };
}

function answer(list: IpListRecord): object {
  return { ip_access_list: listBody(list) };
}

function listBody(list: IpListRecord): object {
  return {
    list_id: list.id,
    label: list.label,
    list_type: list.type,
    ip_addresses: list.addresses,
    address_count: list.addresses.length,
    enabled: list.enabled,
    created_at: list.createdAtMs,
    created_by_name: list.createdBy,
    updated_at: list.updatedAtMs,
    updated_by_name: list.updatedBy,
  };
}
