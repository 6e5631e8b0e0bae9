// Reads from the live catalog what one principal may see: the only way content reaches a mirror, so what this leaves out cannot be found
// there by name, by oid, by count or by error.

import { decide } from "../../auth/acl.ts";
import type { Governance } from "../../auth/governance.ts";
import {
  visibleCatalog,
  type VisibleCatalog,
} from "../../auth/visible-catalog.ts";
import { resolve } from "../../planner/bind/resolve.ts";
import { parseSql } from "../../planner/parse/parse.ts";
import type {
  CatalogEntry,
  FunctionEntry,
  Relation,
  SchemaEntry,
  ViewEntry,
} from "../../storage/catalog/objects.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type { PrincipalId } from "../../storage/common/ids.ts";
import { typeModifier, typeOid } from "../pgwire/oids.ts";
import type {
  ColumnRow,
  Content,
  DatabaseRow,
  FunctionRow,
  RelationRow,
  RoleRow,
  SchemaRow,
} from "./content.ts";
import { catalogName, quoted, roleName } from "./names.ts";
import { OWNER_ROLE } from "./setup.ts";
import type { TableColumns } from "./table-columns.ts";

/** PostgreSQL's bootstrap role: stands for every owner who is not to be named. */
const NOBODY = 10;

interface Collecting {
  readonly governance: Governance;
  readonly visible: VisibleCatalog;
  readonly principal: PrincipalId;
  readonly columns: ReadonlyMap<string, TableColumns>;
  readonly roles: ReadonlyMap<PrincipalId, RoleRow>;
  readonly user: RoleRow;
}

/** Columns are those `columns` has by table id; a table without an entry has none. */
export function collectContent(
  governance: Governance,
  principal: PrincipalId,
  catalog: CatalogEntry,
  columns: ReadonlyMap<string, TableColumns>,
): Content {
  const visible = visibleCatalog(
    governance.catalog,
    governance.access,
    principal,
  );
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
    relations: schemas.flatMap((schema) => {
      const inside = new Set<string>();
      return visible
        .relations(schema.id)
        .map((relation) => relationRow(collecting, schema, relation, inside));
    }),
    functions: schemas.flatMap((schema) =>
      visible
        .functionsIn(schema.id)
        .map((entry) => functionRow(collecting, schema, entry)),
    ),
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
    acl: acl(collecting, "U"),
    comment: entry.comment,
  };
}

function relationRow(
  collecting: Collecting,
  schema: SchemaEntry,
  entry: Relation,
  taken: Set<string>,
): RelationRow {
  const may = (privilege: "SELECT" | "MODIFY" | "READ_METADATA"): boolean =>
    decide(collecting.governance.access, collecting.principal, privilege, entry)
      .allowed;
  // REFERENCES is what makes information_schema list a relation of which only metadata may be read.
  const rights = `${may("SELECT") ? "r" : ""}${may("MODIFY") ? "awd" : ""}${may("READ_METADATA") ? "x" : ""}`;
  const readable = collecting.columns.get(entry.id);
  return {
    oid: entry.oid,
    kind: entry.kind === "table" ? "r" : "v",
    name: catalogName(entry.name, taken),
    schema: schema.oid,
    owner: ownerOf(collecting, entry),
    acl: acl(collecting, rights),
    comment: entry.comment ?? readable?.comment,
    definition:
      entry.kind === "view" && showsText(collecting, entry)
        ? ` ${entry.definition};`
        : undefined,
    columns: columnRows(
      entry.kind === "view"
        ? entry.columns.map((column) => ({ ...column, nullable: true }))
        : (readable?.columns ?? []),
    ),
  };
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

/** READ_METADATA on it, and nothing named in the text is hidden (access-control section 16). */
function showsText(
  { visible }: Collecting,
  entry: ViewEntry | FunctionEntry,
): boolean {
  return visible.mayReadMetadata(entry) && namesOnlyVisible(visible, entry);
}

/** The stored text names everything in full: it resolves among what is visible only if it names nothing else. */
export function namesOnlyVisible(
  lookup: VisibleCatalog,
  entry: ViewEntry | FunctionEntry,
): boolean {
  const text =
    entry.kind === "view" ? entry.definition : `SELECT ${entry.definition}`;
  try {
    for (const { statement } of parseSql(text))
      resolve(statement, { lookup, currentCatalog: "", searchPath: [] });
    return true;
  } catch {
    return false;
  }
}

function columnRows(
  columns: readonly {
    readonly name: string;
    readonly type: DataType;
    readonly nullable: boolean;
    readonly comment?: string | undefined;
  }[],
): readonly ColumnRow[] {
  const taken = new Set<string>();
  return columns.map(({ name, type, nullable, comment }) => ({
    name: catalogName(name, taken),
    typeOid: typeOid(type),
    typeModifier: typeModifier(type),
    notNull: !nullable,
    comment,
  }));
}

/** The owner's role where the principal may know it. */
function ownerOf(
  { roles }: Collecting,
  { owner }: { readonly owner: PrincipalId | undefined },
): number {
  return (owner === undefined ? undefined : roles.get(owner)?.oid) ?? NOBODY;
}

/** What the session itself may do, through its groups or not. */
function acl({ user }: Collecting, rights: string): string {
  return rights === ""
    ? "{}"
    : `{"${`${quoted(user.name)}=${rights}/${OWNER_ROLE}`.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"}`;
}
