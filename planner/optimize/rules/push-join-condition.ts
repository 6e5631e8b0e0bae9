// left join on (a = b and b > 1) (x[a]) (y[b])   ->   left join on (a = b) (x) (filter (b > 1) (y))
// A conjunct over one side moves below unless that side is preserved; a preserved side's rows must stay even where it fails.

import { outputOf } from "../../logical/walk.ts";
import type { Join } from "../../logical/plan.ts";
import { conjunctsOf, filterOf } from "../conjuncts.ts";
import { hasSubquery, idsOf, isVolatile, sidesRead } from "../facts.ts";
import { isInner, withCondition } from "../join-facts.ts";
import { defineRule, type Rule } from "../rule.ts";
import type { Expression } from "../../logical/expression.ts";

export const pushJoinCondition: Rule = defineRule(
  "push-join-condition",
  "join",
  (join, { functions }) => {
    const left = idsOf(outputOf(join.left));
    const right = idsOf(outputOf(join.right));
    const toLeft: Expression[] = [];
    const toRight: Expression[] = [];
    const kept: Expression[] = [];
    for (const conjunct of conjunctsOf(join.condition)) {
      const sides = sidesRead(conjunct, left, right);
      const fixed =
        sides.other || isVolatile(conjunct, functions) || hasSubquery(conjunct);
      if (!fixed && sides.left && !sides.right && takesLeft(join))
        toLeft.push(conjunct);
      else if (!fixed && sides.right && !sides.left && takesRight(join))
        toRight.push(conjunct);
      else kept.push(conjunct);
    }
    if (toLeft.length + toRight.length === 0) return undefined;
    return {
      ...withCondition(join, kept),
      left: filterOf(join.left, toLeft),
      right: filterOf(join.right, toRight),
    };
  },
);

function takesLeft(join: Join): boolean {
  return isInner(join) || join.type === "right" || join.type === "semi";
}

function takesRight(join: Join): boolean {
  return (
    isInner(join) ||
    join.type === "left" ||
    join.type === "semi" ||
    join.type === "anti" ||
    join.type === "single"
  );
}
