// Whether a predicate is never true on a row whose columns of one side are all NULL, as an outer join pads them.

import type { ColumnId } from "../../storage/common/ids.ts";
import type { Expression } from "../logical/expression.ts";
import { disjunctsOf, isFalse, isNullLiteral } from "./conjuncts.ts";
import type { FunctionLookup } from "./rule.ts";

/** FALSE or NULL whenever all `columns` are NULL. */
export function rejectsNulls(
  predicate: Expression,
  columns: ReadonlySet<ColumnId>,
  functions: FunctionLookup,
): boolean {
  switch (predicate.kind) {
    case "and":
      return predicate.operands.some((operand) =>
        rejectsNulls(operand, columns, functions),
      );
    case "or":
      return disjunctsOf(predicate).every((operand) =>
        rejectsNulls(operand, columns, functions),
      );
    case "is-null":
      return (
        predicate.negated && isNullFor(predicate.operand, columns, functions)
      );
    default:
      return isFalse(predicate) || isNullFor(predicate, columns, functions);
  }
}

/** NULL whenever all `columns` are NULL. */
function isNullFor(
  expression: Expression,
  columns: ReadonlySet<ColumnId>,
  functions: FunctionLookup,
): boolean {
  const inner = (operand: Expression): boolean =>
    isNullFor(operand, columns, functions);
  switch (expression.kind) {
    case "column":
      return columns.has(expression.column);
    case "literal":
      return isNullLiteral(expression);
    case "call":
      return (
        functions(expression.function)?.strict === true &&
        expression.args.some(inner)
      );
    case "cast":
    case "field":
    case "not":
    case "in-list":
      return inner(expression.operand);
    case "and":
    case "or":
      return expression.operands.every(inner);
    default:
      return false;
  }
}
