// Window function calls: arguments, and the window they run over.

import { notSupported } from "../../../storage/common/errors.ts";
import { undefinedFunction } from "../../functions/errors.ts";
import { functionsNamed } from "../../functions/registry.ts";
import type { Expression, WindowCall } from "../../logical/expression.ts";
import type { CallExpr } from "../../parse/ast.ts";
import { sameNode } from "../../logical/same-expression.ts";
import { CLAUSES, inClause, type Scope } from "../scope.ts";
import { bindWindow } from "../query/window.ts";
import { bindParts } from "./aggregate.ts";
import {
  nestedWindow,
  notAnAggregate,
  notForWindows,
  overRequired,
  windowInAggregate,
  windowNotAllowed,
} from "../errors/errors-query.ts";

export function bindWindowCall(
  scope: Scope,
  call: CallExpr,
  name: string,
  over: CallExpr["over"],
): Expression {
  const { position } = call;
  const { level, statement } = scope;
  const rows = functionsNamed(name);
  if (!over) throw overRequired(name, position);
  checkPlace(scope, position);
  const kinds = rows.map((row) => row.kind);
  if (
    rows.length > 0 &&
    !kinds.some((kind) => kind === "window" || kind === "aggregate")
  ) {
    if (kinds.includes("ordered-set")) {
      throw notSupported(`OVER for ordered-set aggregate ${name} is`, position);
    }
    throw notAnAggregate("OVER", name, position);
  }
  if (rows.length === 0) {
    const types = call.args.map(
      (arg) => statement.binders.expression(arg.value, scope).type,
    );
    throw undefinedFunction(name, types, position);
  }
  refuseClauses(call, kinds.includes("window"));
  const parts = inClause(scope, CLAUSES.windowArguments, () =>
    bindParts(scope, call, name),
  );
  const window = inClause(scope, CLAUSES.windowDefinition, () =>
    bindWindow(scope, over),
  );
  const bound: WindowCall = {
    function: parts.call.function,
    args: parts.call.args,
    distinct: false,
    filter: parts.call.filter,
    ignoreNulls: call.nulls === "ignore",
    type: parts.call.type,
  };
  const known = level.windows.find(
    (entry) => sameNode(entry.call, bound) && sameNode(entry.window, window),
  );
  const column = known?.column ?? statement.newColumn(name, bound.type);
  if (!known) level.windows.push({ column, call: bound, window });
  return {
    kind: "column",
    column: column.id,
    name,
    type: bound.type,
    nullable: column.nullable,
    position,
  };
}

function checkPlace(scope: Scope, position: number): void {
  const { clause } = scope.level;
  switch (clause.windows) {
    case "allowed":
      return;
    case "refused":
      throw windowNotAllowed(clause.name, position);
    case "nested":
      throw nestedWindow(position);
    case "in-aggregate":
      throw windowInAggregate(position);
  }
}

function refuseClauses(call: CallExpr, isWindow: boolean): void {
  const { position } = call;
  if (call.distinct) {
    throw notForWindows("DISTINCT", "window functions", position);
  }
  if (call.orderBy.length > 0) {
    throw notForWindows("aggregate ORDER BY", "window functions", position);
  }
  if (call.filter && isWindow) {
    throw notForWindows("FILTER", "non-aggregate window functions", position);
  }
}
