// Generic traversal of logical plans: inputs, expressions, output columns. Every map keeps identity:
// a node none of whose parts changed is returned as it was, so that `===` tells whether a rule fired.

import {
  mapList,
  rewriteExpression,
  type ChangeExpression,
} from "./expression-walk.ts";
import type { AggregateCall, Expression, SortKey } from "./expression.ts";
import type {
  Aggregate,
  Frame,
  FrameBound,
  LogicalPlan,
  PlanColumn,
  ProjectItem,
  Window,
} from "./plan.ts";

export type ChangePlan = (plan: LogicalPlan) => LogicalPlan;

/** The inputs of a node, definitions of common tables included; plans of subquery expressions are not inputs. */
export function children(plan: LogicalPlan): readonly LogicalPlan[] {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "common-table-ref":
      return [];
    case "join":
      return [plan.left, plan.right];
    case "set-operation":
      return plan.inputs;
    case "common-table":
      return [plan.definition, plan.input];
    case "recursive-table":
      return [plan.base, plan.recursive, plan.input];
    default:
      return [plan.input];
  }
}

export function mapChildren(
  plan: LogicalPlan,
  change: ChangePlan,
): LogicalPlan {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "common-table-ref":
      return plan;
    case "join":
      return patch(plan, {
        left: change(plan.left),
        right: change(plan.right),
      });
    case "set-operation": {
      const [first, second] = plan.inputs;
      const left = change(first);
      const right = change(second);
      return left === first && right === second
        ? plan
        : { ...plan, inputs: [left, right] };
    }
    case "common-table":
      return patch(plan, {
        definition: change(plan.definition),
        input: change(plan.input),
      });
    case "recursive-table":
      return patch(plan, {
        base: change(plan.base),
        recursive: change(plan.recursive),
        input: change(plan.input),
      });
    default: {
      const input = change(plan.input);
      return input === plan.input ? plan : { ...plan, input };
    }
  }
}

/** Bottom-up over every node, plans of subquery expressions included. */
export function rewrite(plan: LogicalPlan, change: ChangePlan): LogicalPlan {
  const below = mapChildren(plan, (child) => rewrite(child, change));
  const inner = mapExpressions(below, (expression) =>
    rewriteSubqueries(expression, (subplan) => rewrite(subplan, change)),
  );
  return change(inner);
}

/** Changes the plan of every subquery directly inside `expression` (not those nested in the plans). */
export function rewriteSubqueries(
  expression: Expression,
  change: ChangePlan,
): Expression {
  return rewriteExpression(expression, (part) =>
    part.kind === "subquery" ? patch(part, { plan: change(part.plan) }) : part,
  );
}

/** Every node of the plan, parents first, plans of subquery expressions included. */
export function* nodesOf(plan: LogicalPlan): Generator<LogicalPlan> {
  yield plan;
  for (const child of children(plan)) yield* nodesOf(child);
  for (const subplan of subplansOf(plan)) yield* nodesOf(subplan);
}

/** The plans of subquery expressions in the node's own expressions. */
export function subplansOf(plan: LogicalPlan): readonly LogicalPlan[] {
  const found: LogicalPlan[] = [];
  for (const expression of expressionsOf(plan)) {
    rewriteSubqueries(expression, (subplan) => {
      found.push(subplan);
      return subplan;
    });
  }
  return found;
}

/** The node's own expressions, in the order they are evaluated or shown. */
export function expressionsOf(plan: LogicalPlan): readonly Expression[] {
  const found: Expression[] = [];
  mapExpressions(plan, (expression) => {
    found.push(expression);
    return expression;
  });
  return found;
}

/** Changes the node's own expressions, each as a whole; combine with `rewriteExpression` to reach inside. */
export function mapExpressions(
  plan: LogicalPlan,
  change: ChangeExpression,
): LogicalPlan {
  switch (plan.kind) {
    case "scan":
      return patch(plan, { filters: mapList(plan.filters, change) });
    case "values":
      return patch(plan, {
        rows: mapList(plan.rows, (row) => mapList(row, change)),
      });
    case "filter":
      return patch(plan, { predicate: change(plan.predicate) });
    case "project":
      return patch(plan, { items: mapItems(plan.items, change) });
    case "join":
      return patch(plan, { condition: maybe(plan.condition, change) });
    case "aggregate":
      return mapAggregate(plan, change);
    case "window":
      return mapWindow(plan, change);
    case "sort":
      return patch(plan, { keys: mapSortKeys(plan.keys, change) });
    case "limit":
      return patch(plan, {
        count: maybe(plan.count, change),
        offset: maybe(plan.offset, change),
        ties: plan.ties && mapSortKeys(plan.ties, change),
      });
    case "distinct":
      return patch(plan, {
        on: plan.on && mapList(plan.on, change),
        orderBy: mapSortKeys(plan.orderBy, change),
      });
    case "unnest":
      return patch(plan, { arrays: mapList(plan.arrays, change) });
    case "series":
      return patch(plan, { args: mapList(plan.args, change) });
    default:
      return plan;
  }
}

