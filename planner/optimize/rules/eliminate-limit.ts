// limit all (x)   ->   x
// limit 0 (x)     ->   values without rows

import type { Expression } from "../../logical/expression.ts";
import { emptyLike } from "../conjuncts.ts";
import { defineRule, type Rule } from "../rule.ts";

export const eliminateLimit: Rule = defineRule(
  "eliminate-limit",
  "limit",
  (node) => {
    if (node.count?.kind === "literal" && node.count.value === "0") {
      return skipsValidly(node.offset) ? emptyLike(node) : undefined;
    }
    const unlimited = node.count === undefined || isConstant(node.count, null);
    const unskipped =
      node.offset === undefined ||
      isConstant(node.offset, null) ||
      isConstant(node.offset, "0");
    return unlimited && unskipped ? node.input : undefined;
  },
);

/** A negative offset is an error that must still be raised. */
function skipsValidly(offset: Expression | undefined): boolean {
  return (
    offset === undefined ||
    (offset.kind === "literal" && !(offset.value ?? "").startsWith("-"))
  );
}

function isConstant(expression: Expression, value: string | null): boolean {
  return expression.kind === "literal" && expression.value === value;
}
