// A bound query -> rows: parameters become constants, rules run, storage says which files can matter, join order and placement
// follow from their statistics, and the nodes encode the rows.

import { randomUUID } from "node:crypto";
import {
  answerableScans,
  answerFromStatistics,
} from "../planner/optimize/answer-from-statistics.ts";
import { lookupFunction } from "../planner/optimize/function-lookup.ts";
import {
  applyRules,
  orderByCost,
  type OptimizerOptions,
} from "../planner/optimize/optimizer.ts";
import { bindParameters } from "../planner/optimize/parameters.ts";
import { scanPredicate, scansOf } from "../planner/optimize/pruning.ts";
import { settleSessionCalls } from "../planner/optimize/session-calls.ts";
import { lower } from "../planner/physical/lower.ts";
import type { PhysicalPlan } from "../planner/physical/plan.ts";
import type { BoundQuery, LogicalPlan, Scan } from "../planner/logical/plan.ts";
import type { ColumnId } from "../storage/common/ids.ts";
import { SqlError } from "../storage/common/errors.ts";
import type { Scalar } from "../storage/common/scalar.ts";
import type { ScanFiles, ScanStatistics } from "../storage/scan/split.ts";
import { NARROW_DECIMALS } from "./compute/errors.ts";
import type { RunSummary } from "./compute/stage-log.ts";
import { withDistinctCounts } from "./column-statistics.ts";
import type { ScanFilesById } from "./compute/scheduler.ts";
import { constantRows } from "./constant-rows.ts";
import { sessionFunction } from "./session-functions.ts";
import type { Pinned } from "./pin.ts";
import type { Services } from "./services.ts";
import type {
  Result,
  ResultFormat,
  RowsResult,
  RowSource,
} from "./session/result.ts";
import type { Session } from "./session/session.ts";

export interface RunContext {
  readonly services: Services;
  readonly memo: PlanMemo;
  readonly session: Session;
  readonly pinned: Pinned;
  readonly parameters: readonly Scalar[];
  readonly format: ResultFormat;
  readonly signal: AbortSignal;
  /** Decimals in 128 bits throughout: ten times slower, and never short of digits PostgreSQL would have. */
  readonly wideDecimals?: boolean;
  /** Told of each plan whose rows were written, when it has ended: EXPLAIN ANALYZE. */
  readonly onWritten?: (plan: WritePlan) => void;
  /** The only scan whose files may be shared out among nodes; absent when any may. */
  readonly scatterScan?: number;
}

/** A plan of a statement that writes, and how it went. */
export interface WritePlan {
  readonly command: "insert" | "update" | "delete" | "merge";
  readonly planned: PlannedQuery;
  readonly summary: RunSummary;
}

/** A plan ready to run, with what EXPLAIN tells about it. */
export interface PlannedQuery {
  readonly logical: LogicalPlan;
  readonly physical: PhysicalPlan;
  readonly files: ReadonlyMap<number, ScanFiles>;
  /** What the estimates rest on, by scan. */
  readonly statistics: ReadonlyMap<number, ScanStatistics>;
  readonly inputs: ScanFilesById;
}

export function runQuery(
  query: BoundQuery,
  context: RunContext,
): Promise<Result> {
  return inEnoughDigits(context, (run) => answerRows(query, run));
}

/**
 * Decimals are computed in 64 bits where their declared digits allow. What fails only by that, before any row was passed on,
 * runs once more in 128.
 */
export async function inEnoughDigits<T>(
  context: RunContext,
  run: (context: RunContext) => Promise<T>,
): Promise<T> {
  try {
    return await run(context);
  } catch (error) {
    const narrow = error instanceof SqlError && error.cause === NARROW_DECIMALS;
    if (!narrow) throw error;
    return run({ ...context, wideDecimals: true });
  }
}

async function answerRows(
  query: BoundQuery,
  context: RunContext,
): Promise<Result> {
  const { services, session, format } = context;
  const answer = await context.memo.answer(query, context);
  if (answer.kind === "constant") return answer.result;
  const { physical, inputs } = answer.planned;
  const batches = await services.scheduler.runPlan(physical, inputs, {
    queryId: `${session.pid}-${randomUUID()}`,
    format,
    signal: context.signal,
  });
  return selected(query, { kind: "encoded", batches });
}

function selected(query: BoundQuery, rows: RowSource): RowsResult {
  const columns = query.columns.map(({ name, type, origin }) => ({
    name,
    type,
    ...origin,
  }));
  return { kind: "rows", columns, rows, tag: "SELECT", countInTag: true };
}

type Answer =
  | { readonly kind: "constant"; readonly result: RowsResult }
  | { readonly kind: "plan"; readonly planned: PlannedQuery };

/** An answer, and what it holds for. */
interface Remembered {
  readonly pinned: string;
  readonly output: string;
  readonly nodes: number;
  readonly format: ResultFormat["kind"];
  readonly answer: Answer;
}

/** Keeps the plan of a query without parameters as long as versions, settings and pool stay. */
export class PlanMemo {
  readonly #known = new WeakMap<BoundQuery, Remembered>();

