// Row filter and masks directly above the scan, in a barrier (access-control section 14, rule 5):
//
//   scan t [a, b]   ->   barrier (project [a, m := mask(b)] (filter (f(a)) (scan t [a, b])))
//
// Whatever cannot be bound as it was set fails the query with one constant error: a policy is never left out.

import type { TableLayout } from "../../../storage/scan/split.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import {
  policyFailed,
  type PolicyColumn,
} from "../../../storage/common/policy.ts";
import type { Expression } from "../../logical/expression.ts";
import type {
  LogicalPlan,
  PlanColumn,
  ProjectItem,
  Scan,
} from "../../logical/plan.ts";
import { outputOf } from "../../logical/walk.ts";
import { reference } from "../query/output.ts";
import type { ScopeColumn, ScopeRelation } from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";
import { maskValue, filterValue } from "./policy-value.ts";
import type { ResolvedPolicies } from "./resolve-policies.ts";

export interface Scanned {
  readonly plan: LogicalPlan;
  readonly relation: ScopeRelation;
}

/** What a query sees of the scan: nothing above can refer to a masked column's own value. */
export function governedRows(
  statement: StatementContext,
  scanned: { readonly plan: Scan; readonly relation: ScopeRelation },
  policies: ResolvedPolicies | undefined,
  layout: TableLayout,
): Scanned {
  if (policies === undefined) return scanned;
  const applied = applyTo(statement, scanned.plan, policies, layout);
  const masked = new Set(applied.masks.map(({ of }) => of.id));
  const passed = applied.passed.filter(({ column }) => !masked.has(column.id));
  return guardedScan(scanned.relation, policies, { ...applied, passed });
}

/** As `governedRows`, for a statement that changes the rows: stored values pass beside the masked ones, under no name. */
export function governedTarget(
  statement: StatementContext,
  scanned: { readonly plan: Scan; readonly relation: ScopeRelation },
  policies: ResolvedPolicies | undefined,
  layout: TableLayout,
): Scanned {
  if (policies === undefined) return scanned;
  const applied = applyTo(statement, scanned.plan, policies, layout);
  return guardedScan(scanned.relation, policies, applied);
}

/** Rows that a statement has written, beside their columns as a reader would see them: `columns[i]` of the table's i-th. */
export function maskedRow<T extends { readonly plan: LogicalPlan }>(
  statement: StatementContext,
  rows: T,
  columns: readonly PlanColumn[],
  masking: {
    readonly policies: ResolvedPolicies | undefined;
    readonly layout: TableLayout;
  },
): { readonly rows: T; readonly columns: readonly PlanColumn[] } {
  const { policies, layout } = masking;
  if (policies === undefined) return { rows, columns };
  const masks = masksOver(statement, policies, columns, layout);
  const passed = outputOf(rows.plan).map(passOn);
  const plan: LogicalPlan = barrier(policies, {
    kind: "project",
    items: [...passed, ...masks],
    input: rows.plan,
  });
  return {
    rows: { ...rows, plan },
    columns: columns.map(
      (column) => masks.find(({ of }) => of.id === column.id)?.column ?? column,
    ),
  };
}

interface MaskItem extends ProjectItem {
  readonly of: PlanColumn;
}

interface Applied {
  /** The rows the filter lets through, with the columns as they are stored. */
  readonly rows: LogicalPlan;
  readonly passed: readonly ProjectItem[];
  readonly masks: readonly MaskItem[];
}

function applyTo(
  statement: StatementContext,
  scan: Scan,
  policies: ResolvedPolicies,
  layout: TableLayout,
): Applied {
  const governed: Scan = { ...scan, table: { ...scan.table, governed: true } };
  const stored = scan.columns.filter(({ source }) => source.kind === "column");
  const predicate = guarded(statement, policies, ({ rowFilter }) =>
    rowFilter
      ? filterValue(statement, rowFilter, columnFinder(stored, layout))
      : undefined,
  );
  return {
    rows: predicate ? { kind: "filter", predicate, input: governed } : governed,
    passed: scan.columns.map(passOn),
    masks: masksOver(statement, policies, stored, layout),
  };
}

function guardedScan(
  relation: ScopeRelation,
  policies: ResolvedPolicies,
  { rows, passed, masks }: Applied,
): Scanned {
  return {
    plan: barrier(policies, {
      kind: "project",
      items: [...passed, ...masks],
      input: rows,
    }),
    relation: shownRelation(relation, masks),
  };
}

function passOn(column: PlanColumn): ProjectItem {
  const { id, name, type, nullable } = column;
  const plain = { id, name, type, nullable };
  return { column: plain, value: reference(plain) };
}

function masksOver(
  statement: StatementContext,
  policies: ResolvedPolicies,
  columns: readonly PlanColumn[],
  layout: TableLayout,
): readonly MaskItem[] {
  const find = columnFinder(columns, layout);
  return guarded(statement, policies, ({ masks }) =>
    masks.map((mask): MaskItem => {
      const of = find(mask.column);
      const value = maskValue(statement, mask, of, find);
      return { of, column: statement.newColumn(of.name, of.type), value };
    }),
  );
}

/** Throws 42703 where the table has the column no more. */
function columnFinder(
  columns: readonly PlanColumn[],
  { columns: stored }: TableLayout,
): (column: PolicyColumn) => PlanColumn {
  return ({ physicalName }) => {
    const name = stored.find((it) => it.physicalName === physicalName)?.name;
    const found = columns.find((it) => it.name === name);
    if (found) return found;
    throw new SqlError("42703", "a column of a policy does not exist");
  };
}

/** Whatever fails says no more than that. EXPLAIN shows nothing of what is bound here. */
function guarded<T>(
  statement: StatementContext,
  policies: ResolvedPolicies,
  bind: (policies: Extract<ResolvedPolicies, { kind: "policies" }>) => T,
): T {
  const { name } = policies;
  if (policies.kind === "broken")
    throw policyFailed(name, undefined, policies.cause);
  const before = statement.opaque;
  statement.opaque = true;
  try {
    return bind(policies);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw policyFailed(name, undefined, error);
  } finally {
    statement.opaque = before;
  }
}

function barrier(policies: ResolvedPolicies, input: LogicalPlan): LogicalPlan {
  return { kind: "barrier", policy: policies.name, input };
}

function shownRelation(
  relation: ScopeRelation,
  masks: readonly MaskItem[],
): ScopeRelation {
  const shown = new Map<number, Expression>(
    masks.map(({ of, column }) => [of.id, reference(column)]),
  );
  return {
    ...relation,
    columns: relation.columns.map((column): ScopeColumn => {
      const { value } = column;
      const masked = value.kind === "column" && shown.get(value.column);
      return masked ? { ...column, value: masked } : column;
    }),
  };
}
