// Window nodes: calls that share a window share a node.

import type { Expression } from "../../logical/expression.ts";
import type { LogicalPlan, Window } from "../../logical/plan.ts";
import { mapExpressions } from "../../logical/walk.ts";
import { sameNode } from "../../logical/same-expression.ts";
import type { WindowEntry } from "../scope.ts";

/** `replace` turns expressions over the FROM list into expressions over the aggregation, if there is one. */
export function applyWindows(
  entries: readonly WindowEntry[],
  replace: (value: Expression) => Expression,
  input: LogicalPlan,
): LogicalPlan {
  const nodes: { window: WindowEntry["window"]; calls: WindowEntry[] }[] = [];
  for (const entry of entries) {
    const node = nodes.find((it) => sameNode(it.window, entry.window));
    if (node) node.calls.push(entry);
    else nodes.push({ window: entry.window, calls: [entry] });
  }
  return nodes.reduce<LogicalPlan>((below, node) => {
    const plan: Window = {
      kind: "window",
      ...node.window,
      calls: node.calls.map(({ column, call }) => ({ column, call })),
      input: below,
    };
    return mapExpressions(plan, replace);
  }, input);
}
