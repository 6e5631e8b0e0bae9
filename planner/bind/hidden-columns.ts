// Hidden columns (`_metadata`, `tableoid`) stay in a scan only where something refers to them.

import type { LogicalPlan } from "../logical/plan.ts";
import { rewrite } from "../logical/walk.ts";
import type { StatementContext } from "./statement-context.ts";

/** Scans lose the hidden columns that nothing refers to. */
export function withoutUnusedHidden(
  statement: StatementContext,
  plan: LogicalPlan,
): LogicalPlan {
  return rewrite(plan, (node) => {
    if (node.kind !== "scan") return node;
    const columns = node.columns.filter(
      (column) =>
        column.source.kind === "column" || statement.usedHidden.has(column.id),
    );
    return { ...node, columns };
  });
}
