// Grouping by `window(time, …)`: a row without a finite time lies in no window, in batch as in streams (streaming: 3.1).

import type { Expression } from "../../logical/expression.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import { functionById } from "../../functions/registry.ts";
import { coerce } from "../coerce.ts";
import { applyOperator, conjunction } from "../expression/operator.ts";
import type { StatementContext } from "../statement-context.ts";

/** Keeps the rows that lie in a window of each `window` group. */
export function withinWindows(
  statement: StatementContext,
  groups: readonly Expression[],
  input: LogicalPlan,
): LogicalPlan {
  const tests = groups.flatMap((group) => {
    const time = windowTime(group);
    return time ? [isFinite(statement, time)] : [];
  });
  return tests.length === 0
    ? input
    : { kind: "filter", predicate: conjunction(tests), input };
}

function windowTime(group: Expression): Expression | undefined {
  return group.kind === "call" && functionById(group.function).name === "window"
    ? group.args[0]
    : undefined;
}

/** Between the infinities, and not NULL. */
function isFinite(statement: StatementContext, time: Expression): Expression {
  const bound = (value: string): Expression =>
    coerce(
      statement,
      { kind: "literal", type: { kind: "unknown" }, value },
      time.type,
      "implicit",
    );
  return conjunction([
    applyOperator(statement, ">", [time, bound("-infinity")], undefined),
    applyOperator(statement, "<", [time, bound("infinity")], undefined),
  ]);
}
