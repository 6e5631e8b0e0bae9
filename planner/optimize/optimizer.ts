// The optimizer's table of contents: phases and their rules in the order they run, each switchable by name.
// Rules run to a fixpoint inside their phase; join order by cost comes last, when storage has told each scan's statistics.

import type { ScanStatistics } from "../../storage/scan/split.ts";
import { withDistinctSubqueries } from "../logical/fresh-copy.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import {
  mapChildren,
  mapExpressions,
  rewriteSubqueries,
} from "../logical/walk.ts";
import { orderJoins } from "./join-order.ts";
import {
  assertSameOutput,
  type FunctionLookup,
  type Rule,
  type RuleContext,
} from "./rule.ts";
import { deriveOrPredicates } from "./rules/derive-or-predicates.ts";
import { eliminateFilter } from "./rules/eliminate-filter.ts";
import { eliminateLimit } from "./rules/eliminate-limit.ts";
import { eliminateProject } from "./rules/eliminate-project.ts";
import { eliminateSort } from "./rules/eliminate-sort.ts";
import { existsToSemiJoin } from "./rules/exists-to-semi-join.ts";
import { factorOr } from "./rules/factor-or.ts";
import { foldConstants } from "./rules/fold-constants.ts";
import { inToSemiJoin } from "./rules/in-to-semi-join.ts";
import { inferPredicates } from "./rules/infer-predicates.ts";
import { inlineCommonTable } from "./rules/inline-common-table.ts";
import { mergeFilters } from "./rules/merge-filters.ts";
import { mergeLimits } from "./rules/merge-limits.ts";
import { mergeProjects } from "./rules/merge-projects.ts";
import { outerToInnerJoin } from "./rules/outer-to-inner-join.ts";
import { propagateEmpty } from "./rules/propagate-empty.ts";
import { pruneColumns } from "./rules/prune-columns.ts";
import { pushFilterIntoJoin } from "./rules/push-filter-into-join.ts";
import { pushFilterIntoScan } from "./rules/push-filter-into-scan.ts";
import { pushFilterThroughAggregate } from "./rules/push-filter-through-aggregate.ts";
import { pushFilterThroughBarrier } from "./rules/push-filter-through-barrier.ts";
import { pushFilterThroughInput } from "./rules/push-filter-through-input.ts";
import { pushFilterThroughProject } from "./rules/push-filter-through-project.ts";
import { pushFilterThroughSetOperation } from "./rules/push-filter-through-set-operation.ts";
import { pushFilterThroughWindow } from "./rules/push-filter-through-window.ts";
import { pushJoinCondition } from "./rules/push-join-condition.ts";
import { pushLimitIntoUnion } from "./rules/push-limit-into-union.ts";
import { pushLimitThroughProject } from "./rules/push-limit-through-project.ts";
import { simplifyBooleans } from "./rules/simplify-booleans.ts";
import { unwrapCasts } from "./rules/unwrap-casts.ts";

export interface Phase {
  readonly name: string;
  readonly rules: readonly Rule[];
}

const CLEAN_UP: readonly Rule[] = [
  foldConstants,
  simplifyBooleans,
  mergeFilters,
  eliminateFilter,
  mergeProjects,
  eliminateProject,
  mergeLimits,
  eliminateLimit,
  eliminateSort,
  propagateEmpty,
];

const PUSH_DOWN: readonly Rule[] = [
  ...CLEAN_UP,
  unwrapCasts,
  outerToInnerJoin,
  pushFilterThroughProject,
  pushFilterIntoJoin,
  pushJoinCondition,
  pushFilterThroughAggregate,
  pushFilterThroughSetOperation,
  pushFilterThroughWindow,
  pushFilterThroughInput,
  pushFilterThroughBarrier,
  pushFilterIntoScan,
  pushLimitThroughProject,
  pushLimitIntoUnion,
];

export const PHASES: readonly Phase[] = [
  {
    name: "simplify",
    rules: [...CLEAN_UP, inlineCommonTable, unwrapCasts, factorOr],
  },
  {
    name: "unnest subqueries",
    rules: [existsToSemiJoin, inToSemiJoin, mergeFilters],
  },
  { name: "push down", rules: PUSH_DOWN },
  {
    name: "infer",
    rules: [deriveOrPredicates, inferPredicates, ...PUSH_DOWN],
  },
  { name: "prune", rules: [pruneColumns, mergeProjects, eliminateProject] },
];

