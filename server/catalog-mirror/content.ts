// What a mirror holds, as plain values: everything one principal may see of one catalog, and nothing else (access-control 15.1, 16).
// Names are already PostgreSQL's: at most 63 bytes, unique where pg_catalog wants them unique.

import type { PrivilegeRow } from "../../auth/privilege-rows.ts";
import type { PoliciesText } from "../policy-text.ts";

/** An oid under which nothing else of the same list stands. */
interface Item {
  readonly oid: number;
}

export interface RoleRow extends Item {
  readonly name: string;
  readonly login: boolean;
  /** Oids of the groups it is a direct or indirect member of, as far as they are shown. */
  readonly groups: readonly number[];
}

export interface DatabaseRow extends Item {
  readonly name: string;
  readonly owner: number;
  readonly comment: string | undefined;
}

export interface SchemaRow extends Item {
  readonly name: string;
  readonly owner: number;
  /** PostgreSQL's text of an acl array; null when it is the owner's alone. */
  readonly acl: string | null;
  readonly comment: string | undefined;
}

export interface ColumnRow {
  readonly name: string;
  readonly typeOid: number;
  readonly typeModifier: number;
  readonly notNull: boolean;
  readonly comment: string | undefined;
  readonly identity: SequenceRow | undefined;
}

/** The sequence PostgreSQL keeps behind an identity column. */
export interface SequenceRow extends Item {
  readonly name: string;
  /** GENERATED ALWAYS; else BY DEFAULT. */
  readonly always: boolean;
  readonly start: string;
  readonly step: string;
}

/** A key as the catalog of PostgreSQL has it; columns are numbers from 1. */
export type KeyRow = IndexedKeyRow | ForeignKeyRow;

export interface IndexedKeyRow extends Item {
  /** PRIMARY KEY or UNIQUE. */
  readonly type: "p" | "u";
  readonly name: string;
  readonly columns: readonly number[];
  readonly index: number;
}

export interface ForeignKeyRow extends Item {
  readonly type: "f";
  readonly name: string;
  readonly columns: readonly number[];
  /** A relation of this content. */
  readonly table: number;
  readonly tableColumns: readonly number[];
  /** The index of the key it refers to, or 0. */
  readonly index: number;
}

/** SQL text over the table's columns; `name` is the column's, or the check's. */
export type ExpressionRow =
  | {
      readonly kind: "default" | "generated";
      readonly name: string;
      readonly text: string;
    }
  | {
      readonly kind: "check";
      readonly oid: number;
      readonly name: string;
      readonly text: string;
    };

/** What the newest log tells of a table's size. */
export interface StatisticsRow extends Item {
  readonly rows: number;
  readonly pages: number;
}

export interface RelationRow extends Item {
  readonly kind: "r" | "v";
  readonly name: string;
  /** Its row type, and the array of it. */
  readonly type: number;
  readonly arrayType: number;
  readonly arrayTypeName: string;
  readonly schema: number;
  readonly temporary: boolean;
  readonly owner: number;
  readonly acl: string | null;
  readonly comment: string | undefined;
  /** Query of a view; undefined for tables and for views whose text the principal may not read. */
  readonly definition: string | undefined;
  /** Empty when the table's log cannot be read. */
  readonly columns: readonly ColumnRow[];
  readonly keys: readonly KeyRow[];
  readonly expressions: readonly ExpressionRow[];
  /** A foreign key starts or ends here: PostgreSQL has triggers for it. */
  readonly hasTriggers: boolean;
}

/** The policies of a table, of those the principal may be shown. */
export interface PolicyRow extends Item, PoliciesText {}

/** Grants and denies that reach an object, of those the principal may be shown. */
export interface PrivilegesRow extends Item {
  readonly kind: "catalog" | "schema" | "relation" | "function";
  readonly name: string;
  readonly rows: readonly PrivilegeRow[];
}

export interface FunctionRow extends Item {
  readonly name: string;
  readonly schema: number;
  readonly owner: number;
  readonly acl: string;
  readonly comment: string | undefined;
  readonly argumentNames: readonly string[];
  readonly argumentTypes: readonly number[];
  readonly returnType: number;
  /** Empty when the principal may not read it. */
  readonly source: string;
}

export interface Content {
  /** The session's own role. */
  readonly user: string;
  readonly database: DatabaseRow;
  /** The other catalogs it may see. */
  readonly databases: readonly DatabaseRow[];
  readonly roles: readonly RoleRow[];
  readonly schemas: readonly SchemaRow[];
  readonly relations: readonly RelationRow[];
  readonly functions: readonly FunctionRow[];
  /** Of tables whose size is known. */
  readonly statistics: readonly StatisticsRow[];
  readonly policies: readonly PolicyRow[];
  readonly privileges: readonly PrivilegesRow[];
}
