// A small catalog in memory and short ways to bind SQL against it, with the real parser and function table.

import type { NameLookup, NamePart } from "../../storage/catalog/lookup.ts";
import type {
  CatalogEntry,
  FunctionEntry,
  Relation,
  SchemaEntry,
  TableEntry,
} from "../../storage/catalog/objects.ts";
import type { CatalogView } from "../../storage/catalog/view.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { objectId, version } from "../../storage/common/ids.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import type { Column } from "../../storage/common/schema.ts";
import { resolveTypeName } from "../functions/type-name.ts";
import { loadGrammar } from "../parse/grammar.ts";
import { parseSql } from "../parse/parse.ts";
import { bind } from "./bind.ts";
import type { BoundStatement } from "./bound.ts";
import type { TemporarySchema } from "./environment.ts";
import { matching } from "./names.ts";
import { resolve } from "./resolve/resolve.ts";
import type { Resolved } from "./resolve/resolved.ts";

await loadGrammar();

interface TableDefinition {
  readonly entry: TableEntry;
  readonly columns: readonly Column[];
}

export class TestCatalog {
  readonly #catalogs: CatalogEntry[] = [];
  readonly #schemas: SchemaEntry[] = [];
  readonly #relations: Relation[] = [];
  readonly #functions: FunctionEntry[] = [];
  readonly #tables = new Map<string, TableDefinition>();
  readonly hidden: Set<string> = new Set<string>();
  #oid = 16384;

