// Sort keys over bound expressions: directions, NULLs, and whether the type has an order at all.

import { resolveOperator } from "../../functions/registry.ts";
import type { Expression, SortKey } from "../../logical/expression.ts";
import type { SortItem } from "../../parse/ast.ts";
import { settleUnknown } from "../coerce.ts";
import type { Scope } from "../scope.ts";
import { noOrderingFor } from "../errors/errors-query.ts";
import { locationOf } from "../location.ts";

/** Keys that are plain expressions of the scope: inside aggregates and window definitions. */
export function bindSortKeys(
  scope: Scope,
  items: readonly SortItem[],
): readonly SortKey[] {
  return items.map((item) => {
    const value = scope.statement.binders.expression(item.value, scope);
    return sortKey(settleUnknown(scope.statement, value), item);
  });
}

/** NULLs are last when ascending and first when descending, unless told. Throws 42883 for types without an order. */
export function sortKey(value: Expression, item: SortItem): SortKey {
  const { type } = value;
  if (resolveOperator("<", [type, type]).kind === "none") {
    throw noOrderingFor(type, locationOf(value));
  }
  return {
    value,
    descending: item.descending,
    nullsFirst:
      item.nulls === undefined ? item.descending : item.nulls === "first",
  };
}
