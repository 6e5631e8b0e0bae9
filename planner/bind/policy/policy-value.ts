// The value of a policy over a row: the function's body with columns and constants for its parameters. Types must agree as they are,
// since a cast that fails or gives NULL could open what the policy shuts (access-control section 14, rule 3).

import {
  sameType,
  typeName,
  type DataType,
} from "../../../storage/common/data-type.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import type { PolicyColumn } from "../../../storage/common/policy.ts";
import type { Expression } from "../../logical/expression.ts";
import type { PlanColumn } from "../../logical/plan.ts";
import { coerce, tryCoerce } from "../coerce.ts";
import { bodyValue } from "../expression/user-call.ts";
import { reference } from "../query/output.ts";
import type { FunctionTrees } from "../resolve/resolved.ts";
import { CLAUSES, emptyScope, type FunctionArgument } from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";
import type {
  ResolvedArgument,
  ResolvedMask,
  ResolvedPolicy,
} from "./resolve-policies.ts";

type FindColumn = (column: PolicyColumn) => PlanColumn;

/** True for the rows that may be seen; false and NULL hide. Throws 42804, 42883. */
export function filterValue(
  statement: StatementContext,
  { call, args }: ResolvedPolicy,
  find: FindColumn,
): Expression {
  const { returns } = call.function;
  if (returns.kind !== "bool")
    throw mismatch(
      `row filter function "${call.function.name}" must return boolean, not ${typeName(returns)}`,
    );
  return bodyValue(statement, call, given(statement, call, args, find));
}

/** The masked column in the type of the column. Throws 42804, 42883. */
export function maskValue(
  statement: StatementContext,
  { call, args }: Omit<ResolvedMask, "column">,
  column: PlanColumn,
  find: FindColumn,
): Expression {
  const { returns, name } = call.function;
  if (!isSame(returns, column.type))
    throw mismatch(
      `column mask function "${name}" must return ${typeName(column.type)}, the type of column "${column.name}", not ${typeName(returns)}`,
    );
  const first: ResolvedArgument = {
    kind: "column",
    name: "",
    physicalName: "",
  };
  const values = given(statement, call, [first, ...args], (it) =>
    it === first ? column : find(it),
  );
  const value = bodyValue(statement, call, values);
  return coerce(statement, value, column.type, "assignment");
}

/** One value a parameter; those left out at the end have their defaults. */
function given(
  statement: StatementContext,
  call: FunctionTrees,
  args: readonly ResolvedArgument[],
  find: FindColumn,
): readonly FunctionArgument[] {
  const { parameters, name } = call.function;
  const missing = parameters.slice(args.length);
  if (
    args.length > parameters.length ||
    missing.some((it) => it.default === undefined)
  )
    throw new SqlError(
      "42883",
      `function "${name}" does not take ${args.length} argument${args.length === 1 ? "" : "s"}`,
    );
  return parameters.map(({ type }, i) => {
    const argument = args[i];
    const value =
      argument?.kind === "column"
        ? columnValue(find(argument), type, name)
        : constantValue(statement, argument?.value ?? call.defaults[i], type);
    return () => value;
  });
}

function columnValue(
  column: PlanColumn,
  wanted: DataType,
  name: string,
): Expression {
  if (isSame(column.type, wanted)) return reference(column);
  throw mismatch(
    `column "${column.name}" of type ${typeName(column.type)} does not fit the parameter of type ${typeName(wanted)} of function "${name}"`,
  );
}

function constantValue(
  statement: StatementContext,
  value: Extract<ResolvedArgument, { kind: "constant" }>["value"] | undefined,
  type: DataType,
): Expression {
  const scope = emptyScope(statement, undefined, CLAUSES.functionBody);
  const bound =
    value && statement.binders.expression(value, { ...scope, arguments: [] });
  const typed = bound && tryCoerce(statement, bound, type, "implicit");
  if (typed) return typed;
  throw mismatch(
    `a constant of the policy does not fit the parameter of type ${typeName(type)}`,
  );
}

/** Lengths and digits say nothing about a parameter. */
function isSame(a: DataType, b: DataType): boolean {
  return isPlain(a) && isPlain(b) ? a.kind === b.kind : sameType(a, b);
}

function isPlain({ kind }: DataType): boolean {
  return !["array", "struct", "map"].includes(kind);
}

function mismatch(message: string): SqlError {
  return new SqlError("42804", message);
}
