// What a rule is: a named rewrite of one kind of node, or of the whole plan. Rules keep the node's output columns.

import type { FunctionRow } from "../functions/function.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import { outputOf } from "../logical/walk.ts";
import { invariant } from "../../storage/common/invariant.ts";

/** The row of a function id as expressions carry it; undefined when no such row exists. */
export type FunctionLookup = (id: string) => FunctionRow | undefined;

export interface RuleContext {
  readonly functions: FunctionLookup;
}

export type NodeKind = LogicalPlan["kind"];
type NodeOf<Kind extends NodeKind> = Extract<LogicalPlan, { kind: Kind }>;

/** A rule over every node of a kind (`any`: all), or once over the whole plan, subqueries included (`plan`). */
export interface Rule {
  readonly name: string;
  readonly kind: NodeKind | "any" | "plan";
  /** The plan that takes the node's place; undefined when the rule did not fire. */
  readonly apply: (
    node: LogicalPlan,
    context: RuleContext,
  ) => LogicalPlan | undefined;
}

export function defineRule<Kind extends NodeKind>(
  name: string,
  kind: Kind,
  rewrite: (
    node: NodeOf<Kind>,
    context: RuleContext,
  ) => LogicalPlan | undefined,
): Rule {
  return {
    name,
    kind,
    apply: (node, context) =>
      isKind(node, kind) ? rewrite(node, context) : undefined,
  };
}

/** A rule over nodes of every kind, for what happens inside expressions. */
export function defineNodeRule(name: string, rewrite: Rule["apply"]): Rule {
  return { name, kind: "any", apply: rewrite };
}

/** A rule that needs the whole plan at once. */
export function definePlanRule(name: string, rewrite: Rule["apply"]): Rule {
  return { name, kind: "plan", apply: rewrite };
}

function isKind<Kind extends NodeKind>(
  node: LogicalPlan,
  kind: Kind,
): node is NodeOf<Kind> {
  return node.kind === kind;
}

/** XX000 when a firing changed the ids or types of the output; nullability may only become stricter knowledge. */
export function assertSameOutput(
  rule: string,
  before: LogicalPlan,
  after: LogicalPlan,
): void {
  const text = (plan: LogicalPlan): string =>
    outputOf(plan)
      .map((column) => `${column.id}:${column.type.kind}`)
      .join(",");
  invariant(
    text(before) === text(after),
    `rule ${rule} changed the output from ${text(before)} to ${text(after)}`,
  );
}
