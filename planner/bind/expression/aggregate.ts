// Aggregate calls: to which query level they belong, and what that level has to compute for them.

import { SqlError } from "../../../storage/common/errors.ts";
import { functionsNamed } from "../../functions/registry.ts";
import { columnsUsed } from "../../logical/columns.ts";
import type { AggregateCall, Expression } from "../../logical/expression.ts";
import type { CallExpr } from "../../parse/ast.ts";
import { settleUnknown } from "../coerce.ts";
import { sameExpression, sameNode } from "../../logical/same-expression.ts";
import {
  CLAUSES,
  inClause,
  levelOf,
  type Level,
  type Scope,
} from "../scope.ts";
import { bindSortKeys } from "../query/sort-key.ts";
import { matchFunction, type FunctionMatch } from "./call-function.ts";
import { coerceTo } from "./operator.ts";
import { bind, requireBoolean } from "./predicate.ts";
import {
  aggregateNotAllowed,
  nestedAggregate,
  starRequired,
  withinGroupMisplaced,
  withinGroupRequired,
} from "../errors/errors-query.ts";
import { locationOf } from "../location.ts";

export interface AggregateParts {
  readonly match: FunctionMatch;
  readonly call: AggregateCall;
}

/** A reference to the aggregate's column in the level it belongs to. */
export function bindAggregate(
  scope: Scope,
  call: CallExpr,
  name: string,
): Expression {
  const parts = inClause(scope, CLAUSES.aggregateArguments, () =>
    bindParts(scope, call, name),
  );
  const level = owningLevel(scope, parts.call);
  const { clause } = level;
  if (clause.aggregates === "refused") {
    throw aggregateNotAllowed(clause.name, call.position);
  }
  if (clause.aggregates === "nested") throw nestedAggregate(call.position);
  const known = level.aggregates.find((entry) =>
    sameNode(entry.call, parts.call),
  );
  const column =
    known?.column ??
    scope.statement.newColumn(name, parts.call.type, name !== "count");
  if (!known) level.aggregates.push({ column, call: parts.call });
  return {
    kind: "column",
    column: column.id,
    name,
    type: column.type,
    nullable: column.nullable,
    position: call.position,
  };
}

/** Arguments and clauses of the call; the level's clause says they are an aggregate's. */
export function bindParts(
  scope: Scope,
  call: CallExpr,
  name: string,
): AggregateParts {
  const { statement } = scope;
  const { position } = call;
  const orderedSet = functionsNamed(name).some(
    (row) => row.kind === "ordered-set",
  );
  if (call.withinGroup.length > 0 && !orderedSet) {
    throw withinGroupMisplaced(name, position);
  }
  const direct = call.args.map((arg) => bind(scope, arg.value));
  const keys = bindSortKeys(
    scope,
    orderedSet ? call.withinGroup : call.orderBy,
  );
  const types = orderedSet
    ? [...direct, ...keys.map((key) => key.value)]
    : direct;
  const match = matchFunction(name, types, position);
  const { row } = match;
  if (row.kind === "aggregate" && row.args.length === 0 && !call.star) {
    throw starRequired(name, position);
  }
  if (orderedSet && call.withinGroup.length === 0) {
    throw withinGroupRequired(name, position);
  }
  const args = direct.map((arg, i) =>
    settleUnknown(statement, coerceTo(statement, arg, match.argTypes[i])),
  );
  const orderBy = orderedSet
    ? keys.map((key, i) => ({
        ...key,
        value: coerceTo(
          statement,
          key.value,
          match.argTypes[direct.length + i],
        ),
      }))
    : keys;
  if (call.distinct)
    checkDistinctOrder(
      args,
      orderBy.map((key) => key.value),
    );
  return {
    match,
    call: {
      function: match.row.id,
      args,
      distinct: call.distinct,
      filter: call.filter && bindFilter(scope, call.filter),
      orderBy,
      type: match.returns,
    },
  };
}

function bindFilter(
  scope: Scope,
  filter: CallExpr["args"][0]["value"],
): Expression {
  return inClause(scope, CLAUSES.filter, () =>
    requireBoolean(scope, bind(scope, filter), "FILTER"),
  );
}

function checkDistinctOrder(
  args: readonly Expression[],
  order: readonly Expression[],
): void {
  const missing = order.find(
    (key) => !args.some((arg) => sameExpression(arg, key)),
  );
  if (missing) {
    throw new SqlError(
      "42P10",
      "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
      { position: locationOf(missing) },
    );
  }
}

/** The innermost level whose columns the call uses; without any, the level it stands in. */
function owningLevel(scope: Scope, call: AggregateCall): Level {
  const used = new Set<Parameters<typeof levelOf>[1]>();
  const parts = [
    ...call.args,
    ...call.orderBy.map((key) => key.value),
    ...(call.filter ? [call.filter] : []),
  ];
  for (const part of parts) columnsUsed(part, used);
  const levels = new Set([...used].map((id) => levelOf(scope, id)));
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    if (levels.has(at.level)) return at.level;
  }
  return scope.level;
}
