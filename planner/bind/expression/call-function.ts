// Calls of rows of the function table with bound arguments.

import {
  ambiguousFunction,
  undefinedFunction,
} from "../../functions/errors.ts";
import { resolveFunction } from "../../functions/registry.ts";
import type { Expression } from "../../logical/expression.ts";
import type { StatementContext } from "../statement-context.ts";
import { coerceTo } from "./operator.ts";

/** A scalar call by name. Throws 42883, 42725. */
export function callFunction(
  statement: StatementContext,
  name: string,
  args: readonly Expression[],
  position: number | undefined,
): Expression {
  const match = matchFunction(name, args, position);
  return {
    kind: "call",
    function: match.row.id,
    args: args.map((arg, i) => coerceTo(statement, arg, match.argTypes[i])),
    type: match.returns,
    position,
  };
}

export type FunctionMatch = Extract<
  ReturnType<typeof resolveFunction>,
  { readonly kind: "match" }
>;

/** Errors give the name as it is: with `pg_catalog.` where the call has it, as the forms of SQL's own syntax do. */
export function matchFunction(
  name: string,
  args: readonly Expression[],
  position: number | undefined,
): FunctionMatch {
  const types = args.map((arg) => arg.type);
  const resolution = resolveFunction(name.replace(/^pg_catalog\./u, ""), types);
  if (resolution.kind === "match") return resolution;
  throw resolution.kind === "none"
    ? undefinedFunction(name, types, position)
    : ambiguousFunction(name, types, position);
}
