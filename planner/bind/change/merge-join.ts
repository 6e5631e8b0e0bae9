// The join below a MERGE: as its clauses need, so that rows no clause can change are not made.
//
//   only matched                  target ⋈ source          only not matched          source anti target (INSERT of what is new)
//   only not matched by source    target anti source       matched and not matched   source left join target
//   matched and not by source     target left join source  all three                 target full join source

import { BOOL } from "../../../storage/common/data-type.ts";
import { someExpression } from "../../logical/expression-walk.ts";
import type { Expression } from "../../logical/expression.ts";
import type { Join, LogicalPlan, PlanColumn } from "../../logical/plan.ts";
import { outputOf } from "../../logical/walk.ts";
import type { MergeClause } from "../../parse/ast.ts";
import { conjunction } from "../expression/operator.ts";
import type { BoundFrom } from "../from/from-parts.ts";
import { isVolatile } from "../library.ts";
import { reference } from "../query/output.ts";
import type { StatementContext } from "../statement-context.ts";
import type { ChangeTarget } from "./target.ts";

type Match = MergeClause["match"];

export interface BoundClause {
  readonly clause: MergeClause;
  readonly condition: Expression | undefined;
}

export interface Joined {
  readonly plan: LogicalPlan;
  /** False when no row has a row of the target in it. */
  readonly hasTarget: boolean;
  /** Whether a row is one for clauses of this kind. */
  readonly tests: Readonly<Partial<Record<Match, Expression>>>;
  /** Some clause with an effect applies to every row. */
  readonly complete: boolean;
}

/** The join that gives every row some clause may change, and few others. */
export function joinFor(
  statement: StatementContext,
  clauses: readonly BoundClause[],
  sides: {
    readonly target: ChangeTarget;
    readonly source: BoundFrom;
    readonly on: Expression;
  },
): Joined {
  const { target, source, on } = sides;
  const kinds = new Set(
    clauses
      .filter(({ clause }) => clause.action.kind !== "nothing")
      .map(({ clause }) => clause.match),
  );
  const join = (
    type: Join["type"],
    left: LogicalPlan,
    right: LogicalPlan,
  ): Join => ({
    kind: "join",
    type,
    condition: on,
    left,
    right,
    lateral: false,
    ...(type === "anti" ? { exists: true } : {}),
  });
  const always = conjunction([]);
  const [only, more] = kinds;
  if (only === undefined || more === undefined) {
    const kind = only ?? "matched";
    const plan = {
      matched: join("inner", target.rows, source.plan),
      "not-matched": join("anti", source.plan, target.rows),
      "not-matched-by-source": join("anti", target.rows, source.plan),
    }[kind];
    const filter = filterFor(clauses, kind);
    return {
      plan: filter ? { kind: "filter", predicate: filter, input: plan } : plan,
      hasTarget: kind !== "not-matched",
      tests: { [kind]: always },
      complete: isComplete(clauses, kind, filter),
    };
  }
  // A full join also gives the matched rows that no clause may be for.
  const full = kinds.has("not-matched") && kinds.has("not-matched-by-source");
  const given: readonly Match[] = full ? ["matched", ...kinds] : [...kinds];
  const complete = given.every((kind) => isComplete(clauses, kind, undefined));
  const { rowIndex } = target;
  const inTarget = presence({ ...rowIndex, nullable: true });
  if (!kinds.has("not-matched-by-source")) {
    return {
      plan: join("left", source.plan, target.rows),
      hasTarget: true,
      tests: { matched: inTarget.there, "not-matched": inTarget.missing },
      complete,
    };
  }
  const marked = withMarker(statement, source.plan);
  const inSource = presence({ ...marked.marker, nullable: true });
  return {
    plan: join(full ? "full" : "left", target.rows, marked.plan),
    hasTarget: true,
    tests: {
      matched: full
        ? conjunction([inTarget.there, inSource.there])
        : inSource.there,
      ...(full ? { "not-matched": inTarget.missing } : {}),
      "not-matched-by-source": inSource.missing,
    },
    complete,
  };
}

/** A column that is NULL only where its side of the join is missing. */
function presence(column: PlanColumn): {
  readonly there: Expression;
  readonly missing: Expression;
} {
  const operand = reference(column);
  const test = (negated: boolean): Expression => ({
    kind: "is-null",
    operand,
    negated,
    type: BOOL,
  });
  return { there: test(true), missing: test(false) };
}

function withMarker(
  statement: StatementContext,
  input: LogicalPlan,
): { readonly plan: LogicalPlan; readonly marker: PlanColumn } {
  const marker = statement.newColumn("in_source", BOOL, false);
  const items = outputOf(input).map((column) => ({
    column,
    value: reference(column),
  }));
  const value: Expression = { kind: "literal", type: BOOL, value: "t" };
  return {
    plan: {
      kind: "project",
      items: [...items, { column: marker, value }],
      input,
    },
    marker,
  };
}

/**
 * True for rows that some clause of the kind changes. As a filter of its own it reaches the scans and decides which files are
 * read. Undefined where a clause has no condition, or one that must not be asked twice.
 */
function filterFor(
  clauses: readonly BoundClause[],
  kind: Match,
): Expression | undefined {
  const conditions = clauses
    .filter(({ clause }) => clause.match === kind)
    .filter(({ clause }) => clause.action.kind !== "nothing")
    .map(({ condition }) => condition);
  const known = conditions.filter((condition) => condition !== undefined);
  const once = known.some(
    (condition) => isVolatile(condition) || hasSubquery(condition),
  );
  return once || known.length < conditions.length
    ? undefined
    : conjunction(known, "or");
}

function hasSubquery(expression: Expression): boolean {
  return someExpression(expression, (part) => part.kind === "subquery");
}

function isComplete(
  clauses: readonly BoundClause[],
  kind: Match,
  filter: Expression | undefined,
): boolean {
  const own = clauses.filter(({ clause }) => clause.match === kind);
  return (
    own.every(({ clause }) => clause.action.kind !== "nothing") &&
    (filter !== undefined || own.some(({ condition }) => !condition))
  );
}
