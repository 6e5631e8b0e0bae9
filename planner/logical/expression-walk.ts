// Generic traversal of bound expressions. Maps keep identity: an expression none of whose parts changed is returned as it was.

import type { Case, Expression, Subquery, SubqueryForm } from "./expression.ts";

export type ChangeExpression = (expression: Expression) => Expression;

/** Direct operands, in order; the plan of a subquery is not one, the operands of its quantified form are. */
export function operandsOf(expression: Expression): readonly Expression[] {
  const found: Expression[] = [];
  mapOperands(expression, (operand) => {
    found.push(operand);
    return operand;
  });
  return found;
}

export function mapOperands(
  expression: Expression,
  change: ChangeExpression,
): Expression {
  switch (expression.kind) {
    case "literal":
    case "column":
    case "parameter":
      return expression;
    case "call": {
      const args = mapList(expression.args, change);
      return args === expression.args ? expression : { ...expression, args };
    }
    case "and":
    case "or": {
      const operands = mapList(expression.operands, change);
      return operands === expression.operands
        ? expression
        : { ...expression, operands };
    }
    case "case":
      return mapCase(expression, change);
    case "in-list": {
      const operand = change(expression.operand);
      const items = mapList(expression.items, change);
      return operand === expression.operand && items === expression.items
        ? expression
        : { ...expression, operand, items };
    }
    case "subquery":
      return mapQuantified(expression, change);
    default: {
      const operand = change(expression.operand);
      return operand === expression.operand
        ? expression
        : { ...expression, operand };
    }
  }
}

function mapCase(expression: Case, change: ChangeExpression): Case {
  const branches = mapList(expression.branches, (branch) => {
    const when = change(branch.when);
    const then = change(branch.then);
    return when === branch.when && then === branch.then
      ? branch
      : { when, then };
  });
  const otherwise = expression.otherwise && change(expression.otherwise);
  return branches === expression.branches && otherwise === expression.otherwise
    ? expression
    : { ...expression, branches, otherwise };
}

function mapQuantified(
  expression: Subquery,
  change: ChangeExpression,
): Subquery {
  const { form } = expression;
  if (form.kind !== "quantified") return expression;
  const operands = mapList(form.operands, change);
  if (operands === form.operands) return expression;
  const changed: SubqueryForm = { ...form, operands };
  return { ...expression, form: changed };
}

/** Bottom-up; does not enter the plans of subqueries. */
export function rewriteExpression(
  expression: Expression,
  change: ChangeExpression,
): Expression {
  return change(
    mapOperands(expression, (operand) => rewriteExpression(operand, change)),
  );
}

/** True when `test` holds for the expression or a part of it; plans of subqueries are not entered. */
export function someExpression(
  expression: Expression,
  test: (part: Expression) => boolean,
): boolean {
  return (
    test(expression) ||
    operandsOf(expression).some((operand) => someExpression(operand, test))
  );
}

/** `list.map(change)`, or `list` itself when no item changed. */
export function mapList<T>(
  list: readonly T[],
  change: (item: T) => T,
): readonly T[] {
  const result = list.map((item) => change(item));
  return result.every((item, index) => item === list[index]) ? list : result;
}
