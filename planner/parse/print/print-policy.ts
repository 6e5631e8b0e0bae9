// Row filters and column masks of our tree -> SQL text.

import type { Expr, PolicyCall } from "../ast.ts";
import { printExpression } from "./print-expression.ts";
import { printName } from "./print-name.ts";
import type { QueryPrinter } from "./print-query.ts";

export function printRowFilter(p: QueryPrinter, filter: PolicyCall): string {
  return `ROW FILTER ${printName(filter.function)} ON (${printArguments(p, filter)})`;
}

export function printMask(p: QueryPrinter, mask: PolicyCall): string {
  const name = `MASK ${printName(mask.function)}`;
  return mask.args.length === 0
    ? name
    : `${name} USING COLUMNS (${printArguments(p, mask)})`;
}

function printArguments(p: QueryPrinter, { args }: PolicyCall): string {
  return args.map((arg) => printArgument(p, arg)).join(", ");
}

/** In the forms that a policy takes. */
function printArgument(p: QueryPrinter, arg: Expr): string {
  switch (arg.kind) {
    case "operator":
      return `-${printExpression(arg.right, p.query)}`;
    case "cast":
      return `INTERVAL ${printExpression(arg.operand, p.query)}`;
    default:
      return printExpression(arg, p.query);
  }
}
