// filter (a = 1 and b = 2 and a < b) (cross join (x[a]) (y[b]))   ->   inner join on (a < b) (filter (a = 1) (x)) (filter (b = 2) (y))
// Outer joins take only what concerns their preserved side; the rest, subqueries over both sides and volatile conjuncts stay above.

import { outputOf } from "../../logical/walk.ts";
import { conjunctsOf, filterOf, partition } from "../conjuncts.ts";
import { hasSubquery, idsOf, isVolatile, sidesRead } from "../facts.ts";
import {
  filtersLeft,
  filtersRight,
  isInner,
  withConjuncts,
} from "../join-facts.ts";
import { defineRule, type Rule } from "../rule.ts";

export const pushFilterIntoJoin: Rule = defineRule(
  "push-filter-into-join",
  "filter",
  (node, { functions }) => {
    const join = node.input;
    if (join.kind !== "join") return undefined;
    const left = idsOf(outputOf(join.left));
    const right = idsOf(outputOf(join.right));
    const placed = conjunctsOf(node.predicate).map((conjunct) => {
      const sides = sidesRead(conjunct, left, right);
      const movable = !sides.other && !isVolatile(conjunct, functions);
      const toLeft = movable && sides.left && !sides.right && filtersLeft(join);
      const toRight =
        movable && sides.right && !sides.left && filtersRight(join);
      const toJoin =
        movable &&
        sides.left &&
        sides.right &&
        isInner(join) &&
        !hasSubquery(conjunct);
      const place = toLeft
        ? "left"
        : toRight
          ? "right"
          : toJoin
            ? "join"
            : "above";
      return { conjunct, place };
    });
    const at = (place: string): ReturnType<typeof conjunctsOf> =>
      partition(placed, (item) => item.place === place).yes.map(
        (item) => item.conjunct,
      );
    if (at("above").length === placed.length) return undefined;
    return filterOf(
      {
        ...withConjuncts(join, at("join")),
        left: filterOf(join.left, at("left")),
        right: filterOf(join.right, at("right")),
      },
      at("above"),
    );
  },
);
