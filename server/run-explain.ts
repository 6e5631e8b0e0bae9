// EXPLAIN [ANALYZE]: the plan as it would run; ANALYZE runs it and throws the rows away.

import { randomUUID } from "node:crypto";
import { explain, type ExplainActuals } from "../planner/physical/explain.ts";
import { explainJson, explainText } from "../planner/physical/print.ts";
import type { BoundQuery } from "../planner/logical/plan.ts";
import type { ExplainStatement } from "../planner/parse/ast.ts";
import { JSON_TYPE, TEXT } from "../storage/common/data-type.ts";
import type { RunSummary } from "./compute/stage-log.ts";
import {
  planQuery,
  simplified,
  type PlannedQuery,
  type RunContext,
} from "./run-query.ts";
import type { OutputColumn, Result } from "./session/result.ts";

export function explainColumns({
  format,
}: ExplainStatement): readonly OutputColumn[] {
  return [{ name: "QUERY PLAN", type: format === "json" ? JSON_TYPE : TEXT }];
}

export async function runExplain(
  query: BoundQuery,
  statement: ExplainStatement,
  context: RunContext,
): Promise<Result> {
  const plan = simplified(query.plan, context.parameters);
  const planned = await planQuery(
    plan,
    query.columns.map(({ id }) => id),
    context,
  );
  const actuals = statement.analyze
    ? await analyze(planned, context)
    : undefined;
  const explained = explain({
    plan: planned.logical,
    physical: planned.physical,
    scans: new Map(
      [...planned.files].map(([id, found]) => [id, found.statistics]),
    ),
    nodes: context.services.pool.size,
    ...(actuals === undefined ? {} : { actuals }),
  });
  const rows =
    statement.format === "json"
      ? [[explainJson(explained)]]
      : explainText(explained).map((line) => [line]);
  return {
    kind: "rows",
    columns: explainColumns(statement),
    rows: { kind: "text", rows },
    tag: "EXPLAIN",
    countInTag: false,
  };
}

async function analyze(
  planned: PlannedQuery,
  { services, session, signal }: RunContext,
): Promise<ExplainActuals> {
  const began = performance.now();
  let summary: RunSummary = { stages: [] };
  const batches = await services.scheduler.runPlan(
    planned.physical,
    planned.inputs,
    {
      queryId: `${session.pid}-${randomUUID()}`,
      format: { kind: "json", output: session.settings.output() },
      signal,
      onEnd: (ended) => {
        summary = ended;
      },
    },
  );
  const iterator = batches[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
  return {
    elapsedMs: performance.now() - began,
    stages: summary.stages.map(({ stageId, rowCount, elapsedMs, nodes }) => ({
      stageId,
      fragments: nodes.map((node, at) => ({
        node,
        rows: at === 0 ? rowCount : 0,
        elapsedMs,
      })),
    })),
  };
}
