// The FROM list: relations joined from left to right, each seeing those before it where it may be lateral.

import type { LogicalPlan } from "../../logical/plan.ts";
import type { FromItem, SubqueryFrom } from "../../parse/ast.ts";
import { bindFunctionFrom } from "./from-function.ts";
import {
  ONE_ROW,
  chained,
  isLateral,
  type BoundFrom,
  type FromContext,
} from "./from-parts.ts";
import { bindPath, bindTable } from "./from-table.ts";
import { finishJoin } from "./join.ts";
import { noteColumns } from "./from-columns.ts";
import { aliased, namedRelation } from "./relation.ts";
import { scopeColumns, type Scope, type ScopeRelation } from "../scope.ts";
import { duplicateAlias } from "../errors/errors-column.ts";

export function bindFromList(
  context: FromContext,
  items: readonly FromItem[],
): BoundFrom {
  let left: BoundFrom | undefined;
  for (const item of items) {
    const right = bindFromItem(context, item, left?.relations ?? []);
    checkAliases(
      [...(context.refused ?? []), ...(left?.relations ?? [])],
      right.relations,
    );
    left = left
      ? {
          plan: crossJoin(left.plan, right.plan),
          relations: [...left.relations, ...right.relations],
        }
      : right;
  }
  return left ?? { plan: ONE_ROW, relations: [] };
}

/** `before` holds the relations to the left, which lateral items may refer to. */
export function bindFromItem(
  context: FromContext,
  item: FromItem,
  before: readonly ScopeRelation[],
): BoundFrom {
  const bound = bindItem(context, item, before);
  noteColumns(context.level, bound.relations);
  return bound;
}

function bindItem(
  context: FromContext,
  item: FromItem,
  before: readonly ScopeRelation[],
): BoundFrom {
  switch (item.kind) {
    case "table":
      return bindTable(context, item);
    case "path":
      return bindPath(context, item);
    case "subquery":
      return bindSubqueryFrom(context, item, before);
    case "function":
      return bindFunctionFrom(context, item, before);
    case "join": {
      const left = bindFromItem(context, item.left, before);
      const right = bindFromItem(context, item.right, [
        ...before,
        ...left.relations,
      ]);
      checkAliases(left.relations, right.relations);
      return finishJoin(context, item, { left, right, before });
    }
  }
}

function bindSubqueryFrom(
  context: FromContext,
  item: SubqueryFrom,
  before: readonly ScopeRelation[],
): BoundFrom {
  const { statement, refused = [] } = context;
  const scope: Scope = {
    ...context,
    relations: item.lateral ? before : [],
    refused: item.lateral ? refused : [...refused, ...before],
  };
  const { plan, columns } = statement.binders.query(item.query, scope);
  const relation = namedRelation(item.alias?.name.name, scopeColumns(columns));
  return { plan, relations: [aliased(relation, item.alias)] };
}

function checkAliases(
  left: readonly ScopeRelation[],
  right: readonly ScopeRelation[],
): void {
  const sameRelation = (a: ScopeRelation, b: ScopeRelation): boolean =>
    a.name === b.name && a.schema === b.schema && a.catalog === b.catalog;
  for (const relation of right) {
    const clash = left.some(
      (other) =>
        other.qualified && relation.qualified && sameRelation(other, relation),
    );
    if (relation.name !== undefined && clash) {
      throw duplicateAlias(relation.name);
    }
  }
}

export function crossJoin(left: LogicalPlan, right: LogicalPlan): LogicalPlan {
  const lateral = isLateral(left, right);
  return (
    (lateral ? chained(left, right, false) : undefined) ?? {
      kind: "join",
      type: "cross",
      condition: undefined,
      left,
      right,
      lateral,
    }
  );
}
