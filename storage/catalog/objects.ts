// The objects of the catalog as plain values: what names stand for, and who owns it. Grants hang on their ids.

import type { DataType } from "../common/data-type.ts";
import type { ObjectId, PrincipalId } from "../common/ids.ts";
import type { TablePolicies } from "../common/policy.ts";
import type { FilesFormat } from "../files/format.ts";

export type CatalogObject =
  CatalogEntry | SchemaEntry | TableEntry | ViewEntry | FunctionEntry;
export type Relation = TableEntry | ViewEntry;

interface Entry {
  readonly id: ObjectId;
  /** Random, unique, stable: what pg_catalog shows. */
  readonly oid: number;
  readonly name: string;
  /** Undefined when the owner was dropped: only admins act as owner then. */
  readonly owner: PrincipalId | undefined;
  readonly comment?: string | undefined;
}

export interface CatalogEntry extends Entry {
  readonly kind: "catalog";
  /** Absolute path or URL of the lake's folder. */
  readonly location: string;
}

export interface SchemaEntry extends Entry {
  readonly kind: "schema";
  readonly catalog: ObjectId;
}

export interface TableEntry extends Entry {
  readonly kind: "table";
  readonly schema: ObjectId;
  /** Absolute path or URL of the folder that holds `_delta_log`. */
  readonly location: string;
  /**
   * Found by listing a lake, made by CREATE TABLE, or registered with LOCATION. Only managed files are removed by DROP. Not in the
   * catalog: `path`, named by a statement, with the location as written there; `temporary`, a session's own; `system`, a table of
   * schema system, without a location.
   */
  readonly origin:
    "found" | "managed" | "external" | "path" | "temporary" | "system";
  /** Absent: none, and none ever was. */
  readonly policies?: TablePolicies;
  /** The folder holds plain files, which are read so; absent for Delta tables. */
  readonly files?: FilesFormat;
}

export interface ViewEntry extends Entry {
  readonly kind: "view";
  readonly schema: ObjectId;
  /** The text after AS as the user wrote it. */
  readonly source: string;
  /** Our printed text: names qualified and quoted, stars expanded. Parsed anew at each use. */
  readonly definition: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: DataType;
  }[];
}

export interface FunctionEntry extends Entry {
  readonly kind: "function";
  readonly schema: ObjectId;
  readonly parameters: readonly {
    readonly name: string;
    readonly type: DataType;
    /** Printed text of a constant expression; undefined: the call must give a value. */
    readonly default?: string | undefined;
  }[];
  readonly returns: DataType;
  /** The text after RETURN as the user wrote it. */
  readonly source: string;
  /** Our printed text of that expression: names qualified, the parameters as `$1`, `$2`. */
  readonly definition: string;
}