  catalog(name: string): this {
    this.#catalogs.push({
      kind: "catalog",
      id: objectId(`catalog-${name}`),
      location: `/lake/${name}`,
      ...this.#named(name),
    });
    return this;
  }

  schema(name: string, catalog = "main"): this {
    this.#schemas.push({
      kind: "schema",
      id: objectId(`schema-${name}`),
      catalog: objectId(`catalog-${catalog}`),
      ...this.#named(name),
    });
    return this;
  }

  /** `columns` as in CREATE TABLE: `a int not null, b numeric(15,2)`. */
  table(schema: string, name: string, columns: string): this {
    const entry: TableEntry = {
      kind: "table",
      id: objectId(`table-${schema}.${name}`),
      schema: objectId(`schema-${schema}`),
      location: `/lake/${schema}/${name}`,
      origin: "found",
      ...this.#named(name),
    };
    this.#relations.push(entry);
    this.#tables.set(entry.id, { entry, columns: columnsOf(columns) });
    return this;
  }

  view(schema: string, name: string, definition: string): this {
    this.#relations.push({
      kind: "view",
      id: objectId(`view-${schema}.${name}`),
      schema: objectId(`schema-${schema}`),
      source: definition,
      definition,
      columns: [],
      ...this.#named(name),
    });
    return this;
  }

  function(schema: string, name: string, definition: string): this {
    this.#functions.push({
      kind: "function",
      id: objectId(`function-${schema}.${name}`),
      schema: objectId(`schema-${schema}`),
      parameters: [],
      returns: { kind: "int8" },
      source: definition,
      definition,
      ...this.#named(name),
    });
    return this;
  }

  /** The object disappears from the session's view. */
  hide(id: string): this {
    this.hidden.add(id);
    return this;
  }

  #named(name: string): {
    readonly oid: number;
    readonly name: string;
    readonly owner: undefined;
  } {
    this.#oid += 1;
    return { oid: this.#oid, name, owner: undefined };
  }

  lookup(filtered = true): NameLookup {
    const seen = <T extends { readonly id: string }>(
      items: readonly T[],
    ): readonly T[] =>
      filtered ? items.filter((item) => !this.hidden.has(item.id)) : items;
    const pick = <T extends { readonly name: string; readonly id: string }>(
      items: readonly T[],
      name: NamePart,
    ): T | undefined => {
      const [found, more] = matching(seen(items), name, (item) => item.name);
      if (more) {
        throw new SqlError(
          "42P09",
          `table reference "${name.name}" is ambiguous`,
        );
      }
      return found;
    };
    return {
      catalog: (name) => pick(this.#catalogs, name),
      schema: (catalog, name) =>
        pick(
          this.#schemas.filter((schema) => schema.catalog === catalog),
          name.name === "default" ? { ...name, name: "public" } : name,
        ),
      relation: (schema, name) =>
        pick(
          this.#relations.filter((relation) => relation.schema === schema),
          name,
        ),
      functions: (schema, name) =>
        matching(
          seen(this.#functions.filter((entry) => entry.schema === schema)),
          name,
          (entry) => entry.name,
        ),
      function: (id) => seen(this.#functions).find((it) => it.id === id),
      unfiltered: filtered ? this.lookup(false) : this.lookupUnfiltered(),
    };
  }

  private lookupUnfiltered(): NameLookup {
    const self: NameLookup = {
      catalog: (name) => this.lookup().catalog(name),
      schema: (catalog, name) => this.lookup().schema(catalog, name),
      relation: (schema, name) => this.lookup().relation(schema, name),
      functions: (schema, name) => this.lookup().functions(schema, name),
      function: (id) => this.lookup().function(id),
      get unfiltered() {
        return self;
      },
    };
    return self;
  }

  view_(): CatalogView {
    return {
      pinned: (id) => {
        const table = this.#tables.get(id);
        if (!table) throw new Error(`no table ${id}`);
        return {
          table: table.entry,
          version: version(0),
          schema: { columns: table.columns },
          layout: {
            columns: table.columns.map((column) => ({
              name: column.name,
              physicalName: column.name,
              type: column.type,
            })),
            partitionColumns: [],
            mapping: "name",
          },
          properties: {},
        };
      },
    };
  }
}

/** Column definitions by the real parser. */
function columnsOf(text: string): readonly Column[] {
  const [parsed] = parseSql(`create table t (${text})`);
  if (parsed?.statement.kind !== "create-table") {
    throw new Error(`no columns in ${text}`);
  }
  return parsed.statement.columns.map((column) => ({
    name: column.name.name,
    type: resolveTypeName(column.type),
    nullable: column.nullable,
  }));
}

export const TPCH = {
  region: "r_regionkey int not null, r_name text, r_comment text",
  nation:
    "n_nationkey int not null, n_name text, n_regionkey int not null, n_comment text",
  supplier:
    "s_suppkey bigint not null, s_name text, s_address text, s_nationkey int, s_phone text, s_acctbal numeric(15,2), s_comment text",
  customer:
    "c_custkey bigint not null, c_name text, c_address text, c_nationkey int, c_phone text, c_acctbal numeric(15,2), c_mktsegment text, c_comment text",
  part: "p_partkey bigint not null, p_name text, p_mfgr text, p_brand text, p_type text, p_size int, p_container text, p_retailprice numeric(15,2), p_comment text",
  partsupp:
    "ps_partkey bigint not null, ps_suppkey bigint not null, ps_availqty int, ps_supplycost numeric(15,2), ps_comment text",
  orders:
    "o_orderkey bigint not null, o_custkey bigint, o_orderstatus text, o_totalprice numeric(15,2), o_orderdate date, o_orderpriority text, o_clerk text, o_shippriority int, o_comment text",
  lineitem:
    "l_orderkey bigint not null, l_partkey bigint, l_suppkey bigint, l_linenumber int, l_quantity numeric(15,2), l_extendedprice numeric(15,2), l_discount numeric(15,2), l_tax numeric(15,2), l_returnflag text, l_linestatus text, l_shipdate date, l_commitdate date, l_receiptdate date, l_shipinstruct text, l_shipmode text, l_comment text",
} as const;

/** TPC-H in `tpch`, the streaming benchmark in `web`, and odd tables in `public`. */
export function testCatalog(): TestCatalog {
  const catalog = new TestCatalog()
    .catalog("main")
    .schema("public")
    .schema("tpch")
    .schema("web")
    .schema("hr");
  for (const [name, columns] of Object.entries(TPCH)) {
    catalog.table("tpch", name, columns);
  }
  return catalog
    .table(
      "web",
      "events",
      "event_id bigint not null, user_id bigint, ad_id bigint, event_type text, event_time timestamptz, day date",
    )
    .table("web", "campaigns", "ad_id bigint, campaign_id bigint")
    .table("hr", "salaries", "emp text, salary numeric(10,2), ssn text")
    .table(
      "public",
      "t",
      "a int not null, b text, c numeric(10,2), d date, e timestamptz, f double precision, g boolean, arr int[], i8 bigint, ts timestamp",
    )
    .table("public", "u", "a int, x text, y bigint")
    .table("public", "Mixed", '"Id" int, "UserName" text')
    .table(
      "public",
      "s",
      "id int, st struct<x: int, inner: struct<y: text>>, vc varchar(3)",
    );
}

export interface BindOptions {
  readonly catalog?: TestCatalog;
  readonly searchPath?: readonly string[];
  readonly declared?: readonly (DataType | undefined)[];
  readonly timeZone?: string;
  readonly temporary?: TemporarySchema;
}

/** A session's own objects: views and functions without parameters by their text. */
export function temporarySchema(objects: {
  readonly views?: Readonly<Record<string, string>>;
  readonly functions?: Readonly<Record<string, string>>;
}): TemporarySchema {
  const entry = (
    name: string,
  ): Pick<FunctionEntry, "id" | "oid" | "schema" | "name" | "owner"> => ({
    id: objectId(`own-${name}`),
    oid: 0,
    schema: objectId("own"),
    name,
    owner: undefined,
  });
  return {
    name: "pg_temp_7",
    relations: Object.entries(objects.views ?? {}).map(([name, source]) => ({
      kind: "view",
      ...entry(name),
      source,
      definition: source,
      columns: [],
    })),
    functions: Object.entries(objects.functions ?? {}).map(
      ([name, source]) => ({
        kind: "function",
        ...entry(name),
        parameters: [],
        returns: { kind: "int8" },
        source,
        definition: source,
      }),
    ),
  };
}

export function testSession(
  name: string,
  args: readonly Scalar[],
): Scalar | undefined {
  switch (name) {
    case "now":
      return {
        type: { kind: "timestamptz" },
        text: "2024-02-29 12:34:56.789012+00",
      };
    case "current_user":
    case "session_user":
    case "user":
      return { type: { kind: "name" }, text: "bob" };
    case "current_schema":
      return { type: { kind: "name" }, text: "public" };
    case "is_member":
      return {
        type: { kind: "bool" },
        text: args[0]?.text === "analysts" ? "t" : "f",
      };
    default:
      return undefined;
  }
}

export function resolveSql(sql: string, options: BindOptions = {}): Resolved {
  const [parsed] = parseSql(sql);
  if (!parsed) throw new Error(`no statement in ${sql}`);
  return resolve(parsed.statement, {
    lookup: (options.catalog ?? testCatalog()).lookup(),
    currentCatalog: "main",
    searchPath: options.searchPath ?? ["public", "tpch", "web"],
    session: testSession,
    timeZone: options.timeZone ?? "UTC",
    ...(options.temporary ? { temporary: options.temporary } : {}),
  });
}

export function bindSql(
  sql: string,
  options: BindOptions = {},
): BoundStatement {
  const catalog = options.catalog ?? testCatalog();
  return bind(
    resolveSql(sql, { ...options, catalog }),
    catalog.view_(),
    options.declared ?? [],
    { session: testSession, timeZone: options.timeZone ?? "UTC" },
  );
}
