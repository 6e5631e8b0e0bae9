// Binding and rules write one expression twice where SQL means its value twice (`(a, b) < (c, d)`, BETWEEN, a projection merged into two
// uses). A subquery in it would then define the same columns and scans twice: every further copy gets ids of its own.

import { columnId, type ColumnId } from "../../storage/common/ids.ts";
import { columnsMade } from "./columns.ts";
import { rewriteExpression } from "./expression-walk.ts";
import type { LogicalPlan, PlanColumn, ProjectItem } from "./plan.ts";
import {
  mapChildren,
  mapExpressions,
  nodesOf,
  rewriteSubqueries,
} from "./walk.ts";

/** The plan with no column, scan or common table defined by two of its subqueries. The plan itself when that is so already. */
export function withDistinctSubqueries(plan: LogicalPlan): LogicalPlan {
  const seen = new Set<string>();
  let next: number | undefined;
  const fresh = (): number => {
    next = (next ?? highest(plan)) + 1;
    return next;
  };
  const visit = (node: LogicalPlan): LogicalPlan => {
    for (const key of ownKeys(node)) seen.add(key);
    const below = mapChildren(node, visit);
    return mapExpressions(below, (expression) =>
      rewriteSubqueries(expression, (subplan) => {
        const keys = keysOf(subplan);
        if (!keys.some((key) => seen.has(key))) return visit(subplan);
        return visit(
          renamed(subplan, new Map(keys.map((key) => [key, fresh()]))),
        );
      }),
    );
  };
  return visit(plan);
}

/** The plan with the ids that `model` has for what it defines, in the same order; undefined when they do not define alike. */
export function withIdsOf(
  model: LogicalPlan,
  plan: LogicalPlan,
): LogicalPlan | undefined {
  const keys = keysOf(plan);
  const wanted = keysOf(model);
  const ids = new Map<string, number>();
  for (const [at, key] of keys.entries()) {
    const [kind, id] = wanted[at]?.split(" ") ?? [];
    if (kind === undefined || !key.startsWith(kind)) return undefined;
    ids.set(key, Number(id));
  }
  return keys.length === wanted.length ? renamed(plan, ids) : undefined;
}

/** `column 7`, `scan 1`, `table 2`: all that is defined in the plan. */
function keysOf(plan: LogicalPlan): readonly string[] {
  return [...new Set([...nodesOf(plan)].flatMap(ownKeys))];
}

/** What the node brings into being. Columns it passes on under their own id belong to the node below. */
function ownKeys(node: LogicalPlan): readonly string[] {
  const columns = definedBy(node).map(({ id }) => `column ${id}`);
  switch (node.kind) {
    case "scan":
      return [...columns, `scan ${node.table.scanId}`];
    case "common-table":
    case "recursive-table":
      return [...columns, `table ${node.id}`];
    default:
      return columns;
  }
}

function definedBy(node: LogicalPlan): readonly PlanColumn[] {
  return node.kind === "recursive-table" ? node.columns : columnsMade(node);
}

function highest(plan: LogicalPlan): number {
  return keysOf(plan).reduce(
    (most, key) => Math.max(most, Number(key.split(" ")[1])),
    0,
  );
}

/** The plan under other ids; what it refers to and does not define stays. */
function renamed(
  plan: LogicalPlan,
  ids: ReadonlyMap<string, number>,
): LogicalPlan {
  const idOf = (kind: string, id: number): number =>
    ids.get(`${kind} ${id}`) ?? id;
  const column = (id: ColumnId): ColumnId => columnId(idOf("column", id));
  const visit = (node: LogicalPlan): LogicalPlan => {
    const below = mapExpressions(mapChildren(node, visit), (expression) =>
      rewriteExpression(expression, (part) => {
        if (part.kind === "column")
          return { ...part, column: column(part.column) };
        return part.kind === "subquery"
          ? { ...part, plan: visit(part.plan) }
          : part;
      }),
    );
    const named = mapColumns(below, (made) => ({
      ...made,
      id: column(made.id),
    }));
    switch (named.kind) {
      case "scan": {
        const scanId = idOf("scan", named.table.scanId);
        return { ...named, table: { ...named.table, scanId } };
      }
      case "common-table":
      case "common-table-ref":
      case "recursive-table":
        return { ...named, id: idOf("table", named.id) };
      default:
        return named;
    }
  };
  return visit(plan);
}

/** Changes the columns the node itself names in its output. */
function mapColumns(
  node: LogicalPlan,
  change: <C extends PlanColumn>(column: C) => C,
): LogicalPlan {
  const item = <T extends { readonly column: PlanColumn }>(made: T): T => ({
    ...made,
    column: change(made.column),
  });
  switch (node.kind) {
    case "scan":
      return { ...node, columns: node.columns.map((made) => change(made)) };
    case "values":
    case "set-operation":
    case "common-table-ref":
    case "recursive-table":
      return { ...node, columns: node.columns.map((made) => change(made)) };
    case "project":
      return {
        ...node,
        items: node.items.map((made: ProjectItem) => item(made)),
      };
    case "join":
      return node.mark === undefined
        ? node
        : { ...node, mark: change(node.mark) };
    case "aggregate":
      return {
        ...node,
        groups: node.groups.map((made) => item(made)),
        aggregates: node.aggregates.map((made) => item(made)),
        grouping: node.grouping.map((made) => item(made)),
      };
    case "window":
      return { ...node, calls: node.calls.map((made) => item(made)) };
    case "unnest":
    case "series":
      return {
        ...node,
        columns: node.columns.map((made) => change(made)),
        ordinality: node.ordinality && change(node.ordinality),
      };
    default:
      return node;
  }
}
