// SHOW CATALOGS, SCHEMAS, TABLES, VIEWS, FUNCTIONS, COLUMNS: rows filtered by what the session may see (access-control section 15.1).

import { systemSchema } from "../../planner/bind/resolve/system-relations.ts";
import {
  readableSystemTables,
  systemEntry,
} from "../../planner/bind/resolve/system-tables.ts";
import type { VisibleCatalog } from "../../auth/visible-catalog.ts";
import type {
  CatalogEntry,
  FunctionEntry,
  Relation,
  SchemaEntry,
} from "../../storage/catalog/objects.ts";
import { BOOL } from "../../storage/common/data-type.ts";
import { SqlError, notSupported } from "../../storage/common/errors.ts";
import { unreachable } from "../../storage/common/invariant.ts";
import { describedColumns } from "./describe.ts";
import {
  columnsOf,
  listing,
  matchesShowPattern,
  type Command,
  type CommandContext,
  type StatementOf,
  type TextRows,
} from "./command.ts";
import {
  showGroupsCommand,
  showTokensCommand,
  showUsersCommand,
} from "./principal.ts";

import { showQueriesCommand } from "./queries.ts";
import type { TemporaryContents } from "../session/temporary-objects.ts";
import { visibleTo } from "../visible.ts";

type Show = StatementOf<"show">["what"];
type ShowIn = Extract<
  Show,
  { readonly kind: "tables" | "views" | "functions" }
>;

const TABLES = columnsOf(
  "namespace",
  "tableName",
  ["isTemporary", BOOL],
  "information",
  "catalogName",
  "tableType",
  "remarks",
);

export function showCommand({ what }: StatementOf<"show">): Command {
  switch (what.kind) {
    case "catalogs":
      return listing(columnsOf("catalog"), "SHOW", (context) =>
        visible(context)
          .catalogs()
          .filter(({ name }) => matchesShowPattern(name, what.like))
          .map(({ name }) => [name]),
      );
    case "schemas":
      return listing(columnsOf("databaseName"), "SHOW", (context) =>
        schemaRows(context, what),
      );
    case "tables":
    case "views":
      return listing(TABLES, "SHOW", (context) => relationRows(context, what));
    case "functions":
      return listing(columnsOf("function"), "SHOW", (context) =>
        functionRows(context, what),
      );
    case "columns":
      return listing(
        columnsOf("col_name", "data_type", ["is_nullable", BOOL], "comment"),
        "SHOW",
        async (context) =>
          (await describedColumns(context, what.table)).map((column) => [
            column.name,
            column.type,
            column.nullable ? "t" : "f",
            column.comment,
          ]),
      );
    case "users":
      return showUsersCommand(what.like);
    case "groups":
      return showGroupsCommand(what.with?.name, what.like);
    case "tokens":
      return showTokensCommand();
    case "queries":
      return showQueriesCommand();
    case "streams":
      throw notSupported(`SHOW ${what.kind.toUpperCase()} is`);
    case "setting":
      throw notSupported("SHOW of a setting here is");
    default:
      return unreachable(what);
  }
}

function visible({ services, session }: CommandContext): VisibleCatalog {
  return visibleTo(session, services);
}

function catalogNamed(
  context: CommandContext,
  name: string | undefined,
): CatalogEntry {
  const wanted = name ?? context.session.currentCatalog;
  const found = visible(context)
    .catalogs()
    .find((catalog) => catalog.name === wanted);
  if (found === undefined)
    throw new SqlError("3D000", `database "${wanted}" does not exist`);
  return found;
}

function schemaRows(
  context: CommandContext,
  what: Extract<Show, { readonly kind: "schemas" }>,
): TextRows {
  const catalog = catalogNamed(context, what.catalog?.name);
  return visible(context)
    .schemas(catalog.id)
    .filter(({ name }) => matchesShowPattern(name, what.like))
    .map(({ name }) => [name]);
}

