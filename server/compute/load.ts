// What a write leaves behind, and the one write whose rows come from outside: COPY FROM.

import { invariant } from "../../storage/common/invariant.ts";
import type { PhysicalPlan, Stage } from "../../planner/physical/plan.ts";
import type { NodeId } from "../../storage/common/ids.ts";
import type { ClientData } from "../session/result.ts";
import {
  attemptOnce,
  tasksFor,
  type RunOptions,
  type Runner,
} from "./attempts.ts";
import { nodeLost } from "./errors.ts";
import type {
  ClientRows,
  FileDraft,
  FragmentOutput,
  WriteTarget,
} from "./fragment.ts";
import { NodeLost } from "./node-client.ts";
import { stageLog } from "./stage-log.ts";
import type { StageContext, Task } from "./tasks.ts";

export interface WriteOutcome {
  readonly drafts: readonly FileDraft[];
  readonly rowCount: number;
}

export interface LoadInput {
  readonly rows: ClientRows;
  readonly data: AsyncIterable<ClientData>;
}

export function outcomeOf(drafts: readonly FileDraft[]): WriteOutcome {
  return {
    drafts,
    rowCount: drafts.reduce((sum, draft) => sum + draft.rowCount, 0),
  };
}

/** The client's rows as uncommitted data files, while they come: one node, and no second attempt. */
export async function runLoad(
  runner: Runner,
  stage: Stage,
  {
    load,
    target,
    run,
  }: {
    readonly load: LoadInput;
    readonly target: WriteTarget;
    readonly run: RunOptions;
  },
): Promise<WriteOutcome> {
  const plan: PhysicalPlan = { stages: [stage], output: stage.columns };
  const context: StageContext = {
    plan,
    scans: new Map(),
    queryId: run.queryId,
    exchanged: new Map(),
  };
  const log = stageLog();
  const [task] = await tasksFor(runner, { context, stage, run, log });
  invariant(task !== undefined, "a single stage is one task");
  const loading: Task = {
    ...task,
    body: (attempt, output, memoryBytes) => {
      const body = task.body(attempt, output, memoryBytes);
      const fragment = { ...body.fragment, client: load.rows };
      return { ...body, fragment, clientData: load.data };
    },
  };
  const drafts: FileDraft[] = [];
  const work = {
    task: loading,
    output: { kind: "write", target } satisfies FragmentOutput,
    attempt: 0,
    avoid: new Set<NodeId>(),
  };
  try {
    for await (const event of attemptOnce(
      runner,
      { context, stage, run, log },
      work,
    )) {
      if (event.kind === "drafts") drafts.push(...event.drafts);
    }
  } catch (error) {
    throw error instanceof NodeLost ? nodeLost(error.node, error) : error;
  }
  run.onEnd?.(log.summary());
  return outcomeOf(drafts);
}
