// Runs physical plans on the pool: stage after stage, fragments placed by cached files and load, admitted by memory, and
// repeated elsewhere when their node is lost while nothing of them was passed on.

import type { NodeId } from "../../storage/common/ids.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { PhysicalPlan, Stage } from "../../planner/physical/plan.ts";
import type { EncodedRows, ResultFormat } from "../session/result.ts";
import { createAdmission, type Admission } from "./admission.ts";
import { nodeLost, noNode, retriesExhausted } from "./errors.ts";
import { changeOutcome, openChanges, type ChangeOutcome } from "./changes.ts";
import type {
  ChangeOutput,
  FileDraft,
  FragmentOutput,
  WriteTarget,
} from "./fragment.ts";
import { mergeInArrivalOrder } from "./merge.ts";
import { NodeLost, type FragmentEvent } from "./node-client.ts";
import type { ComputePool, PoolNode } from "./pool.ts";
import { stageLog, type RunSummary, type StageLog } from "./stage-log.ts";
import {
  tasksOf,
  type ScanFilesInput,
  type StageContext,
  type Task,
} from "./tasks.ts";

export interface SchedulerOptions {
  /** How long a fragment waits for memory. */
  readonly queueTimeoutMs: number;
  /** How long a statement waits for a node when none is ready. */
  readonly nodeTimeoutMs: number;
}

export const DEFAULT_SCHEDULER: SchedulerOptions = {
  queueTimeoutMs: 300_000,
  nodeTimeoutMs: 10_000,
};

export interface RunOptions {
  readonly queryId: string;
  readonly signal: AbortSignal;
  /** Told once, when the last row was passed on or the files are written. */
  readonly onEnd?: (summary: RunSummary) => void;
  /** Told now and then, of the last stage. */
  readonly onProgress?: (percent: number) => void;
}

export interface RowsOptions extends RunOptions {
  readonly format: ResultFormat;
  /** Undefined means all. */
  readonly rowLimit?: number;
}

export interface WriteOutcome {
  readonly drafts: readonly FileDraft[];
  readonly rowCount: number;
}

export type ScanFilesById = ReadonlyMap<number, ScanFilesInput>;

export interface Scheduler {
  /** Resolves when the first rows (or the end) are there, so that errors before it reject. Leaving the loop cancels the rest. */
  runPlan(
    plan: PhysicalPlan,
    scans: ScanFilesById,
    options: RowsOptions,
  ): Promise<AsyncIterable<EncodedRows>>;
  /** The rows of the last stage as uncommitted data files. A failed statement leaves files that no log names. */
  runWrite(
    plan: PhysicalPlan,
    scans: ScanFilesById,
    target: WriteTarget,
    options: RunOptions,
  ): Promise<WriteOutcome>;
  /** The rows of the last stage as changes of a table (fragment.ts, ChangeOutput), uncommitted. */
  runChange(
    plan: PhysicalPlan,
    scans: ScanFilesById,
    output: ChangeOutput,
    options: RunOptions,
  ): Promise<ChangeOutcome>;
  /** For metrics: memory given out and fragments waiting, by node. */
  load(): readonly {
    readonly node: NodeId;
    readonly running: number;
    readonly bytes: number;
    readonly waiting: number;
  }[];
}

/** Fragments of at most this are not queued, and a node's share of them is not counted. */
const FREE_BYTES = 32 * 1024 * 1024;
const MAX_ATTEMPTS = 4;
/** A node this much busier than the idlest is passed over in spite of its cache. */
const BUSIER_BY = 4;

export function createScheduler(
  pool: ComputePool,
  options: SchedulerOptions = DEFAULT_SCHEDULER,
): Scheduler {
  const admission = createAdmission({
    freeBytes: FREE_BYTES,
    timeoutMs: options.queueTimeoutMs,
  });
  const running = new Map<NodeId, number>();
  const runner: Runner = { pool, options, admission, running };
  return {
    runPlan: async (plan, scans, run) => {
      const { last, context, log } = await runUpToLast(runner, plan, {
        scans,
        run,
      });
      const events = lastStage(runner, { context, stage: last, run, log });
      return await started(rowsOf(events, run, log));
    },
    runWrite: async (plan, scans, target, run) => {
      const { last, context, log } = await runUpToLast(runner, plan, {
        scans,
        run,
      });
      const drafts: FileDraft[] = [];
      const output: FragmentOutput = { kind: "write", target };
      const whole = await runWhole(
        runner,
        { context, stage: last, run, log },
        output,
      );
      for (const event of whole)
        if (event.kind === "drafts") drafts.push(...event.drafts);
      run.onEnd?.(log.summary());
      return {
        drafts,
        rowCount: drafts.reduce((sum, draft) => sum + draft.rowCount, 0),
      };
    },
    runChange: async (plan, scans, output, run) => {
      const { last, context, log } = await runUpToLast(runner, plan, {
        scans,
        run,
      });
      const stage = { context, stage: last, run, log };
      if (output.returning === undefined) {
        const events = await runWhole(runner, stage, output);
        run.onEnd?.(log.summary());
        return changeOutcome(events);
      }
      const tasks = await tasksFor(runner, stage);
      return await openChanges(run.signal, (signal) =>
        tasks.map((task) =>
          attempts(
            runner,
            { ...stage, run: { ...run, signal } },
            { task, output },
          ),
        ),
      );
    },
    load: () =>
      pool.ready().map(({ node: { id } }) => ({
        node: id,
        running: running.get(id) ?? 0,
        ...admission.load(id),
      })),
  };
}

