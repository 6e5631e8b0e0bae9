// The rows an INSERT … ON CONFLICT proposes, under the name `excluded`: what the statement gives, and defaults and generated columns
// for the rest. Identity values are not among them: only rows that are inserted take one.

import { notSupported } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { PinnedTable } from "../../../storage/catalog/view.ts";
import type { Expression } from "../../logical/expression.ts";
import type {
  LogicalPlan,
  PlanColumn,
  ProjectItem,
} from "../../logical/plan.ts";
import { assign } from "../write/assign.ts";
import { beside } from "./equal-keys.ts";
import { defaultValue } from "../write/complete-row.ts";
import { bindStored } from "../define/stored-expression.ts";
import { isNullable } from "../nullability.ts";
import { reference } from "../query/output.ts";
import type { StatementContext } from "../statement-context.ts";
import type { InsertSource } from "../write/write.ts";

export interface ProposedRows {
  readonly plan: LogicalPlan;
  /** One a table column: `excluded`. NULL in an identity column without a value. */
  readonly columns: readonly PlanColumn[];
  /** What an inserted row gets; undefined: what the table says. */
  readonly given: readonly (Expression | undefined)[];
  /** Identity columns whose value is not known yet. */
  readonly unnumbered: readonly PlanColumn[];
  /** False where there is but one, which can equal no other. */
  readonly several: boolean;
}

/** Throws 0A000 for DEFAULT beside values in a computed column. */
export function proposedRows(
  statement: StatementContext,
  { table, schema }: PinnedTable,
  source: InsertSource,
): ProposedRows {
  const items: ProjectItem[] = [];
  const add = (
    { name, type }: Pick<PlanColumn, "name" | "type">,
    value: Expression,
  ): PlanColumn => {
    const column = statement.newColumn(name, type, isNullable(value));
    items.push({ column, value });
    return column;
  };
  const stored = schema.columns.map((column) => {
    const value = source.given.get(column.name);
    if (value?.when !== undefined) throw defaultBesideValues(column.name);
    const given = value && add(column, value.value);
    const missing: Expression =
      column.identity === undefined
        ? defaultValue(statement, table, column)
        : { kind: "literal", type: column.type, value: null };
    const own = column.generated === undefined;
    return { column, given, base: given ?? (own && add(column, missing)) };
  });
  const base = stored.flatMap((it) =>
    it.column.generated === undefined && it.base ? [it.base] : [],
  );
  const plan: LogicalPlan = { kind: "project", items, input: source.plan };
  const generated: ProjectItem[] = [];
  const columns = stored.map(({ column, base: known }): PlanColumn => {
    if (column.generated === undefined && known) return known;
    invariant(column.generated !== undefined, "the column is generated");
    const value = assign(
      statement,
      bindStored(statement, column.generated, base, {
        table,
        use: "generated",
        subject: `generated column "${column.name}"`,
      }),
      column,
    );
    const made = statement.newColumn(column.name, column.type);
    generated.push({ column: made, value });
    return made;
  });
  return {
    plan: generated.length === 0 ? plan : beside(plan, generated),
    columns,
    given: stored.map(({ given }) => given && reference(given)),
    unnumbered: columns.filter(
      (_, i) =>
        schema.columns[i]?.identity !== undefined &&
        stored[i]?.given === undefined,
    ),
    several: source.plan.kind !== "values" || source.plan.rows.length > 1,
  };
}

function defaultBesideValues(column: string): Error {
  return notSupported(
    `DEFAULT beside values for column "${column}" with ON CONFLICT is`,
  );
}
