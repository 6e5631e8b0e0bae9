// Conversions: untyped literals become constants of the type asked for, parameters take it, other values get a Cast where
// PostgreSQL's cast table allows one in the context.

import {
  sameType,
  TEXT,
  type DataType,
} from "../../storage/common/data-type.ts";
import { cannotCast, typesCannotBeMatched } from "../functions/errors.ts";
import {
  canCoerce,
  commonType,
  sameKind,
  type CoercionContext,
} from "../functions/types.ts";
import type { Expression, Literal, Parameter } from "../logical/expression.ts";
import { readInput } from "./input.ts";
import type { StatementContext } from "./statement-context.ts";
import { inconsistentParameter } from "./errors/errors-value.ts";
import { locationOf } from "./location.ts";

/** Undefined when PostgreSQL has no such conversion in this context. Throws 22P02 and its relatives for bad literals. */
export function tryCoerce(
  statement: StatementContext,
  expression: Expression,
  target: DataType,
  context: CoercionContext,
): Expression | undefined {
  const { type } = expression;
  if (target.kind === "unknown") return expression;
  if (type.kind === "unknown") {
    return typeUnknown(statement, expression, target);
  }
  if (sameType(type, target)) return expression;
  if (sameKind(type, target) && !hasModifier(target)) return expression;
  if (!canCoerce(type, target, context)) return undefined;
  if (expression.kind === "literal") {
    const folded = widenLiteral(statement, expression, target);
    if (folded) return folded;
  }
  return cast(expression, target);
}

/** Throws 42846 `cannot cast type … to …`. */
export function coerce(
  statement: StatementContext,
  expression: Expression,
  target: DataType,
  context: CoercionContext,
): Expression {
  const coerced = tryCoerce(statement, expression, target, context);
  if (coerced) return coerced;
  throw cannotCast(expression.type, target, locationOf(expression));
}

export function cast(operand: Expression, type: DataType): Expression {
  return {
    kind: "cast",
    operand,
    type,
    attempt: false,
    position: operand.position,
  };
}

function hasModifier(type: DataType): boolean {
  switch (type.kind) {
    case "numeric":
      return type.precision !== undefined;
    case "varchar":
    case "bpchar":
      return type.length !== undefined;
    case "array":
      return hasModifier(type.element);
    default:
      return false;
  }
}

function typeUnknown(
  statement: StatementContext,
  expression: Expression,
  target: DataType,
): Expression {
  switch (expression.kind) {
    case "literal":
      return typeLiteral(statement, expression, target);
    case "parameter":
      return typeParameter(statement, expression, target);
    default:
      return cast(expression, target);
  }
}

/** A string constant read as the type; the engine's cast stays for types that are not read here. */
function typeLiteral(
  statement: StatementContext,
  literal: Literal,
  target: DataType,
): Expression {
  const { value, position } = literal;
  if (value === null) return { ...literal, type: target };
  const text = readInput(target, value, statement.inputOptions(position));
  return text === undefined
    ? cast({ ...literal, type: TEXT }, target)
    : { ...literal, type: target, value: text };
}

/** The first context that gives a type decides; a reference bound before that must agree with it. */
function typeParameter(
  statement: StatementContext,
  parameter: Parameter,
  target: DataType,
): Expression {
  const { index, position } = parameter;
  const type = bareType(target);
  const decided = statement.parameterType(index);
  if (decided === undefined) statement.setParameterType(index, type);
  else if (!sameKind(decided, type)) {
    throw inconsistentParameter(
      index,
      { first: decided, second: type },
      position,
    );
  }
  const typed: Parameter = { ...parameter, type: decided ?? type };
  return hasModifier(target) ? cast(typed, target) : typed;
}

/** Parameters carry no modifier. */
function bareType(type: DataType): DataType {
  switch (type.kind) {
    case "numeric":
    case "varchar":
    case "bpchar":
      return { kind: type.kind };
    case "array":
      return { kind: "array", element: bareType(type.element) };
    case "int1":
      return { kind: "int2" };
    default:
      return type;
  }
}

const INTEGERS = new Set(["int1", "int2", "int4", "int8"]);

/** Constants whose value every wider type holds unchanged. */
function widenLiteral(
  statement: StatementContext,
  literal: Literal,
  target: DataType,
): Expression | undefined {
  const { value, type } = literal;
  if (value === null) return { ...literal, type: target };
  if (INTEGERS.has(type.kind)) return widenInteger(literal, value, target);
  const readable =
    (type.kind === "numeric" && target.kind === "float8") ||
    (type.kind === "date" &&
      (target.kind === "timestamp" || target.kind === "timestamptz"));
  if (!readable) return undefined;
  const text = readInput(target, value, statement.inputOptions(undefined));
  return text === undefined
    ? undefined
    : { ...literal, type: target, value: text };
}

function widenInteger(
  literal: Literal,
  value: string,
  target: DataType,
): Expression | undefined {
  const digits = value.replace("-", "").length;
  switch (target.kind) {
    case "int8":
      return { ...literal, type: target };
    case "int4":
      return digits < 10 ? { ...literal, type: target } : undefined;
    case "float8":
      return digits < 15 ? { ...literal, type: target } : undefined;
    case "numeric":
      return target.precision === undefined
        ? { ...literal, type: target }
        : undefined;
    default:
      return undefined;
  }
}

/**
 * Brings expressions to their common type (select_common_type). `construct` names them in the error:
 * CASE, ARRAY, COALESCE, UNION, VALUES, IN.
 */
export function unify(
  statement: StatementContext,
  expressions: readonly Expression[],
  construct: string,
): { readonly type: DataType; readonly expressions: readonly Expression[] } {
  const common = commonType(expressions.map((expression) => expression.type));
  if (common.kind === "mismatch") {
    const culprit = expressions.find((it) => sameKind(it.type, common.right));
    throw typesCannotBeMatched(
      construct,
      common,
      culprit && locationOf(culprit),
    );
  }
  const { type } = common;
  return {
    type,
    expressions: expressions.map((expression) =>
      sameKind(expression.type, type)
        ? expression
        : coerce(statement, expression, type, "implicit"),
    ),
  };
}

/** Untyped constants and parameters are text where nothing else decides. */
export function settleUnknown(
  statement: StatementContext,
  expression: Expression,
): Expression {
  return expression.type.kind === "unknown"
    ? typeUnknown(statement, expression, TEXT)
    : expression;
}
