// In a correlated subquery the kernel finds no column in the body of a lambda, neither an enclosing query's nor, when one of those is
// read elsewhere in the call, its own. They are carried in by a parameter:
//
//   list_transform([c1], lambda v: f(v, c2))   becomes
//   list_transform([{'o0': c1, 'o1': c2}], lambda p: list_transform([struct_extract(p, 'o0')], lambda v: f(v, struct_extract(p, 'o1')))[1])[1]

import type { ColumnId } from "../../storage/common/ids.ts";
import { textName } from "../functions/emit.ts";
import type { Emitted } from "../functions/function.ts";

export interface Emission {
  readonly emitted: Emitted;
  /** The texts of subqueries in it, which no lambda's body may hold. */
  readonly subqueries: readonly string[];
}

/** `emit` is called again where columns must be carried, with other texts for them. */
export function withCarriedColumns(
  column: (id: ColumnId) => Emitted,
  readsOuter: boolean,
  emit: (column: (id: ColumnId) => Emitted) => Emission,
): Emitted {
  const first = emit(column).emitted;
  if (!readsOuter || !first.sql.includes("lambda ")) return first;
  const name = textName("p", first.sql);
  const fields = new Map<string, string>();
  const field = (text: string, prefix: string): string => {
    const key = fields.get(text) ?? `${prefix}${fields.size}`;
    fields.set(text, key);
    return `struct_extract(${name}, '${key}')`;
  };
  const { emitted, subqueries } = emit((id) => {
    const found = column(id);
    return { ...found, sql: field(found.sql, "o") };
  });
  let { sql } = emitted;
  for (const text of [...new Set(subqueries)].sort(
    (a, b) => b.length - a.length,
  ))
    if (sql.includes(text)) sql = sql.replaceAll(text, field(text, "s"));
  const list = [...fields].map(([text, key]) => `'${key}': ${text}`).join(", ");
  return {
    type: emitted.type,
    representation: emitted.representation,
    sql: `(list_transform([{${list}}], lambda ${name}: ${sql})[1])`,
  };
}
