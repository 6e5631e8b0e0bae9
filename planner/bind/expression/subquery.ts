// Subqueries as expressions. Correlation is by column id: the inner plan refers to columns of the plan around it.

import {
  arrayOf,
  BOOL,
  UNKNOWN,
  type DataType,
} from "../../../storage/common/data-type.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import { functionById, quantified } from "../../functions/registry.ts";
import { sameKind } from "../../functions/types.ts";
import type { Expression, Subquery } from "../../logical/expression.ts";
import type {
  Expr,
  QuantifiedExpr,
  Query,
  SubqueryExpr,
} from "../../parse/ast.ts";
import { retypeOutput } from "../query/output.ts";
import type { Scope } from "../scope.ts";
import type { BoundRelation } from "../statement-context.ts";
import { coerceTo, matchOperator, type OperatorMatch } from "./operator.ts";
import { bind } from "./predicate.ts";
import { subqueryWidth } from "../errors/errors-query.ts";

/** A query in the body of a function is a security barrier, as a view is: the caller may not see all that it reads. */
function bindQuery(scope: Scope, query: Query): BoundRelation {
  const bound = scope.statement.binders.query(query, scope);
  return scope.arguments
    ? { ...bound, plan: { kind: "barrier", input: bound.plan } }
    : bound;
}

export function bindSubquery(scope: Scope, expression: SubqueryExpr): Subquery {
  const { form, position } = expression;
  const { plan, columns } = bindQuery(scope, expression.query);
  if (form === "exists") {
    return {
      kind: "subquery",
      form: { kind: "exists", negated: false },
      plan,
      type: BOOL,
      position,
    };
  }
  const [column, more] = columns;
  if (!column || more) throw subqueryWidth("one", position);
  return {
    kind: "subquery",
    form: { kind: form },
    plan,
    type: form === "array" ? arrayOf(column.type) : column.type,
    position,
  };
}

export function bindQuantified(
  scope: Scope,
  expression: QuantifiedExpr,
): Expression {
  return expression.source.kind === "query"
    ? quantifiedQuery(scope, expression, expression.source.query)
    : quantifiedArray(scope, expression, expression.source.array);
}

function quantifiedQuery(
  scope: Scope,
  expression: QuantifiedExpr,
  query: Query,
): Expression {
  const { position, quantifier, operator } = expression;
  const left =
    expression.operand.kind === "row"
      ? expression.operand.items
      : [expression.operand];
  const operands = left.map((item) => bind(scope, item));
  const bound = bindQuery(scope, query);
  if (bound.columns.length !== operands.length) {
    const few = bound.columns.length < operands.length;
    throw subqueryWidth(few ? "few" : "many", position);
  }
  const matches = operands.map((operand, i) =>
    matchOperator(
      operator,
      [operand.type, bound.columns[i]?.type ?? UNKNOWN],
      position,
    ),
  );
  for (const match of matches) requireTruth(match.returns, operator, position);
  const types = bound.columns.map(
    (column, i): DataType => matches[i]?.argTypes[1] ?? column.type,
  );
  return {
    kind: "subquery",
    form: {
      kind: "quantified",
      quantifier,
      operands: operands.map((operand, i) =>
        coerceTo(scope.statement, operand, matches[i]?.argTypes[0]),
      ),
      functions: matches.map((match) => match.row.id),
    },
    plan: retypeOutput(scope.statement, bound, types, "implicit").plan,
    type: BOOL,
    position,
  };
}

function requireTruth(
  type: DataType,
  operator: string,
  position: number,
): void {
  if (type.kind === "bool") return;
  throw new SqlError(
    "42804",
    `row comparison operator must yield type boolean, not type ${type.kind}`,
    { position, detail: `The operator is ${operator}.` },
  );
}

/** `x op ANY (array)`; equality with the items of a constructor is an IN list. */
function quantifiedArray(
  scope: Scope,
  expression: QuantifiedExpr,
  source: Expr,
): Expression {
  const { operator, quantifier, position } = expression;
  const operand = bind(scope, expression.operand);
  const array = bind(scope, source);
  const element = elementOf(array, position);
  const match = matchOperator(operator, [operand.type, element], position);
  const target = match.argTypes[1] ?? element;
  const member = memberTest(expression, match, array, operand);
  if (member) return { ...member, position };
  return {
    kind: "call",
    function: quantified(quantifier, match.row).id,
    args: [
      coerceTo(scope.statement, operand, match.argTypes[0]),
      sameKind(element, target) && array.type.kind === "array"
        ? array
        : coerceTo(scope.statement, array, arrayOf(target)),
    ],
    type: BOOL,
    position,
  };
}

/** `x = ANY (ARRAY[a, b])` is `x IN (a, b)` where both sides have one type. */
function memberTest(
  expression: QuantifiedExpr,
  match: OperatorMatch,
  array: Expression,
  operand: Expression,
): Expression | undefined {
  const { operator, quantifier } = expression;
  const membership =
    (operator === "=" && quantifier === "any") ||
    (["<>", "!="].includes(operator) && quantifier === "all");
  const [left, right] = match.argTypes;
  if (!membership || array.kind !== "call" || !left || !right) return undefined;
  const items = array.args;
  const same =
    functionById(array.function).name === "array" &&
    sameKind(left, right) &&
    [operand, ...items].every((it) => sameKind(it.type, left));
  if (!same) return undefined;
  return {
    kind: "in-list",
    operand,
    items,
    negated: quantifier === "all",
    type: BOOL,
  };
}

function elementOf(array: Expression, position: number): DataType {
  if (array.type.kind === "array") return array.type.element;
  if (array.type.kind === "unknown") return UNKNOWN;
  throw new SqlError(
    "42809",
    "op ANY/ALL (array) requires array on right side",
    {
      position,
    },
  );
}
