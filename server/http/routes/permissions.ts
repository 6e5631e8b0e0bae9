// Grants in Unity Catalog's form (http-api section 9): the same authority, expansion and audit as GRANT and REVOKE.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { invalidParameter } from "../problem.ts";
import { identityOf } from "../credentials.ts";
import { changeGrants } from "../../../auth/grants.ts";
import type { Governance } from "../../../auth/governance.ts";
import { showGrants, type GrantRow } from "../../../auth/show-grants.ts";
import { securableByName, type SecurableType } from "../securable-name.ts";

const PATH = "/api/2.1/unity-catalog";
const MIN_PAGE = 150;
const DEFAULT_PAGE = 1000;

interface ByName {
  readonly Params: { readonly type: string; readonly name: string };
  readonly Querystring: {
    readonly principal?: string;
    readonly max_results?: string;
    readonly page_token?: string;
  };
}

interface Change {
  readonly principal: string;
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

const PRIVILEGES = { type: "array", items: { type: "string" } };
const CHANGES = {
  type: "object",
  properties: {
    changes: {
      type: "array",
      items: {
        type: "object",
        required: ["principal"],
        properties: {
          principal: { type: "string" },
          add: PRIVILEGES,
          remove: PRIVILEGES,
        },
      },
    },
  },
};

/** The level of SHOW GRANTS' rows that belongs to the securable itself. */
const OWN_LEVEL: Readonly<Record<SecurableType, string>> = {
  catalog: "CATALOG$",
  schema: "DATABASE",
  table: "TABLE",
  function: "FUNCTION",
  any_file: "ANY_FILE",
  anonymous_function: "ANONYMOUS_FUNCTION",
};

export function permissionRoutes(
  app: FastifyInstance,
  governance: Governance,
): void {
  const rowsOf = (
    request: FastifyRequest<ByName>,
  ): { readonly type: SecurableType; readonly rows: readonly GrantRow[] } => {
    const identity = identityOf(request);
    const { type, on } = securableByName(governance, identity, request.params);
    const { principal } = request.query;
    const about = principal === undefined ? undefined : { name: principal };
    return {
      type,
      rows: showGrants(governance, identity, on, about).filter(
        ({ actionType }) => actionType !== "OWN",
      ),
    };
  };
  const own = (request: FastifyRequest<ByName>): readonly Assignment[] => {
    const { type, rows } = rowsOf(request);
    return assignments(
      rows.filter(({ objectType }) => objectType === OWN_LEVEL[type]),
    );
  };

  app.get<ByName>(`${PATH}/permissions/:type/:name`, (request) =>
    page(own(request), request.query),
  );

  app.get<ByName>(`${PATH}/effective-permissions/:type/:name`, (request) => {
    const { type, rows } = rowsOf(request);
    const list = assignments(rows).map(({ principal }) => ({
      principal,
      privileges: rows
        .filter(
          (row) =>
            row.principal === principal && !row.actionType.startsWith(DENIED),
        )
        .map((row) => effective(row, OWN_LEVEL[type])),
    }));
    return page(list, request.query);
  });

  app.patch<
    ByName & { readonly Body: { readonly changes?: readonly Change[] } }
  >(
    `${PATH}/permissions/:type/:name`,
    { schema: { body: CHANGES } },
    (request) => {
      const identity = identityOf(request);
      const { on } = securableByName(governance, identity, request.params);
      governance.metastore.db.transaction(() => {
        for (const { principal, add = [], remove = [] } of request.body
          .changes ?? []) {
          for (const [kind, names] of [
            ["revoke", remove],
            ["grant", add],
          ] as const) {
            if (names.length === 0) continue;
            changeGrants(governance, identity, {
              kind,
              on,
              principals: [{ name: principal }],
              privileges: names.map((name) => ({ name: sqlName(name) })),
            });
          }
        }
      });
      return page(own(request), {});
    },
  );
}

interface Assignment {
  readonly principal: string;
  readonly privileges: readonly string[];
  /** Ours: the API has no form for a deny. */
  readonly denied_privileges?: readonly string[];
}

const DENIED = "DENIED_";

function assignments(rows: readonly GrantRow[]): readonly Assignment[] {
  const principals = [...new Set(rows.map(({ principal }) => principal))];
  return principals.map((principal) => {
    const mine = rows.filter((row) => row.principal === principal);
    const denied = mine.filter(({ actionType }) =>
      actionType.startsWith(DENIED),
    );
    return {
      principal,
      privileges: mine.filter((row) => !denied.includes(row)).map(apiName),
      ...(denied.length === 0
        ? {}
        : { denied_privileges: denied.map(apiName) }),
    };
  });
}

function effective(row: GrantRow, ownLevel: string): object {
  if (row.objectType === ownLevel) return { privilege: apiName(row) };
  return {
    privilege: apiName(row),
    inherited_from_type: row.objectType === "CATALOG$" ? "CATALOG" : "SCHEMA",
    inherited_from_name: row.objectKey.replaceAll("`", ""),
  };
}

/** `USE_SCHEMA` for USAGE on a schema, `EXECUTE` for SELECT on a function. */
function apiName({ actionType, objectType }: GrantRow): string {
  const name = actionType.startsWith(DENIED)
    ? actionType.slice(DENIED.length)
    : actionType;
  if (name === "USAGE") {
    return objectType === "CATALOG$" ? "USE_CATALOG" : "USE_SCHEMA";
  }
  return name === "SELECT" && objectType === "FUNCTION" ? "EXECUTE" : name;
}

function sqlName(name: string): string {
  return /^(all_privileges|use_(schema|catalog))$/i.test(name)
    ? name.replaceAll("_", " ")
    : name;
}

/** `max_results`: 0 and absent are our page, 1 to 149 are refused as in the original. */
function page(list: readonly object[], query: ByName["Querystring"]): object {
  const size = numberIn("max_results", query.max_results);
  if (size > 0 && size < MIN_PAGE) {
    throw invalidParameter(`max_results must be 0 or at least ${MIN_PAGE}.`);
  }
  const from = numberIn("page_token", query.page_token);
  const to = from + (size === 0 ? DEFAULT_PAGE : size);
  return {
    privilege_assignments: list.slice(from, to),
    ...(to < list.length ? { next_page_token: String(to) } : {}),
  };
}

function numberIn(name: string, text: string | undefined): number {
  if (text === undefined || text === "") return 0;
  if (!/^\d{1,9}$/.test(text)) throw invalidParameter(`${name} is not valid.`);
  return Number(text);
}
