// Reads from the live catalog what one session may see: the only way content reaches a mirror, so what this leaves out cannot be found
// there by name, by oid, by count or by error.

import { decide } from "../../auth/acl.ts";
import type { Governance } from "../../auth/governance.ts";
import type {
  CatalogEntry,
  FunctionEntry,
  SchemaEntry,
} from "../../storage/catalog/objects.ts";
import type { PrincipalId } from "../../storage/common/ids.ts";
import { typeOid } from "../pgwire/oids.ts";
import { collectPolicies } from "./collect-policies.ts";
import { collectPrivileges } from "./collect-privileges.ts";
import { collectRelations, collectStatistics } from "./collect-relations.ts";
import {
  acl,
  NOBODY,
  ownerOf,
  showsText,
  type Collecting,
} from "./collecting.ts";
import type {
  Content,
  DatabaseRow,
  FunctionRow,
  RoleRow,
  SchemaRow,
} from "./content.ts";
import { catalogName, roleName } from "./names.ts";
import type { Session } from "../session/session.ts";
import { visibleTo } from "../visible.ts";
import { withOwnSchema } from "./own-schema.ts";
import type { TableColumns } from "./table-columns.ts";

/** Columns are those `columns` has by table id; a table without an entry has none. */
export function collectContent(
  governance: Governance,
  session: Session,
  catalog: CatalogEntry,
  columns: ReadonlyMap<string, TableColumns>,
): Content {
  const principal = session.identity.principal.id;
  const all = visibleTo(session, { governance });
  const visible = withOwnSchema(all, session, catalog);
  const roles = collectRoles(governance, principal);
  const user = roles.get(principal) ?? {
    oid: NOBODY + 1,
    name: "unnamed",
    login: true,
    groups: [],
  };
  const collecting: Collecting = {
    governance,
    visible,
    principal,
    columns,
    roles,
    user,
  };
  const taken = new Set<string>();
  const databases = [
    catalog,
    ...visible.catalogs().filter(({ id }) => id !== catalog.id),
  ].map((entry) => databaseRow(collecting, entry, taken));
  const schemas = visible.schemas(catalog.id);
  const names = new Set(["pg_catalog", "information_schema", "pg_toast"]);
  const [database, ...others] = databases;
  return {
    user: user.name,
    database: database ?? databaseRow(collecting, catalog, new Set()),
    databases: others,
    roles: [...roles.values()],
    schemas: schemas.map((schema) => schemaRow(collecting, schema, names)),
    relations: collectRelations(collecting, schemas),
    functions: schemas.flatMap((schema) =>
      visible
        .functionsIn(schema.id)
        .map((entry) => functionRow(collecting, schema, entry)),
    ),
    statistics: collectStatistics(collecting, schemas),
    policies: collectPolicies(collecting, schemas),
    privileges: collectPrivileges(collecting, catalog, schemas),
  };
}

/** Everybody for admins, else oneself and the groups one is in. */
function collectRoles(
  { access }: Governance,
  principal: PrincipalId,
): ReadonlyMap<PrincipalId, RoleRow> {
  const own = access.effectiveSet(principal);
  const shown = access
    .principals()
    .filter(
      ({ id }) => access.isAdmin(principal) || id === principal || own.has(id),
    );
  const oids = new Map(shown.map(({ id, oid }) => [id, oid]));
  const taken = new Set<string>();
  return new Map(
    shown.map(({ id, oid, name, kind }) => [
      id,
      {
        oid,
        name: roleName(name, taken),
        login: kind !== "group",
        groups: [...access.effectiveSet(id)].flatMap((group) => {
          const groupOid = group === id ? undefined : oids.get(group);
          return groupOid === undefined ? [] : [groupOid];
        }),
      },
    ]),
  );
}

function databaseRow(
  collecting: Collecting,
  entry: CatalogEntry,
  taken: Set<string>,
): DatabaseRow {
  return {
    oid: entry.oid,
    name: catalogName(entry.name, taken),
    owner: ownerOf(collecting, entry),
    comment: entry.comment,
  };
}

function schemaRow(
  collecting: Collecting,
  entry: SchemaEntry,
  taken: Set<string>,
): SchemaRow {
  return {
    oid: entry.oid,
    name: catalogName(entry.name, taken),
    owner: ownerOf(collecting, entry),
    acl: schemaAcl(collecting, entry),
    comment: entry.comment,
  };
}

function schemaAcl(collecting: Collecting, entry: SchemaEntry): string | null {
  if (entry.id === collecting.visible.own?.id) return null;
  const { governance, principal } = collecting;
  const mayCreate = decide(governance.access, principal, "CREATE", entry);
  return mayCreate.allowed && entry.owner === principal
    ? null
    : acl(collecting, mayCreate.allowed ? "UC" : "U");
}

function functionRow(
  collecting: Collecting,
  schema: SchemaEntry,
  entry: FunctionEntry,
): FunctionRow {
  const taken = new Set<string>();
  return {
    oid: entry.oid,
    name: catalogName(entry.name, new Set()),
    schema: schema.oid,
    owner: ownerOf(collecting, entry),
    acl: acl(collecting, "X"),
    comment: entry.comment,
    argumentNames: entry.parameters.map(({ name }) => catalogName(name, taken)),
    argumentTypes: entry.parameters.map(({ type }) => typeOid(type)),
    returnType: typeOid(entry.returns),
    source: showsText(collecting, entry) ? entry.definition : "",
  };
}
