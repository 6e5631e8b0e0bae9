// What EXPLAIN tells, as a tree: the logical plan with each scan's files, then the fragments, then the engine and why (contract.md section 5).
// Below a view the user may not look into nothing is told: no filter, no file count, no estimate (access-control.md 15.4).

import type { ScanStatistics } from "../../storage/scan/split.ts";
import type { LogicalPlan, Scan } from "../logical/plan.ts";
import { describeNode } from "../logical/print.ts";
import { printExpression } from "../logical/print-expression.ts";
import { children, nodesOf, subplansOf } from "../logical/walk.ts";
import { estimator, type Estimator } from "../optimize/estimate.ts";
import { lookupFunction } from "../optimize/function-lookup.ts";
import type { ScanSource } from "./placement.ts";
import type { PhysicalPlan, Stage } from "./plan.ts";

export interface ExplainInput {
  readonly plan: LogicalPlan;
  readonly physical: PhysicalPlan;
  readonly scans: ScanSource;
  /** Nodes in the pool. */
  readonly nodes: number;
  /** Given by EXPLAIN ANALYZE. */
  readonly actuals?: ExplainActuals;
  /** Set when the plan's rows are written: what is done with them, and the table. */
  readonly write?: { readonly command: string; readonly table: string };
  /** Another engine than the pool, and why. */
  readonly engine?: { readonly name: string; readonly reason: string };
}

export interface ExplainActuals {
  /** Of the statement; undefined for all but the last of its plans. */
  readonly elapsedMs: number | undefined;
  readonly stages: readonly {
    readonly stageId: number;
    readonly fragments: readonly {
      readonly node: string;
      readonly rows: number;
      readonly elapsedMs: number;
    }[];
  }[];
}

export interface Explained {
  readonly plan: ExplainNode;
  readonly fragments: readonly ExplainFragment[];
  readonly engine: { readonly name: string; readonly reason: string };
  readonly elapsedMs: number | undefined;
}

export interface ExplainNode {
  /** `scan`, `join`, `update`; `restricted` stands for a view's inside. */
  readonly kind: string;
  readonly text: string;
  /** Undefined below what the user may not see. */
  readonly estimatedRows: number | undefined;
  readonly scan: ExplainScan | undefined;
  readonly inputs: readonly ExplainNode[];
  /** Plans of subquery expressions. */
  readonly subqueries: readonly ExplainNode[];
}

export interface ExplainScan {
  readonly table: string;
  readonly version: number;
  readonly columns: readonly string[];
  readonly filters: readonly string[];
  /** Undefined when storage was not asked. */
  readonly statistics: ScanStatistics | undefined;
}

export interface ExplainFragment {
  readonly stageId: number;
  readonly distribution: Stage["distribution"]["kind"];
  readonly nodes: number;
  readonly reason: string;
  /** Undefined when something below is restricted. */
  readonly estimatedRows: number | undefined;
  readonly peakBytes: number | undefined;
  readonly actual:
    | {
        readonly rows: number;
        readonly elapsedMs: number;
        readonly nodes: readonly string[];
      }
    | undefined;
}

export function explain(input: ExplainInput): Explained {
  const estimate = estimator(
    (scanId) => input.scans.get(scanId),
    lookupFunction,
  );
  const hidden = hidesRows(input.plan);
  const last = input.physical.stages.at(-1);
  const rows = explainNode(input.plan, input.scans, estimate);
  return {
    plan: input.write ? explainWrite(input.write, rows) : rows,
    fragments: input.physical.stages.map((stage) =>
      explainFragment(stage, input, hidden),
    ),
    engine: input.engine ?? {
      name: "local pool",
      reason: hidden ? "restricted" : (last?.reason ?? "no scan"),
    },
    elapsedMs: input.actuals?.elapsedMs,
  };
}

function explainWrite(
  { command, table }: { readonly command: string; readonly table: string },
  rows: ExplainNode,
): ExplainNode {
  return {
    kind: command,
    text: `${command} on ${table}`,
    estimatedRows: undefined,
    scan: undefined,
    inputs: [rows],
    subqueries: [],
  };
}

const RESTRICTED: ExplainNode = {
  kind: "restricted",
  text: "restricted view",
  estimatedRows: undefined,
  scan: undefined,
  inputs: [],
  subqueries: [],
};

/** A table behind a row filter or masks: no text of theirs, no file, no count, whoever asks. */
function governedScan(table: string): ExplainNode {
  return { ...RESTRICTED, text: `scan ${table}, restricted by policy` };
}

function explainNode(
  plan: LogicalPlan,
  scans: ScanSource,
  estimate: Estimator,
): ExplainNode {
  if (plan.kind === "barrier" && plan.policy !== undefined)
    return governedScan(plan.policy);
  if (isRestricted(plan)) return RESTRICTED;
  return {
    kind: plan.kind,
    text: plan.kind === "scan" ? `scan ${plan.table.name}` : describeNode(plan),
    // Rows of a node above a restricted view tell how many the view has.
    estimatedRows: hidesRows(plan)
      ? undefined
      : Math.round(estimate(plan).rows),
    scan: plan.kind === "scan" ? explainScan(plan, scans) : undefined,
    inputs: children(plan).map((child) => explainNode(child, scans, estimate)),
    subqueries: subplansOf(plan).map((subplan) =>
      explainNode(subplan, scans, estimate),
    ),
  };
}

/** The outermost barrier over an opaque scan is the view; an opaque scan that stands alone hides itself. */
function isRestricted(plan: LogicalPlan): boolean {
  if (plan.kind === "scan") return plan.table.opaque;
  return plan.kind === "barrier" && hasOpaque(plan);
}

function hasOpaque(plan: LogicalPlan): boolean {
  for (const node of nodesOf(plan)) {
    if (node.kind === "scan" && node.table.opaque) return true;
  }
  return false;
}

/** Something below may not be told of: neither may its estimates. */
function hidesRows(plan: LogicalPlan): boolean {
  for (const node of nodesOf(plan)) {
    if (node.kind === "scan" && isHidden(node.table)) return true;
  }
  return false;
}

function isHidden({ opaque, governed }: Scan["table"]): boolean {
  return opaque || governed === true;
}

function explainScan(scan: Scan, scans: ScanSource): ExplainScan {
  return {
    table: scan.table.name,
    version: scan.table.version,
    columns: scan.columns.map((column) => column.name),
    filters: scan.filters.map((filter) => printExpression(filter)),
    statistics: scans.get(scan.table.scanId),
  };
}

function explainFragment(
  stage: Stage,
  input: ExplainInput,
  hidden: boolean,
): ExplainFragment {
  const ran = input.actuals?.stages.find(
    (actual) => actual.stageId === stage.id,
  )?.fragments;
  const isScattered = stage.distribution.kind === "scatter";
  return {
    stageId: stage.id,
    distribution: stage.distribution.kind,
    nodes: ran?.length ?? (isScattered ? input.nodes : 1),
    reason: hidden ? "restricted" : stage.reason,
    estimatedRows: hidden ? undefined : stage.estimate.rows,
    peakBytes: hidden ? undefined : stage.estimate.peakBytes,
    actual: ran && {
      rows: ran.reduce((sum, fragment) => sum + fragment.rows, 0),
      elapsedMs: Math.max(0, ...ran.map((fragment) => fragment.elapsedMs)),
      nodes: ran.map((fragment) => fragment.node),
    },
  };
}
