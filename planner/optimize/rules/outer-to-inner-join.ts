// filter (b > 1) (left join (x[a]) (y[b]))    ->   filter (b > 1) (inner join (x) (y))
// filter (a > 1) (full join (x[a]) (y[b]))    ->   filter (a > 1) (left join (x) (y))
// Fires when a conjunct is not true for NULLs in a padded side: the padded rows would be dropped anyway.

import { outputOf } from "../../logical/walk.ts";
import type { Join } from "../../logical/plan.ts";
import { conjunctsOf } from "../conjuncts.ts";
import { idsOf } from "../facts.ts";
import { rejectsNulls } from "../null-rejection.ts";
import { defineRule, type Rule } from "../rule.ts";

export const outerToInnerJoin: Rule = defineRule(
  "outer-to-inner-join",
  "filter",
  (node, { functions }) => {
    const join = node.input;
    if (join.kind !== "join") return undefined;
    if (join.type !== "left" && join.type !== "right" && join.type !== "full")
      return undefined;
    const conjuncts = conjunctsOf(node.predicate);
    const rejects = (side: Join["left"]): boolean => {
      const ids = idsOf(outputOf(side));
      return conjuncts.some((conjunct) =>
        rejectsNulls(conjunct, ids, functions),
      );
    };
    const type = narrowed(join.type, rejects(join.left), rejects(join.right));
    return type === join.type
      ? undefined
      : { ...node, input: { ...join, type } };
  },
);

function narrowed(
  type: "left" | "right" | "full",
  rejectsLeft: boolean,
  rejectsRight: boolean,
): Join["type"] {
  const padsRight = type !== "right" && !rejectsRight;
  const padsLeft = type !== "left" && !rejectsLeft;
  if (padsLeft) return padsRight ? "full" : "right";
  return padsRight ? "left" : "inner";
}
