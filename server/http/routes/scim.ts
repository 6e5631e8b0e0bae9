// SCIM 2.0: who one is, users, service principals and groups (http-api section 7). Changes are those of SQL: auth/principals.ts.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { randomUUID } from "node:crypto";
import {
  authorizeStatement,
  type Governance,
} from "../../../auth/governance.ts";
import {
  alterGroup,
  createGroup,
  createPrincipal,
  dropGroup,
  dropUser,
  renamePrincipal,
  setUserActive,
  type MemberChange,
} from "../../../auth/principals.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { PrincipalRecord } from "../../../storage/metastore/principals.ts";
import { identityOf } from "../credentials.ts";
import { HttpProblem, problemOf } from "../problem.ts";
import { parseFilter } from "../scim/filter.ts";
import { readPatch, type Assignment } from "../scim/patch.ts";
import { LIST_SCHEMA, resourceOf, shownName } from "../scim/resource.ts";

const PATH = "/api/2.0/preview/scim/v2";
const ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error";
const MAX_COUNT = 10_000;

const KINDS = {
  Users: "user",
  Groups: "group",
  ServicePrincipals: "service-principal",
} as const;
type Collection = keyof typeof KINDS;

interface ById {
  readonly Params: { readonly id: string };
}

interface ListQuery {
  readonly filter?: string;
  readonly startIndex?: string;
  readonly count?: string;
  readonly attributes?: string;
  readonly excludedAttributes?: string;
}

interface Body {
  readonly userName?: string;
  readonly applicationId?: string;
  readonly displayName?: string;
  readonly active?: boolean;
  readonly members?: readonly { readonly value: string }[];
}

const BODY = {
  type: "object",
  properties: {
    userName: { type: "string" },
    applicationId: { type: "string" },
    displayName: { type: "string" },
    active: { type: "boolean" },
    members: {
      type: "array",
      items: {
        type: "object",
        required: ["value"],
        properties: { value: { type: "string" } },
      },
    },
  },
};

export function scimRoutes(app: FastifyInstance, governance: Governance): void {
  app.setErrorHandler((error, _request, reply) => sendError(error, reply));
  app.get(`${PATH}/Me`, (request) => {
    const { id } = identityOf(request).principal;
    const record = governance.access.principal(id);
    invariant(record !== undefined, "who is logged in exists");
    // A service principal too is asked for by its name: clients show `userName` as who is logged in.
    return { ...resourceOf(governance, record), userName: record.name };
  });
  for (const collection of ["Users", "Groups", "ServicePrincipals"] as const) {
    collectionRoutes(app, governance, collection);
  }
}

function collectionRoutes(
  app: FastifyInstance,
  governance: Governance,
  collection: Collection,
): void {
  const path = `${PATH}/${collection}`;
  const kind = KINDS[collection];

  app.get<{ Querystring: ListQuery }>(path, (request) => {
    requireAdmin(governance, request);
    return listed(governance, kind, request.query);
  });

  app.get<ById>(`${path}/:id`, (request) => {
    requireAdmin(governance, request);
    return resourceOf(governance, find(governance, kind, request.params.id));
  });

  app.post<{ Body: Body }>(
    path,
    { schema: { body: BODY } },
    (request, reply) => {
      const name = nameOf(kind, request.body);
      create(governance, request, kind, { name, body: request.body });
      const made = governance.access.named(name);
      invariant(made !== undefined, "what was made is there");
      return reply.code(201).send(resourceOf(governance, made));
    },
  );

  app.put<ById & { readonly Body: Body }>(
    `${path}/:id`,
    { schema: { body: BODY } },
    (request) => {
      const { active, members, displayName } = request.body;
      return change(governance, request, kind, {
        active,
        displayName,
        members:
          kind === "group"
            ? [
                {
                  op: "replace",
                  ids: (members ?? []).map(({ value }) => value),
                },
              ]
            : [],
      });
    },
  );

  app.patch<ById>(`${path}/:id`, (request) =>
    change(governance, request, kind, readPatch(request.body)),
  );

  app.delete<ById>(`${path}/:id`, (request, reply) => {
    requireAdmin(governance, request);
    const { name } = find(governance, kind, request.params.id);
    const drop = kind === "group" ? dropGroup : dropUser;
    drop(governance, identityOf(request), { name }, false);
    return reply.code(204).send();
  });
}

function create(
  governance: Governance,
  request: FastifyRequest,
  kind: PrincipalRecord["kind"],
  fresh: { readonly name: string; readonly body: Body },
): void {
  const identity = identityOf(request);
  const { name, body } = fresh;
  governance.metastore.db.transaction(() => {
    if (kind === "group") {
      const ids = (body.members ?? []).map(({ value }) => value);
      requireAdmin(governance, request);
      createGroup(
        governance,
        identity,
        { name },
        changesOf("add", membersById(governance, ids)),
      );
      return;
    }
    createPrincipal(governance, identity, {
      name,
      kind,
      ...(body.displayName === undefined
        ? {}
        : { displayName: body.displayName }),
    });
    if (body.active === false) {
      setUserActive(governance, identity, { name }, false);
    }
  });
}