interface Runner {
  readonly pool: ComputePool;
  readonly options: SchedulerOptions;
  readonly admission: Admission;
  readonly running: Map<NodeId, number>;
}

interface StageRun {
  readonly context: StageContext;
  readonly stage: Stage;
  readonly run: RunOptions;
  readonly log: StageLog;
}

/** Runs every stage but the last and keeps what they exchange. */
async function runUpToLast(
  runner: Runner,
  plan: PhysicalPlan,
  input: { readonly scans: ScanFilesById; readonly run: RunOptions },
): Promise<{
  readonly last: Stage;
  readonly context: StageContext;
  readonly log: StageLog;
}> {
  const last = plan.stages.at(-1);
  invariant(last !== undefined, "a plan has a stage");
  const exchanged = new Map<number, readonly Uint8Array[]>();
  const context: StageContext = {
    plan,
    scans: input.scans,
    queryId: input.run.queryId,
    exchanged,
  };
  const log = stageLog();
  for (const stage of plan.stages.slice(0, -1)) {
    const events = await runWhole(
      runner,
      { context, stage, run: input.run, log },
      { kind: "exchange" },
    );
    exchanged.set(
      stage.id,
      events.flatMap((event) =>
        event.kind === "exchange" ? [event.bytes] : [],
      ),
    );
  }
  return { last, context, log };
}

/** All fragments of a stage to their ends, with their events in the order of the fragments. */
async function runWhole(
  runner: Runner,
  stage: StageRun,
  output: FragmentOutput,
): Promise<readonly FragmentEvent[]> {
  // When one fails, the others are of no use.
  const stop = new AbortController();
  const signal = AbortSignal.any([stage.run.signal, stop.signal]);
  const tasks = await tasksFor(runner, stage);
  const runs = tasks.map(async (task) => {
    try {
      let events: FragmentEvent[] = [];
      const repeats = attempts(
        runner,
        { ...stage, run: { ...stage.run, signal } },
        { task, output },
      );
      for await (const event of repeats) {
        if (event.kind === "restart") events = [];
        else events.push(event);
      }
      return events;
    } catch (error) {
      stop.abort();
      throw error;
    }
  });
  const settled = await Promise.allSettled(runs);
  const failed = settled.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
  return settled.flatMap((result) =>
    result.status === "fulfilled" ? result.value : [],
  );
}

async function tasksFor(
  runner: Runner,
  stage: StageRun,
): Promise<readonly Task[]> {
  const nodes = await runner.pool.whenReady(runner.options.nodeTimeoutMs);
  return tasksOf(
    stage.context,
    stage.stage,
    nodes.map(({ node }) => node.id),
  );
}

/** The client's rows: fragments side by side, or one after the other when a limit has to be shared. */
async function* lastStage(
  runner: Runner,
  stage: StageRun & { readonly run: RowsOptions },
): AsyncGenerator<FragmentEvent, void, undefined> {
  const { format, rowLimit } = stage.run;
  const tasks = await tasksFor(runner, stage);
  if (rowLimit === undefined) {
    const output: FragmentOutput = { kind: "client", format };
    yield* mergeInArrivalOrder(
      tasks.map((task) => passedOn(runner, stage, { task, output })),
    );
    return;
  }
  let left = rowLimit;
  for (const task of tasks) {
    if (left <= 0) return;
    const output: FragmentOutput = { kind: "client", format, rowLimit: left };
    for await (const event of passedOn(runner, stage, { task, output })) {
      if (event.kind === "rows") left -= event.rows.rowCount;
      yield event;
    }
  }
}

