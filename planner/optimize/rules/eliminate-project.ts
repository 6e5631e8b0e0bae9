// project [a, b] (x with output a, b)   ->   x
// Only when every column passes under its own id, in order, and none is dropped.

import { outputOf } from "../../logical/walk.ts";
import { defineRule, type Rule } from "../rule.ts";

export const eliminateProject: Rule = defineRule(
  "eliminate-project",
  "project",
  (node) => {
    const below = outputOf(node.input);
    if (below.length !== node.items.length) return undefined;
    const same = node.items.every(
      ({ column, value }, index) =>
        value.kind === "column" &&
        value.column === column.id &&
        below[index]?.id === column.id,
    );
    return same ? node.input : undefined;
  },
);
