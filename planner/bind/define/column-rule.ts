// Default, generation expression or identity of a column that a statement defines, as the table keeps it.

import type { Column, Identity } from "../../../storage/common/schema.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import type { PlanColumn } from "../../logical/plan.ts";
import type {
  ColumnDefinition,
  Expr,
  IdentityDefinition,
} from "../../parse/ast.ts";
import { assign } from "../write/assign.ts";
import { expressionText } from "./expression-text.ts";
import type { StatementContext } from "../statement-context.ts";
import { bindOver } from "./stored-expression.ts";

type Rule = Pick<Column, "default" | "generated" | "identity">;
interface Named {
  readonly name: string;
}

/** `others`: the columns a generation expression may refer to. Throws 42601 for two rules, and what binding each throws. */
export function columnRule(
  statement: StatementContext,
  table: Named,
  definition: ColumnDefinition,
  about: { readonly column: Column; readonly others: readonly PlanColumn[] },
): Rule {
  const { default: value, generated, identity, position } = definition;
  const { column, others } = about;
  refuseTwo(table, definition);
  if (identity !== undefined)
    return { identity: identityOf(column, identity, position) };
  if (generated !== undefined)
    return generatedRule(statement, column, generated, {
      table,
      columns: others,
      use: "generated",
    });
  return value === undefined
    ? {}
    : { default: defaultRule(statement, table, column, value) };
}

function refuseTwo(table: Named, definition: ColumnDefinition): void {
  const { default: value, generated, identity, name, position } = definition;
  const [first, second] = [
    value && "default",
    generated && "generation expression",
    identity && "identity",
  ].filter((rule) => rule !== undefined);
  if (second === undefined) return;
  throw new SqlError(
    "42601",
    `both ${first ?? ""} and ${second} specified for column "${name.name}" of table "${table.name}"`,
    { position },
  );
}

/** Throws 42804 when the value does not fit the column. */
export function defaultRule(
  statement: StatementContext,
  table: Named,
  column: Column,
  syntax: Expr,
): NonNullable<Column["default"]> {
  const bound = bindOver(statement, syntax, [], { table, use: "default" });
  assign(statement, bound, column);
  const over = { table, columns: [], use: "default" as const };
  return expressionText(statement, syntax, bound, over);
}

function generatedRule(
  statement: StatementContext,
  column: Column,
  syntax: Expr,
  over: Parameters<typeof expressionText>[3],
): Rule {
  const before = statement.sessionDependent;
  statement.sessionDependent = false;
  const bound = bindOver(statement, syntax, over.columns, over);
  const moves = isSessionDependent(statement);
  statement.sessionDependent ||= before;
  if (moves)
    throw new SqlError("42P17", "generation expression is not immutable", {
      position: syntax.position,
    });
  assign(statement, bound, column);
  return { generated: expressionText(statement, syntax, bound, over) };
}

function isSessionDependent({ sessionDependent }: StatementContext): boolean {
  return sessionDependent;
}

const RANGES: Readonly<Record<string, bigint>> = {
  int2: 2n ** 15n,
  int4: 2n ** 31n,
  int8: 2n ** 63n,
};

function identityOf(
  column: Column,
  { always, start, step }: IdentityDefinition,
  position: number,
): Identity {
  const range = RANGES[column.type.kind];
  const refuse = (message: string): SqlError =>
    new SqlError("22023", message, { position });
  if (range === undefined)
    throw refuse("identity column type must be smallint, integer, or bigint");
  const increment = whole(step) ?? 1n;
  if (increment === 0n) throw refuse("INCREMENT must not be zero");
  const first = whole(start) ?? 1n;
  if (first >= range || first < -range)
    throw refuse(
      `START value (${first}) is out of range for the column's type`,
    );
  return {
    start: first,
    step: increment,
    highWaterMark: undefined,
    allowsValues: !always,
  };
}

function whole(text: string | undefined): bigint | undefined {
  return text !== undefined && /^-?\d+$/.test(text) ? BigInt(text) : undefined;
}
