// A stage -> the fragments that run it, each with the nodes it would like best.

import { invariant } from "../../storage/common/invariant.ts";
import type { Split } from "../../storage/scan/split.ts";
import type { PhysicalPlan, Stage } from "../../planner/physical/plan.ts";
import type { FragmentOutput, FragmentScan } from "./fragment.ts";
import type { FragmentBody } from "./fragment-body.ts";
import { placeSplits, rankNodes } from "./placement.ts";

/** What storage found for one scan of the plan, by scan id. */
export interface ScanFilesInput {
  /** `schema.table`, for errors. */
  readonly tableName: string;
  readonly tableOid: number;
  readonly layout: FragmentScan["layout"];
  readonly splits: readonly Split[];
  readonly format?: FragmentScan["format"] | undefined;
}

export interface StageContext {
  readonly plan: PhysicalPlan;
  readonly scans: ReadonlyMap<number, ScanFilesInput>;
  readonly queryId: string;
  /** Parquet parts of the stages that ran before. */
  readonly exchanged: ReadonlyMap<number, readonly Uint8Array[]>;
}

export interface Task {
  /** Node names, best first. */
  readonly preference: readonly string[];
  readonly body: (
    attempt: number,
    output: FragmentOutput,
    memoryBytes: number,
  ) => FragmentBody;
}

/** @param nodes names of the nodes that are ready; at least one */
export function tasksOf(
  context: StageContext,
  stage: Stage,
  nodes: readonly string[],
): readonly Task[] {
  if (stage.distribution.kind === "single") {
    return [taskOf(context, stage, preferenceOf(context, stage, nodes))];
  }
  const { scanId } = stage.distribution;
  const shares = placeSplits(filesOf(context, scanId).splits, nodes);
  const tasks = shares.flatMap((splits, index) => {
    const name = nodes[index];
    if (splits.length === 0 || name === undefined) return [];
    const preference = [name, ...nodes.filter((other) => other !== name)];
    return [taskOf(context, stage, preference, { scanId, splits })];
  });
  // No file at all: one fragment still has to say so (an aggregate of nothing has a row).
  return tasks.length > 0 ? tasks : [taskOf(context, stage, nodes)];
}

function taskOf(
  context: StageContext,
  stage: Stage,
  preference: readonly string[],
  share?: { readonly scanId: number; readonly splits: readonly Split[] },
): Task {
  const inputs = stage.inputs.map((stageId) => ({
    stageId,
    parts: context.exchanged.get(stageId) ?? [],
    columns: stageOf(context.plan, stageId).columns,
  }));
  const scans = stage.scans.map((scan): FragmentScan => {
    const files = filesOf(context, scan.scanId);
    const splits = share?.scanId === scan.scanId ? share.splits : files.splits;
    return { ...scan, ...files, splits };
  });
  return {
    preference,
    body: (attempt, output, memoryBytes) => ({
      fragment: {
        queryId: context.queryId,
        stageId: stage.id,
        attempt,
        sql: stage.sql,
        scans,
        inputs: inputs.map(({ stageId, parts, columns }) => ({
          stageId,
          parts: parts.length,
          columns,
        })),
        columns: stage.columns,
        output,
        memoryBytes,
      },
      parts: inputs.flatMap(({ parts }) => parts),
    }),
  };
}

/** The node that has most of the stage's bytes cached by the rendezvous rule; no preference without files. */
function preferenceOf(
  context: StageContext,
  stage: Stage,
  nodes: readonly string[],
): readonly string[] {
  const weight = nodes.map(() => 0);
  let any = false;
  for (const { scanId } of stage.scans) {
    for (const split of filesOf(context, scanId).splits) {
      const [best] = rankNodes(split.path, nodes);
      if (best === undefined) continue;
      weight[best] = (weight[best] ?? 0) + split.sizeBytes;
      any = true;
    }
  }
  if (!any) return [];
  return nodes
    .map((name, index) => ({ name, weight: weight[index] ?? 0 }))
    .sort((a, b) => b.weight - a.weight)
    .map(({ name }) => name);
}

function filesOf(context: StageContext, scanId: number): ScanFilesInput {
  const files = context.scans.get(scanId);
  invariant(files !== undefined, `scan ${scanId} has files`);
  return files;
}

function stageOf(plan: PhysicalPlan, stageId: number): Stage {
  const stage = plan.stages.find(({ id }) => id === stageId);
  invariant(stage !== undefined, `stage ${stageId} is in the plan`);
  return stage;
}
