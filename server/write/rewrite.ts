// Files of a table written anew without their deleted rows: copy-on-write of UPDATE and DELETE, and whoever packs files.

import type { PhysicalPlan, Stage } from "../../planner/physical/plan.ts";
import { representationOf } from "../../planner/functions/emit.ts";
import { INT8 } from "../../storage/common/data-type.ts";
import { trackedColumns } from "../../storage/delta/row-tracking.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import type { Split } from "../../storage/scan/split.ts";
import type { RunOptions } from "../compute/attempts.ts";
import type { WriteOutcome } from "../compute/load.ts";
import type { Services } from "../services.ts";
import { writeTarget } from "./table-write.ts";

const SCAN_ID = 0;

export interface RewriteOptions extends RunOptions {
  /** Kernel SQL over the columns' names as `rewriteColumn` gives them: the order of the rows. */
  readonly orderBy?: string;
}

/** The kernel's name of the table's i-th column in a rewrite. */
export function rewriteColumn(index: number): string {
  return `c${index}`;
}

/** The rows of `splits`, less those their deletion vectors name, as uncommitted files with the same partition values. */
export async function rewriteFiles(
  services: Services,
  snapshot: Snapshot,
  splits: readonly Split[],
  options: RewriteOptions,
): Promise<WriteOutcome> {
  if (splits.length === 0) return { drafts: [], rowCount: 0 };
  const { table, layout, properties } = snapshot;
  const files = { tableName: table.name, tableOid: 0, layout, splits };
  return services.scheduler.runWrite(
    rewritePlan(snapshot, splits, options.orderBy),
    new Map([[SCAN_ID, files]]),
    {
      ...writeTarget(table.location, layout, properties),
      tracked: trackedColumns(layout.rowTracking, "copied"),
    },
    options,
  );
}

/** What rows of a tracked table take along, in the order of `trackedColumns`. */
const KEPT = ["row_id", "row_commit_version"] as const;

function rewritePlan(
  { layout }: Snapshot,
  splits: readonly Split[],
  orderBy: string | undefined,
): PhysicalPlan {
  const kept = layout.rowTracking === undefined ? [] : KEPT;
  const columns = [
    ...layout.columns.map(({ type }, index) => ({
      name: rewriteColumn(index),
      type,
      representation: representationOf(type),
    })),
    ...kept.map((name) => ({
      name,
      type: INT8,
      representation: representationOf(INT8),
    })),
  ];
  const list = columns.map(({ name }) => name).join(", ");
  const order = orderBy === undefined ? "" : ` ORDER BY ${orderBy}`;
  const bytes = splits.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const stage: Stage = {
    id: 0,
    sql: `SELECT ${list} FROM scan_${SCAN_ID}${order}`,
    scans: [
      {
        scanId: SCAN_ID,
        columns: [
          ...layout.columns.map(({ name }, index) => ({
            alias: rewriteColumn(index),
            source: { kind: "column" as const, name },
          })),
          ...kept.map((field) => ({
            alias: field,
            source: { kind: "metadata" as const, field },
          })),
        ],
      },
    ],
    inputs: [],
    // An order is one over all rows, so that one node has to make it.
    distribution:
      orderBy === undefined
        ? { kind: "scatter", scanId: SCAN_ID }
        : { kind: "single" },
    columns,
    estimate: {
      rows: splits.reduce((sum, { rowCount = 0 }) => sum + rowCount, 0),
      peakBytes: bytes,
    },
    reason: "rewrite",
  };
  return { stages: [stage], output: columns };
}
