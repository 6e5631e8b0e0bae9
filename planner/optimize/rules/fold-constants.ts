// filter (a < '1998-12-01'::date - '90 days'::interval)   ->   filter (a < '1998-09-02 00:00:00'::timestamp)
// Wrong to fire where evaluation could fail: such calls stay and fail, or not, when they run.

import { rewriteExpression } from "../../logical/expression-walk.ts";
import { mapExpressions } from "../../logical/walk.ts";
import { foldExpression } from "../fold.ts";
import { defineNodeRule, type Rule } from "../rule.ts";

export const foldConstants: Rule = defineNodeRule(
  "fold-constants",
  (node, { functions }) => {
    const folded = mapExpressions(node, (expression) =>
      rewriteExpression(
        expression,
        (part) => foldExpression(part, functions) ?? part,
      ),
    );
    return folded === node ? undefined : folded;
  },
);
