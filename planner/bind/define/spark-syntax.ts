// Spark's SQL in stored expressions, where it says in other words what PostgreSQL's can say.

import type { CallExpr, Expr } from "../../parse/ast.ts";
import { mapExpr } from "../syntax-map.ts";

const FIELDS: ReadonlyMap<string, string> = new Map([
  ["year", "year"],
  ["quarter", "quarter"],
  ["month", "month"],
  ["day", "day"],
  ["dayofmonth", "day"],
  ["dayofyear", "doy"],
  ["weekofyear", "week"],
  ["hour", "hour"],
  ["minute", "minute"],
]);

/** `year(x)` and its relatives become `extract`, which Spark gives as int. */
export function fromSpark(expression: Expr): Expr {
  return mapExpr(expression, {
    expression: (part) => (part.kind === "call" ? fieldOf(part) : part),
    from: (item) => item,
    item: (item) => [item],
  });
}

function fieldOf(call: CallExpr): Expr {
  const [name, ...qualifiers] = call.name.parts.toReversed();
  const field = FIELDS.get(name?.name ?? "");
  const [arg, more] = call.args;
  if (
    field === undefined ||
    qualifiers.length > 0 ||
    arg === undefined ||
    more !== undefined
  )
    return call;
  const { position } = call;
  const unit: Expr = {
    kind: "literal",
    value: { kind: "string", text: field },
    position,
  };
  const extract: CallExpr = {
    ...call,
    name: {
      parts: [
        { name: "pg_catalog", quoted: true, position },
        { name: "extract", quoted: true, position },
      ],
      position,
    },
    args: [{ value: unit }, arg],
  };
  return {
    kind: "cast",
    operand: extract,
    type: {
      name: "int4",
      modifiers: [],
      arrayDepth: 0,
      arguments: [],
      fields: [],
      position,
    },
    attempt: false,
    position,
  };
}
