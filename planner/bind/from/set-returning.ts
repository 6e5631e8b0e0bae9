// Set-returning calls of a select list: arrays unnested in step; others one after another.

import { notSupported } from "../../../storage/common/errors.ts";
import { columnsUsed } from "../../logical/columns.ts";
import type { Expression } from "../../logical/expression.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import type { Scope, SetEntry } from "../scope.ts";

/** A row without elements vanishes, as it does in PostgreSQL. Throws 0A000 for calls that would have to run in step. */
export function applySets(
  scope: Scope,
  replace: (value: Expression) => Expression,
  input: LogicalPlan,
): LogicalPlan {
  let plan = input;
  let rest: readonly SetEntry[] = scope.level.sets;
  while (rest.length > 0) {
    const step = rest.filter((entry) => !dependsOn(entry, rest));
    rest = rest.filter((entry) => !step.includes(entry));
    plan = applyStep(step, replace, plan);
  }
  return plan;
}

function argsOf({ call }: SetEntry): readonly Expression[] {
  return call.kind === "unnest" ? [call.array] : call.args;
}

/** True when an argument is the value of another call that is still to be made. */
function dependsOn(entry: SetEntry, others: readonly SetEntry[]): boolean {
  const used = argsOf(entry).map((arg) => columnsUsed(arg));
  return others.some((other) => used.some((ids) => ids.has(other.column.id)));
}

function applyStep(
  step: readonly SetEntry[],
  replace: (value: Expression) => Expression,
  input: LogicalPlan,
): LogicalPlan {
  const arrays = step.flatMap((entry) =>
    entry.call.kind === "unnest" ? [replace(entry.call.array)] : [],
  );
  if (arrays.length === step.length) {
    return {
      kind: "unnest",
      arrays,
      columns: step.map((entry) => entry.column),
      ordinality: undefined,
      outer: false,
      input,
    };
  }
  const [only, second] = step;
  if (second) {
    throw notSupported(
      "several set-returning functions in one select list are",
      second.position,
    );
  }
  if (only?.call.kind !== "series") return input;
  return {
    kind: "series",
    function: only.call.function,
    args: only.call.args.map(replace),
    columns: [only.column],
    ordinality: undefined,
    outer: false,
    input,
  };
}
