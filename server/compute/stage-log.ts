// What the fragments of a plan told when they ended, by stage: for EXPLAIN ANALYZE and the log.

import type { NodeId } from "../../storage/common/ids.ts";
import type { EndFrame } from "./fragment.ts";

export interface RunSummary {
  readonly stages: readonly StageSummary[];
}

export interface StageSummary extends EndFrame {
  readonly stageId: number;
  readonly fragments: number;
  readonly nodes: readonly NodeId[];
}

export interface StageLog {
  add(stageId: number, node: NodeId, end: EndFrame): void;
  summary(): RunSummary;
}

export function stageLog(): StageLog {
  const stages = new Map<number, StageSummary>();
  return {
    add: (stageId, node, end) => {
      const known = stages.get(stageId);
      stages.set(stageId, {
        stageId,
        fragments: (known?.fragments ?? 0) + 1,
        nodes: [...new Set([...(known?.nodes ?? []), node])],
        rowCount: (known?.rowCount ?? 0) + end.rowCount,
        bytesRead: (known?.bytesRead ?? 0) + end.bytesRead,
        elapsedMs: Math.max(known?.elapsedMs ?? 0, end.elapsedMs),
        peakMemoryBytes: Math.max(
          known?.peakMemoryBytes ?? 0,
          end.peakMemoryBytes,
        ),
      });
    },
    summary: () => ({ stages: [...stages.values()] }),
  };
}
