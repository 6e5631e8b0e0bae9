// A call of a function that the grammar has a node or a keyword of its own for.

import type { CallExpr, Expr } from "../ast.ts";

/** `name(args)`, without any of the clauses a call may have. */
export function plainCall(
  name: string,
  args: readonly Expr[],
  position: number,
): CallExpr {
  return {
    kind: "call",
    name: { parts: [{ name, quoted: false, position }], position },
    args: args.map((value) => ({ value })),
    star: false,
    distinct: false,
    variadic: false,
    orderBy: [],
    withinGroup: [],
    position,
  };
}
