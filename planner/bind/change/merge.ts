// MERGE: target and source joined as the clauses need, for each row the first clause that applies, and what it makes of the row.
// A row for which no clause applies, or DO NOTHING does, is no change.

import {
  BOOL,
  INT2,
  INT4,
  type DataType,
} from "../../../storage/common/data-type.ts";
import type { Expression } from "../../logical/expression.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import { outputOf } from "../../logical/walk.ts";
import type { MergeClause, MergeStatement } from "../../parse/ast.ts";
import type { StatementBody } from "../bound.ts";
import {
  completeRow,
  type GivenValue,
  type RowInput,
} from "../write/complete-row.ts";
import { applyOperator, conjunction } from "../expression/operator.ts";
import { requireBoolean } from "../expression/predicate.ts";
import { bindFromItem } from "../from/from.ts";
import { noteColumns } from "../from/from-columns.ts";
import type { BoundFrom } from "../from/from-parts.ts";
import { reference } from "../query/output.ts";
import { withReturning } from "../write/returning.ts";
import {
  CLAUSES,
  inClause,
  newLevel,
  type Scope,
  type ScopeRelation,
} from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";
import {
  bindCondition,
  bindEffect,
  refuseUnreachable,
  type ChosenEffect,
} from "./clause.ts";
import { sourceNamedAsTarget } from "./errors.ts";
import { mayEvolve } from "../write/evolve.ts";
import { evolveMerge, withEvolvedRows } from "./evolve.ts";
import { returnedRow } from "./merge-returning.ts";
import { joinFor, type BoundClause, type Joined } from "./merge-join.ts";
import {
  actionLiteral,
  boundChange,
  caseOf,
  nullOf,
  type Changes,
} from "./row.ts";
import { bindTarget, returnedPolicies, type ChangeTarget } from "./target.ts";

type Match = MergeClause["match"];

export function bindMerge(
  statement: StatementContext,
  node: MergeStatement,
): StatementBody {
  refuseUnreachable(node.clauses);
  const target = bindTarget(statement, node.target, node.targetAlias);
  return boundChange(
    statement,
    { command: "merge", duplicates: "refuse", target, with: node.with },
    () => bindChanges(statement, node, target),
  );
}

function bindChanges(
  statement: StatementContext,
  node: MergeStatement,
  target: ChangeTarget,
): Changes {
  const level = newLevel();
  noteColumns(level, [target.relation]);
  const parent = undefined;
  const refused = [target.relation];
  const source = bindFromItem(
    { statement, level, parent, refused },
    node.source,
    [],
  );
  refuseSameName(target, source);
  const scopes = scopesOf({ statement, level, parent }, target, source);
  const on = inClause(scopes.on, CLAUSES.join, () =>
    requireBoolean(
      scopes.on,
      statement.binders.expression(node.on, scopes.on),
      "JOIN/ON",
    ),
  );
  const clauses = node.clauses.map((clause) => ({
    clause,
    condition: bindCondition(scopes[clause.match], clause),
  }));
  const joined = joinFor(statement, clauses, { target, source, on });
  const rows = chosen(statement, clauses, joined);
  const after = evolveMerge(statement, node, target, source.relations);
  const evolved = withEvolvedRows(statement, target, after, {
    plan: rows.plan,
    hasTarget: joined.hasTarget,
  });
  const evolves = mayEvolve(statement, node);
  let { plan } = evolved;
  const effects = node.clauses.flatMap((clause, i) => {
    const when = rows.is(i);
    const scope = scopes[clause.match];
    const context = {
      scope,
      target: evolved.target,
      source: source.relations,
      evolves,
    };
    const effect = bindEffect(context, clause, { plan, when });
    if (!effect) return [];
    plan = effect.plan;
    return [{ ...effect, when }];
  });
  const changes = changesOf(statement, evolved.target, effects, {
    plan,
    hasTarget: joined.hasTarget,
  });
  const { evolution } = after;
  if (node.returning.length === 0) return { ...changes, evolution };
  const [rowsAfter, names] = returnedRow(statement, {
    target: evolved.target,
    source: source.relations,
    effects,
    changes,
    policies: returnedPolicies(statement, node.target),
  });
  return {
    ...withReturning(statement, rowsAfter, names, node.returning),
    evolution,
  };
}

