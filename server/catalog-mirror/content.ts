// What a mirror holds, as plain values: everything one principal may see of one catalog, and nothing else (access-control 15.1, 16).
// Names are already PostgreSQL's: at most 63 bytes, unique where pg_catalog wants them unique.

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
  /** PostgreSQL's text of an acl array. */
  readonly acl: string;
  readonly comment: string | undefined;
}

export interface ColumnRow {
  readonly name: string;
  readonly typeOid: number;
  readonly typeModifier: number;
  readonly notNull: boolean;
  readonly comment: string | undefined;
}

export interface RelationRow extends Item {
  readonly kind: "r" | "v";
  readonly name: string;
  readonly schema: number;
  readonly owner: number;
  readonly acl: string;
  readonly comment: string | undefined;
  /** Text of a view; undefined for tables and for views whose text the principal may not read. */
  readonly definition: string | undefined;
  /** Empty when the table's log cannot be read. */
  readonly columns: readonly ColumnRow[];
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
}
