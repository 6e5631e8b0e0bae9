// Whether an expression can be NULL, as far as can be told without running it: false only when it is certain.

import { functionById } from "../functions/registry.ts";
import type { Expression } from "../logical/expression.ts";

/** Operators that give a value whenever they are given values. */
const TOTAL_SYMBOLS = new Set([
  "=",
  "<>",
  "<",
  "<=",
  ">",
  ">=",
  "+",
  "-",
  "*",
  "/",
  "%",
  "||",
]);

// eslint-disable-next-line complexity -- one case a kind of expression
export function isNullable(expression: Expression): boolean {
  switch (expression.kind) {
    case "literal":
      return expression.value === null;
    case "column":
      return expression.nullable;
    case "is-null":
      return false;
    case "and":
    case "or":
      return expression.operands.some(isNullable);
    case "not":
      return isNullable(expression.operand);
    case "call": {
      const row = functionById(expression.function);
      const certain =
        row.kind === "operator" && row.strict && TOTAL_SYMBOLS.has(row.name);
      if (row.name === "coalesce") return expression.args.every(isNullable);
      return !certain || expression.args.some(isNullable);
    }
    case "cast":
      return expression.attempt || isNullable(expression.operand);
    case "case":
      return (
        expression.otherwise === undefined ||
        isNullable(expression.otherwise) ||
        expression.branches.some((branch) => isNullable(branch.then))
      );
    case "subquery":
      return expression.form.kind !== "exists";
    default:
      return true;
  }
}