interface Work {
  readonly task: Task;
  readonly output: FragmentOutput;
}

/** Events as they come; once rows went out, a loss is final. */
async function* passedOn(
  runner: Runner,
  stage: StageRun,
  work: Work,
): AsyncGenerator<FragmentEvent, void, undefined> {
  for await (const event of attempts(runner, stage, work)) {
    if (event.kind !== "restart") yield event;
  }
}

/**
 * Between two attempts comes `restart`: what was yielded before it is void. After rows, or changes that rows will follow, there is no
 * other attempt.
 */
async function* attempts(
  runner: Runner,
  stage: StageRun,
  work: Work,
): AsyncGenerator<
  FragmentEvent | { readonly kind: "restart" },
  void,
  undefined
> {
  const avoid = new Set<NodeId>();
  for (let attempt = 0; ; attempt++) {
    let rowsSent = false;
    try {
      const once = { ...work, attempt, avoid };
      for await (const event of attemptOnce(runner, stage, once)) {
        rowsSent ||=
          event.kind === "rows" ||
          (event.kind === "changes" && answersRows(work.output));
        yield event;
      }
      return;
    } catch (error) {
      if (!(error instanceof NodeLost)) throw error;
      if (rowsSent) throw nodeLost(error.node, error);
      if (attempt + 1 >= MAX_ATTEMPTS)
        throw retriesExhausted(MAX_ATTEMPTS, error);
      avoid.add(error.node);
      yield { kind: "restart" };
    }
  }
}

function answersRows(output: FragmentOutput): boolean {
  return output.kind === "change" && output.returning !== undefined;
}

async function* attemptOnce(
  runner: Runner,
  stage: StageRun,
  work: Work & {
    readonly attempt: number;
    readonly avoid: ReadonlySet<NodeId>;
  },
): AsyncGenerator<FragmentEvent, void, undefined> {
  const { signal } = stage.run;
  const { node, memoryBytes } = await pickNode(runner, work.task, work.avoid);
  const wanted = Math.max(0, Math.floor(stage.stage.estimate.peakBytes));
  runner.running.set(node.id, (runner.running.get(node.id) ?? 0) + 1);
  try {
    using _memory = await runner.admission.admit(
      node.id,
      memoryBytes,
      wanted,
      signal,
    );
    const body = work.task.body(
      work.attempt,
      work.output,
      Math.min(wanted, memoryBytes),
    );
    for await (const event of node.run(body, signal)) {
      if (event.kind === "end")
        stage.log.add(stage.stage.id, node.id, event.end);
      yield event;
    }
  } finally {
    const left = (runner.running.get(node.id) ?? 1) - 1;
    if (left > 0) runner.running.set(node.id, left);
    else runner.running.delete(node.id);
  }
}

/** The most preferred node that is not much busier than the idlest; nodes known to be lost only when they are all there is. */
async function pickNode(
  runner: Runner,
  task: Task,
  avoid: ReadonlySet<NodeId>,
): Promise<PoolNode> {
  const all = await runner.pool.whenReady(runner.options.nodeTimeoutMs);
  const alive = all.filter(({ node }) => !avoid.has(node.id));
  const nodes = alive.length > 0 ? alive : all;
  const loadOf = ({ node }: PoolNode): number =>
    runner.running.get(node.id) ?? 0;
  const least = Math.min(...nodes.map(loadOf));
  const free = nodes.filter((node) => loadOf(node) <= least + BUSIER_BY);
  for (const name of task.preference) {
    const preferred = free.find(({ node }) => node.id === name);
    if (preferred !== undefined) return preferred;
  }
  const idlest = nodes.find((node) => loadOf(node) === least);
  if (idlest === undefined) throw noNode(runner.options.nodeTimeoutMs);
  return idlest;
}

async function* rowsOf(
  events: AsyncIterable<FragmentEvent>,
  run: RowsOptions,
  log: StageLog,
): AsyncGenerator<EncodedRows, void, undefined> {
  for await (const event of events) {
    if (event.kind === "rows") yield event.rows;
    else if (event.kind === "progress") run.onProgress?.(event.percent);
  }
  run.onEnd?.(log.summary());
}

/** Pulls the first item, so that what fails before it fails here. */
async function started<T>(
  source: AsyncGenerator<T, void, undefined>,
): Promise<AsyncIterable<T>> {
  const first = await source.next();
  return {
    [Symbol.asyncIterator]: async function* () {
      try {
        if (first.done === true) return;
        yield first.value;
        yield* source;
      } finally {
        await source.return();
      }
    },
  };
}
