// VALUES lists: column types by common type resolution over the rows.

import type { Expression } from "../../logical/expression.ts";
import type { Values } from "../../parse/ast.ts";
import { unify } from "../coerce.ts";
import { isNullable } from "../nullability.ts";
import { CLAUSES, emptyScope, type Scope } from "../scope.ts";
import type { BoundRelation, StatementContext } from "../statement-context.ts";
import { valuesWidth } from "../errors/errors-query.ts";

export function bindValues(
  statement: StatementContext,
  values: Values,
  parent: Scope | undefined,
): BoundRelation {
  const rows = bindRows(statement, values, parent);
  const width = rows[0]?.length ?? 0;
  const typed = Array.from({ length: width }, (_, column) =>
    unify(
      statement,
      rows.flatMap((row) => row.slice(column, column + 1)),
      "VALUES",
    ),
  );
  const columns = typed.map(({ type, expressions }, i) =>
    statement.newColumn(`column${i + 1}`, type, expressions.some(isNullable)),
  );
  return {
    plan: {
      kind: "values",
      columns,
      rows: rows.map((row, r) =>
        row.map((value, i) => typed[i]?.expressions[r] ?? value),
      ),
    },
    columns,
  };
}

/** The rows' expressions as they are bound, untyped literals included. Throws 42601 when rows differ in length. */
export function bindRows(
  statement: StatementContext,
  values: Values,
  parent: Scope | undefined,
): readonly (readonly Expression[])[] {
  const scope = emptyScope(statement, parent, CLAUSES.values);
  const width = values.rows[0]?.length;
  return values.rows.map((row) => {
    if (row.length !== width) throw valuesWidth(row[0]?.position);
    return row.map((item) => statement.binders.expression(item, scope));
  });
}
