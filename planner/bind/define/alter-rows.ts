// What stands in the way of ALTER TABLE in the rows that are there: a plan that gives a row when something does.

import type { TableEntry } from "../../../storage/catalog/objects.ts";
import { INT4 } from "../../../storage/common/data-type.ts";
import type { SqlError } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import { governedTable, isGoverned } from "../../../storage/common/policy.ts";
import type { Expression } from "../../logical/expression.ts";
import type { LogicalPlan, PlanColumn } from "../../logical/plan.ts";
import type { Expr, QualifiedName } from "../../parse/ast.ts";
import { ruledTable } from "../change/target.ts";
import { scanTable } from "../from/from-table.ts";
import { withoutUnusedHidden } from "../query/hidden-columns.ts";
import { reference } from "../query/output.ts";
import type { StatementContext } from "../statement-context.ts";
import { bindOver } from "./stored-expression.ts";
import { checkBreach } from "../write/violation.ts";

/** The statement fails with `error` when `plan` gives a row. */
export interface Obstacle {
  readonly plan: LogicalPlan;
  readonly error: SqlError;
}

interface Altered {
  readonly table: TableEntry;
  readonly name: QualifiedName;
}

export function anyRow(
  statement: StatementContext,
  altered: Altered,
  error: SqlError,
): Obstacle {
  return obstacle(statement, altered, error, () => undefined);
}

export function nullIn(
  statement: StatementContext,
  altered: Altered,
  column: string,
  error: SqlError,
): Obstacle {
  return obstacle(statement, altered, error, (columns) => {
    const found = columns.find(({ name }) => name === column);
    // A column of this statement: every row reads NULL.
    return (
      found && {
        kind: "is-null",
        type: { kind: "bool" },
        operand: { ...reference(found) },
        negated: false,
      }
    );
  });
}

/**
 * Rows for which the condition of a CHECK is false or NULL. Throws 0A000 where policies stand: it would be asked of rows and values
 * that are hidden from everybody.
 */
export function rowsBreaking(
  statement: StatementContext,
  altered: Altered,
  condition: Expr,
  error: SqlError,
): Obstacle {
  const { name, policies } = altered.table;
  if (isGoverned(policies))
    throw governedTable("adding a check constraint to", name);
  return obstacle(statement, altered, error, (columns) => {
    const bound = bindOver(statement, condition, columns, {
      table: altered.table,
      use: "check",
    });
    const ruled = ruledTable(statement, altered.table);
    return checkBreach(ruled, "", bound).when;
  });
}

function obstacle(
  statement: StatementContext,
  { table, name }: Altered,
  error: SqlError,
  condition: (columns: readonly PlanColumn[]) => Expression | undefined,
): Obstacle {
  const target = statement.resolved.targets.get(name);
  invariant(target?.kind === "relation", "the table of ALTER was resolved");
  const schema = target.schema?.name ?? "";
  const { plan: scan } = scanTable(
    statement,
    {
      reference: { table, travel: undefined },
      name: `${schema}.${table.name}`,
      schema,
      catalog: target.catalog?.name ?? "",
    },
    name,
  );
  // Nothing is certain about rows that other writers left.
  const columns = scan.columns
    .filter(({ source }) => source.kind === "column")
    .map(({ id, name: column, type }) => ({
      id,
      name: column,
      type,
      nullable: true,
    }));
  const predicate = condition(columns);
  const rows: LogicalPlan =
    predicate === undefined ? scan : { kind: "filter", predicate, input: scan };
  const one: Expression = { kind: "literal", type: INT4, value: "1" };
  const plan: LogicalPlan = {
    kind: "limit",
    count: { ...one, type: { kind: "int8" } },
    offset: undefined,
    ties: undefined,
    input: {
      kind: "project",
      items: [
        { column: statement.newColumn("found", INT4, false), value: one },
      ],
      input: rows,
    },
  };
  return { plan: withoutUnusedHidden(statement, plan), error };
}
