// MERGE WITH SCHEMA EVOLUTION: which columns of the source the clauses offer to the target, and the target's rows as they will be.

import type { Expression } from "../../logical/expression.ts";
import type { LogicalPlan, PlanColumn } from "../../logical/plan.ts";
import { outputOf } from "../../logical/walk.ts";
import type {
  Expr,
  Identifier,
  MergeClause,
  MergeStatement,
  QualifiedName,
} from "../../parse/ast.ts";
import { assignByName } from "../write/assign.ts";
import { ambiguousColumn } from "../errors/errors-column.ts";
import {
  evolve,
  mayEvolve,
  type EvolvedTable,
  type Offered,
} from "../write/evolve.ts";
import { matching } from "../names.ts";
import { reference } from "../query/output.ts";
import type { ScopeRelation } from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";
import { storedType } from "../define/stored-type.ts";
import type { ChangeTarget } from "./target.ts";

/** Stars offer every column of the source, other clauses the columns they name that the source has too. */
export function evolveMerge(
  statement: StatementContext,
  node: MergeStatement,
  target: ChangeTarget,
  source: readonly ScopeRelation[],
): EvolvedTable {
  const { pinned } = target;
  if (!mayEvolve(statement, node)) return { pinned, evolution: [] };
  const available = source
    .filter((relation) => relation.unqualified)
    .flatMap((relation) => relation.columns);
  const offered = new Map<string, Offered>();
  const offer = (
    name: Identifier,
    which: "every" | "new",
    position: number,
  ): void => {
    const [found, more] = matching(available, name, (it) => it.name);
    if (found === undefined) return;
    const column = found.name;
    const to = matching(
      pinned.schema.columns,
      { ...name, name: column, quoted: false },
      (it) => it.name,
    )[0];
    if (to !== undefined && which === "new") return;
    if (more) throw ambiguousColumn(column, position);
    offered.set(column, {
      target: to,
      name: column,
      type: storedType(found.value.type, undefined),
      position,
    });
  };
  for (const { action, position } of node.clauses) {
    if (isStar(action))
      for (const { name } of available)
        offer({ name, quoted: true, position }, "every", position);
    for (const { name, value } of namedTargets(action)) {
      const at = ownName(target, name);
      if (at !== undefined)
        offer(at, namesColumn(value, at) ? "every" : "new", name.position);
    }
  }
  return evolve(statement, pinned, node.target, [...offered.values()]);
}

function isStar({ kind }: MergeClause["action"]): boolean {
  return kind === "update-star" || kind === "insert-star";
}

interface NamedTarget {
  readonly name: QualifiedName;
  readonly value: Expr | undefined;
}

function namedTargets(action: MergeClause["action"]): readonly NamedTarget[] {
  switch (action.kind) {
    case "insert":
      return action.columns.map((name, i) => ({
        name,
        value: action.values[i],
      }));
    case "update":
      return action.assignments.flatMap(({ columns, listed, value }) =>
        columns.map((name) => ({ name, value: listed ? undefined : value })),
      );
    default:
      return [];
  }
}

/** `c`, or `t.c` under the target's name; undefined for a field of a column. */
function ownName(
  { relation }: ChangeTarget,
  { parts }: QualifiedName,
): Identifier | undefined {
  const [first, second, third] = parts;
  if (first === undefined || third !== undefined) return undefined;
  if (second === undefined) return first;
  const qualified = matching([relation], first, (it) => it.name).length > 0;
  return qualified ? second : undefined;
}

/** A value that is a column of that name itself may widen the target's, or bring new fields. */
function namesColumn(value: Expr | undefined, name: Identifier): boolean {
  return (
    value?.kind === "column" &&
    value.name.parts.at(-1)?.name.toLowerCase() === name.name.toLowerCase()
  );
}

/** The plan with the target's rows as they are under the new definition: NULL in what is new. */
export function withEvolvedRows(
  statement: StatementContext,
  target: ChangeTarget,
  { pinned, evolution }: EvolvedTable,
  {
    plan: input,
    hasTarget,
  }: { readonly plan: LogicalPlan; readonly hasTarget: boolean },
): { readonly target: ChangeTarget; readonly plan: LogicalPlan } {
  if (evolution.length === 0) return { target, plan: input };
  const items = outputOf(input).map((column) => ({
    column,
    value: reference(column),
  }));
  const columns = pinned.schema.columns.map((column, i): PlanColumn => {
    const old = target.columns[i];
    const { name, type } = column;
    if (old !== undefined && target.pinned.schema.columns[i] === column)
      return old;
    const value: Expression =
      old === undefined
        ? { kind: "literal", type, value: null }
        : assignByName(statement, reference(old), column);
    const made = statement.newColumn(name, type);
    items.push({ column: made, value });
    return made;
  });
  return {
    target: { ...target, pinned, columns },
    plan: hasTarget ? { kind: "project", items, input } : input,
  };
}
