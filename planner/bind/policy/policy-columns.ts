// Which of a table's columns its policies refer to, under the names they have now.

import { callsOf, type TablePolicies } from "../../../storage/common/policy.ts";
import type { TableLayout } from "../../../storage/scan/split.ts";

/** Masked columns and arguments of filter and masks. Columns that are gone are left out. */
export function policyColumns(
  policies: TablePolicies | undefined,
  { columns }: TableLayout,
): ReadonlySet<string> {
  const physical = new Set([
    ...(policies?.masks ?? []).map(({ column }) => column.physicalName),
    ...callsOf(policies).flatMap(({ args }) =>
      args.flatMap((it) => (it.kind === "column" ? [it.physicalName] : [])),
    ),
  ]);
  return new Set(
    columns
      .filter(({ physicalName }) => physical.has(physicalName))
      .map(({ name }) => name),
  );
}
