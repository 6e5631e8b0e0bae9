// CREATE FUNCTION: the body is bound once over its parameters to check it and learn its type, and its text is frozen as a view's is.

import {
  TEXT,
  typeName,
  type DataType,
} from "../../../storage/common/data-type.ts";
import { notSupported, SqlError } from "../../../storage/common/errors.ts";
import { resolveTypeName } from "../../functions/type-name.ts";
import type { Expression } from "../../logical/expression.ts";
import type { CreateFunctionStatement } from "../../parse/ast.ts";
import { printExpr } from "../../parse/print.ts";
import type { BoundCreateFunction, StatementBody } from "../bound.ts";
import { settleUnknown, tryCoerce } from "../coerce.ts";
import { undefinedParameter } from "../../parse/errors.ts";
import { freezeExpression } from "./freeze.ts";
import { lastPart } from "../names.ts";
import { namedRelation } from "../from/relation.ts";
import { CLAUSES, emptyScope, type Scope } from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";
import { namesTemporary } from "../resolve/temporary.ts";
import { refuseSubqueries } from "./stored-expression.ts";

/** Throws what binding the body throws; 42P13 where it does not give the declared type. */
export function bindCreateFunction(
  statement: StatementContext,
  node: CreateFunctionStatement,
): StatementBody {
  const types = node.parameters.map(({ type }) =>
    withoutLength(resolveTypeName(type)),
  );
  const parameters = node.parameters.map((parameter, i) => ({
    name: parameter.name.name,
    type: types[i] ?? TEXT,
    ...defaultOf(statement, parameter, types[i] ?? TEXT),
  }));
  const scope = bodyScope(statement, lastPart(node.name).name, parameters);
  const value = settleUnknown(
    statement,
    statement.binders.expression(node.body, scope),
  );
  if (statement.parameterTypes.length > 0) throw undefinedParameter(1);
  refuseTemporary(statement, node);
  return {
    kind: "create-function",
    parameters,
    returns: returnType(statement, node, value),
    definition: printExpr(freezeExpression(statement, node.body)),
  };
}

/** PostgreSQL ignores the length that a parameter's type gives. */
function withoutLength(type: DataType): DataType {
  return type.kind === "varchar" || type.kind === "bpchar"
    ? { kind: type.kind }
    : type;
}

function bodyScope(
  statement: StatementContext,
  name: string,
  parameters: BoundCreateFunction["parameters"],
): Scope {
  const values = parameters.map(({ type }, i): Expression => ({
    kind: "parameter",
    index: i + 1,
    type,
  }));
  const columns = parameters.flatMap((parameter, i) => {
    const value = values[i];
    return value ? [{ name: parameter.name, value, parameter: i + 1 }] : [];
  });
  return {
    ...emptyScope(statement, undefined, CLAUSES.functionBody),
    relations: [namedRelation(name, columns)],
    arguments: values.map((value) => () => value),
  };
}

/** A default is an expression over nothing: no column, no parameter, no query. */
function defaultOf(
  statement: StatementContext,
  parameter: CreateFunctionStatement["parameters"][number],
  type: DataType,
): { readonly default?: string } {
  const syntax = parameter.default;
  if (!syntax) return {};
  refuseSubqueries(syntax, "default");
  const scope = emptyScope(statement, undefined, CLAUSES.default);
  const value = statement.binders.expression(syntax, {
    ...scope,
    arguments: [],
  });
  if (!tryCoerce(statement, value, type, "implicit")) {
    throw new SqlError(
      "42804",
      `argument of DEFAULT must be type ${typeName(type)}, not type ${typeName(value.type)}`,
      { position: syntax.position },
    );
  }
  return { default: printExpr(freezeExpression(statement, syntax)) };
}

function returnType(
  statement: StatementContext,
  node: CreateFunctionStatement,
  value: Expression,
): DataType {
  if (!node.returns) {
    return ["name", "void"].includes(value.type.kind) ? TEXT : value.type;
  }
  const declared = resolveTypeName(node.returns);
  if (tryCoerce(statement, value, declared, "assignment")) return declared;
  throw new SqlError(
    "42P13",
    `return type mismatch in function declared to return ${typeName(declared)}`,
    { detail: `Actual return type is ${typeName(value.type)}.` },
  );
}

/** A stored function outlives what it would read. */
function refuseTemporary(
  { resolved }: StatementContext,
  { name, position }: CreateFunctionStatement,
): void {
  const stored = resolved.targets.get(name)?.kind !== "temporary";
  if (stored && namesTemporary(resolved))
    throw notSupported(
      "a stored function over temporary objects is",
      position,
      "Make it with CREATE TEMPORARY FUNCTION.",
    );
}
