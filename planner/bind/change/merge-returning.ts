// RETURNING of MERGE (PostgreSQL 17): the source's row beside the target's, and merge_action().

import { OID, TEXT } from "../../../storage/common/data-type.ts";
import { substituteColumns } from "../../logical/columns.ts";
import type { Expression } from "../../logical/expression.ts";
import type { LogicalPlan, PlanColumn } from "../../logical/plan.ts";
import { outputOf } from "../../logical/walk.ts";
import { conjunction } from "../expression/operator.ts";
import { reference } from "../query/output.ts";
import { maskedRow } from "../policy/apply-policies.ts";
import type { ResolvedPolicies } from "../policy/resolve-policies.ts";
import { padded } from "../from/relation.ts";
import { changedRow } from "../write/returning.ts";
import type { Scope, ScopeColumn, ScopeRelation } from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";
import type { ChosenEffect } from "./clause.ts";
import { caseOf, nullOf, type Changes } from "./row.ts";
import type { ChangeTarget } from "./target.ts";

interface MergedRows {
  readonly target: ChangeTarget;
  readonly source: readonly ScopeRelation[];
  readonly effects: readonly ChosenEffect[];
  readonly changes: Changes;
  /** Between the rows and RETURNING. */
  readonly policies: ResolvedPolicies | undefined;
}

/** The changes over a plan that has what RETURNING may name, and the names. */
export function returnedRow(
  statement: StatementContext,
  { target, source, effects, changes, policies }: MergedRows,
): readonly [Changes, Pick<Scope, "relations" | "mergeAction">] {
  const stored = targetRow(statement, target, effects, changes);
  const { layout } = target.pinned;
  const masked = maskedRow(statement, stored, stored.columns, {
    policies,
    layout,
  });
  const { plan } = masked.rows;
  const action = effects.map(({ when, action }) => ({
    when,
    then: {
      kind: "literal" as const,
      type: TEXT,
      value: action.toUpperCase(),
    },
  }));
  return [
    { ...changes, plan },
    {
      relations: [
        ...sourceRow(source, plan),
        {
          ...changedRow(target.relation, masked.columns),
          hidden: [tableOid(target)],
        },
      ],
      mergeAction: caseOf(TEXT, action),
    },
  ];
}

/** The new values of a row, the old ones where it is deleted. */
function targetRow(
  statement: StatementContext,
  target: ChangeTarget,
  effects: readonly ChosenEffect[],
  { plan, row }: Changes,
): { readonly plan: LogicalPlan; readonly columns: readonly PlanColumn[] } {
  const deleted = effects.filter(({ action }) => action === "delete");
  if (row === undefined) return { plan, columns: target.columns };
  if (deleted.length === 0) return { plan, columns: row.columns };
  const gone = conjunction(
    deleted.map(({ when }) => when),
    "or",
  );
  const made = row.columns.map((column, i) => {
    const { name, type } = column;
    const old = target.columns[i];
    const value: Expression = {
      kind: "case",
      type,
      branches: old ? [{ when: gone, then: reference(old) }] : [],
      otherwise: reference(column),
    };
    return { column: statement.newColumn(name, type), value };
  });
  const passed = outputOf(plan).map((column) => ({
    column,
    value: reference(column),
  }));
  return {
    plan: { kind: "project", items: [...passed, ...made], input: plan },
    columns: made.map(({ column }) => column),
  };
}

/** NULL for rows that no row of the source was found for, and where the plan has no source at all. */
function sourceRow(
  source: readonly ScopeRelation[],
  plan: LogicalPlan,
): readonly ScopeRelation[] {
  const there = new Set(outputOf(plan).map(({ id }) => id));
  const known = (column: ScopeColumn): ScopeColumn => ({
    ...column,
    value: substituteColumns(column.value, (id) =>
      there.has(id) ? undefined : nullOf(column.value),
    ),
  });
  return padded(source).map((relation) => ({
    ...relation,
    columns: relation.columns.map(known),
    hidden: relation.hidden.map(known),
  }));
}

function tableOid({ pinned }: ChangeTarget): ScopeColumn {
  const value = String(pinned.table.oid);
  return { name: "tableoid", value: { kind: "literal", type: OID, value } };
}
