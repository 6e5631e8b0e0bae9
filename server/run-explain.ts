// EXPLAIN [ANALYZE]: the plan as it would run; ANALYZE runs it and throws the rows away. A write is planned and not run.

import { randomUUID } from "node:crypto";
import { explain, type ExplainActuals } from "../planner/physical/explain.ts";
import { explainJson, explainText } from "../planner/physical/print.ts";
import type { BoundStatement } from "../planner/bind/bound.ts";
import type { LogicalPlan, PlanColumn } from "../planner/logical/plan.ts";
import { onlyColumns } from "../planner/logical/columns.ts";
import { outputOf } from "../planner/logical/walk.ts";
import type { ExplainStatement } from "../planner/parse/ast.ts";
import { JSON_TYPE, TEXT } from "../storage/common/data-type.ts";
import type { TableEntry } from "../storage/catalog/objects.ts";
import { notSupported } from "../storage/common/errors.ts";
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

/** What is explained: a plan, the columns asked of it, and the table its rows go to. */
interface Explainable {
  readonly plan: LogicalPlan;
  readonly columns: readonly Pick<PlanColumn, "id">[];
  readonly write?: { readonly command: string; readonly table: string };
}

/** Undefined for statements that have no plan. */
function explainable(bound: BoundStatement): Explainable | undefined {
  switch (bound.kind) {
    case "query":
      return bound.query;
    case "insert": {
      const { source, columns, violation, returning = [] } = bound;
      const kept = [
        ...columns,
        ...(violation ? [violation] : []),
        ...returning,
      ];
      return written("insert", bound.table, onlyColumns(source, kept));
    }
    case "change": {
      const { source, violation, returning = [] } = bound;
      const { action, filePath, rowIndex, after } = bound.columns;
      const kept = [
        ...[action, filePath, rowIndex],
        ...(bound.command === "delete" ? [] : after),
        ...(violation ? [violation] : []),
        ...returning,
      ];
      return written(bound.command, bound.table, onlyColumns(source, kept));
    }
    default:
      return undefined;
  }
}

function written(
  command: string,
  table: TableEntry,
  plan: LogicalPlan,
): Explainable {
  return {
    plan,
    columns: outputOf(plan),
    write: { command, table: table.name },
  };
}

/** Throws 0A000 for statements without a plan, and for ANALYZE of a write. */
export async function runExplain(
  bound: BoundStatement,
  statement: ExplainStatement,
  context: RunContext,
): Promise<Result> {
  const { statement: inner, position, analyze: isRun } = statement;
  const explained = explainable(bound);
  const construct = inner.kind.replaceAll("-", " ").toUpperCase();
  if (explained === undefined)
    throw notSupported(`EXPLAIN of ${construct} is`, position);
  const { write, columns } = explained;
  if (isRun && write !== undefined)
    throw notSupported(`EXPLAIN ANALYZE of ${construct} is`, position);
  const plan = simplified(explained.plan, context.parameters);
  const planned = await planQuery(
    plan,
    columns.map(({ id }) => id),
    context,
  );
  const actuals = statement.analyze
    ? await analyze(planned, context)
    : undefined;
  const tree = explain({
    plan: planned.logical,
    physical: planned.physical,
    scans: planned.statistics,
    nodes: context.services.pool.size,
    ...(actuals === undefined ? {} : { actuals }),
    ...(write === undefined ? {} : { write }),
  });
  const rows =
    statement.format === "json"
      ? [[explainJson(tree)]]
      : explainText(tree).map((line) => [line]);
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