interface Place {
  readonly catalog: CatalogEntry;
  readonly schema: SchemaEntry;
}

/** The schemas a listing covers: the one named, those of a catalog, or the first on the search path. */
function places(context: CommandContext, what: ShowIn): readonly Place[] {
  const view = visible(context);
  const target =
    what.in === undefined ? undefined : context.resolved.targets.get(what.in);
  if (target?.kind === "schema") {
    const { schema } = target;
    return view
      .catalogs()
      .filter(({ id }) => id === schema.catalog)
      .map((catalog) => ({ catalog, schema }));
  }
  const whole = what.allCatalogs === true || what.catalog !== undefined;
  const catalogs =
    what.allCatalogs === true
      ? view.catalogs()
      : [catalogNamed(context, what.catalog?.name)];
  const [current = ""] = context.session.searchPath;
  return catalogs.flatMap((catalog) =>
    view
      .schemas(catalog.id)
      .filter(({ name }) =>
        whole ? matchesShowPattern(name, what.schemaLike) : name === current,
      )
      .map((schema) => ({ catalog, schema })),
  );
}

function relationRows(context: CommandContext, what: ShowIn): TextRows {
  const view = visible(context);
  const rows = (
    relations: readonly Relation[],
    place: { readonly schema: string; readonly catalog: string },
    temporary: boolean,
  ): TextRows =>
    relations
      .filter(
        ({ kind, name }) =>
          (what.kind === "tables" || kind === "view") &&
          matchesShowPattern(name, what.like),
      )
      .map((relation) => [
        place.schema,
        relation.name,
        temporary ? "t" : "f",
        null,
        place.catalog,
        relation.kind.toUpperCase(),
        relation.comment ?? null,
      ]);
  const { relations = [] } = ownObjects(context, what) ?? {};
  const own = { schema: "pg_temp", catalog: context.session.currentCatalog };
  return [
    ...rows(byName(relations), own, true),
    ...rows(...systemTables(context, what), false),
    ...places(context, what).flatMap(({ catalog, schema }) =>
      rows(
        view.relations(schema.id),
        { schema: schema.name, catalog: catalog.name },
        false,
      ),
    ),
  ];
}

/** Of `SHOW TABLES IN system`. */
function systemTables(
  { services, session }: CommandContext,
  what: ShowIn,
): [
  relations: readonly Relation[],
  place: { readonly schema: string; readonly catalog: string },
] {
  const place = { schema: "system", catalog: session.currentCatalog };
  const named = what.in?.parts.at(-1)?.name;
  if (named === undefined || systemSchema(named) !== "system")
    return [[], place];
  const { access } = services.governance;
  const isAdmin = access.isAdmin(session.identity.principal.id);
  return [byName(readableSystemTables(isAdmin).map(systemEntry)), place];
}

/** The session's own stand in the listing that names no place, as they come before the search path. */
function ownObjects(
  { session }: CommandContext,
  what: ShowIn,
): TemporaryContents | undefined {
  const whole = what.allCatalogs === true || what.catalog !== undefined;
  return whole || what.in !== undefined
    ? undefined
    : session.temporary?.contents;
}

function byName<T extends { readonly name: string }>(
  list: readonly T[],
): readonly T[] {
  return list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function functionRows(context: CommandContext, what: ShowIn): TextRows {
  const view = visible(context);
  const rows = (functions: readonly FunctionEntry[], place: string): TextRows =>
    functions
      .filter(({ name }) => matchesShowPattern(name, what.like))
      .map((entry) => [`${place}.${entry.name}`]);
  const { functions = [] } = ownObjects(context, what) ?? {};
  return [
    ...rows(byName(functions), "pg_temp"),
    ...places(context, what).flatMap(({ catalog, schema }) =>
      rows(view.functionsIn(schema.id), `${catalog.name}.${schema.name}`),
    ),
  ];
}
