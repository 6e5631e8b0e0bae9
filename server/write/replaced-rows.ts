// REPLACE WHERE and INSERT OVERWRITE … PARTITION: the rows that make room for those of the INSERT, found as a DELETE finds its own.

import type { ReplacedRows } from "../../planner/bind/bound.ts";
import type { InsertStatement } from "../../planner/parse/ast.ts";
import { printExpr } from "../../planner/parse/print.ts";
import { printIdentifier } from "../../planner/parse/print/print-name.ts";
import type { Action } from "../../storage/delta/actions.ts";
import {
  joinReads,
  type TransactionReads,
} from "../../storage/delta/transaction-reads.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import { simplified, type RunContext } from "../run-query.ts";
import { changePlan, evaluateChange, hasChangeFeed } from "./change-plan.ts";
import { readsOf } from "./table-reads.ts";
import { changeFiles, goneRows, removals } from "./gone-rows.ts";
import type { TableChange } from "./table-write.ts";
import { doomedFiles } from "./whole-files.ts";

export interface Replacement {
  readonly actions: readonly Action[];
  readonly reads: TransactionReads;
  /** The change feed is told row by row, so that it must be told of the new rows too (checklist G1). */
  readonly recorded: boolean;
  readonly metrics: TableChange["metrics"];
}

/** Throws what running a plan throws. */
export async function replacedRows(
  replaced: ReplacedRows,
  snapshot: Snapshot,
  context: RunContext,
): Promise<Replacement> {
  const plan = simplified(replaced.source, context.parameters);
  const reads = readsOf(plan, snapshot, context.pinned);
  const whole = await doomedFiles(replaced, snapshot, context);
  if (whole !== undefined) {
    const { files, rowCount } = whole;
    return {
      actions: removals(files),
      reads,
      recorded: false,
      metrics: { numRemovedFiles: files.length, numDeletedRows: rowCount },
    };
  }
  const outcome = await evaluateChange(changePlan(replaced, snapshot), context);
  const gone = await goneRows(outcome.gone, snapshot, context);
  return {
    actions: [
      ...gone.actions,
      ...changeFiles(outcome.changeData, snapshot.layout),
    ],
    reads,
    recorded: hasChangeFeed(snapshot),
    metrics: {
      numRemovedFiles: gone.removed.length,
      numDeletedRows: outcome.deleted,
      numCopiedRows: gone.rewritten.rowCount,
    },
  };
}

/** The rows of an INSERT and those they replace, as one change. */
export function replacing(
  statement: InsertStatement,
  rows: TableChange,
  { actions, reads, metrics }: Replacement,
): TableChange {
  return {
    ...rows,
    actions: [...actions, ...rows.actions],
    reads: joinReads(rows.reads, reads),
    parameters: {
      ...rows.parameters,
      mode: "Overwrite",
      predicate: JSON.stringify(replacedPredicate(statement)),
    },
    metrics: { ...rows.metrics, ...metrics },
  };
}

function replacedPredicate({
  replaceWhere,
  partition,
}: InsertStatement): readonly string[] {
  if (replaceWhere !== undefined) return [printExpr(replaceWhere)];
  return partition.flatMap(({ column, value }) =>
    value === undefined
      ? []
      : [`${printIdentifier(column)} = ${printExpr(value)}`],
  );
}
