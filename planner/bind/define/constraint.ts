// Constraints under the names PostgreSQL gives them: CHECK, which is enforced, and keys, which only inform.

import { BOOL } from "../../../storage/common/data-type.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import type { Check } from "../../../storage/common/schema.ts";
import type { PlanColumn } from "../../logical/plan.ts";
import type { Expr, Identifier, TableConstraint } from "../../parse/ast.ts";
import type { TableKey } from "../bound.ts";
import { coerce } from "../coerce.ts";
import { expressionText } from "./expression-text.ts";
import { matching } from "../names.ts";
import type { StatementContext } from "../statement-context.ts";
import { bindOver } from "./stored-expression.ts";
import { partsOf } from "../syntax.ts";

export interface Constraints {
  readonly checks: readonly Check[];
  readonly keys: readonly TableKey[];
}

interface Constrained {
  readonly table: { readonly name: string };
  readonly columns: readonly PlanColumn[];
  /** Names the table's constraints have already. */
  readonly taken: readonly string[];
  readonly constraints: readonly TableConstraint[];
}

/** Throws 42710 for a name given twice, 42703 for columns that are not there, 42P16 for a second primary key. */
export function namedConstraints(
  statement: StatementContext,
  { table, columns, taken, constraints }: Constrained,
): Constraints {
  const names = new Set(taken);
  const checks: Check[] = [];
  const keys: TableKey[] = [];
  for (const constraint of constraints) {
    const parts = namedParts(constraint, columns);
    const name = claim(names, table.name, constraint, parts);
    if (constraint.kind === "check") {
      checks.push({
        name,
        expression: bindCheck(statement, table, columns, constraint.condition),
      });
    } else keys.push(keyOf(name, constraint, parts));
  }
  if (keys.filter(({ kind }) => kind === "primary-key").length > 1)
    throw new SqlError(
      "42P16",
      `multiple primary keys for table "${table.name}" are not allowed`,
    );
  return { checks, keys };
}

function bindCheck(
  statement: StatementContext,
  table: { readonly name: string },
  columns: readonly PlanColumn[],
  condition: Expr,
): Check["expression"] {
  const over = { table, columns, use: "check" as const };
  const bound = bindOver(statement, condition, columns, over);
  if (bound.type.kind !== "bool")
    throw new SqlError(
      "42804",
      `argument of CHECK must be type boolean, not type ${bound.type.kind}`,
      { position: condition.position },
    );
  return expressionText(
    statement,
    condition,
    coerce(statement, bound, BOOL, "implicit"),
    over,
  );
}

/** The columns a constraint is about, by which it is named. */
function namedParts(
  constraint: TableConstraint,
  columns: readonly PlanColumn[],
): readonly string[] {
  if (constraint.kind !== "check")
    return constraint.columns.map((name) => keyColumn(columns, name));
  const [only, ...more] = referredColumns(constraint.condition, columns);
  return only === undefined || more.length > 0 ? [] : [only];
}

function keyColumn(columns: readonly PlanColumn[], name: Identifier): string {
  const [column] = matching(columns, name, (it) => it.name);
  if (column) return column.name;
  throw new SqlError(
    "42703",
    `column "${name.name}" named in key does not exist`,
    { position: name.position },
  );
}

/** Names of the columns an expression refers to, each once. */
export function referredColumns(
  expression: Expr,
  columns: readonly { readonly name: string }[],
): readonly string[] {
  const found = new Set<string>();
  const visit = (part: Expr): void => {
    if (part.kind === "column") {
      for (const name of part.name.parts) {
        const [column] = matching(columns, name, (it) => it.name);
        if (column) found.add(column.name);
      }
    }
    for (const inner of partsOf(part).expressions) visit(inner);
  };
  visit(expression);
  return [...found];
}

const SUFFIX: Readonly<Record<TableConstraint["kind"], string>> = {
  check: "check",
  "primary-key": "pkey",
  unique: "key",
  "foreign-key": "fkey",
};

export function constraintExists(name: string, table: string): SqlError {
  return new SqlError(
    "42710",
    `constraint "${name}" for relation "${table}" already exists`,
  );
}

/** PostgreSQL's names (ChooseConstraintName); Delta keeps those of checks in lower case, keys are kept by us. */
function claim(
  names: Set<string>,
  table: string,
  constraint: TableConstraint,
  parts: readonly string[],
): string {
  const kept = (name: string): string =>
    constraint.kind === "check" ? name.toLowerCase() : name;
  const given = constraint.name && kept(constraint.name);
  if (given !== undefined) {
    if (names.has(given)) throw constraintExists(given, table);
    names.add(given);
    return given;
  }
  const columns = constraint.kind === "primary-key" ? [] : parts;
  const base = kept([table, ...columns, SUFFIX[constraint.kind]].join("_"));
  let name = base;
  for (let i = 1; names.has(name); i++) name = `${base}${i}`;
  names.add(name);
  return name;
}

function keyOf(
  name: string,
  constraint: Exclude<TableConstraint, { readonly kind: "check" }>,
  columns: readonly string[],
): TableKey {
  const { kind } = constraint;
  if (kind !== "foreign-key") return { name, kind, columns };
  return {
    name,
    kind,
    columns,
    references: {
      table: constraint.table.parts.map((part) => part.name),
      columns: constraint.references.map((column) => column.name),
    },
  };
}
