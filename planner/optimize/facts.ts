// What rules ask about expressions before they move or copy them: can it fail, does it repeat, is it cheap.

import type { DataType } from "../../storage/common/data-type.ts";
import { someExpression } from "../logical/expression-walk.ts";
import type { Expression } from "../logical/expression.ts";
import { columnsUsed } from "../logical/columns.ts";
import type { ColumnId } from "../../storage/common/ids.ts";
import { expressionsOf, nodesOf } from "../logical/walk.ts";
import type { LogicalPlan, PlanColumn } from "../logical/plan.ts";
import type { FunctionLookup } from "./rule.ts";

/** Raises no error for any row, so that it may be evaluated on rows a barrier hides. A subquery may fail. */
export function isTotal(
  expression: Expression,
  functions: FunctionLookup,
): boolean {
  return !someExpression(expression, (part) => {
    if (part.kind === "call") return functions(part.function)?.total !== true;
    if (part.kind === "cast") return !isTotalCast(part.operand.type, part.type);
    return part.kind === "subquery";
  });
}

/** Gives another value each time it is evaluated, subqueries included. */
export function isVolatile(
  expression: Expression,
  functions: FunctionLookup,
): boolean {
  return someExpression(expression, (part) => {
    if (part.kind === "subquery") return isVolatilePlan(part.plan, functions);
    return (
      part.kind === "call" &&
      functions(part.function)?.volatility === "volatile"
    );
  });
}

export function isVolatilePlan(
  plan: LogicalPlan,
  functions: FunctionLookup,
): boolean {
  for (const node of nodesOf(plan)) {
    if (expressionsOf(node).some((part) => isVolatile(part, functions)))
      return true;
    if (
      node.kind === "series" &&
      functions(node.function)?.volatility === "volatile"
    )
      return true;
  }
  return false;
}

export function hasSubquery(expression: Expression): boolean {
  return someExpression(expression, (part) => part.kind === "subquery");
}

/** A column, a constant, or a field of a column: free to evaluate twice. */
export function isCheap(expression: Expression): boolean {
  return (
    expression.kind === "column" ||
    expression.kind === "literal" ||
    (expression.kind === "field" && isCheap(expression.operand))
  );
}

/** Every column the expression reads is among `columns`. */
export function readsOnly(
  expression: Expression,
  columns: ReadonlySet<ColumnId>,
): boolean {
  for (const id of columnsUsed(expression)) if (!columns.has(id)) return false;
  return true;
}

export function idsOf(columns: readonly PlanColumn[]): ReadonlySet<ColumnId> {
  return new Set(columns.map((column) => column.id));
}

const INTEGER_ORDER: readonly DataType["kind"][] = [
  "int1",
  "int2",
  "int4",
  "int8",
];
const CHARACTER: readonly DataType["kind"][] = ["text", "varchar", "bpchar"];

/** A cast that takes every value of `from`. */
export function isTotalCast(from: DataType, to: DataType): boolean {
  if (from.kind === to.kind) return hasNoModifier(to) || sameModifier(from, to);
  const start = INTEGER_ORDER.indexOf(from.kind);
  if (start >= 0) {
    const end = INTEGER_ORDER.indexOf(to.kind);
    return end > start || to.kind === "text" || isFloatOrNumeric(to);
  }
  if (to.kind === "text") return true;
  if (CHARACTER.includes(from.kind)) return CHARACTER.includes(to.kind);
  return from.kind === "float4" && to.kind === "float8";
}

function isFloatOrNumeric(type: DataType): boolean {
  return (
    type.kind === "float4" ||
    type.kind === "float8" ||
    (type.kind === "numeric" && type.precision === undefined)
  );
}

function hasNoModifier(type: DataType): boolean {
  switch (type.kind) {
    case "numeric":
      return type.precision === undefined;
    case "varchar":
    case "bpchar":
      return true;
    case "array":
    case "struct":
    case "map":
      return false;
    default:
      return true;
  }
}

function sameModifier(from: DataType, to: DataType): boolean {
  return JSON.stringify(from) === JSON.stringify(to);
}

/** Where the columns come from that an expression reads: the two sides of a join, or elsewhere (an enclosing plan, a mark). */
export function sidesRead(
  expression: Expression,
  left: ReadonlySet<ColumnId>,
  right: ReadonlySet<ColumnId>,
): {
  readonly left: boolean;
  readonly right: boolean;
  readonly other: boolean;
} {
  const sides = { left: false, right: false, other: false };
  for (const id of columnsUsed(expression)) {
    if (left.has(id)) sides.left = true;
    else if (right.has(id)) sides.right = true;
    else sides.other = true;
  }
  return sides;
}
