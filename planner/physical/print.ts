// EXPLAIN's answer as lines of text or as JSON in PostgreSQL's shape (an array with one object a plan).

import type {
  ExplainFragment,
  ExplainNode,
  ExplainScan,
  Explained,
} from "./explain.ts";

/** One line a row of the column QUERY PLAN. */
export function explainText(explained: Explained): readonly string[] {
  const { plan, fragments, engine, elapsedMs } = explained;
  return [
    ...nodeLines(plan, 0),
    ...fragments.map(fragmentLine),
    `Engine: ${engine.name} (${engine.reason})`,
    ...(elapsedMs === undefined
      ? []
      : [`Execution Time: ${elapsedMs.toFixed(3)} ms`]),
  ];
}

function nodeLines(node: ExplainNode, depth: number): readonly string[] {
  const margin = "  ".repeat(depth);
  const arrow = depth === 0 ? "" : "->  ";
  const rows =
    node.estimatedRows === undefined ? "" : `  (rows=${node.estimatedRows})`;
  return [
    `${margin}${arrow}${capitalised(node.text)}${rows}`,
    ...(node.scan === undefined
      ? []
      : scanLines(node.scan).map((line) => `${margin}      ${line}`)),
    ...node.subqueries.flatMap((subquery) => [
      `${margin}  Subquery`,
      ...nodeLines(subquery, depth + 2),
    ]),
    ...node.inputs.flatMap((input) => nodeLines(input, depth + 1)),
  ];
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function scanLines(scan: ExplainScan): readonly string[] {
  const lines: string[] = [];
  const { statistics, filters } = scan;
  if (statistics !== undefined) {
    lines.push(
      `files: ${statistics.filesKept}/${statistics.filesTotal}  partitions: ${statistics.partitionsKept}/${statistics.partitionsTotal}` +
        `  bytes: ${statistics.bytesKept}/${statistics.bytesTotal}`,
    );
    if (statistics.prunedBy.length > 0)
      lines.push(`pruned by: ${statistics.prunedBy.join(", ")}`);
    if (statistics.deletionVectors > 0)
      lines.push(`deletion vectors: ${statistics.deletionVectors}`);
  }
  if (filters.length > 0) lines.push(`filter: ${filters.join(" and ")}`);
  return lines;
}

function fragmentLine(fragment: ExplainFragment): string {
  const { stageId, distribution, nodes, reason, estimatedRows, actual } =
    fragment;
  const parts = [
    `Fragment ${stageId}: ${distribution} on ${nodes} ${nodes === 1 ? "node" : "nodes"} (${reason})`,
  ];
  if (estimatedRows !== undefined)
    parts.push(`estimated rows=${estimatedRows}`);
  if (actual !== undefined) {
    parts.push(
      `actual rows=${actual.rows}`,
      `time=${actual.elapsedMs.toFixed(3)} ms`,
      `nodes: ${actual.nodes.join(", ")}`,
    );
  }
  return parts.join("  ");
}

/** `[{"Plan": …, "Fragments": […], "Engine": …}]`, indented by two spaces. */
export function explainJson(plans: readonly Explained[]): string {
  const values = plans.map(({ plan, fragments, engine, elapsedMs }) => ({
    Plan: jsonNode(plan),
    Fragments: fragments.map(jsonFragment),
    Engine: { Name: engine.name, Reason: engine.reason },
    "Execution Time": elapsedMs,
  }));
  return JSON.stringify(values, undefined, 2);
}

function jsonNode(node: ExplainNode): unknown {
  return {
    "Node Type": node.kind,
    Description: node.text,
    "Plan Rows": node.estimatedRows,
    ...(node.scan === undefined ? {} : jsonScan(node.scan)),
    ...(node.subqueries.length === 0
      ? {}
      : { Subqueries: node.subqueries.map(jsonNode) }),
    ...(node.inputs.length === 0 ? {} : { Plans: node.inputs.map(jsonNode) }),
  };
}

function jsonScan(scan: ExplainScan): Readonly<Record<string, unknown>> {
  const { statistics } = scan;
  return {
    "Relation Name": scan.table,
    Version: scan.version,
    Output: scan.columns,
    Filter: scan.filters,
    ...(statistics === undefined
      ? {}
      : {
          files: `${statistics.filesKept}/${statistics.filesTotal}`,
          partitions: `${statistics.partitionsKept}/${statistics.partitionsTotal}`,
          bytes: `${statistics.bytesKept}/${statistics.bytesTotal}`,
          "Pruned By": statistics.prunedBy,
          "Deletion Vectors": statistics.deletionVectors,
        }),
  };
}

function jsonFragment(fragment: ExplainFragment): unknown {
  return {
    Stage: fragment.stageId,
    Distribution: fragment.distribution,
    "Node Count": fragment.nodes,
    Reason: fragment.reason,
    "Plan Rows": fragment.estimatedRows,
    "Peak Bytes": fragment.peakBytes,
    ...(fragment.actual === undefined
      ? {}
      : {
          "Actual Rows": fragment.actual.rows,
          "Actual Total Time": fragment.actual.elapsedMs,
          Nodes: fragment.actual.nodes,
        }),
  };
}
