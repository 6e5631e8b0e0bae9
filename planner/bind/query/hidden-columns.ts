// Hidden columns (`_metadata`, `tableoid`) stay in a scan only where something refers to them.

import type { ColumnId } from "../../../storage/common/ids.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import { nodesOf, rewrite } from "../../logical/walk.ts";
import type { StatementContext } from "../statement-context.ts";

/** Scans lose the hidden columns that nothing refers to, and projections no longer pass them on. */
export function withoutUnusedHidden(
  statement: StatementContext,
  plan: LogicalPlan,
): LogicalPlan {
  const unused = new Set<ColumnId>();
  for (const node of nodesOf(plan)) {
    if (node.kind !== "scan") continue;
    for (const { id, source } of node.columns) {
      if (source.kind !== "column" && !statement.usedHidden.has(id)) {
        unused.add(id);
      }
    }
  }
  return rewrite(plan, (node) => {
    switch (node.kind) {
      case "scan": {
        const columns = node.columns.filter(({ id }) => !unused.has(id));
        return { ...node, columns };
      }
      case "project": {
        const items = node.items.filter(({ column }) => !unused.has(column.id));
        return items.length === node.items.length ? node : { ...node, items };
      }
      default:
        return node;
    }
  });
}
