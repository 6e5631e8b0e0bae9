// EXPLAIN [ANALYZE]: the plan as it would run; ANALYZE runs it, a write too, and throws the rows away. A statement that replaces rows
// has two plans, in the order they run.

import { randomUUID } from "node:crypto";
import {
  explain,
  type ExplainActuals,
  type Explained,
} from "../planner/physical/explain.ts";
import { explainJson, explainText } from "../planner/physical/print.ts";
import type {
  BoundChange,
  BoundStatement,
  ReplacedRows,
} from "../planner/bind/bound.ts";
import type { LogicalPlan, PlanColumn } from "../planner/logical/plan.ts";
import { onlyColumns } from "../planner/logical/columns.ts";
import { outputOf } from "../planner/logical/walk.ts";
import type { ExplainStatement } from "../planner/parse/ast.ts";
import { JSON_TYPE, TEXT } from "../storage/common/data-type.ts";
import { notSupported } from "../storage/common/errors.ts";
import type { TableEntry } from "../storage/catalog/objects.ts";
import type { RunSummary } from "./compute/stage-log.ts";
import {
  planQuery,
  simplified,
  type PlannedQuery,
  type RunContext,
  type WritePlan,
} from "./run-query.ts";
import type { OutputColumn, Result } from "./session/result.ts";
import { doomedFiles } from "./write/whole-files.ts";

export function explainColumns({
  format,
}: ExplainStatement): readonly OutputColumn[] {
  return [{ name: "QUERY PLAN", type: format === "json" ? JSON_TYPE : TEXT }];
}

/** What is explained: a plan, the columns asked of it, and the table its rows go to. */
interface Explainable {
  readonly plan: LogicalPlan;
  readonly columns: readonly Pick<PlanColumn, "id">[];
  readonly write?: {
    readonly command: WritePlan["command"];
    readonly table: string;
  };
  /** A DELETE that asks for no rows: the log alone may answer it. */
  readonly deletes?: Pick<BoundChange, "table" | "source" | "columns">;
}

/** Empty for statements that have no plan. */
function explainable(bound: BoundStatement): readonly Explainable[] {
  switch (bound.kind) {
    case "query":
      return [bound.query];
    case "insert": {
      const { source, columns, violation, returning = [], replaced } = bound;
      const kept = [
        ...columns,
        ...(violation ? [violation] : []),
        ...returning,
      ];
      const rows = written("insert", bound.table, onlyColumns(source, kept));
      return replaced === undefined ? [rows] : [changed(replaced), rows];
    }
    case "change": {
      const asksNoRows =
        bound.command === "delete" && bound.returning === undefined;
      const part = changed(bound);
      return [asksNoRows ? { ...part, deletes: bound } : part];
    }
    default:
      return [];
  }
}

function changed({
  source,
  columns,
  command,
  table,
  violation,
  returning = [],
}: ReplacedRows): Explainable {
  const { action, filePath, rowIndex, after } = columns;
  const kept = [
    ...[action, filePath, rowIndex],
    ...(command === "delete" ? [] : after),
    ...(violation ? [violation] : []),
    ...returning,
  ];
  return written(command, table, onlyColumns(source, kept));
}

function written(
  command: WritePlan["command"],
  table: TableEntry,
  plan: LogicalPlan,
): Explainable {
  return {
    plan,
    columns: outputOf(plan),
    write: { command, table: table.name },
  };
}

/** Throws 0A000 for statements without a plan. `write` runs a statement that writes, with all its effects. */
export async function runExplain(
  bound: BoundStatement,
  statement: ExplainStatement,
  context: RunContext,
  write: (context: RunContext) => Promise<Result>,
): Promise<Result> {
  const { statement: inner, position } = statement;
  const parts = explainable(bound);
  if (parts.length === 0) {
    const construct = inner.kind.replaceAll("-", " ").toUpperCase();
    throw notSupported(`EXPLAIN of ${construct} is`, position);
  }
  const trees =
    statement.analyze && bound.kind !== "query"
      ? await analyzeWrite(parts, context, write)
      : await Promise.all(
          parts.map((part) => explainPlan(part, statement.analyze, context)),
        );
  const rows =
    statement.format === "json"
      ? [[explainJson(trees)]]
      : trees.flatMap(explainText).map((line) => [line]);
  return {
    kind: "rows",
    columns: explainColumns(statement),
    rows: { kind: "text", rows },
    tag: "EXPLAIN",
    countInTag: false,
  };
}

