// The kernel takes no subquery in the body of a lambda, and lambdas are how a value is computed once or an array walked:
//
//   list_transform([a], lambda v: f(v, (SELECT …)))   becomes
//   list_transform([{'s0': (SELECT …)}], lambda q: list_transform([a], lambda v: f(v, struct_extract(q, 's0')))[1])[1]
//
// It is computed for the row as before: the kernel turns every subquery into a join below the expression.

import { textName } from "../functions/emit.ts";
import type { Emitted } from "../functions/function.ts";

/** `subqueries`: the texts of those in `emitted`, however deep. */
export function withLiftedSubqueries(
  emitted: Emitted,
  subqueries: readonly string[],
): Emitted {
  const lambda = emitted.sql.indexOf("lambda ");
  if (lambda < 0) return emitted;
  if (!subqueries.some((text) => emitted.sql.includes(text, lambda)))
    return emitted;
  const name = textName("q", emitted.sql);
  const fields: string[] = [];
  let sql = emitted.sql;
  // All of them, since the whole becomes a body; the longest first: one may lie in another.
  const texts = [...new Set(subqueries)].sort((a, b) => b.length - a.length);
  for (const text of texts) {
    if (!sql.includes(text)) continue;
    const field = `s${fields.length}`;
    sql = sql.replaceAll(text, `struct_extract(${name}, '${field}')`);
    fields.push(`'${field}': ${text}`);
  }
  const { type, representation } = emitted;
  return {
    sql: `(list_transform([{${fields.join(", ")}}], lambda ${name}: ${sql})[1])`,
    type,
    representation,
  };
}
