// Columns whose value is computed by something that can fail: a predicate over one, moved below where it is computed, would fail for
// rows that a filter there still hides.

import type { ColumnId } from "../../storage/common/ids.ts";
import { columnsUsed } from "../logical/columns.ts";
import type { LogicalPlan, ProjectItem } from "../logical/plan.ts";
import { children, outputOf } from "../logical/walk.ts";
import { isTotal } from "./facts.ts";
import type { FunctionLookup } from "./rule.ts";

/** Of all that the plan's nodes make; plans of subqueries are left out. */
export function fragileColumns(
  plan: LogicalPlan,
  functions: FunctionLookup,
  found: Set<ColumnId> = new Set<ColumnId>(),
): ReadonlySet<ColumnId> {
  for (const child of children(plan)) fragileColumns(child, functions, found);
  const isFragile = ({ value }: ProjectItem): boolean =>
    !isTotal(value, functions) ||
    [...columnsUsed(value)].some((id) => found.has(id));
  switch (plan.kind) {
    case "project":
      mark(plan.items.filter(isFragile), found);
      break;
    case "aggregate":
      mark(plan.groups.filter(isFragile), found);
      break;
    case "set-operation":
      for (const input of plan.inputs) {
        outputOf(input).forEach(({ id }, i) => {
          const column = plan.columns[i];
          if (column && found.has(id)) found.add(column.id);
        });
      }
      break;
    default:
  }
  return found;
}

function mark(items: readonly ProjectItem[], found: Set<ColumnId>): void {
  for (const { column } of items) found.add(column.id);
}
