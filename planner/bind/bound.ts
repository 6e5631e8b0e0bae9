// What binding a statement yields: a typed plan, and what the server needs to run or keep it.

import type { Requirement } from "../../auth/privilege.ts";
import type {
  FunctionEntry,
  Relation,
  TableEntry,
} from "../../storage/catalog/objects.ts";
import type { ObjectId } from "../../storage/common/ids.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type { TablePolicies } from "../../storage/common/policy.ts";
import type { Check, Column } from "../../storage/common/schema.ts";
import type { DefinitionChange } from "../../storage/delta/definition/definition-change.ts";
import type { FilesFormat } from "../../storage/files/format.ts";
import type { CopyFormat } from "../logical/copy-format.ts";
import type {
  BoundQuery,
  CommonTableRef,
  LogicalPlan,
  PlanColumn,
  ResultColumn,
} from "../logical/plan.ts";
import type { Statement } from "../parse/ast.ts";
import type { Obstacle } from "./define/alter-rows.ts";
import type { IdentityUse } from "./write/complete-row.ts";

export type BoundStatement =
  | BoundQueryStatement
  | BoundInsert
  | BoundChange
  | BoundCopyTo
  | BoundCopyFrom
  | BoundCopyInto
  | BoundCreateTable
  | BoundCreateTableAs
  | BoundCreateView
  | BoundCreateFunction
  | BoundAlterTable
  | BoundSetPolicies
  | BoundCommand;

interface Bound {
  /** Types of $1 …, inferred where the client left them open. */
  readonly parameterTypes: readonly DataType[];
  /** True when values of the session (user, time, settings) are in the plan: it is bound anew for each execution. */
  readonly sessionDependent: boolean;
  /** Found only by binding (hidden columns): to be authorized before the plan runs. */
  readonly requirements: readonly Requirement[];
}

/** SELECT and VALUES, also as the body of EXPLAIN, DECLARE, DESCRIBE QUERY and PREPARE. */
export interface BoundQueryStatement extends Bound {
  readonly kind: "query";
  readonly query: BoundQuery;
}

export interface BoundInsert extends Bound {
  readonly kind: "insert";
  readonly table: TableEntry;
  /** The whole table, or with dynamic partition overwrite the partitions that new rows lie in. */
  readonly overwrite: boolean;
  /** The rows that go, where the statement says which. Undefined: none, or with `overwrite` those said there. */
  readonly replaced: ReplacedRows | undefined;
  /** Gives `columns`, and besides them `violation` and those of RETURNING. */
  readonly source: LogicalPlan;
  /** The rows to write, one column a table column in the table's order and types. */
  readonly columns: readonly PlanColumn[];
  /** text: NULL for a good row, else the error the write ends with. Undefined: no rule can be broken (complete-row.ts). */
  readonly violation: PlanColumn | undefined;
  readonly identity: IdentityUse | undefined;
  readonly evolution: Evolution;
  readonly returning: Returning;
}

/** A DELETE. With `overwrite` it is one of the partitions named, and dynamic partition overwrite takes its place. */
export type ReplacedRows = Omit<BoundChange, keyof Bound>;

/** Changes of the table's definition that the rows need, in the same commit: `columns` are those of the table after it. */
export type Evolution = readonly DefinitionChange[];

/**
 * What the client gets of each row written: output columns of the statement's source, computed with the row (volatile functions
 * once, subqueries over the tables as they were before the statement). Undefined without RETURNING.
 */
export type Returning = readonly ResultColumn[] | undefined;

/** UPDATE, DELETE and MERGE: each row of `source` is one change of one row of the table. */
export interface BoundChange extends Bound {
  readonly kind: "change";
  readonly command: "update" | "delete" | "merge";
  readonly table: TableEntry;
  /** Gives `columns`, and besides them `violation` and those of RETURNING. */
  readonly source: LogicalPlan;
  readonly columns: ChangeColumns;
  /** As of an INSERT; NULL for a row that is deleted. */
  readonly violation: PlanColumn | undefined;
  readonly identity: IdentityUse | undefined;
  readonly evolution: Evolution;
  /**
   * The scanId of the target's scan inside `source`: its predicate says which files the statement read. The optimizer drops the
   * scan where no row can match.
   */
  readonly targetScanId: number;
  /** A second change of one row: UPDATE … FROM and DELETE … USING take any one of them, MERGE throws 21000, ON CONFLICT too. */
  readonly duplicates: "first" | "refuse" | "refuse-proposed";
  /** New values for an update, old ones for a delete; MERGE has none. */
  readonly returning: Returning;
}

export interface ChangeColumns {
  /** int2: 0 insert, 1 update, 2 delete. */
  readonly action: PlanColumn;
  /** text, `_metadata.file_path` of the row changed; null for an insert. */
  readonly filePath: PlanColumn;
  /** int8, `_metadata.row_index` in that file, from 0; null for an insert. */
  readonly rowIndex: PlanColumn;
  /** The row's new values, one a table column in the table's order; of a delete they mean nothing. */
  readonly after: readonly PlanColumn[];
  /** int8, `_metadata.row_id` of the row changed, which its new row keeps; null for an insert. Undefined where rows keep no ids. */
  readonly rowId: PlanColumn | undefined;
  /**
   * The row's old values, one a table column in the table's order; null for an insert. Change data reads them: left out of
   * the list of columns the plan must give, they are not read from the files.
   */
  readonly before: readonly PlanColumn[];
}

