// INSERT … ON CONFLICT, planned as the MERGE it is: the rows it proposes joined with those of the table that have the same key. Equal
// keys among the proposed rows are conflicts too: DO NOTHING keeps the first, DO UPDATE fails (21000).

import { notSupported } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import { governedTable, isGoverned } from "../../../storage/common/policy.ts";
import type { PinnedTable } from "../../../storage/catalog/view.ts";
import { someExpression } from "../../logical/expression-walk.ts";
import type { Expression } from "../../logical/expression.ts";
import type { PlanColumn } from "../../logical/plan.ts";
import type {
  InsertStatement,
  MergeClause,
  OnConflict,
} from "../../parse/ast.ts";
import type { StatementBody } from "../bound.ts";
import { applyOperator, conjunction } from "../expression/operator.ts";
import { requireBoolean } from "../expression/predicate.ts";
import { noteColumns } from "../from/from-columns.ts";
import { namedRelation } from "../from/relation.ts";
import { reference } from "../query/output.ts";
import {
  CLAUSES,
  inClause,
  newLevel,
  scopeColumns,
  type Scope,
  type ScopeRelation,
} from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";
import { brokenChecks, nullsIn } from "../write/complete-row.ts";
import { withReturning } from "../write/returning.ts";
import type { Breach } from "../write/violation.ts";
import { bindInsert, bindSource } from "../write/write.ts";
import { bindEffect, type ChosenEffect } from "./clause.ts";
import { conflictKeys, type ConflictKey } from "./conflict-key.ts";
import { changesOf, chosen } from "./merge.ts";
import { joinFor, type BoundClause } from "./merge-join.ts";
import { returnedRow } from "./merge-returning.ts";
import { proposedRows, type ProposedRows } from "./proposed-rows.ts";
import { firstRows, inOrder, refusedTwice } from "./equal-keys.ts";
import { boundChange, type Changes } from "./row.ts";
import { bindTarget, type ChangeTarget } from "./target.ts";

/** Throws 42P10 where no declared key is meant, 0A000 for what has no meaning beside it and for governed tables. */
export function bindUpsert(
  statement: StatementContext,
  node: InsertStatement,
  conflict: OnConflict,
): StatementBody {
  const { alias, position } = node;
  const target = bindTarget(
    statement,
    node.table,
    alias && { name: alias, columns: [], position },
  );
  const { table } = target.pinned;
  if (isGoverned(table.policies))
    throw governedTable("ON CONFLICT on", table.name, conflict.position);
  refuseReplacing(node, conflict);
  const keys = conflictKeys(statement, conflict, target);
  // Nothing can conflict.
  if (keys.length === 0) return bindInsert(statement, node);
  return boundChange(
    statement,
    {
      command: "merge",
      duplicates: "refuse-proposed",
      target,
      with: node.with,
    },
    () => bindChanges(statement, node, conflict, { target, keys }),
  );
}

function refuseReplacing(
  { overwrite, replaceWhere, partition, evolves }: InsertStatement,
  { position }: OnConflict,
): void {
  const replaces =
    overwrite || replaceWhere !== undefined || partition.length > 0 || evolves;
  if (!replaces) return;
  throw notSupported(
    "ON CONFLICT with OVERWRITE, REPLACE WHERE, PARTITION or SCHEMA EVOLUTION is",
    position,
  );
}

interface Conflicting {
  readonly target: ChangeTarget;
  readonly keys: readonly ConflictKey[];
}

function bindChanges(
  statement: StatementContext,
  node: InsertStatement,
  conflict: OnConflict,
  { target, keys }: Conflicting,
): Changes {
  const { pinned } = target;
  const source = bindSource(statement, node, pinned, new Map());
  const proposed = proposedRows(statement, pinned, source);
  const changes =
    conflict.update === undefined
      ? insertNew(statement, { target, keys }, proposed)
      : upsert(statement, conflict, { target, keys }, proposed);
  if (node.returning.length === 0) return changes.changes;
  const [rows, { relations }] = returnedRow(statement, {
    target,
    source: [],
    effects: changes.effects,
    changes: changes.changes,
    policies: undefined,
  });
  const refused = [excludedRelation(proposed)];
  const seen = { relations, refused };
  return withReturning(statement, rows, seen, node.returning);
}

interface MadeChanges {
  readonly changes: Changes;
  readonly effects: readonly ChosenEffect[];
}

/** DO NOTHING: rows whose keys are new, and of equal ones the first. */
function insertNew(
  statement: StatementContext,
  { target, keys }: Conflicting,
  proposed: ProposedRows,
): MadeChanges {
  const ordered = proposed.several
    ? inOrder(statement, proposed.plan)
    : undefined;
  const on = conjunction(
    keys.map((key) => sameKey(statement, key, target, proposed)),
    "or",
  );
  const clauses = [{ clause: INSERT, condition: undefined }];
  const excluded = { plan: ordered?.plan ?? proposed.plan, relations: [] };
  const joined = joinFor(statement, clauses, { target, source: excluded, on });
  const { plan, breaches } = ordered
    ? firstRows(
        statement,
        { ...ordered, plan: joined.plan },
        keys.map((key) => columnsOf(proposed, target.pinned, key)),
      )
    : { plan: joined.plan, breaches: [] };
  const effect: ChosenEffect = {
    plan,
    action: "insert",
    values: proposed.given,
    when: conjunction([]),
  };
  const rows = { plan, hasTarget: joined.hasTarget, rules: () => breaches };
  return {
    changes: changesOf(statement, target, [effect], rows),
    effects: [effect],
  };
}

