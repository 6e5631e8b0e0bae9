// `x op ANY (array)` and `x op ALL (array)` as functions made from the operator's row, three-valued as PostgreSQL has them.

import { BOOL, TEXT } from "../../storage/common/data-type.ts";
import { NATIVE, once, representationOf } from "./emit.ts";
import type { DuckDbEmitter, EmitCall, FunctionRow } from "./function.ts";

/** Its id is `any ` or `all ` before the operator's; its arguments are the operator's left side and an array of its right side. */
export function quantifiedRow(
  quantifier: "any" | "all",
  inner: FunctionRow,
): FunctionRow {
  const right = inner.args[1];
  return {
    ...inner,
    id: `${quantifier} ${inner.id}`,
    kind: "scalar",
    args: [
      ...inner.args.slice(0, 1),
      right?.kind === "exact"
        ? { kind: "exact", type: { kind: "array", element: right.type } }
        : { kind: "anyarray" },
    ],
    returns: () => BOOL,
    strict: false,
    duckdb: emitQuantified(quantifier, inner.duckdb),
  };
}

/** ANY: true if one comparison is true, else NULL if one is NULL, else false. ALL: the mirror of it. NULL array: NULL. */
function emitQuantified(
  quantifier: "any" | "all",
  inner: DuckDbEmitter,
): DuckDbEmitter {
  const fold = quantifier === "any" ? "list_bool_or" : "list_bool_and";
  const stop = quantifier === "any" ? "true" : "false";
  const empty = quantifier === "any" ? "false" : "true";
  return (call) => {
    const [value, array] = call.args;
    if (value === undefined || array === undefined) return inner(call);
    const sql = once(value.sql, (x) =>
      once(
        `list_transform(${array.sql}, lambda item: ${compared(inner, call, x)})`,
        (results) =>
          `CASE WHEN ${results} IS NULL THEN NULL WHEN len(${results}) = 0 THEN ${empty} ` +
          `WHEN ${fold}(${results}) = ${stop} THEN ${stop} WHEN list_contains(list_transform(${results}, lambda r: r IS NULL), true) THEN NULL ELSE ${empty} END`,
      ),
    );
    return { sql: `(${sql})`, representation: NATIVE };
  };
}

function compared(inner: DuckDbEmitter, call: EmitCall, x: string): string {
  const [value, array] = call.args;
  const element = array?.type.kind === "array" ? array.type.element : TEXT;
  const left = value ?? { sql: x, type: element, representation: NATIVE };
  return inner({
    ...call,
    type: BOOL,
    args: [
      { ...left, sql: x },
      { sql: "item", type: element, representation: representationOf(element) },
    ],
  }).sql;
}
