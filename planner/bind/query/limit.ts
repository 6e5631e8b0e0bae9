// LIMIT, OFFSET and FETCH FIRST.

import { INT8 } from "../../../storage/common/data-type.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import { columnsUsed } from "../../logical/columns.ts";
import type { Expression, SortKey } from "../../logical/expression.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import type { Expr, Query } from "../../parse/ast.ts";
import { tryCoerce } from "../coerce.ts";
import { CLAUSES, inClause, type Clause, type Scope } from "../scope.ts";
import { tiesWithoutOrder, variableInLimit } from "../errors/errors-query.ts";
import { wrongArgumentType } from "../errors/errors-value.ts";
import { locationOf } from "../location.ts";

export interface BoundLimit {
  readonly count: Expression | undefined;
  readonly offset: Expression | undefined;
  readonly withTies: boolean;
}

/** Undefined when the query has neither. */
export function bindLimit(scope: Scope, query: Query): BoundLimit | undefined {
  const count = query.limit && bindCount(scope, query.limit, CLAUSES.limit);
  const offset = query.offset && bindCount(scope, query.offset, CLAUSES.offset);
  if (query.withTies && query.orderBy.length === 0) {
    throw tiesWithoutOrder(query.limit?.position);
  }
  if (!count && !offset) return undefined;
  return { count, offset, withTies: query.withTies };
}

/** LIMIT NULL and LIMIT ALL are no limit. */
function bindCount(
  scope: Scope,
  expression: Expr,
  clause: Clause,
): Expression | undefined {
  const value = inClause(scope, clause, () =>
    scope.statement.binders.expression(expression, scope),
  );
  const count = tryCoerce(scope.statement, value, INT8, "assignment");
  if (!count) {
    throw wrongArgumentType(
      clause.name,
      { expected: "bigint", actual: value.type },
      locationOf(value),
    );
  }
  for (const id of columnsUsed(value)) {
    if (scope.level.columns.has(id)) {
      throw variableInLimit(clause.name, locationOf(value));
    }
  }
  if (count.kind !== "literal") return count;
  if (count.value === null) return undefined;
  if (count.value.startsWith("-")) {
    throw new SqlError(
      clause.name === "LIMIT" ? "2201W" : "2201X",
      `${clause.name} must not be negative`,
    );
  }
  return count;
}

export function applyLimit(
  input: LogicalPlan,
  limit: BoundLimit | undefined,
  keys: readonly SortKey[],
): LogicalPlan {
  if (!limit) return input;
  return {
    kind: "limit",
    count: limit.count,
    offset: limit.offset,
    ties: limit.withTies ? keys : undefined,
    input,
  };
}