function mapAggregate(plan: Aggregate, change: ChangeExpression): Aggregate {
  return patch(plan, {
    groups: mapItems(plan.groups, change),
    aggregates: mapList(plan.aggregates, (item) =>
      patch(item, { call: mapAggregateCall(item.call, change) }),
    ),
  });
}

export function mapAggregateCall(
  call: AggregateCall,
  change: ChangeExpression,
): AggregateCall {
  return patch(call, {
    args: mapList(call.args, change),
    filter: maybe(call.filter, change),
    orderBy: mapSortKeys(call.orderBy, change),
  });
}

function mapWindow(plan: Window, change: ChangeExpression): Window {
  return patch(plan, {
    partitionBy: mapList(plan.partitionBy, change),
    orderBy: mapSortKeys(plan.orderBy, change),
    frame: plan.frame && mapFrame(plan.frame, change),
    calls: mapList(plan.calls, (item) =>
      patch(item, {
        call: patch(item.call, {
          args: mapList(item.call.args, change),
          filter: maybe(item.call.filter, change),
        }),
      }),
    ),
  });
}

function mapFrame(frame: Frame, change: ChangeExpression): Frame {
  return patch(frame, {
    start: mapBound(frame.start, change),
    end: mapBound(frame.end, change),
  });
}

function mapBound(bound: FrameBound, change: ChangeExpression): FrameBound {
  return "offset" in bound
    ? patch(bound, { offset: change(bound.offset) })
    : bound;
}

export function mapSortKeys(
  keys: readonly SortKey[],
  change: ChangeExpression,
): readonly SortKey[] {
  return mapList(keys, (key) => patch(key, { value: change(key.value) }));
}

function mapItems(
  items: readonly ProjectItem[],
  change: ChangeExpression,
): readonly ProjectItem[] {
  return mapList(items, (item) => patch(item, { value: change(item.value) }));
}

function maybe(
  expression: Expression | undefined,
  change: ChangeExpression,
): Expression | undefined {
  return expression && change(expression);
}

/** `node` with `fields` replaced; `node` itself when they all are what they were. */
function patch<T extends object>(node: T, fields: Partial<T>): T {
  for (const [key, value] of Object.entries(fields)) {
    if (Reflect.get(node, key) !== value) return { ...node, ...fields };
  }
  return node;
}

/** The columns a node gives, in order. Sides an outer join may pad are nullable. */
export function outputOf(plan: LogicalPlan): readonly PlanColumn[] {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "set-operation":
    case "common-table-ref":
      return plan.columns;
    case "project":
      return plan.items.map((item) => item.column);
    case "join":
      return joinOutput(plan);
    case "aggregate":
      return [
        ...plan.groups.map((item) => item.column),
        ...plan.aggregates.map((item) => item.column),
        ...plan.grouping.map((item) => item.column),
      ];
    case "window":
      return [
        ...outputOf(plan.input),
        ...plan.calls.map((item) => item.column),
      ];
    case "unnest":
    case "series":
      return [
        ...outputOf(plan.input),
        ...plan.columns,
        ...(plan.ordinality ? [plan.ordinality] : []),
      ];
    default:
      return outputOf(plan.input);
  }
}

function joinOutput(
  plan: Extract<LogicalPlan, { kind: "join" }>,
): readonly PlanColumn[] {
  const left = outputOf(plan.left);
  switch (plan.type) {
    case "semi":
    case "anti":
      return left;
    case "mark":
      return plan.mark ? [...left, plan.mark] : left;
    case "inner":
    case "cross":
      return [...left, ...outputOf(plan.right)];
    case "left":
    case "single":
      return [...left, ...outputOf(plan.right).map(padded)];
    case "right":
      return [...left.map(padded), ...outputOf(plan.right)];
    default:
      return [...left.map(padded), ...outputOf(plan.right).map(padded)];
  }
}

function padded(column: PlanColumn): PlanColumn {
  return column.nullable ? column : { ...column, nullable: true };
}
