// filter, project, join … over values without rows   ->   values without rows
// A grouped aggregate has no group then; one without GROUP BY still gives its row, so it stays.

import type { Join, LogicalPlan } from "../../logical/plan.ts";
import { emptyLike, isEmptyValues } from "../conjuncts.ts";
import { defineNodeRule, type Rule } from "../rule.ts";

export const propagateEmpty: Rule = defineNodeRule("propagate-empty", (node) =>
  isEmpty(node) ? emptyLike(node) : undefined,
);

function isEmpty(node: LogicalPlan): boolean {
  switch (node.kind) {
    case "scan":
    case "values":
    case "common-table-ref":
      return false;
    case "aggregate":
      return (
        isEmptyValues(node.input) && node.sets.every((set) => set.length > 0)
      );
    case "join":
      return isEmptyJoin(node);
    case "set-operation":
      return (
        isEmptyValues(node.inputs[0]) &&
        (node.operator !== "union" || isEmptyValues(node.inputs[1]))
      );
    default:
      return isEmptyValues(node.input);
  }
}

function isEmptyJoin(node: Join): boolean {
  const left = isEmptyValues(node.left);
  const right = isEmptyValues(node.right);
  switch (node.type) {
    case "inner":
    case "cross":
    case "semi":
      return left || right;
    case "left":
    case "anti":
    case "mark":
    case "single":
      return left;
    case "right":
      return right;
    case "full":
      return left && right;
  }
}
