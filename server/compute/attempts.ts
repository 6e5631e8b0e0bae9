// One fragment's way onto a node: picked by cached files and load, admitted by memory, and repeated elsewhere when its node is lost
// while nothing of it was passed on.

import type { NodeId } from "../../storage/common/ids.ts";
import type { Stage } from "../../planner/physical/plan.ts";
import type { Admission } from "./admission.ts";
import { nodeLost, noNode, retriesExhausted } from "./errors.ts";
import type { FragmentOutput } from "./fragment.ts";
import { NodeLost, type FragmentEvent } from "./node-client.ts";
import type { ComputePool, PoolNode } from "./pool.ts";
import type { RunSummary, StageLog } from "./stage-log.ts";
import { tasksOf, type StageContext, type Task } from "./tasks.ts";

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
  /** Told now and then how many bytes of data files a write's fragments have on disk together. */
  readonly onBytes?: (bytes: number) => void;
}

export interface Runner {
  readonly pool: ComputePool;
  readonly options: SchedulerOptions;
  readonly admission: Admission;
  readonly running: Map<NodeId, number>;
}

export interface StageRun {
  readonly context: StageContext;
  readonly stage: Stage;
  readonly run: RunOptions;
  readonly log: StageLog;
}

export interface Work {
  readonly task: Task;
  readonly output: FragmentOutput;
}

const MAX_ATTEMPTS = 4;
/** A node this much busier than the idlest is passed over in spite of its cache. */
const BUSIER_BY = 4;

export async function tasksFor(
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

/**
 * Between two attempts comes `restart`: what was yielded before it is void. After rows, or changes that rows will follow, there is no
 * other attempt.
 */
export async function* attempts(
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

export async function* attemptOnce(
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
