// One rule at work on one plan.

import { printPlan } from "../logical/print.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import { lookupFunction } from "./function-lookup.ts";
import { runRules } from "./optimizer.ts";
import type { Rule } from "./rule.ts";

/** The plan after the rule alone, printed; "does not fire" when it did nothing. */
export function after(rule: Rule, plan: LogicalPlan): string {
  const fired: string[] = [];
  const result = runRules(plan, [rule], {
    functions: lookupFunction,
    verify: true,
    onFire: (name) => fired.push(name),
  });
  return fired.length > 0 ? printPlan(result) : "does not fire";
}

export const DOES_NOT_FIRE = "does not fire";
