// A plan over rows that the client sends (COPY FROM): one stage, run by one node again and again over portions of them.

import { TEXT } from "../../storage/common/data-type.ts";
import type { ColumnId } from "../../storage/common/ids.ts";
import { NATIVE } from "../functions/emit.ts";
import type { EmitSettings, Emitted } from "../functions/function.ts";
import type { CommonTableRef, LogicalPlan } from "../logical/plan.ts";
import { nameOf, openBlock } from "./block.ts";
import { emitPlan } from "./duckdb-sql.ts";
import type { Stage } from "./plan.ts";

/** The relation the node supplies, with these columns of text. */
export const CLIENT_RELATION = "client";

export interface ClientStage {
  readonly stage: Stage;
  /** Columns of the relation, in the order of the client's fields. */
  readonly fields: readonly string[];
}

/** @param peakBytes what a portion of the rows takes in the kernel */
export function lowerClient(
  plan: LogicalPlan,
  client: CommonTableRef,
  run: {
    readonly output: readonly ColumnId[];
    readonly settings: EmitSettings;
    readonly peakBytes: number;
  },
): ClientStage {
  const fields = client.columns.map(({ id }) => nameOf(id));
  const columns = client.columns.map(({ id }): [ColumnId, Emitted] => [
    id,
    { sql: nameOf(id), type: TEXT, representation: NATIVE },
  ]);
  const block = openBlock(CLIENT_RELATION, new Map(columns));
  const stages = new Map([[client.id, block]]);
  const emitted = emitPlan(plan, run.output, run.settings, stages);
  return {
    fields,
    stage: {
      id: 0,
      ...emitted,
      scans: [],
      inputs: [],
      distribution: { kind: "single" },
      estimate: { rows: 0, peakBytes: run.peakBytes },
      reason: "the client's rows",
    },
  };
}
