// Where a plan may be cut so that its lower part runs on every node, each over its share of one scan's files:
// the highest node all of whose rows come from single rows of that scan.

import type {
  CommonTable,
  LogicalPlan,
  RecursiveTable,
} from "../logical/plan.ts";
import { freeColumns } from "../logical/columns.ts";
import { children, mapChildren, nodesOf } from "../logical/walk.ts";

export interface SplitPoint {
  /** Each row depends on one row of the scan, so that the union over the shares is the whole. */
  readonly fragment: LogicalPlan;
  /** The nodes around it, the root first; empty when the fragment is the whole plan. */
  readonly above: readonly LogicalPlan[];
}

/** Undefined when the scan is not on the plan's own tree (but inside a subquery or a recursion), or its part is correlated. */
export function splitPoint(
  root: LogicalPlan,
  scanId: number,
): SplitPoint | undefined {
  const path = pathTo(root, scanId);
  if (path === undefined) return undefined;
  let cut = path.length - 1;
  while (cut > 0 && passesRows(path[cut - 1], path[cut])) cut -= 1;
  const fragment = path[cut];
  if (fragment === undefined || freeColumns(fragment).size > 0)
    return undefined;
  return { fragment, above: path.slice(0, cut) };
}

/** From the root to the scan. */
function pathTo(
  plan: LogicalPlan,
  scanId: number,
): readonly LogicalPlan[] | undefined {
  if (plan.kind === "scan")
    return plan.table.scanId === scanId ? [plan] : undefined;
  const inputs =
    plan.kind === "recursive-table" ? [plan.input] : children(plan);
  for (const child of inputs) {
    const below = pathTo(child, scanId);
    if (below !== undefined) return [plan, ...below];
  }
  return undefined;
}

/** Whether the parent's rows for the union of parts are the union of its rows for each part. */
function passesRows(
  parent: LogicalPlan | undefined,
  child: LogicalPlan | undefined,
): boolean {
  switch (parent?.kind) {
    case "filter":
    case "project":
    case "unnest":
    case "series":
    case "barrier":
      return true;
    case "join":
      return keepsShares(parent, child === parent.left);
    default:
      return false;
  }
}

function keepsShares(
  join: Extract<LogicalPlan, { kind: "join" }>,
  isLeft: boolean,
): boolean {
  switch (join.type) {
    case "inner":
    case "cross":
      return isLeft || !join.lateral;
    case "left":
    case "semi":
    case "anti":
    case "mark":
    case "single":
      return isLeft;
    case "right":
      return !isLeft && !join.lateral;
    case "full":
      return false;
  }
}

/** The fragment inside those enclosing common tables it refers to. */
export function withEnclosingTables(point: SplitPoint): LogicalPlan {
  return point.above.reduceRight((plan: LogicalPlan, node) => {
    const isTable =
      node.kind === "common-table" || node.kind === "recursive-table";
    return isTable && refersTo(plan, node.id) ? wrapped(node, plan) : plan;
  }, point.fragment);
}

function wrapped(
  table: CommonTable | RecursiveTable,
  input: LogicalPlan,
): LogicalPlan {
  return { ...table, input };
}

function refersTo(plan: LogicalPlan, id: number): boolean {
  for (const node of nodesOf(plan)) {
    if (node.kind === "common-table-ref" && node.id === id) return true;
  }
  return false;
}

/** The plan with one node (by identity) replaced. */
export function replaceNode(
  root: LogicalPlan,
  node: LogicalPlan,
  by: LogicalPlan,
): LogicalPlan {
  return root === node
    ? by
    : mapChildren(root, (child) => replaceNode(child, node, by));
}