/** DO UPDATE: inserts rows whose key is new, changes the others. */
function upsert(
  statement: StatementContext,
  conflict: OnConflict,
  { target, keys: [key = []] }: Conflicting,
  proposed: ProposedRows,
): MadeChanges {
  const { update } = conflict;
  invariant(update !== undefined, "DO UPDATE has its assignments");
  const excluded = excludedRelation(proposed);
  const scope = scopeOf(statement, [target.relation, excluded]);
  const { where } = update;
  const condition =
    where &&
    inClause(scope, CLAUSES.where, () =>
      requireBoolean(
        scope,
        statement.binders.expression(where, scope),
        "WHERE",
      ),
    );
  const clause = updateClause(conflict.position, update.assignments);
  const clauses: readonly BoundClause[] = [
    { clause, condition },
    { clause: INSERT, condition: undefined },
  ];
  const keyColumns = columnsOf(proposed, target.pinned, key);
  const once = proposed.several
    ? refusedTwice(statement, proposed.plan, keyColumns)
    : { plan: proposed.plan, breach: undefined };
  const joined = joinFor(statement, clauses, {
    target,
    source: { plan: once.plan, relations: [excluded] },
    on: sameKey(statement, key, target, proposed),
  });
  const rows = chosen(statement, clauses, joined);
  const bound = bindEffect(
    { scope, target, source: [excluded], evolves: false },
    clause,
    { plan: rows.plan, when: rows.is(0) },
  );
  invariant(bound !== undefined, "an update has an effect");
  refuseUnnumbered([condition, ...bound.values], proposed);
  const { plan } = bound;
  const effects: readonly ChosenEffect[] = [
    { ...bound, when: rows.is(0) },
    { plan, action: "insert", values: proposed.given, when: rows.is(1) },
  ];
  const rules = (): readonly Breach[] => [
    ...(once.breach ? [once.breach] : []),
    ...proposedBreaches(statement, target.pinned, proposed, rows.is(0)),
  ];
  const changes = changesOf(statement, target, effects, {
    plan,
    hasTarget: joined.hasTarget,
    rules,
  });
  return { changes, effects };
}

function excludedRelation({ columns }: ProposedRows): ScopeRelation {
  return namedRelation("excluded", scopeColumns(columns));
}

function scopeOf(
  statement: StatementContext,
  relations: readonly ScopeRelation[],
): Scope {
  const level = newLevel();
  noteColumns(level, relations);
  return { statement, level, relations, refused: [], parent: undefined };
}

const INSERT: MergeClause = {
  match: "not-matched",
  action: { kind: "insert", columns: [], values: [] },
  position: 1,
};

function updateClause(
  position: number,
  assignments: NonNullable<OnConflict["update"]>["assignments"],
): MergeClause {
  const action = { kind: "update", assignments } as const;
  return { match: "matched", action, position };
}

/** PostgreSQL looks at the rules of a proposed row before it looks for a conflict. */
function proposedBreaches(
  statement: StatementContext,
  pinned: PinnedTable,
  { columns, unnumbered }: ProposedRows,
  updates: Expression,
): readonly Breach[] {
  // A row without its number is not complete.
  if (unnumbered.length > 0) return [];
  const broken = [
    ...nullsIn(statement, pinned, columns),
    ...brokenChecks(statement, pinned, columns),
  ];
  return broken.map((breach) => ({
    ...breach,
    when: conjunction([updates, breach.when]),
    shows: columns,
  }));
}

function refuseUnnumbered(
  expressions: readonly (Expression | undefined)[],
  { unnumbered }: ProposedRows,
): void {
  const ids = new Set(unnumbered.map(({ id }) => id));
  const refers = expressions.some(
    (expression) =>
      expression !== undefined &&
      someExpression(
        expression,
        (part) => part.kind === "column" && ids.has(part.column),
      ),
  );
  if (refers)
    throw notSupported("excluded of an identity column without a value is");
}

function sameKey(
  statement: StatementContext,
  key: ConflictKey,
  target: ChangeTarget,
  proposed: ProposedRows,
): Expression {
  const ours = columnsOf(target, target.pinned, key);
  const theirs = columnsOf(proposed, target.pinned, key);
  return conjunction(
    ours.flatMap((column, i) => {
      const other = theirs[i];
      if (other === undefined) return [];
      const operands = [reference(column), reference(other)];
      return [applyOperator(statement, "=", operands, undefined)];
    }),
  );
}

function columnsOf(
  { columns }: { readonly columns: readonly PlanColumn[] },
  { schema }: PinnedTable,
  key: ConflictKey,
): readonly PlanColumn[] {
  return key.flatMap(
    (name) =>
      columns[schema.columns.findIndex((column) => column.name === name)] ?? [],
  );
}
