// Which side of a join keeps what: where filters may go, and what a condition becomes.

import type { Expression } from "../logical/expression.ts";
import type { Join } from "../logical/plan.ts";
import { conjunction, conjunctsOf } from "./conjuncts.ts";

export function isInner(join: Join): boolean {
  return join.type === "inner" || join.type === "cross";
}

/** A filter over left columns above the join means the same below it. */
export function filtersLeft(join: Join): boolean {
  return join.type !== "right" && join.type !== "full";
}

/** A filter over right columns above the join means the same below it. */
export function filtersRight(join: Join): boolean {
  return isInner(join) || join.type === "right";
}

/** Conjuncts added to the condition of an inner join; a cross join with a condition is an inner one. */
export function withConjuncts(
  join: Join,
  conjuncts: readonly Expression[],
): Join {
  return conjuncts.length === 0
    ? join
    : {
        ...join,
        type: "inner",
        condition: conjunction([...conjunctsOf(join.condition), ...conjuncts]),
      };
}

/** The join with these conjuncts as its whole condition: inner without any is cross, others keep TRUE. */
export function withCondition(
  join: Join,
  conjuncts: readonly Expression[],
): Join {
  return isInner(join) && conjuncts.length === 0
    ? { ...join, type: "cross", condition: undefined }
    : { ...join, condition: conjunction(conjuncts) };
}
