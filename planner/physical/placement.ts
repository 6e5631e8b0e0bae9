// Whether scattering pays: many bytes in several files on several nodes, small other inputs, and few rows to carry on.

import type { ScanStatistics } from "../../storage/scan/split.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type { LogicalPlan, PlanColumn } from "../logical/plan.ts";
import { nodesOf, outputOf } from "../logical/walk.ts";
import type { Estimator } from "../optimize/estimate.ts";
import { scansOf } from "../optimize/pruning.ts";

/** Below this one node is done before another has started. */
export const SCATTER_BYTES = 4_000_000;
/** Rows carried to the last stage, as a share of the rows scanned, above which one node does better alone. */
const CARRIED_SHARE = 0.25;
/** What a hash table or a sort keeps per row beside the row's own bytes. */
const ROW_OVERHEAD_BYTES = 32;
const BASE_BYTES = 16_000_000;

export type ScanSource = ReadonlyMap<number, ScanStatistics>;

/** Ids of scans worth scattering, largest first. */
export function scatterCandidates(
  plan: LogicalPlan,
  scans: ScanSource,
  leastBytes: number,
): readonly number[] {
  return scansOf(plan)
    .map((scan) => ({
      scanId: scan.table.scanId,
      statistics: scans.get(scan.table.scanId),
    }))
    .filter(
      ({ statistics }) =>
        statistics !== undefined &&
        statistics.filesKept > 1 &&
        statistics.bytesKept >= leastBytes,
    )
    .toSorted(
      (a, b) => (b.statistics?.bytesKept ?? 0) - (a.statistics?.bytesKept ?? 0),
    )
    .map(({ scanId }) => scanId);
}

/** Other scans of the fragment are read whole by each node: together they must be smaller than the one that is shared out. */
export function isBroadcastSmall(
  fragment: LogicalPlan,
  scanId: number,
  scans: ScanSource,
): boolean {
  const others = scansOf(fragment)
    .filter((scan) => scan.table.scanId !== scanId)
    .reduce(
      (sum, scan) => sum + (scans.get(scan.table.scanId)?.bytesKept ?? 0),
      0,
    );
  return others <= (scans.get(scanId)?.bytesKept ?? 0);
}

/** Few enough rows leave the fragments. */
export function isCarriedSmall(
  rows: number,
  scanId: number,
  scans: ScanSource,
): boolean {
  return (
    rows <= CARRIED_SHARE * (scans.get(scanId)?.rowCount ?? 0) || rows <= 10_000
  );
}

/** Intervals lose their microseconds in Parquet, so that no stage may hand them to another. */
export function isExchangeable(type: DataType): boolean {
  switch (type.kind) {
    case "interval":
      return false;
    case "array":
      return isExchangeable(type.element);
    case "map":
      return isExchangeable(type.key) && isExchangeable(type.value);
    case "struct":
      return type.fields.every((field) => isExchangeable(field.type));
    default:
      return true;
  }
}

/** Memory the stage's joins, sorts and groups may hold at once. */
export function peakBytes(plan: LogicalPlan, estimate: Estimator): number {
  let bytes = BASE_BYTES;
  for (const node of nodesOf(plan)) bytes += heldBytes(node, estimate);
  return Math.round(bytes);
}

function heldBytes(node: LogicalPlan, estimate: Estimator): number {
  switch (node.kind) {
    case "join":
      return sizeOf(node.right, estimate);
    case "aggregate":
    case "distinct":
      return sizeOf(node, estimate);
    case "sort":
    case "window":
      return sizeOf(node.input, estimate);
    default:
      return 0;
  }
}

function sizeOf(plan: LogicalPlan, estimate: Estimator): number {
  return estimate(plan).rows * rowBytes(outputOf(plan));
}

export function rowBytes(columns: readonly PlanColumn[]): number {
  return columns.reduce(
    (sum, column) => sum + valueBytes(column.type),
    ROW_OVERHEAD_BYTES,
  );
}

function valueBytes(type: DataType): number {
  return VALUE_BYTES[type.kind] ?? 8;
}

/** In the kernel's memory; what is not listed is one word. */
const VALUE_BYTES: Readonly<Partial<Record<DataType["kind"], number>>> = {
  bool: 1,
  int1: 1,
  int2: 2,
  int4: 4,
  date: 4,
  float4: 4,
  numeric: 16,
  interval: 16,
  text: 24,
  varchar: 24,
  bpchar: 24,
  bytea: 24,
  array: 100,
  map: 100,
  struct: 100,
  json: 100,
  jsonb: 100,
  variant: 100,
};