  async answer(query: BoundQuery, context: RunContext): Promise<Answer> {
    if (context.parameters.length > 0 || context.wideDecimals === true) {
      return answerOf(query, context);
    }
    const { services, session, pinned, format } = context;
    const made = {
      pinned: pinned.key,
      output: session.settings.outputKey,
      nodes: services.pool.size,
      format: format.kind,
    };
    const known = this.#known.get(query);
    if (
      known?.pinned === made.pinned &&
      known.output === made.output &&
      known.nodes === made.nodes &&
      known.format === made.format
    )
      return known.answer;
    const answer = await answerOf(query, context);
    this.#known.set(query, { ...made, answer });
    return answer;
  }

  /** The rows of a query over no table and without parameters, once they were found to be constant. */
  constant(
    query: BoundQuery,
    session: Session,
    format: ResultFormat,
  ): RowsResult | undefined {
    const known = this.#known.get(query);
    return known?.answer.kind === "constant" &&
      known.output === session.settings.outputKey &&
      known.format === format.kind
      ? known.answer.result
      : undefined;
  }
}

async function answerOf(
  query: BoundQuery,
  context: RunContext,
): Promise<Answer> {
  const { services, session, format } = context;
  const plan = applyRules(
    settleSessionCalls(
      withParameters(query.plan, context.parameters),
      sessionFunction(services, session),
    ),
    OPTIONS,
  );
  const constant =
    format.kind === "postgres"
      ? constantRows(plan, query.columns, format.output)
      : undefined;
  if (constant !== undefined) return constantAnswer(query, constant);
  const output = query.columns.map(({ id }) => id);
  const planned = await planQuery(plan, output, context);
  const answered =
    format.kind === "postgres" && planned.logical !== plan
      ? constantRows(planned.logical, query.columns, format.output)
      : undefined;
  return answered === undefined
    ? { kind: "plan", planned }
    : constantAnswer(query, answered);
}

function constantAnswer(
  query: BoundQuery,
  rows: readonly (readonly (string | null)[])[],
): Answer {
  return { kind: "constant", result: selected(query, { kind: "text", rows }) };
}

const OPTIONS: OptimizerOptions = { functions: lookupFunction };

/** Parameters as constants, and the rules: everything before storage is asked. */
export function simplified(
  plan: LogicalPlan,
  parameters: readonly Scalar[],
): LogicalPlan {
  return applyRules(withParameters(plan, parameters), OPTIONS);
}

function withParameters(
  plan: LogicalPlan,
  parameters: readonly Scalar[],
): LogicalPlan {
  return parameters.length === 0 ? plan : bindParameters(plan, parameters);
}

/** `output`: the columns of the result, in order. */
export async function planQuery(
  plan: LogicalPlan,
  output: readonly ColumnId[],
  context: RunContext,
): Promise<PlannedQuery> {
  const { services, session, pinned } = context;
  const { timeZone } = session.settings.output();
  const files = new Map<number, ScanFiles>();
  await Promise.all(
    scansOf(plan).map(async (scan) => {
      files.set(scan.table.scanId, await filesOf(pinned, scan, timeZone));
    }),
  );
  const statistics = new Map<number, ScanStatistics>(
    scansOf(plan).flatMap(({ table }) => {
      const found = files.get(table.scanId)?.statistics;
      if (found === undefined) return [];
      const { metastore } = services.governance;
      return [[table.scanId, withDistinctCounts(metastore, table, found)]];
    }),
  );
  const logical = orderByCost(
    await fromLog(plan, files, pinned),
    (scanId) => statistics.get(scanId),
    OPTIONS,
  );
  const physical = lower(logical, output, {
    nodes: services.pool.size,
    scans: statistics,
    nodeMemoryBytes: services.config.nodeMemoryBytes,
    ...(context.scatterScan === undefined
      ? {}
      : { scatterScan: context.scatterScan }),
    settings: {
      ...session.settings.output(),
      wideDecimals: context.wideDecimals === true,
    },
  });
  const inputs: ScanFilesById = new Map(
    scansOf(logical).map(({ table }) => {
      const { layout, format } = pinned.source(table);
      const splits = files.get(table.scanId)?.splits ?? [];
      const { scanId, name: tableName, oid: tableOid } = table;
      return [scanId, { tableName, tableOid, layout, format, splits }];
    }),
  );
  return { logical, physical, files, statistics, inputs };
}

/** Aggregates over whole tables, where the log is enough to answer them. */
async function fromLog(
  plan: LogicalPlan,
  files: ReadonlyMap<number, ScanFiles>,
  pinned: Pinned,
): Promise<LogicalPlan> {
  const { functions } = OPTIONS;
  const known = new Map<number, ScanStatistics>();
  for (const { table } of answerableScans(plan, functions)) {
    const found = files.get(table.scanId);
    if (found && (await pinned.source(table).areThere(found.splits)))
      known.set(table.scanId, found.statistics);
  }
  return known.size === 0
    ? plan
    : answerFromStatistics(
        plan,
        ({ table }) => known.get(table.scanId),
        functions,
      );
}

function filesOf(
  pinned: Pinned,
  scan: Scan,
  timeZone: string,
): Promise<ScanFiles> {
  return pinned
    .source(scan.table)
    .files(scanPredicate(scan, OPTIONS.functions, timeZone));
}
