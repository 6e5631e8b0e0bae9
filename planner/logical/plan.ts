// The logical plan: relational algebra over bound expressions. Columns are ids, tables are object ids at a pinned version.
// Every node's output is a list of columns; `outputOf` in walk.ts derives it.

import type { DerivedPartition } from "./derived-partition.ts";
import type { ColumnId, ObjectId, Version } from "../../storage/common/ids.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type {
  AggregateCall,
  Expression,
  SortKey,
  WindowCall,
} from "./expression.ts";

export type LogicalPlan =
  | Scan
  | Values
  | Filter
  | Project
  | Join
  | Aggregate
  | Window
  | Sort
  | Limit
  | Distinct
  | SetOperation
  | Unnest
  | Series
  | CommonTable
  | CommonTableRef
  | RecursiveTable
  | Barrier;

/** A column a node makes or passes on. */
export interface PlanColumn {
  readonly id: ColumnId;
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
}

/** Reads a pinned Delta table. Output: `columns`, in this order. */
export interface Scan {
  readonly kind: "scan";
  readonly table: ScanTable;
  readonly columns: readonly ScanColumn[];
  /** Conjuncts evaluated on each row of the scan, over `columns`; also the source of pruning predicates. */
  readonly filters: readonly Expression[];
}
export interface ScanTable {
  readonly id: ObjectId;
  readonly version: Version;
  /** Unique in the statement: two scans of one table are two. */
  readonly scanId: number;
  /** As EXPLAIN shows it: `schema.table`. */
  readonly name: string;
  /** The catalog's oid, for RowDescription. */
  readonly oid: number;
  /** True below a view the user may not look into: EXPLAIN hides it. */
  readonly opaque: boolean;
  /** Below a row filter or masks: EXPLAIN tells nothing of its files and rows, and the log answers no aggregate. */
  readonly governed?: true;
  /** Partition columns that follow from other columns: what filters say of these skips partitions. */
  readonly derived?: readonly DerivedPartition[];
  /** Fields are texts, and a cast reads each: what a filter says of the cast, it says of the column. */
  readonly textFields?: true;
  /** Reads what changed since version `from` up to `version`, or one part of it (storage/scan/source.ts). */
  readonly changes?: {
    readonly from: Version;
    readonly part: "recorded" | "derived";
  };
}
export interface ScanColumn extends PlanColumn {
  /** A column of the table, or one of its hidden ones. */
  readonly source:
    | {
        readonly kind: "column";
        readonly name: string;
        readonly number: number;
      }
    | {
        readonly kind: "metadata";
        readonly field:
          | "file_path"
          | "file_name"
          | "file_size"
          | "row_index"
          | "row_id"
          | "row_commit_version"
          | "tableoid";
      };
}

/** Inline rows; `SELECT 1` is a Project over Values with one row and no columns. */
export interface Values {
  readonly kind: "values";
  readonly columns: readonly PlanColumn[];
  readonly rows: readonly (readonly Expression[])[];
  /** Where they come from, for EXPLAIN, when the user did not write them. */
  readonly note?: string;
}
export interface Filter {
  readonly kind: "filter";
  readonly predicate: Expression;
  readonly input: LogicalPlan;
}
/** Output: exactly `items`. */
export interface Project {
  readonly kind: "project";
  readonly items: readonly ProjectItem[];
  readonly input: LogicalPlan;
}
export interface ProjectItem {
  readonly column: PlanColumn;
  readonly value: Expression;
}
/**
 * Output: left's columns then right's; semi and anti only left's; mark only left's and the `mark` column.
 * `lateral`: right may refer to left's columns (until decorrelated).
 */
export interface Join {
  readonly kind: "join";
  readonly type:
    | "inner"
    | "left"
    | "right"
    | "full"
    | "cross"
    | "semi"
    | "anti"
    | "mark"
    | "single";
  /** Undefined only for cross. `single` is a left join that raises 21000 on a second match. */
  readonly condition: Expression | undefined;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly lateral: boolean;
  /** Three-valued result of `left IN right`, for type mark. */
  readonly mark?: PlanColumn;
  /** A semi or anti join that was written as EXISTS, and is best asked of an engine as such. */
  readonly exists?: boolean;
}
/** Output: group columns, then aggregates, then `groupingId` columns. */
export interface Aggregate {
  readonly kind: "aggregate";
  readonly groups: readonly ProjectItem[];
  /** Indexes into `groups`, one list a grouping set; a plain GROUP BY has one set with all of them. */
  readonly sets: readonly (readonly number[])[];
  readonly aggregates: readonly {
    readonly column: PlanColumn;
    readonly call: AggregateCall;
  }[];
  /** GROUPING(args): bit mask over the indexes of `groups` given. */
  readonly grouping: readonly {
    readonly column: PlanColumn;
    readonly groups: readonly number[];
  }[];
  readonly input: LogicalPlan;
}
/** Output: input's columns, then the calls. */
export interface Window {
  readonly kind: "window";
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly SortKey[];
  readonly frame: Frame | undefined;
  readonly calls: readonly {
    readonly column: PlanColumn;
    readonly call: WindowCall;
  }[];
  readonly input: LogicalPlan;
}
export interface Frame {
  readonly unit: "rows" | "range" | "groups";
  readonly start: FrameBound;
  readonly end: FrameBound;
  readonly exclude: "current-row" | "group" | "ties" | undefined;
}
export type FrameBound =
  | {
      readonly kind:
        "unbounded-preceding" | "unbounded-following" | "current-row";
    }
  | { readonly kind: "preceding" | "following"; readonly offset: Expression };
