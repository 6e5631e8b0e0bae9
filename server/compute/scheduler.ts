// Runs physical plans on the pool: stage after stage, fragments placed by cached files and load, admitted by memory, and
// repeated elsewhere when their node is lost while nothing of them was passed on.

import type { NodeId } from "../../storage/common/ids.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { PhysicalPlan, Stage } from "../../planner/physical/plan.ts";
import type { EncodedRows, ResultFormat } from "../session/result.ts";
import { allOrNone } from "./all-or-none.ts";
import { createAdmission } from "./admission.ts";
import {
  attempts,
  DEFAULT_SCHEDULER,
  tasksFor,
  type Runner,
  type RunOptions,
  type SchedulerOptions,
  type StageRun,
  type Work,
} from "./attempts.ts";
import { changeOutcome, openChanges, type ChangeOutcome } from "./changes.ts";
import type {
  ChangeOutput,
  FileDraft,
  FragmentOutput,
  WriteTarget,
} from "./fragment.ts";
import {
  outcomeOf,
  runLoad,
  type LoadInput,
  type WriteOutcome,
} from "./load.ts";
import { mergeInArrivalOrder } from "./merge.ts";
import type { FragmentEvent } from "./node-client.ts";
import { watched } from "./policy-errors.ts";
import type { ComputePool } from "./pool.ts";
import { stageLog, type StageLog } from "./stage-log.ts";
import type { ScanFilesInput, StageContext } from "./tasks.ts";

export interface RowsOptions extends RunOptions {
  readonly format: ResultFormat;
  /** Undefined means all. */
  readonly rowLimit?: number;
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
  /** The client's rows as uncommitted data files, while they come: one node, and no second attempt. */
  runLoad(
    stage: Stage,
    load: LoadInput,
    target: WriteTarget,
    options: RunOptions,
  ): Promise<WriteOutcome>;
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
  return watched({
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
      return outcomeOf(drafts);
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
      return await openChanges(
        run.signal,
        (signal) =>
          tasks.map((task) =>
            attempts(
              runner,
              { ...stage, run: { ...run, signal } },
              { task, output },
            ),
          ),
        () => run.onEnd?.(log.summary()),
      );
    },
    runLoad: (stage, load, target, run) =>
      runLoad(runner, stage, { load, target, run }),
    load: () =>
      pool.ready().map(({ node: { id } }) => ({
        node: id,
        running: running.get(id) ?? 0,
        ...admission.load(id),
      })),
  });
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
  const writtenBytes = tasks.map(() => 0);
  const runs = tasks.map(async (task, index) => {
    let events: FragmentEvent[] = [];
    const repeats = attempts(
      runner,
      { ...stage, run: { ...stage.run, signal } },
      { task, output },
    );
    for await (const event of repeats) {
      if (event.kind === "restart") events = [];
      else if (event.kind === "written") {
        writtenBytes[index] = event.bytes;
        stage.run.onBytes?.(writtenBytes.reduce((sum, n) => sum + n, 0));
      } else events.push(event);
    }
    return events;
  });
  return (await allOrNone(runs, () => stop.abort())).flat();
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
