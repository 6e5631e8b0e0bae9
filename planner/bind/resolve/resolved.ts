// A statement whose names are known: which object each reference means, and what the session must be allowed.

import type { Requirement } from "../../../auth/privilege.ts";
import type {
  CatalogEntry,
  FunctionEntry,
  Relation,
  SchemaEntry,
  ViewEntry,
} from "../../../storage/catalog/objects.ts";
import type { TableReference } from "../../../storage/catalog/view.ts";
import type {
  CallExpr,
  CommonTable,
  Expr,
  FromItem,
  PolicyCall,
  Query,
  QualifiedName,
  Statement,
} from "../../parse/ast.ts";
import type { ResolvedPolicies } from "../policy/resolve-policies.ts";

export interface Resolved {
  readonly statement: Statement;
  /** Every Delta table reached, through views too, each (table, travel) once: what the catalog has to pin. */
  readonly tables: readonly TableReference[];
  /** In the order the statement names things. */
  readonly requirements: readonly Requirement[];
  /** By node of the syntax tree, those of view bodies included. */
  readonly relations: ReadonlyMap<FromItem, ResolvedRelation>;
  /** Calls of functions of the catalog. */
  readonly calls: ReadonlyMap<CallExpr, ResolvedCall>;
  /** The tables that calls of table_changes name, by the node of the name, a text. */
  readonly changes: ReadonlyMap<Expr, ResolvedTable>;
  /** The functions of policies that ALTER TABLE and CREATE TABLE give a table. */
  readonly policyFunctions: ReadonlyMap<PolicyCall, FunctionTrees>;
  /** Common tables whose own query refers to them. */
  readonly recursive: ReadonlySet<CommonTable>;
  /** What a statement acts on: the table of INSERT, the place of CREATE; by the name's node. */
  readonly targets: ReadonlyMap<QualifiedName, ResolvedTarget>;
  /** `only`: every relation is one of pg_catalog, information_schema or system. A mixture is refused while resolving. */
  readonly systemRelations: "none" | "only";
  /** Lower-case names of all functions called, so that introspection can be told from queries: `pg_get_viewdef`. */
  readonly functionNames: ReadonlySet<string>;
}

export interface ResolvedTable {
  readonly kind: "table";
  readonly reference: TableReference;
  /** `schema.table`, for EXPLAIN. */
  readonly name: string;
  readonly schema: string;
  /** Undefined for a temporary table. */
  readonly catalog: string | undefined;
  readonly policies?: ResolvedPolicies | undefined;
}

/** A function of the catalog with the trees of its stored texts, whose names were resolved for one use of it. */
export interface FunctionTrees {
  readonly function: FunctionEntry;
  readonly body: Expr;
  /** By parameter. */
  readonly defaults: readonly (Expr | undefined)[];
}

export interface ResolvedCall extends FunctionTrees {
  readonly temporary: boolean;
  readonly schema: string;
  /** Undefined for a temporary function. */
  readonly catalog: string | undefined;
}

export type ResolvedRelation =
  | ResolvedTable
  | {
      readonly kind: "view";
      readonly view: ViewEntry;
      readonly temporary: boolean;
      readonly query: Query;
      readonly schema: string;
      /** Undefined for a temporary view. */
      readonly catalog: string | undefined;
    }
  | { readonly kind: "common-table"; readonly item: CommonTable }
  | {
      readonly kind: "system";
      readonly schema: "pg_catalog" | "information_schema" | "system";
      readonly name: string;
    };

export type ResolvedTarget =
  | { readonly kind: "catalog"; readonly catalog: CatalogEntry }
  | { readonly kind: "schema"; readonly schema: SchemaEntry }
  | {
      readonly kind: "relation";
      readonly relation: Relation;
      /** Undefined for a temporary one. */
      readonly schema: SchemaEntry | undefined;
      readonly catalog: CatalogEntry | undefined;
      /** Between the rows there and the statement that changes them. */
      readonly policies?: ResolvedPolicies | undefined;
      /** Between the rows it writes and RETURNING. */
      readonly returned?: ResolvedPolicies | undefined;
    }
  /** A name to create: `existing` when the session sees an object of that name. */
  | {
      readonly kind: "new";
      readonly schema: SchemaEntry;
      readonly catalog: CatalogEntry;
      readonly name: string;
      readonly existing: Relation | undefined;
    }
  | {
      readonly kind: "new-function";
      readonly schema: SchemaEntry;
      readonly name: string;
    }
  /** A name to create among the session's own; `implied`: the statement says so only by what it reads. */
  | {
      readonly kind: "temporary";
      readonly name: string;
      readonly implied: boolean;
    }
  | { readonly kind: "function"; readonly function: FunctionEntry }
  /** DROP … IF EXISTS of what is not there. */
  /** IF EXISTS; `why` is what the error would have said: `table "t" does not exist`. */
  | { readonly kind: "absent"; readonly why: string };