/** `COPY … TO STDOUT`. */
export interface BoundCopyTo extends Bound {
  readonly kind: "copy-to";
  readonly query: BoundQuery;
  readonly format: CopyFormat;
}

/** `COPY … FROM STDIN`. */
export interface BoundCopyFrom extends Bound {
  readonly kind: "copy-from";
  readonly table: TableEntry;
  /** What the client sends, as texts: a column for each of `fields`. No plan defines it. */
  readonly client: CommonTableRef;
  /** The table's columns that are copied, in the order of the client's fields. */
  readonly fields: readonly {
    readonly name: string;
    readonly type: DataType;
  }[];
  /** Over `client`. Gives `columns` and `violation`. */
  readonly source: LogicalPlan;
  /** As of an INSERT. */
  readonly columns: readonly PlanColumn[];
  readonly violation: PlanColumn | undefined;
  readonly format: CopyFormat;
}

/** COPY INTO … VALIDATE. */
export interface ValidatedRows {
  /** Undefined: all. */
  readonly rowCount: number | undefined;
  /** Those of the table as it would be afterwards. */
  readonly columns: readonly ResultColumn[];
}

/** COPY INTO: the rows of files that the table has not taken in. */
export interface BoundCopyInto extends Bound {
  readonly kind: "copy-into";
  readonly table: TableEntry;
  /** The reference to the files. */
  readonly files: ObjectId;
  /** Set where nothing is loaded: the rows are checked, and the first of them shown. */
  readonly validated: ValidatedRows | undefined;
  /** As of an INSERT. Undefined: no file is left, and so nothing is known of columns. */
  readonly rows:
    | Pick<
        BoundInsert,
        "source" | "columns" | "violation" | "identity" | "evolution"
      >
    | undefined;
}

export interface BoundCreateTable extends Bound {
  readonly kind: "create-table";
  /** None: they are those of the table at LOCATION. */
  readonly columns: readonly Column[];
  readonly checks: readonly Check[];
  readonly keys: readonly TableKey[];
  /** The table is of plain files, whose columns are these or, where none are given, their own. */
  readonly files: FilesFormat | undefined;
  /** Undefined: none is given. */
  readonly policies: BoundPolicies | undefined;
}

/** PRIMARY KEY, UNIQUE, FOREIGN KEY: kept and shown, not enforced. */
export interface TableKey {
  readonly name: string;
  readonly kind: "primary-key" | "unique" | "foreign-key";
  readonly columns: readonly string[];
  readonly references?: {
    /** As the user named it, one part or more. */
    readonly table: readonly string[];
    readonly columns: readonly string[];
  };
}

export interface BoundCreateTableAs extends Bound {
  readonly kind: "create-table-as";
  readonly columns: readonly Column[];
  /** Gives exactly `columns`, in order. */
  readonly source: LogicalPlan;
  readonly policies: BoundPolicies | undefined;
}

/** Changes of a table's definition, which one commit makes. */
export interface BoundAlterTable extends Bound {
  readonly kind: "alter-table";
  /** Undefined: IF EXISTS of what is not there. */
  readonly table: TableEntry | undefined;
  readonly changes: readonly DefinitionChange[];
  readonly addedKeys: readonly TableKey[];
  /** Rows that forbid the change. */
  readonly obstacles: readonly Obstacle[];
  readonly notices: readonly string[];
}

/** ALTER TABLE … ROW FILTER or MASK: a change of the catalog alone. */
export interface BoundSetPolicies extends Bound {
  readonly kind: "set-policies";
  readonly table: TableEntry;
  readonly action:
    "set-row-filter" | "drop-row-filter" | "set-mask" | "drop-mask";
  /** Of a mask. */
  readonly column?: string;
  /** All of the table's, this change made. */
  readonly policies: TablePolicies;
}

/** Policies of a table that is not there yet: physical names are names. */
export type BoundPolicies = Omit<TablePolicies, "floor">;

export interface BoundCreateView extends Bound {
  readonly kind: "create-view";
  readonly columns: readonly {
    readonly name: string;
    readonly type: DataType;
  }[];
  /** Our printed text: names qualified and quoted, stars expanded. */
  readonly definition: string;
  /** What its text names directly. */
  readonly references: readonly Relation[];
}

export interface BoundCreateFunction extends Bound {
  readonly kind: "create-function";
  readonly parameters: FunctionEntry["parameters"];
  readonly returns: DataType;
  /** Our printed text of the body. */
  readonly definition: string;
}

/** Nothing to bind: the command runs from its syntax tree and resolved targets. */
export interface BoundCommand extends Bound {
  readonly kind: "command";
  readonly statement: Statement;
}

/** A bound statement before what all of them share is known. */
type WithoutShared<T> = T extends BoundStatement
  ? Omit<T, "parameterTypes" | "sessionDependent" | "requirements">
  : never;
export type StatementBody = WithoutShared<BoundStatement>;
