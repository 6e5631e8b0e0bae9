// What binding a statement yields: a typed plan, and what the server needs to run or keep it.

import type { Requirement } from "../../auth/privilege.ts";
import type { Relation, TableEntry } from "../../storage/catalog/objects.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type {
  BoundQuery,
  LogicalPlan,
  ProjectItem,
  ResultColumn,
} from "../logical/plan.ts";
import type { Statement } from "../parse/ast.ts";

export type BoundStatement =
  | BoundQueryStatement
  | BoundInsert
  | BoundCreateTable
  | BoundCreateTableAs
  | BoundCreateView
  | BoundCommand;

interface Bound {
  /** Types of $1 …, inferred where the client left them open. */
  readonly parameterTypes: readonly DataType[];
  /** True when values of the session (user, time, settings) are in the plan: it is bound anew for each execution. */
  readonly sessionDependent: boolean;
  /** Found only by binding (hidden columns): to be authorized before the plan runs. */
  readonly requirements: readonly Requirement[];
}

/** SELECT and VALUES, also as the body of EXPLAIN, DECLARE, COPY TO, DESCRIBE QUERY and PREPARE. */
export interface BoundQueryStatement extends Bound {
  readonly kind: "query";
  readonly query: BoundQuery;
}

export interface BoundInsert extends Bound {
  readonly kind: "insert";
  readonly table: TableEntry;
  readonly overwrite: boolean;
  /** Its columns are the table's, in the table's order and types. */
  readonly source: LogicalPlan;
  readonly returning:
    | {
        /** Over the columns of `source`. */
        readonly items: readonly ProjectItem[];
        readonly columns: readonly ResultColumn[];
      }
    | undefined;
}

export interface TableColumn {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly comment?: string | undefined;
}

export interface BoundCreateTable extends Bound {
  readonly kind: "create-table";
  readonly columns: readonly TableColumn[];
}

export interface BoundCreateTableAs extends Bound {
  readonly kind: "create-table-as";
  readonly columns: readonly TableColumn[];
  /** Gives exactly `columns`, in order. */
  readonly source: LogicalPlan;
}

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