async function explainPlan(
  part: Explainable,
  isRun: boolean,
  context: RunContext,
): Promise<Explained> {
  const planned = await planOf(part, context);
  if (await isLogEnough(part, context))
    return logAloneTree(part, planned, context, undefined);
  const actuals = isRun ? await analyze(planned, context) : undefined;
  return treeOf(part, planned, context, actuals);
}

async function isLogEnough(
  { deletes }: Explainable,
  context: RunContext,
): Promise<boolean> {
  if (deletes === undefined) return false;
  const { pinned } = context;
  const { table } = deletes;
  const { version } = pinned.view.pinned(table.id, undefined);
  const snapshot = pinned.snapshot(table.id, version);
  return (await doomedFiles(deletes, snapshot, context)) !== undefined;
}

/** Of a DELETE for which no data file is opened: the log was enough to tell which files go. */
function logAloneTree(
  part: Explainable,
  planned: PlannedQuery,
  context: RunContext,
  actuals: ExplainActuals | undefined,
): Explained {
  const physical = { ...planned.physical, stages: [] };
  const tree = treeOf(part, { ...planned, physical }, context, actuals);
  return { ...tree, engine: { name: "gateway", reason: "the log alone" } };
}

function planOf(
  { plan, columns }: Explainable,
  context: RunContext,
): Promise<PlannedQuery> {
  return planQuery(
    simplified(plan, context.parameters),
    columns.map(({ id }) => id),
    context,
  );
}

function treeOf(
  { write }: Explainable,
  { logical, physical, statistics }: PlannedQuery,
  { services }: RunContext,
  actuals: ExplainActuals | undefined,
): Explained {
  return explain({
    plan: logical,
    physical,
    scans: statistics,
    nodes: services.pool.size,
    ...(actuals === undefined ? {} : { actuals }),
    ...(write === undefined ? {} : { write }),
  });
}

/** Runs the statement, commit included; its time is told behind its last plan. */
async function analyzeWrite(
  parts: readonly Explainable[],
  context: RunContext,
  write: (context: RunContext) => Promise<Result>,
): Promise<readonly Explained[]> {
  const ran = new Map<WritePlan["command"], WritePlan>();
  const began = performance.now();
  const result = await write({
    ...context,
    onWritten: (plan) => ran.set(plan.command, plan),
  });
  if (result.kind === "rows" && result.rows.kind === "encoded")
    await drained(result.rows.batches);
  const elapsedMs = performance.now() - began;
  return Promise.all(
    parts.map(async (part, at) => {
      const run = part.write && ran.get(part.write.command);
      const time = at === parts.length - 1 ? elapsedMs : undefined;
      if (run !== undefined)
        return treeOf(part, run.planned, context, actualsOf(run.summary, time));
      const planned = await planOf(part, context);
      const actuals = { elapsedMs: time, stages: [] };
      return logAloneTree(part, planned, context, actuals);
    }),
  );
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
  await drained(batches);
  return actualsOf(summary, performance.now() - began);
}

async function drained(rows: AsyncIterable<unknown>): Promise<void> {
  const iterator = rows[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}

function actualsOf(
  { stages }: RunSummary,
  elapsedMs: number | undefined,
): ExplainActuals {
  return {
    elapsedMs,
    stages: stages.map(({ stageId, rowCount, elapsedMs, nodes }) => ({
      stageId,
      fragments: nodes.map((node, at) => ({
        node,
        rows: at === 0 ? rowCount : 0,
        elapsedMs,
      })),
    })),
  };
}
