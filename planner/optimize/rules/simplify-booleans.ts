// filter (a and true and (b or false))   ->   filter (a and b)
// not (a < b)  ->  (a >= b);  not not a  ->  a;  a and a  ->  a;  case and in-list over constants
// Dropping operands beside FALSE would be wrong only if they had to fail: SQL promises no order, so it is not.

import { rewriteExpression } from "../../logical/expression-walk.ts";
import type {
  And,
  Case,
  Expression,
  Not,
  Or,
} from "../../logical/expression.ts";
import { mapExpressions } from "../../logical/walk.ts";
import { compare, comparisonOf, NEGATED } from "../comparison.ts";
import {
  conjunction,
  disjunction,
  FALSE,
  isFalse,
  isNullLiteral,
  isTrue,
  keyOf,
  TRUE,
} from "../conjuncts.ts";
import { isVolatile } from "../facts.ts";
import { defineNodeRule, type FunctionLookup, type Rule } from "../rule.ts";

export const simplifyBooleans: Rule = defineNodeRule(
  "simplify-booleans",
  (node, { functions }) => {
    const simplified = mapExpressions(node, (expression) =>
      rewriteExpression(expression, (part) => simplify(part, functions)),
    );
    return simplified === node ? undefined : simplified;
  },
);

function simplify(part: Expression, functions: FunctionLookup): Expression {
  switch (part.kind) {
    case "and":
    case "or":
      return simplifyList(part, functions);
    case "not":
      return simplifyNot(part, functions);
    case "case":
      return simplifyCase(part);
    default:
      return part;
  }
}

function simplifyList(part: And | Or, functions: FunctionLookup): Expression {
  const and = part.kind === "and";
  const flat = part.operands.flatMap((operand) =>
    operand.kind === part.kind ? operand.operands : [operand],
  );
  if (flat.some(and ? isFalse : isTrue)) return and ? FALSE : TRUE;
  const kept = distinct(
    flat.filter((operand) => !(and ? isTrue(operand) : isFalse(operand))),
    functions,
  );
  if (kept.length === part.operands.length && flat.length === kept.length)
    return part;
  return and ? conjunction(kept) : disjunction(kept);
}

function distinct(
  operands: readonly Expression[],
  functions: FunctionLookup,
): readonly Expression[] {
  const seen = new Set<string>();
  return operands.filter((operand) => {
    if (isVolatile(operand, functions)) return true;
    const key = keyOf(operand);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function simplifyNot(part: Not, functions: FunctionLookup): Expression {
  const { operand } = part;
  if (isTrue(operand)) return FALSE;
  if (isFalse(operand)) return TRUE;
  if (isNullLiteral(operand)) return operand;
  switch (operand.kind) {
    case "not":
      return operand.operand;
    case "is-null":
    case "in-list":
      return { ...operand, negated: !operand.negated };
    case "subquery":
      return operand.form.kind === "exists"
        ? {
            ...operand,
            form: { kind: "exists", negated: !operand.form.negated },
          }
        : part;
    default:
      return negatedComparison(operand, functions) ?? part;
  }
}

function negatedComparison(
  operand: Expression,
  functions: FunctionLookup,
): Expression | undefined {
  const comparison = comparisonOf(operand, functions);
  return (
    comparison &&
    compare(
      { ...comparison, operator: NEGATED[comparison.operator] },
      functions,
    )
  );
}

function simplifyCase(part: Case): Expression {
  const branches = part.branches.filter(
    (branch) => !isFalse(branch.when) && !isNullLiteral(branch.when),
  );
  const [first] = branches;
  if (first === undefined) {
    return part.otherwise ?? { kind: "literal", type: part.type, value: null };
  }
  if (isTrue(first.when)) return first.then;
  return branches.length === part.branches.length
    ? part
    : { ...part, branches };
}