/** Name of the step that `orderByCost` does, for `disabledRules`. */
export const JOIN_ORDER = "join-order";

export const RULE_NAMES: readonly string[] = [
  ...new Set(PHASES.flatMap((phase) => phase.rules.map((rule) => rule.name))),
  JOIN_ORDER,
];

/** What is known of a scan's files after pruning; undefined when storage was not asked. */
export type EstimateSource = (scanId: number) => ScanStatistics | undefined;

export interface OptimizerOptions {
  readonly functions: FunctionLookup;
  readonly disabledRules?: ReadonlySet<string>;
  /** Checks after each firing that the output stayed; tests set it. */
  readonly verify?: boolean;
  /** Told the name of each rule that fired. */
  readonly onFire?: (rule: string) => void;
}

/** All of it: rules, then join order. Parameters are literals by then. */
export function optimize(
  plan: LogicalPlan,
  source: EstimateSource,
  options: OptimizerOptions,
): LogicalPlan {
  return orderByCost(applyRules(plan, options), source, options);
}

/** The rules alone, before storage is asked what the scans' predicates keep. */
export function applyRules(
  plan: LogicalPlan,
  options: OptimizerOptions,
): LogicalPlan {
  const ruled = PHASES.reduce(
    (current, phase) => runRules(current, phase.rules, options),
    withDistinctSubqueries(plan),
  );
  return withDistinctSubqueries(ruled);
}

/** Join order by cost; the plan as it is when switched off. */
export function orderByCost(
  plan: LogicalPlan,
  source: EstimateSource,
  options: OptimizerOptions,
): LogicalPlan {
  return options.disabledRules?.has(JOIN_ORDER) === true
    ? plan
    : orderJoins(plan, source, options.functions);
}

/** Firings after which a phase stops: far above any real plan, so that a cycle of rules ends as a correct plan. */
const FIRING_LIMIT = 5_000;

/** Times a phase's rules over the whole plan run again, because what they found was pushed down and lets them find more. */
const ROUND_LIMIT = 4;

/** Applies the rules until none fires: children first, a changed node again from its children. */
export function runRules(
  plan: LogicalPlan,
  rules: readonly Rule[],
  options: OptimizerOptions,
): LogicalPlan {
  const active = rules.filter(
    (rule) => options.disabledRules?.has(rule.name) !== true,
  );
  const run = new Run(active, options);
  let current = plan;
  for (let round = 0; round < ROUND_LIMIT; round += 1) {
    const next = run.settle(run.whole(current));
    if (next === current) break;
    current = next;
  }
  return current;
}

/** One phase at work: which nodes are known to be settled, and how many firings are left. */
class Run {
  readonly #settled = new WeakSet<LogicalPlan>();
  readonly #context: RuleContext;
  #left = FIRING_LIMIT;
  readonly #rules: readonly Rule[];
  readonly #options: OptimizerOptions;

  constructor(rules: readonly Rule[], options: OptimizerOptions) {
    this.#rules = rules;
    this.#options = options;
    this.#context = { functions: options.functions };
  }

  whole(plan: LogicalPlan): LogicalPlan {
    let current = plan;
    for (const rule of this.#rules) {
      if (rule.kind === "plan") current = this.#fire(rule, current) ?? current;
    }
    return current;
  }

  settle(plan: LogicalPlan): LogicalPlan {
    let node = plan;
    while (!this.#settled.has(node)) {
      node = mapChildren(node, (child) => this.settle(child));
      node = mapExpressions(node, (expression) =>
        rewriteSubqueries(expression, (subplan) => this.settle(subplan)),
      );
      const next = this.#step(node);
      if (next === undefined) this.#settled.add(node);
      else node = next;
    }
    return node;
  }

  #step(node: LogicalPlan): LogicalPlan | undefined {
    for (const rule of this.#rules) {
      if (rule.kind !== node.kind && rule.kind !== "any") continue;
      const next = this.#fire(rule, node);
      if (next !== undefined) return next;
    }
    return undefined;
  }

  #fire(rule: Rule, node: LogicalPlan): LogicalPlan | undefined {
    if (this.#left === 0) return undefined;
    const next = rule.apply(node, this.#context);
    if (next === undefined) return undefined;
    this.#left -= 1;
    if (this.#options.verify === true) assertSameOutput(rule.name, node, next);
    this.#options.onFire?.(rule.name);
    return next;
  }
}
