// Rebuilds syntax trees with parts changed: expressions, queries, FROM items, in every position of a query.

import type {
  CallExpr,
  Expr,
  FromItem,
  GroupItem,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SortItem,
  WindowSpec,
} from "../parse/ast.ts";

/** What to do with each node once its parts have been rebuilt. */
export interface SyntaxChange {
  readonly expression: (expression: Expr) => Expr;
  readonly from: (item: FromItem) => FromItem;
  /** One select item may become several. */
  readonly item: (item: SelectItem) => readonly SelectItem[];
}

export function mapQuery(query: Query, change: SyntaxChange): Query {
  const expr = (expression: Expr): Expr => mapExpr(expression, change);
  return {
    ...query,
    ...(query.with && {
      with: {
        ...query.with,
        items: query.with.items.map((item) =>
          item.query.kind === "query"
            ? { ...item, query: mapQuery(item.query, change) }
            : item,
        ),
      },
    }),
    body: mapBody(query.body, change),
    orderBy: mapSort(query.orderBy, change),
    ...(query.limit && { limit: expr(query.limit) }),
    ...(query.offset && { offset: expr(query.offset) }),
  };
}

function mapBody(body: QueryBody, change: SyntaxChange): QueryBody {
  switch (body.kind) {
    case "query":
      return mapQuery(body, change);
    case "select":
      return mapSelect(body, change);
    case "set-operation":
      return {
        ...body,
        left: mapBody(body.left, change),
        right: mapBody(body.right, change),
      };
    case "values":
      return {
        ...body,
        rows: body.rows.map((row) => row.map((item) => mapExpr(item, change))),
      };
  }
}

function mapSelect(select: Select, change: SyntaxChange): Select {
  const expr = (expression: Expr): Expr => mapExpr(expression, change);
  const { distinct } = select;
  return {
    ...select,
    distinct: typeof distinct === "boolean" ? distinct : distinct.map(expr),
    items: select.items.flatMap((item) =>
      change
        .item(item)
        .map((made) =>
          made.value.kind === "star"
            ? made
            : { ...made, value: expr(made.value) },
        ),
    ),
    from: select.from.map((item) => mapFrom(item, change)),
    ...(select.where && { where: expr(select.where) }),
    groupBy: mapGroups(select.groupBy, change),
    ...(select.having && { having: expr(select.having) }),
    windows: select.windows.map(({ name, spec }) => ({
      name,
      spec: mapWindow(spec, change),
    })),
    ...(select.qualify && { qualify: expr(select.qualify) }),
  };
}

function mapFrom(item: FromItem, change: SyntaxChange): FromItem {
  const inner = mapFromParts(item, change);
  return change.from(inner === item ? item : inner);
}

function mapFromParts(item: FromItem, change: SyntaxChange): FromItem {
  switch (item.kind) {
    case "table":
    case "path":
      return item;
    case "subquery":
      return { ...item, query: mapQuery(item.query, change) };
    case "function":
      return {
        ...item,
        calls: item.calls.map((call) => mapCall(call, change)),
      };
    case "join":
      return {
        ...item,
        left: mapFrom(item.left, change),
        right: mapFrom(item.right, change),
        ...(item.on && { on: mapExpr(item.on, change) }),
      };
  }
}

function mapGroups(
  items: readonly GroupItem[],
  change: SyntaxChange,
): readonly GroupItem[] {
  const expr = (expression: Expr): Expr => mapExpr(expression, change);
  return items.map((item): GroupItem => {
    switch (item.kind) {
      case "expression":
        return { ...item, value: expr(item.value) };
      case "rollup":
      case "cube":
        return { ...item, sets: item.sets.map((set) => set.map(expr)) };
      case "sets":
        return { ...item, items: mapGroups(item.items, change) };
      case "set":
        return { ...item, items: item.items.map(expr) };
    }
  });
}

function mapSort(
  items: readonly SortItem[],
  change: SyntaxChange,
): readonly SortItem[] {
  return items.map((item) => ({ ...item, value: mapExpr(item.value, change) }));
}

function mapWindow(window: WindowSpec, change: SyntaxChange): WindowSpec {
  return {
    ...window,
    partitionBy: window.partitionBy.map((item) => mapExpr(item, change)),
    orderBy: mapSort(window.orderBy, change),
  };
}

function mapCall(call: CallExpr, change: SyntaxChange): CallExpr {
  const { over } = call;
  return {
    ...call,
    args: call.args.map((arg) => ({
      ...arg,
      value: mapExpr(arg.value, change),
    })),
    orderBy: mapSort(call.orderBy, change),
    withinGroup: mapSort(call.withinGroup, change),
    ...(call.filter && { filter: mapExpr(call.filter, change) }),
    ...(over && { over: "kind" in over ? mapWindow(over, change) : over }),
  };
}

export function mapExpr(expression: Expr, change: SyntaxChange): Expr {
  return change.expression(mapParts(expression, change));
}

// eslint-disable-next-line complexity -- one case a kind of expression
function mapParts(expression: Expr, change: SyntaxChange): Expr {
  const expr = (part: Expr): Expr => mapExpr(part, change);
  switch (expression.kind) {
    case "literal":
    case "parameter":
    case "column":
    case "star":
    case "keyword":
      return expression;
    case "call":
      return mapCall(expression, change);
    case "operator":
      return {
        ...expression,
        ...(expression.left && { left: expr(expression.left) }),
        right: expr(expression.right),
      };
    case "logic":
      return { ...expression, operands: expression.operands.map(expr) };
    case "is":
    case "field":
    case "collate":
    case "cast":
      return { ...expression, operand: expr(expression.operand) };
    case "distinct-from":
      return {
        ...expression,
        left: expr(expression.left),
        right: expr(expression.right),
      };
    case "between":
      return {
        ...expression,
        operand: expr(expression.operand),
        low: expr(expression.low),
        high: expr(expression.high),
      };
    case "in-list":
      return {
        ...expression,
        operand: expr(expression.operand),
        items: expression.items.map(expr),
      };
    case "subquery":
      return { ...expression, query: mapQuery(expression.query, change) };
    case "quantified":
      return {
        ...expression,
        operand: expr(expression.operand),
        source:
          expression.source.kind === "query"
            ? {
                kind: "query",
                query: mapQuery(expression.source.query, change),
              }
            : { kind: "array", array: expr(expression.source.array) },
      };
    case "like":
      return {
        ...expression,
        operand: expr(expression.operand),
        pattern: expr(expression.pattern),
        ...(expression.escape && { escape: expr(expression.escape) }),
      };
    case "case":
      return {
        ...expression,
        ...(expression.operand && { operand: expr(expression.operand) }),
        branches: expression.branches.map((branch) => ({
          when: expr(branch.when),
          then: expr(branch.then),
        })),
        ...(expression.otherwise && { otherwise: expr(expression.otherwise) }),
      };
    case "array":
    case "row":
      return { ...expression, items: expression.items.map(expr) };
    case "subscript": {
      const { slice, index } = expression;
      return {
        ...expression,
        operand: expr(expression.operand),
        ...(index && { index: expr(index) }),
        ...(slice && {
          slice: {
            ...(slice.lower && { lower: expr(slice.lower) }),
            ...(slice.upper && { upper: expr(slice.upper) }),
          },
        }),
      };
    }
    case "at-time-zone":
      return {
        ...expression,
        operand: expr(expression.operand),
        zone: expr(expression.zone),
      };
    case "grouping":
      return { ...expression, args: expression.args.map(expr) };
  }
}
