// ORDER BY and DISTINCT ON: output names, ordinals, expressions.

import { SqlError } from "../../../storage/common/errors.ts";
import type { Expression, SortKey } from "../../logical/expression.ts";
import type { Expr, Identifier, SortItem } from "../../parse/ast.ts";
import { settleUnknown } from "../coerce.ts";
import { sameExpression } from "../../logical/same-expression.ts";
import { namedItem, noteOutputName, ordinalItem } from "./group-by.ts";
import { CLAUSES, inClause, type Clause, type Scope } from "../scope.ts";
import type { BoundItem } from "./select-list.ts";
import { sortKey } from "./sort-key.ts";
import { undefinedColumn } from "../errors/errors-column.ts";
import { setOperationOrder } from "../errors/errors-query.ts";
import { syntaxLocation } from "../location.ts";

export interface OrderItem {
  readonly key: SortKey;
  /** The select item it equals, if any. */
  readonly item: BoundItem | undefined;
}

export function bindOrderBy(
  scope: Scope,
  order: readonly SortItem[],
  items: readonly BoundItem[],
): readonly OrderItem[] {
  return order.map((entry) => {
    const found = bindOutputReference(
      scope,
      entry.value,
      items,
      CLAUSES.orderBy,
    );
    return { key: sortKey(found.value, entry), item: found.item };
  });
}

export function bindDistinctOn(
  scope: Scope,
  expressions: readonly Expr[],
  items: readonly BoundItem[],
): readonly {
  readonly value: Expression;
  readonly item: BoundItem | undefined;
}[] {
  return expressions.map((expression) =>
    bindOutputReference(scope, expression, items, CLAUSES.distinctOn),
  );
}

/** An output name that matches exactly, an ordinal, else an expression; last an output name but for its case. */
function bindOutputReference(
  scope: Scope,
  expression: Expr,
  items: readonly BoundItem[],
  clause: Clause,
): { readonly value: Expression; readonly item: BoundItem | undefined } {
  if (expression.kind === "literal") {
    const item = ordinalItem(clause.name, expression, items);
    return { value: item.value, item };
  }
  const name = singleName(expression);
  const exact =
    name && namedItem(clause.name, { ...name, quoted: true }, items);
  if (exact) return { value: exact.value, item: exact };
  try {
    const value = inClause(scope, clause, () =>
      settleUnknown(
        scope.statement,
        scope.statement.binders.expression(expression, scope),
      ),
    );
    return {
      value,
      item: items.find((item) => sameExpression(item.value, value)),
    };
  } catch (error) {
    const missing = error instanceof SqlError && error.code === "42703";
    const loose = name && missing && namedItem(clause.name, name, items);
    if (!loose || expression.kind !== "column") throw error;
    noteOutputName(scope, expression.name, loose);
    return { value: loose.value, item: loose };
  }
}

function singleName(expression: Expr): Identifier | undefined {
  if (expression.kind !== "column") return undefined;
  const [name, ...more] = expression.name.parts;
  return more.length === 0 ? name : undefined;
}

/** PostgreSQL binds the expression to nothing but the result's columns first: a name that is none of them does not exist. */
function refusedOutputOrder(
  value: Expr,
  name: Identifier | undefined,
): SqlError {
  return name
    ? undefinedColumn(name.name, undefined, name.position)
    : setOperationOrder(syntaxLocation(value));
}

/** ORDER BY of a set operation: only names and ordinals of its result. */
export function bindOutputOrder(
  order: readonly SortItem[],
  items: readonly BoundItem[],
): readonly SortKey[] {
  return order.map((entry) => {
    const { value } = entry;
    if (value.kind === "literal") {
      return sortKey(ordinalItem("ORDER BY", value, items).value, entry);
    }
    const name = singleName(value);
    const item = name && namedItem("ORDER BY", name, items);
    if (!item) throw refusedOutputOrder(value, name);
    return sortKey({ ...item.value, position: value.position }, entry);
  });
}
