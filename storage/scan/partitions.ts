// The partitions that given files lie in, as a predicate.

import { invariant } from "../common/invariant.ts";
import type { ScanPredicate } from "./predicate.ts";
import type { TableLayout } from "./split.ts";

/** @param values canonical scalar text of files' values, in the order of the partition columns */
export function partitionsPredicate(
  layout: TableLayout,
  values: readonly (readonly (string | null)[])[],
): ScanPredicate {
  const distinct = new Map(values.map((row) => [JSON.stringify(row), row]));
  if (distinct.size === 0) return { kind: "constant", value: false };
  return {
    kind: "or",
    operands: [...distinct.values()].map((row) => ({
      kind: "and",
      operands: layout.partitionColumns.map((name, index) =>
        equality(layout, name, row[index] ?? null),
      ),
    })),
  };
}

function equality(
  layout: TableLayout,
  name: string,
  text: string | null,
): ScanPredicate {
  const type = layout.columns.find((column) => column.name === name)?.type;
  invariant(type !== undefined, "a partition column is in the layout");
  return text === null
    ? { kind: "is-null", column: [name], negated: false }
    : {
        kind: "compare",
        column: [name],
        operator: "=",
        value: { type, text },
      };
}
