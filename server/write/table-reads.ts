// What a plan reads of a table, as conflict checks ask it.

import { lookupFunction } from "../../planner/optimize/function-lookup.ts";
import { scanPredicate, scansOf } from "../../planner/optimize/pruning.ts";
import type { LogicalPlan, ScanTable } from "../../planner/logical/plan.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import type { TransactionReads } from "../../storage/delta/transaction-reads.ts";
import type { Pinned } from "../pin.ts";

/** What the (simplified) plan reads of the table at the snapshot's version. */
export function readsOf(
  plan: LogicalPlan,
  snapshot: Snapshot,
  pinned: Pinned,
): TransactionReads {
  return readsWhere(
    plan,
    (table) =>
      pinned.source(table).format === undefined &&
      pinned.snapshot(table.id, table.version) === snapshot,
  );
}

/** What the scans read whose tables `isMeant` says are the one asked for. */
export function readsWhere(
  plan: LogicalPlan,
  isMeant: (table: ScanTable) => boolean,
): TransactionReads {
  const predicates = [];
  for (const scan of scansOf(plan)) {
    if (!isMeant(scan.table)) continue;
    const predicate = scanPredicate(scan, lookupFunction);
    if (predicate === undefined) return { kind: "table" };
    predicates.push(predicate);
  }
  return predicates.length === 0
    ? { kind: "nothing" }
    : { kind: "predicates", predicates };
}
