// What goes wrong while a plan computes a row filter or a mask must not tell of the rows it hides: such a plan fails with one constant
// error, whatever the kernel said (access-control section 14, rule 9).

import { SqlError } from "../../storage/common/errors.ts";
import { policyFailed } from "../../storage/common/policy.ts";
import type { PhysicalPlan } from "../../planner/physical/plan.ts";
import type { EncodedRows } from "../session/result.ts";
import { NARROW_DECIMALS } from "./errors.ts";
import type { Scheduler } from "./scheduler.ts";

/** The scheduler, with every error of such a plan made constant, the rows' too. */
export function watched(scheduler: Scheduler): Scheduler {
  return {
    ...scheduler,
    runPlan: async (plan, ...rest) => {
      const rows = await inPlan(plan, () => scheduler.runPlan(plan, ...rest));
      return plan.fallible === undefined ? rows : rowsToldOf(plan, rows);
    },
    runWrite: (plan, ...rest) =>
      inPlan(plan, () => scheduler.runWrite(plan, ...rest)),
    runChange: async (plan, ...rest) => {
      const outcome = await inPlan(plan, () =>
        scheduler.runChange(plan, ...rest),
      );
      return plan.fallible === undefined
        ? outcome
        : { ...outcome, rows: rowsToldOf(plan, outcome.rows) };
    },
  };
}

async function inPlan<T>(
  plan: PhysicalPlan,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toldOf(plan, error);
  }
}

/** `error`, unless it may speak of values that the plan's policies hide. */
function toldOf(plan: PhysicalPlan, error: unknown): unknown {
  const { fallible } = plan;
  if (fallible === undefined || !(error instanceof SqlError)) return error;
  // Run again in more digits, under the same watch.
  if (error.cause === NARROW_DECIMALS) return error;
  return SPEAKS_OF_VALUES.has(error.code.slice(0, 2))
    ? policyFailed(fallible, undefined, error)
    : error;
}

/** Classes of errors that rows raise; others are about nodes, memory, cancellation and the rows a statement writes. */
const SPEAKS_OF_VALUES: ReadonlySet<string> = new Set([
  "0A",
  "21",
  "22",
  "42",
  "P0",
  "XX",
]);

async function* rowsToldOf(
  plan: PhysicalPlan,
  rows: AsyncIterable<EncodedRows>,
): AsyncGenerator<EncodedRows, void, undefined> {
  try {
    yield* rows;
  } catch (error) {
    throw toldOf(plan, error);
  }
}
