// filter ((a and b) or (a and c))   ->   filter (a and (b or c))
// What every branch demands can be a join condition or a pruning predicate of its own; TPC-H 19 hides its join so.

import { rewriteExpression } from "../../logical/expression-walk.ts";
import type { Expression, Or } from "../../logical/expression.ts";
import { mapExpressions } from "../../logical/walk.ts";
import {
  conjunction,
  conjunctsOf,
  disjunction,
  disjunctsOf,
  keyOf,
} from "../conjuncts.ts";
import { isVolatile } from "../facts.ts";
import { defineNodeRule, type FunctionLookup, type Rule } from "../rule.ts";

export const factorOr: Rule = defineNodeRule(
  "factor-or",
  (node, { functions }) => {
    const factored = mapExpressions(node, (expression) =>
      rewriteExpression(expression, (part) =>
        part.kind === "or" ? factor(part, functions) : part,
      ),
    );
    return factored === node ? undefined : factored;
  },
);

function factor(part: Or, functions: FunctionLookup): Expression {
  const branches = disjunctsOf(part).map((branch) => conjunctsOf(branch));
  const [first, ...others] = branches;
  if (first === undefined) return part;
  const keys = others.map((branch) => new Set(branch.map(keyOf)));
  const common = first.filter(
    (conjunct) =>
      !isVolatile(conjunct, functions) &&
      keys.every((set) => set.has(keyOf(conjunct))),
  );
  if (common.length === 0) return part;
  const shared = new Set(common.map(keyOf));
  const rest = branches.map((branch) =>
    conjunction(branch.filter((conjunct) => !shared.has(keyOf(conjunct)))),
  );
  return conjunction([...common, ...conjunctsOf(disjunction(rest))]);
}
