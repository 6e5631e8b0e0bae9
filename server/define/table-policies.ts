// Policies of a table that CREATE TABLE makes or replaces: what the statement gives, and what the table has already, on the columns of
// the same names (access-control section 11).

import type { BoundPolicies } from "../../planner/bind/bound.ts";
import type {
  PolicyArgument,
  PolicyCall,
  PolicyColumn,
  TablePolicies,
} from "../../storage/common/policy.ts";
import type { TableLayout } from "../../storage/scan/split.ts";

/** Undefined for none. A policy whose column is gone stays, and makes reads fail. */
export function policiesFor(
  { policies: given }: { readonly policies: BoundPolicies | undefined },
  kept: TablePolicies | undefined,
  before: TableLayout | undefined,
  after: TableLayout,
): TablePolicies | undefined {
  const old =
    kept && renamed(kept, (column) => sameName(column, before, after));
  const fresh = given && renamed(given, (column) => inLayout(column, after));
  if (fresh === undefined || old === undefined) return fresh ?? old;
  const replaced = new Set(
    fresh.masks.map(({ column }) => column.physicalName),
  );
  return {
    ...old,
    ...fresh,
    masks: [
      ...old.masks.filter(({ column }) => !replaced.has(column.physicalName)),
      ...fresh.masks,
    ],
  };
}

function renamed(
  policies: TablePolicies,
  column: (column: PolicyColumn) => PolicyColumn,
): TablePolicies {
  const call = <T extends PolicyCall>(it: T): T => ({
    ...it,
    args: it.args.map((argument): PolicyArgument =>
      argument.kind === "column"
        ? { kind: "column", ...column(argument) }
        : argument,
    ),
  });
  const { rowFilter, masks } = policies;
  return {
    ...policies,
    ...(rowFilter ? { rowFilter: call(rowFilter) } : {}),
    masks: masks.map((mask) => ({
      ...call(mask),
      column: column(mask.column),
    })),
  };
}

/** The column that has the name now which the policy's column had before. */
function sameName(
  column: PolicyColumn,
  before: TableLayout | undefined,
  after: TableLayout,
): PolicyColumn {
  const name = before?.columns.find(
    (it) => it.physicalName === column.physicalName,
  )?.name;
  return name === undefined ? column : inLayout({ ...column, name }, after);
}

function inLayout(
  column: PolicyColumn,
  { columns }: TableLayout,
): PolicyColumn {
  const found = columns.find(({ name }) => name === column.name);
  return found ? { ...column, physicalName: found.physicalName } : column;
}
