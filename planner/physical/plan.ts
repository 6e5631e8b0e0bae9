// The physical plan: stages of kernel SQL, each run on one node or scattered over the files of one scan. The last stage answers the client.

import type { DataType } from "../../storage/common/data-type.ts";
import type { Representation } from "../functions/function.ts";

export interface PhysicalPlan {
  /** In order of execution; a stage reads only stages before it. */
  readonly stages: readonly Stage[];
  /** What the client gets: as BoundQuery.columns, in order. */
  readonly output: readonly PhysicalColumn[];
  /** The table, as errors name it, whose row filter or masks may fail on rows they hide: no error of the plan may speak of values. */
  readonly fallible?: string;
}

export interface Stage {
  readonly id: number;
  /**
   * One kernel query over relations `scan_<scanId>` and `stage_<id>`, which the node supplies as common table expressions:
   * the text begins with SELECT, VALUES or an opening bracket, never with WITH.
   */
  readonly sql: string;
  readonly scans: readonly PhysicalScan[];
  /** Stages whose rows it reads. */
  readonly inputs: readonly number[];
  readonly distribution:
    | { readonly kind: "single" }
    /** One fragment a node, each with a share of this scan's files; all other scans are read whole by each. */
    | { readonly kind: "scatter"; readonly scanId: number };
  readonly columns: readonly PhysicalColumn[];
  readonly estimate: { readonly rows: number; readonly peakBytes: number };
  /** Why it is placed so, for EXPLAIN: `12 files on 2 nodes`, `small scan`. */
  readonly reason: string;
}

export interface PhysicalScan {
  readonly scanId: number;
  /** Relation columns `c<ColumnId>`, from these table columns or hidden ones. */
  readonly columns: readonly {
    readonly alias: string;
    readonly source:
      | { readonly kind: "column"; readonly name: string }
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
  }[];
}

/** A column of a stage's result: `name` is the kernel's column name. */
export interface PhysicalColumn {
  readonly name: string;
  readonly type: DataType;
  readonly representation: Representation;
}
