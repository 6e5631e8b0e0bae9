// Permissions on tokens and on the warehouse, in the API's generic form (http-api section 9).

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Governance } from "../../../auth/governance.ts";
import { ADMINS } from "../../../auth/names.ts";
import {
  PERMISSION_LEVELS,
  type ManagedObject,
  type PermissionLevel,
} from "../../../auth/object-permissions.ts";
import {
  changePermissions,
  listPermissions,
} from "../../../auth/permission-requests.ts";
import type { PrincipalRecord } from "../../../storage/metastore/principals.ts";
import { identityOf } from "../credentials.ts";
import { invalidParameter } from "../problem.ts";

interface Entry {
  readonly user_name?: string;
  readonly group_name?: string;
  readonly service_principal_name?: string;
  readonly permission_level: string;
}

interface ChangeBody {
  readonly access_control_list?: readonly Entry[];
}

const CHANGE = {
  type: "object",
  properties: {
    access_control_list: {
      type: "array",
      items: {
        type: "object",
        required: ["permission_level"],
        properties: {
          user_name: { type: "string" },
          group_name: { type: "string" },
          service_principal_name: { type: "string" },
          permission_level: { type: "string" },
        },
      },
    },
  },
};

interface Place {
  readonly object: ManagedObject;
  readonly path: string;
  /** As the API names the object in its answers. */
  readonly id: (request: FastifyRequest) => string;
  readonly type: string;
}

const PLACES: readonly Place[] = [
  {
    object: "tokens",
    path: "/api/2.0/permissions/authorization/tokens",
    id: () => "/authorization/tokens",
    type: "tokens",
  },
  ...["warehouses", "sql/warehouses"].map((name) => ({
    object: "warehouse" as const,
    path: `/api/2.0/permissions/${name}/:id`,
    id: (request: FastifyRequest) =>
      `/sql/warehouses/${(request.params as { id: string }).id}`,
    type: "warehouses",
  })),
];

const DESCRIPTIONS: Readonly<Record<PermissionLevel, string>> = {
  CAN_USE: "May use it.",
  CAN_MANAGE: "May use it and say who else may.",
};

export function objectPermissionRoutes(
  app: FastifyInstance,
  governance: Governance,
): void {
  for (const place of PLACES) {
    const { object, path } = place;
    const answer = (request: FastifyRequest): object => ({
      object_id: place.id(request),
      object_type: place.type,
      access_control_list: accessControlList(
        governance,
        listPermissions(governance, identityOf(request), object),
      ),
    });
    app.get(path, answer);
    app.get(`${path}/permissionLevels`, () => ({
      permission_levels: PERMISSION_LEVELS[object].map((level) => ({
        permission_level: level,
        description: DESCRIPTIONS[level],
      })),
    }));
    for (const [method, kind] of [
      ["PUT", "replace"],
      ["PATCH", "add"],
    ] as const) {
      app.route<{ Body: ChangeBody }>({
        method,
        url: path,
        schema: { body: CHANGE },
        handler: (request) => {
          const list = (request.body.access_control_list ?? []).map(
            (entry) => ({
              name: nameOf(entry),
              level: entry.permission_level,
            }),
          );
          changePermissions(governance, identityOf(request), object, {
            kind,
            list: list.filter(
              ({ name, level }) => name !== ADMINS || level !== "CAN_MANAGE",
            ),
          });
          return answer(request);
        },
      });
    }
  }
}

/** Exactly one of the three. */
function nameOf(entry: Entry): string {
  const names = [
    entry.user_name,
    entry.group_name,
    entry.service_principal_name,
  ].filter((name) => name !== undefined && name !== "");
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw invalidParameter(
      "An entry names one of user_name, group_name and service_principal_name.",
    );
  }
  return name;
}

/** Administrators manage it whatever the list says, and stand first. */
function accessControlList(
  { access }: Governance,
  list: ReturnType<typeof listPermissions>,
): readonly object[] {
  const admins = access.named(ADMINS);
  const lines = [
    ...(admins === undefined
      ? []
      : [{ record: admins, level: "CAN_MANAGE", inherited: true }]),
    ...list.flatMap(({ principal, level }) => {
      const record = access.principal(principal);
      return record === undefined ? [] : [{ record, level, inherited: false }];
    }),
  ];
  return lines.map(({ record, level, inherited }) => ({
    ...principalName(record),
    all_permissions: [{ permission_level: level, inherited }],
  }));
}

function principalName({ kind, name }: PrincipalRecord): object {
  switch (kind) {
    case "user":
      return { user_name: name };
    case "group":
      return { group_name: name };
    case "service-principal":
      return { service_principal_name: name };
  }
}
