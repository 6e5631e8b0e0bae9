// filter ((a = 1 and b = 2) or (a = 3 and b = 4)) (join (x[a]) (y[b]))
//   ->   the same filter over join (filter (a = 1 or a = 3) (x)) (filter (b = 2 or b = 4) (y))
// The disjunction stays: what is derived is weaker. It lets each side be pruned before the join (TPC-H 7).

import type { ColumnId } from "../../../storage/common/ids.ts";
import type { Expression } from "../../logical/expression.ts";
import type { Join, LogicalPlan } from "../../logical/plan.ts";
import { outputOf, rewrite } from "../../logical/walk.ts";
import { comparisonOf } from "../comparison.ts";
import {
  conjunction,
  conjunctsOf,
  disjunction,
  disjunctsOf,
  filterOf,
  keyOf,
} from "../conjuncts.ts";
import { idsOf, isTotal, sidesRead } from "../facts.ts";
import { knownPredicates } from "../known-predicates.ts";
import { isInner } from "../join-facts.ts";
import { definePlanRule, type FunctionLookup, type Rule } from "../rule.ts";

export const deriveOrPredicates: Rule = definePlanRule(
  "derive-or-predicates",
  (root, { functions }) => {
    const derived = rewrite(root, (node) => {
      if (node.kind === "filter" && node.input.kind === "join") {
        const input = withDerived(
          node.input,
          conjunctsOf(node.predicate),
          functions,
        );
        return input === node.input ? node : { ...node, input };
      }
      return node.kind === "join"
        ? withDerived(node, conjunctsOf(node.condition), functions)
        : node;
    });
    return derived === root ? undefined : derived;
  },
);

function withDerived(
  join: Join,
  conjuncts: readonly Expression[],
  functions: FunctionLookup,
): Join {
  if (!isInner(join)) return join;
  const left = idsOf(outputOf(join.left));
  const right = idsOf(outputOf(join.right));
  const ors = conjuncts.filter(
    (conjunct) => conjunct.kind === "or" && spans(conjunct, left, right),
  );
  const forSide = (
    side: LogicalPlan,
    mine: ReadonlySet<ColumnId>,
    other: ReadonlySet<ColumnId>,
  ): LogicalPlan => {
    const known = new Set(knownPredicates(side).map(keyOf));
    const implied = ors.flatMap((or) => impliedFor(or, mine, other, functions));
    return filterOf(
      side,
      implied.filter((predicate) => !known.has(keyOf(predicate))),
    );
  };
  const first = forSide(join.left, left, right);
  const second = forSide(join.right, right, left);
  return first === join.left && second === join.right
    ? join
    : { ...join, left: first, right: second };
}

function spans(
  or: Expression,
  left: ReadonlySet<ColumnId>,
  right: ReadonlySet<ColumnId>,
): boolean {
  const sides = sidesRead(or, left, right);
  return sides.left && sides.right;
}

/**
 * The OR of what each branch demands of one side; nothing when some branch demands nothing of it. Only equalities count:
 * a union of ranges keeps most rows and costs more to evaluate than it saves (TPC-H 19).
 */
function impliedFor(
  or: Expression,
  mine: ReadonlySet<ColumnId>,
  other: ReadonlySet<ColumnId>,
  functions: FunctionLookup,
): readonly Expression[] {
  const branches = disjunctsOf(or).map((branch) =>
    conjunctsOf(branch).filter((conjunct) => {
      const sides = sidesRead(conjunct, mine, other);
      return (
        sides.left &&
        !sides.right &&
        !sides.other &&
        isEquality(conjunct, functions) &&
        isTotal(conjunct, functions)
      );
    }),
  );
  return branches.some((branch) => branch.length === 0)
    ? []
    : [disjunction(branches.map((branch) => conjunction(branch)))];
}

function isEquality(conjunct: Expression, functions: FunctionLookup): boolean {
  if (conjunct.kind === "in-list")
    return (
      !conjunct.negated &&
      conjunct.items.every((item) => item.kind === "literal")
    );
  const comparison = comparisonOf(conjunct, functions);
  return (
    comparison?.operator === "=" &&
    [comparison.left, comparison.right].some((side) => side.kind === "literal")
  );
}
