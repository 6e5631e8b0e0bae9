// project [f(a)] (project [a := g(b)] (x))   ->   project [f(g(b))] (x)
// Fires when each lower value is cheap or read once outside subqueries, so that nothing is computed twice; wrong for volatile values.

import type { ColumnId } from "../../../storage/common/ids.ts";
import { someExpression } from "../../logical/expression-walk.ts";
import { columnsUsed, substituteColumns } from "../../logical/columns.ts";
import type { Project } from "../../logical/plan.ts";
import { hasSubquery, isCheap, isVolatile } from "../facts.ts";
import { defineRule, type Rule } from "../rule.ts";

export const mergeProjects: Rule = defineRule(
  "merge-projects",
  "project",
  (node, { functions }) => {
    const { input } = node;
    if (input.kind !== "project") return undefined;
    const mergeable = input.items.every(
      (item) =>
        isCheap(item.value) ||
        (!isVolatile(item.value, functions) &&
          !hasSubquery(item.value) &&
          readsOf(node, item.column.id) <= 1),
    );
    if (!mergeable) return undefined;
    const values = new Map(
      input.items.map((item) => [item.column.id, item.value]),
    );
    return {
      kind: "project",
      items: node.items.map((item) => ({
        column: item.column,
        value: substituteColumns(item.value, (id) => values.get(id)),
      })),
      input: input.input,
    };
  },
);

/** How often the projection reads the column; a read inside a subquery counts as many. */
function readsOf(node: Project, id: ColumnId): number {
  let reads = 0;
  for (const item of node.items) {
    someExpression(item.value, (part) => {
      if (part.kind === "column" && part.column === id) reads += 1;
      if (part.kind === "subquery" && columnsUsed(part).has(id)) reads += 2;
      return false;
    });
  }
  return reads;
}
