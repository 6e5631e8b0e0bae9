// What refers to a column: CHECK constraints, generated columns, policies. Their text would not follow a change of the column.

import type { TableEntry } from "../../../storage/catalog/objects.ts";
import type { PinnedTable } from "../../../storage/catalog/view.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import type { Column, Schema } from "../../../storage/common/schema.ts";
import { referredColumns } from "./constraint.ts";
import { policyColumns } from "../policy/policy-columns.ts";
import { parseExpression } from "./stored-expression.ts";

/** Throws 2BP01 naming the first object that depends on the column. */
export function refuseDependents(
  {
    table,
    pinned,
    columns,
  }: {
    readonly table: TableEntry;
    readonly pinned: PinnedTable;
    readonly columns: readonly Column[];
  },
  column: string,
  verb: "drop" | "rename" | "alter the type of",
): void {
  const first = dependentOn({ ...pinned.schema, columns }, column);
  const detail = first
    ? `The ${first.what} depends on it: ${first.text}.`
    : // Policies follow a column's new name.
      verb !== "rename" &&
        policyColumns(table.policies, pinned.layout).has(column)
      ? "A row filter or a column mask depends on it."
      : undefined;
  if (detail === undefined) return;
  throw new SqlError(
    "2BP01",
    `cannot ${verb} column "${column}" of table "${table.name}" because other objects depend on it`,
    { detail },
  );
}

/** The first object that depends on the column. */
export function dependentOn(
  { checks, columns }: Schema,
  column: string,
): { readonly what: string; readonly text: string } | undefined {
  const dependents = [
    ...(checks ?? []).map(({ name, expression }) => ({
      what: `check constraint "${name}"`,
      text: expression.text,
    })),
    ...columns.flatMap(({ name, generated }) =>
      generated === undefined
        ? []
        : [{ what: `generated column "${name}"`, text: generated.text }],
    ),
  ];
  return dependents.find(({ text }) => refers(text, column, columns));
}

/** A text that cannot be read refers to every name it holds. */
function refers(
  text: string,
  column: string,
  columns: readonly Column[],
): boolean {
  try {
    return referredColumns(parseExpression(text), columns).includes(column);
  } catch (error) {
    if (error instanceof SqlError)
      return text.toLowerCase().includes(column.toLowerCase());
    throw error;
  }
}
