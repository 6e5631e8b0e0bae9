// filter true (x)            ->   x
// filter false or null (x)   ->   values without rows

import { emptyLike, isFalse, isNullLiteral, isTrue } from "../conjuncts.ts";
import { defineRule, type Rule } from "../rule.ts";

export const eliminateFilter: Rule = defineRule(
  "eliminate-filter",
  "filter",
  (node) => {
    const { predicate, input } = node;
    if (isTrue(predicate)) return input;
    return isFalse(predicate) || isNullLiteral(predicate)
      ? emptyLike(node)
      : undefined;
  },
);
