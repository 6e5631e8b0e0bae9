// The work a plan asks for, in rows touched: one formula a node. Only ratios matter.

import { unreachable } from "../../storage/common/invariant.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import { children } from "../logical/walk.ts";
import type { Estimator } from "./estimate.ts";

const HASH_BUILD = 2;
const GROUP = 2;
const COMPARE = 0.1;

/** A join probes with its larger side and builds a hash table of the other. */
export function joinCost(left: number, right: number, out: number): number {
  return Math.max(left, right) + HASH_BUILD * Math.min(left, right) + out;
}

/** The node and everything below it. */
export function costOf(plan: LogicalPlan, estimate: Estimator): number {
  return children(plan).reduce(
    (sum, child) => sum + costOf(child, estimate),
    ownCost(plan, estimate),
  );
}

// eslint-disable-next-line complexity -- one case a node
function ownCost(plan: LogicalPlan, estimate: Estimator): number {
  const out = estimate(plan).rows;
  switch (plan.kind) {
    case "scan":
    case "values":
    case "common-table-ref":
    case "unnest":
    case "series":
      return out;
    case "filter":
    case "project":
      return COMPARE * estimate(plan.input).rows;
    case "join":
      return joinCost(estimate(plan.left).rows, estimate(plan.right).rows, out);
    case "aggregate":
    case "distinct":
      return GROUP * estimate(plan.input).rows + out;
    case "window":
    case "sort":
      return sortCost(estimate(plan.input).rows);
    case "set-operation":
      return (
        GROUP *
        plan.inputs.reduce((sum, input) => sum + estimate(input).rows, 0)
      );
    case "limit":
    case "common-table":
    case "recursive-table":
    case "barrier":
      return 0;
    default:
      return unreachable(plan);
  }
}

function sortCost(rows: number): number {
  return rows * (1 + COMPARE * Math.log2(Math.max(rows, 2)));
}