function change(
  governance: Governance,
  request: FastifyRequest<ById>,
  kind: PrincipalRecord["kind"],
  assignment: Assignment,
): object {
  requireAdmin(governance, request);
  const identity = identityOf(request);
  const record = find(governance, kind, request.params.id);
  if (kind !== "group" && assignment.members.length > 0) {
    throw new HttpProblem(400, "invalidPath", "members belong to groups");
  }
  governance.metastore.db.transaction(() => {
    const { displayName } = assignment;
    if (displayName !== undefined && displayName !== shownName(record))
      renamePrincipal(governance, identity, record, displayName);
    if (assignment.active !== undefined && kind !== "group") {
      setUserActive(
        governance,
        identity,
        { name: record.name },
        assignment.active,
      );
    }
    const { name } = find(governance, kind, request.params.id);
    for (const { op, ids } of assignment.members) {
      const named = membersById(governance, ids ?? []);
      const now = governance.access
        .membersOf(record.id)
        .flatMap((id) => governance.access.principal(id) ?? []);
      const gone = now.filter(
        (member) =>
          (op === "replace" && !named.includes(member)) ||
          (op === "remove" && (ids === undefined || named.includes(member))),
      );
      alterGroup(governance, identity, { name }, [
        ...(op === "remove" ? [] : changesOf("add", named)),
        ...changesOf("drop", gone),
      ]);
    }
  });
  return resourceOf(governance, find(governance, kind, request.params.id));
}

function changesOf(
  verb: MemberChange["verb"],
  members: readonly PrincipalRecord[],
): readonly MemberChange[] {
  const groups = members.filter(({ kind }) => kind === "group");
  const users = members.filter(({ kind }) => kind !== "group");
  return [
    { verb, type: "user", members: users },
    { verb, type: "group", members: groups },
  ];
}

function membersById(
  governance: Governance,
  ids: readonly string[],
): readonly PrincipalRecord[] {
  return ids.map((id) => {
    const found = governance.access
      .principals()
      .find(({ oid }) => String(oid) === id);
    if (found === undefined) throw notFound(id);
    return found;
  });
}

function find(
  governance: Governance,
  kind: PrincipalRecord["kind"],
  id: string,
): PrincipalRecord {
  const [found] = membersById(governance, [id]);
  if (found?.kind !== kind) throw notFound(id);
  return found;
}

function notFound(id: string): HttpProblem {
  return new HttpProblem(404, "NOT_FOUND", `no resource has the id ${id}`);
}

function nameOf(kind: PrincipalRecord["kind"], body: Body): string {
  const name =
    kind === "user"
      ? body.userName
      : kind === "group"
        ? body.displayName
        : (body.applicationId ?? randomUUID());
  if (name === undefined) {
    const member = kind === "user" ? "userName" : "displayName";
    throw new HttpProblem(400, "invalidValue", `${member} is missing`);
  }
  return name;
}

/** SDKs ask for the next page until one is empty. */
function listed(
  governance: Governance,
  kind: PrincipalRecord["kind"],
  query: ListQuery,
): object {
  const matches = parseFilter(query.filter);
  const startIndex = Math.max(1, numberIn("startIndex", query.startIndex, 1));
  const count = Math.min(MAX_COUNT, numberIn("count", query.count, MAX_COUNT));
  const all = governance.access
    .principals()
    .filter((record) => record.kind === kind)
    .map((record) => resourceOf(governance, record))
    .filter(matches);
  const resources = all.slice(startIndex - 1, startIndex - 1 + count);
  return {
    schemas: [LIST_SCHEMA],
    totalResults: all.length,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources.map((resource) => chosen(resource, query)),
  };
}

/** `id` and `schemas` are always there. */
function chosen(resource: object, query: ListQuery): object {
  const wanted = wordsOf(query.attributes);
  const unwanted = wordsOf(query.excludedAttributes);
  return Object.fromEntries(
    Object.entries(resource).filter(([key]) => {
      if (key === "id" || key === "schemas") return true;
      const name = key.toLowerCase();
      return (wanted.size === 0 || wanted.has(name)) && !unwanted.has(name);
    }),
  );
}

function wordsOf(list: string | undefined): ReadonlySet<string> {
  return new Set(
    (list ?? "")
      .split(",")
      .map((word) => (word.trim().split(".")[0] ?? "").toLowerCase())
      .filter((word) => word !== ""),
  );
}

function numberIn(
  name: string,
  text: string | undefined,
  fallback: number,
): number {
  if (text === undefined) return fallback;
  if (!/^\d{1,9}$/.test(text)) {
    throw new HttpProblem(400, "invalidValue", `${name} is not a number`);
  }
  return Number(text);
}

function requireAdmin(governance: Governance, request: FastifyRequest): void {
  authorizeStatement(governance, identityOf(request), [
    { kind: "admin", action: "manage users and groups" },
  ]);
}

/** SCIM's own form; refused credentials keep the gateway's. */
function sendError(error: unknown, reply: FastifyReply): FastifyReply {
  const invalid = error instanceof Error && "validation" in error;
  const problem = invalid
    ? new HttpProblem(400, "invalidValue", error.message)
    : problemOf(error);
  reply.code(problem.status).headers(problem.headers);
  if (typeof problem.errorCode === "number" || problem.status === 429) {
    return reply.send({
      error_code: problem.errorCode,
      message: problem.message,
    });
  }
  return reply.send({
    schemas: [ERROR_SCHEMA],
    detail: problem.message,
    status: String(problem.status),
    ...(/^[a-z]/.test(problem.errorCode)
      ? { scimType: problem.errorCode }
      : problem.status === 409
        ? { scimType: "uniqueness" }
        : {}),
  });
}