export interface Sort {
  readonly kind: "sort";
  readonly keys: readonly SortKey[];
  readonly input: LogicalPlan;
}
export interface Limit {
  readonly kind: "limit";
  /** Undefined: no limit. Constant after Bind. */
  readonly count: Expression | undefined;
  readonly offset: Expression | undefined;
  /** FETCH FIRST … WITH TIES: needs the keys of the Sort below. */
  readonly ties: readonly SortKey[] | undefined;
  readonly input: LogicalPlan;
}
/** DISTINCT, or DISTINCT ON when `on` is given: the first row of each group in `orderBy`. Output: input's columns. */
export interface Distinct {
  readonly kind: "distinct";
  readonly on: readonly Expression[] | undefined;
  readonly orderBy: readonly SortKey[];
  readonly input: LogicalPlan;
}
/** Inputs have the same number and types of columns; output: `columns`. */
export interface SetOperation {
  readonly kind: "set-operation";
  readonly operator: "union" | "intersect" | "except";
  readonly all: boolean;
  readonly columns: readonly PlanColumn[];
  readonly inputs: readonly [LogicalPlan, LogicalPlan];
}
/** Arrays to rows, in lockstep, NULL padded; lateral over input. Output: input's columns, `columns`, then `ordinality`. */
export interface Unnest {
  readonly kind: "unnest";
  readonly arrays: readonly Expression[];
  readonly columns: readonly PlanColumn[];
  readonly ordinality: PlanColumn | undefined;
  /** LEFT JOIN LATERAL unnest(…) ON true keeps rows without elements. */
  readonly outer: boolean;
  readonly input: LogicalPlan;
}
/** A set-returning function of planner/functions (`generate_series`, `regexp_split_to_table`, `json_array_elements` …); lateral over input. */
export interface Series {
  readonly kind: "series";
  readonly function: string;
  readonly args: readonly Expression[];
  readonly columns: readonly PlanColumn[];
  readonly ordinality: PlanColumn | undefined;
  readonly outer: boolean;
  readonly input: LogicalPlan;
}
/** Names `definition` for the CommonTableRefs in `input`. Output: input's columns. */
export interface CommonTable {
  readonly kind: "common-table";
  readonly id: number;
  readonly name: string;
  readonly definition: LogicalPlan;
  /** AS MATERIALIZED true, NOT MATERIALIZED false, else undefined: used twice or more means computed once. */
  readonly materialized: boolean | undefined;
  readonly input: LogicalPlan;
}
/** `columns[i]` stands for the definition's i-th output column. */
export interface CommonTableRef {
  readonly kind: "common-table-ref";
  readonly id: number;
  readonly name: string;
  readonly columns: readonly PlanColumn[];
}
/** WITH RECURSIVE: `recursive` refers to the working table by a CommonTableRef with this id, as `input` refers to the result. */
export interface RecursiveTable {
  readonly kind: "recursive-table";
  readonly id: number;
  readonly name: string;
  readonly columns: readonly PlanColumn[];
  readonly all: boolean;
  readonly base: LogicalPlan;
  readonly recursive: LogicalPlan;
  readonly input: LogicalPlan;
}
/** Rules may not move predicates that can fail or have side effects below this node (views, row filters). */
export interface Barrier {
  readonly kind: "barrier";
  /** Set above the row filter and masks of a table: its name as errors and EXPLAIN show it. */
  readonly policy?: string;
  readonly input: LogicalPlan;
}

/** What a statement does with a plan's rows. */
export interface BoundQuery {
  readonly plan: LogicalPlan;
  /** Result columns in order: names may repeat; `id` names the plan's output column. */
  readonly columns: readonly ResultColumn[];
  /** Types of $1 …, inferred where open. */
  readonly parameterTypes: readonly DataType[];
}
export interface ResultColumn {
  readonly id: ColumnId;
  readonly name: string;
  readonly type: DataType;
  readonly origin?:
    { readonly tableOid: number; readonly columnNumber: number } | undefined;
}