/** PostgreSQL compares the names of the two relations; tables inside a join are not asked. */
function refuseSameName(target: ChangeTarget, source: BoundFrom): void {
  const [only, more] = source.relations;
  const { name } = target.relation;
  if (!more && name !== undefined && only?.name === name) {
    throw sourceNamedAsTarget(name);
  }
}

/** Whom each clause may refer to: only those of the two that are there. */
function scopesOf(
  base: Pick<Scope, "statement" | "level" | "parent">,
  target: ChangeTarget,
  source: BoundFrom,
): Readonly<Record<Match | "on", Scope>> {
  const ours: readonly ScopeRelation[] = [target.relation];
  const theirs = source.relations;
  const both: Scope = { ...base, relations: [...ours, ...theirs], refused: [] };
  return {
    on: both,
    matched: both,
    "not-matched": { ...base, relations: theirs, refused: ours },
    "not-matched-by-source": { ...base, relations: ours, refused: theirs },
  };
}

interface ChosenRows {
  /** The rows for which a clause with an effect applies. */
  readonly plan: LogicalPlan;
  /** True for the rows of the i-th clause. */
  readonly is: (i: number) => Expression;
}

/** Each condition is asked once a row, in the order of the clauses. */
export function chosen(
  statement: StatementContext,
  clauses: readonly BoundClause[],
  { plan: input, tests, complete }: Joined,
): ChosenRows {
  const column = statement.newColumn("clause", INT4);
  const number = (value: number): Expression => ({
    kind: "literal",
    type: INT4,
    value: String(value),
  });
  const branches = clauses.flatMap(({ clause, condition }, i) => {
    const test = tests[clause.match];
    if (!test) return [];
    const when = condition ? conjunction([test, condition]) : test;
    const then = clause.action.kind === "nothing" ? nullOf(column) : number(i);
    return [{ when, then }];
  });
  const value = caseOf(INT4, branches);
  const passed = outputOf(input).map((it) => ({
    column: it,
    value: reference(it),
  }));
  const project: LogicalPlan = {
    kind: "project",
    items: [...passed, { column, value }],
    input,
  };
  const predicate: Expression = {
    kind: "is-null",
    operand: reference(column),
    negated: true,
    type: BOOL,
  };
  return {
    plan: complete ? project : { kind: "filter", predicate, input: project },
    is: (i) =>
      applyOperator(statement, "=", [reference(column), number(i)], undefined),
  };
}

/** One row a row of the plan; `rules` are the statement's own, besides those of the table. */
export function changesOf(
  statement: StatementContext,
  target: ChangeTarget,
  effects: readonly ChosenEffect[],
  rows: Pick<RowInput, "plan" | "rules"> & { readonly hasTarget: boolean },
): Changes {
  const writing = effects.filter(({ action }) => action !== "delete");
  const alone = writing.length === effects.length;
  const given = target.columns.map(({ type }, i) =>
    givenValue(writing, i, { type, alone }),
  );
  const applies = conjunction(
    writing.map(({ when }) => when),
    "or",
  );
  const row =
    writing.length === 0
      ? undefined
      : completeRow(statement, target.pinned, given, {
          plan: rows.plan,
          keep: outputOf(rows.plan),
          rules: rows.rules,
          ...(alone ? {} : { applies }),
        });
  const [first] = effects;
  const single = effects.every(({ action }) => action === first?.action);
  return {
    plan: row?.plan ?? rows.plan,
    action:
      first && single
        ? actionLiteral(first.action)
        : caseOf(
            INT2,
            effects.map(({ when, action }) => ({
              when,
              then: actionLiteral(action),
            })),
          ),
    row,
    before: rows.hasTarget ? target : undefined,
    returning: undefined,
  };
}

/** One column over the clauses that write it. `alone`: every row is written by one of them. */
function givenValue(
  effects: readonly ChosenEffect[],
  index: number,
  { type, alone }: { readonly type: DataType; readonly alone: boolean },
): GivenValue | undefined {
  const branches = effects.flatMap(({ when, values }) => {
    const then = values[index];
    return then ? [{ when, then }] : [];
  });
  const [first, second] = branches;
  if (!first) return undefined;
  const everywhere = branches.length === effects.length;
  if (everywhere && alone && !second) return { value: first.then };
  return {
    value: caseOf(type, branches),
    ...(everywhere
      ? {}
      : {
          when: conjunction(
            branches.map(({ when }) => when),
            "or",
          ),
        }),
  };
}
