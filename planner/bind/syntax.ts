// Generic traversal of syntax trees: the expressions and queries directly inside an expression or a FROM item.

import type {
  CallExpr,
  Expr,
  GroupItem,
  Query,
  SortItem,
  WindowSpec,
} from "../parse/ast.ts";

export interface Parts {
  readonly expressions: readonly Expr[];
  readonly queries: readonly Query[];
}

/** What stands directly inside an expression. */
// eslint-disable-next-line complexity -- one case a kind of expression
export function partsOf(expression: Expr): Parts {
  switch (expression.kind) {
    case "literal":
    case "parameter":
    case "column":
    case "star":
    case "keyword":
      return none;
    case "call":
      return only(callParts(expression));
    case "operator":
      return only([
        ...(expression.left ? [expression.left] : []),
        expression.right,
      ]);
    case "logic":
      return only(expression.operands);
    case "is":
    case "field":
    case "collate":
    case "cast":
      return only([expression.operand]);
    case "distinct-from":
      return only([expression.left, expression.right]);
    case "between":
      return only([expression.operand, expression.low, expression.high]);
    case "in-list":
      return only([expression.operand, ...expression.items]);
    case "subquery":
      return { expressions: [], queries: [expression.query] };
    case "quantified":
      return expression.source.kind === "query"
        ? {
            expressions: [expression.operand],
            queries: [expression.source.query],
          }
        : only([expression.operand, expression.source.array]);
    case "like":
      return only([
        expression.operand,
        expression.pattern,
        ...(expression.escape ? [expression.escape] : []),
      ]);
    case "case":
      return only([
        ...(expression.operand ? [expression.operand] : []),
        ...expression.branches.flatMap((branch) => [branch.when, branch.then]),
        ...(expression.otherwise ? [expression.otherwise] : []),
      ]);
    case "array":
    case "row":
      return only(expression.items);
    case "subscript":
      return only(
        [
          expression.operand,
          expression.index,
          expression.slice?.lower,
          expression.slice?.upper,
        ].filter((part) => part !== undefined),
      );
    case "at-time-zone":
      return only([expression.operand, expression.zone]);
    case "grouping":
      return only(expression.args);
  }
}

const none: Parts = { expressions: [], queries: [] };

function only(expressions: readonly Expr[]): Parts {
  return { expressions, queries: [] };
}

function callParts(call: CallExpr): readonly Expr[] {
  return [
    ...call.args.map((arg) => arg.value),
    ...call.orderBy.map((item) => item.value),
    ...call.withinGroup.map((item) => item.value),
    ...(call.filter ? [call.filter] : []),
    ...(call.over && "kind" in call.over ? windowParts(call.over) : []),
  ];
}

export function windowParts(window: WindowSpec): readonly Expr[] {
  const bounds = window.frame ? [window.frame.start, window.frame.end] : [];
  return [
    ...window.partitionBy,
    ...window.orderBy.map((item) => item.value),
    ...bounds.flatMap((bound) => ("offset" in bound ? [bound.offset] : [])),
  ];
}

export function groupParts(items: readonly GroupItem[]): readonly Expr[] {
  return items.flatMap((item) => {
    switch (item.kind) {
      case "expression":
        return [item.value];
      case "rollup":
      case "cube":
        return item.sets.flat();
      case "sets":
        return groupParts(item.items);
      case "set":
        return item.items;
    }
  });
}

export function sortParts(items: readonly SortItem[]): readonly Expr[] {
  return items.map((item) => item.value);
}

/** True when `test` holds for the expression or a part of it; subqueries are not entered. */
export function someSyntax(
  expression: Expr,
  test: (part: Expr) => boolean,
): boolean {
  return (
    test(expression) ||
    partsOf(expression).expressions.some((part) => someSyntax(part, test))
  );
}
