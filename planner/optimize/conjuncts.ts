// Small constructors and views of boolean expressions that rules share: conjunct lists, constants, column references.

import { BOOL, typeNameWithModifier } from "../../storage/common/data-type.ts";
import { operandsOf } from "../logical/expression-walk.ts";
import type { ColumnRef, Expression, Literal } from "../logical/expression.ts";
import type { LogicalPlan, PlanColumn, Values } from "../logical/plan.ts";
import { outputOf } from "../logical/walk.ts";

export const TRUE: Literal = { kind: "literal", type: BOOL, value: "t" };
export const FALSE: Literal = { kind: "literal", type: BOOL, value: "f" };
export const NULL_BOOL: Literal = { kind: "literal", type: BOOL, value: null };

/** The operands of nested ANDs; TRUE gives none. */
export function conjunctsOf(
  expression: Expression | undefined,
): readonly Expression[] {
  if (expression === undefined || isTrue(expression)) return [];
  return expression.kind === "and"
    ? expression.operands.flatMap((operand) => conjunctsOf(operand))
    : [expression];
}

/** The operands of nested ORs; FALSE gives none. */
export function disjunctsOf(expression: Expression): readonly Expression[] {
  if (isFalse(expression)) return [];
  return expression.kind === "or"
    ? expression.operands.flatMap((operand) => disjunctsOf(operand))
    : [expression];
}

/** AND of the list: TRUE when empty, the item itself when single. */
export function conjunction(operands: readonly Expression[]): Expression {
  const [only] = operands;
  if (only === undefined) return TRUE;
  return operands.length === 1 ? only : { kind: "and", type: BOOL, operands };
}

/** OR of the list: FALSE when empty, the item itself when single. */
export function disjunction(operands: readonly Expression[]): Expression {
  const [only] = operands;
  if (only === undefined) return FALSE;
  return operands.length === 1 ? only : { kind: "or", type: BOOL, operands };
}

export function isTrue(expression: Expression): boolean {
  return expression.kind === "literal" && expression.value === "t";
}

export function isFalse(expression: Expression): boolean {
  return expression.kind === "literal" && expression.value === "f";
}

export function isNullLiteral(expression: Expression): boolean {
  return expression.kind === "literal" && expression.value === null;
}

export function columnRef(column: PlanColumn): ColumnRef {
  return {
    kind: "column",
    column: column.id,
    name: column.name,
    type: column.type,
    nullable: column.nullable,
  };
}

/** The input under the conjuncts; the input itself when there are none. */
export function filterOf(
  input: LogicalPlan,
  conjuncts: readonly Expression[],
): LogicalPlan {
  return conjuncts.length === 0
    ? input
    : { kind: "filter", predicate: conjunction(conjuncts), input };
}

/** No rows, with the plan's columns. */
export function emptyLike(plan: LogicalPlan): Values {
  return { kind: "values", columns: outputOf(plan), rows: [] };
}

export function isEmptyValues(plan: LogicalPlan): boolean {
  return plan.kind === "values" && plan.rows.length === 0;
}

/** Equal for expressions of the same tree, types and literals, different otherwise; positions in the user's text do not count. */
export function keyOf(expression: Expression): string {
  switch (expression.kind) {
    case "column":
      return `#${expression.column}`;
    case "parameter":
      return `$${expression.index}`;
    case "literal":
      return `${JSON.stringify(expression.value)}::${typeNameWithModifier(expression.type)}`;
    case "call":
      return `${expression.function}[${keysOf(expression.args)}]`;
    case "cast":
      return `cast${expression.attempt ? "?" : ""}[${keyOf(expression.operand)}:${typeNameWithModifier(expression.type)}]`;
    case "is-null":
    case "in-list":
      return `${expression.kind}${expression.negated ? "!" : ""}[${keysOf(operandsOf(expression))}]`;
    case "field":
      return `${JSON.stringify(expression.field)} of ${keyOf(expression.operand)}`;
    case "case":
      return `case${expression.otherwise ? "+" : ""}[${keysOf(operandsOf(expression))}]`;
    case "subquery":
      return JSON.stringify(expression);
    default:
      return `${expression.kind}[${keysOf(operandsOf(expression))}]`;
  }
}

function keysOf(expressions: readonly Expression[]): string {
  return expressions.map(keyOf).join(",");
}

/** Splits a list by a test, order kept. */
export function partition<T>(
  items: readonly T[],
  test: (item: T) => boolean,
): { readonly yes: readonly T[]; readonly no: readonly T[] } {
  const yes: T[] = [];
  const no: T[] = [];
  for (const item of items) (test(item) ? yes : no).push(item);
  return { yes, no };
}
