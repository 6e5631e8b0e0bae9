// Small constructors and views of boolean expressions that rules share: conjunct lists, constants, column references.

import { BOOL } from "../../storage/common/data-type.ts";
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

/** Same tree, types and literals; positions in the user's text do not count. */
export function sameExpression(a: Expression, b: Expression): boolean {
  return a === b || keyOf(a) === keyOf(b);
}

/** Equal for `sameExpression`s, different otherwise. */
export function keyOf(expression: Expression): string {
  return JSON.stringify(expression, (key, value: unknown) =>
    key === "position" || key === "nullable" ? undefined : value,
  );
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
