// Function calls: session functions become constants, the others are scalar, aggregate, window or set-returning by their rows.

import { UNKNOWN, typeName } from "../../../storage/common/data-type.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import type { Scalar } from "../../../storage/common/scalar.ts";
import {
  typesCannotBeMatched,
  undefinedFunction,
} from "../../functions/errors.ts";
import { functionsNamed } from "../../functions/registry.ts";
import type { Expression, Literal } from "../../logical/expression.ts";
import type { CallExpr, Expr, Identifier } from "../../parse/ast.ts";
import { settleUnknown, unify } from "../coerce.ts";
import { isSessionAction, isSessionFunction } from "../library.ts";
import { dotted, lastPart } from "../names.ts";
import { withoutSets, type Scope } from "../scope.ts";
import { bindAggregate } from "./aggregate.ts";
import { callFunction, matchFunction } from "./call-function.ts";
import { constructorCall } from "./constructor.ts";
import { momentOf } from "./constant.ts";
import { coerceTo, matchOperator } from "./operator.ts";
import { bind } from "./predicate.ts";
import { bindUserCall } from "./user-call.ts";
import { bindWindowCall } from "./window-call.ts";
import {
  notAnAggregate,
  setReturningNotAllowed,
  withinGroupMisplaced,
  undeterminedRecord,
} from "../errors/errors-query.ts";

export function bindCall(scope: Scope, call: CallExpr): Expression {
  const userDefined = scope.statement.resolved.calls.get(call);
  if (userDefined) return bindUserCall(scope, call, userDefined);
  const name = builtinName(scope, call);
  return name === "input_file_name" && call.args.length === 0
    ? bind(scope, filePath(call.position))
    : bindBuiltin(scope, call, name);
}

function bindBuiltin(scope: Scope, call: CallExpr, name: string): Expression {
  if (call.variadic)
    throw notSupported("VARIADIC arguments are", call.position);
  const kinds = functionsNamed(name).map((row) => row.kind);
  if (call.over) return bindWindowCall(scope, call, name, call.over);
  if (kinds.includes("aggregate") || kinds.includes("ordered-set")) {
    return bindAggregate(scope, call, name);
  }
  if (kinds.includes("window"))
    return bindWindowCall(scope, call, name, undefined);
  refuseAggregateSyntax(call, name);
  const args =
    name === "coalesce"
      ? withoutSets(scope, "COALESCE", () =>
          argumentsInOrder(scope, call, name),
        )
      : argumentsInOrder(scope, call, name);
  if (name === "pg_typeof" && args[0] && args.length === 1) {
    return typeOf(args[0], call.position);
  }
  const constant = foldSession(scope, name, args, call.position);
  if (constant) return constant;
  if (kinds.includes("table") || name === "unnest") {
    return setReturning(scope, name, args, call);
  }
  return scalarCall(scope, name, args, call);
}

/** `_metadata.file_path`, under another name and with the same rights. */
function filePath(position: number): Expr {
  const part = (name: string): Identifier => ({ name, quoted: true, position });
  const parts = [part("_metadata"), part("file_path")];
  return { kind: "column", name: { parts, position }, position };
}

/** The name in pg_catalog that the call means. Names of other schemas are not built in. */
export function builtinName(scope: Scope, call: CallExpr): string {
  const { parts } = call.name;
  if (scope.statement.resolved.calls.has(call)) {
    throw notSupported(
      "calls of user-defined functions in FROM are",
      call.position,
    );
  }
  const schema = parts.at(-2)?.name;
  const last = lastPart(call.name);
  const known = last.quoted ? last.name : last.name.toLowerCase();
  if (schema !== undefined && schema !== "pg_catalog") {
    const types = call.args.map((arg) => bind(scope, arg.value).type);
    throw undefinedFunction(dotted(call.name), types, call.position);
  }
  return known;
}

/** DISTINCT, ORDER BY, FILTER and `*` belong to aggregates. */
function refuseAggregateSyntax(call: CallExpr, name: string): void {
  const { position } = call;
  if (call.withinGroup.length > 0) throw withinGroupMisplaced(name, position);
  // A name that means nothing is reported as such.
  if (functionsNamed(name).length === 0) return;
  if (call.distinct) throw notAnAggregate("DISTINCT", name, position);
  if (call.orderBy.length > 0) throw notAnAggregate("ORDER BY", name, position);
  if (call.filter) throw notAnAggregate("FILTER", name, position);
  if (call.star) throw undefinedFunction(name, [], position);
}

/** Bound arguments, `name => value` ones at their row's places. */
export function argumentsInOrder(
  scope: Scope,
  call: CallExpr,
  name: string,
): readonly Expression[] {
  const bound = call.args.map((arg) => bind(scope, arg.value));
  if (call.args.every((arg) => arg.name === undefined)) return bound;
  const names = call.args.map((arg) => arg.name);
  const row = functionsNamed(name).find((candidate) =>
    names.every(
      (wanted) =>
        wanted === undefined || candidate.argNames?.includes(wanted) === true,
    ),
  );
  const order = row?.argNames;
  if (!order) {
    throw undefinedFunction(
      name,
      bound.map((arg) => arg.type),
      call.position,
      names,
    );
  }
  const placed = new Map(
    bound.map((arg, i) => [placeOf(order, names[i], i), arg]),
  );
  const last = Math.max(...placed.keys());
  return order
    .slice(0, last + 1)
    .map((_, i) => placed.get(i) ?? leftOut(row.defaults?.[i], call.position));
}

/** A default is a constant without a type, as if it had been written in quotes. */
function leftOut(text: string | undefined, position: number): Expression {
  return { kind: "literal", type: UNKNOWN, value: text ?? null, position };
}

function placeOf(
  order: readonly string[],
  name: string | undefined,
  index: number,
): number {
  return name === undefined ? index : order.indexOf(name);
}

/** Known as soon as the argument is bound, whatever its value. */
function typeOf({ type }: Expression, position: number): Literal {
  const value = typeName(type);
  return { kind: "literal", type: { kind: "regtype" }, value, position };
}

/** Values of the session and the transaction, for constant arguments. */
function foldSession(
  scope: Scope,
  name: string,
  args: readonly Expression[],
  position: number,
): Expression | undefined {
  const { statement } = scope;
  const moment =
    args.length === 0
      ? momentOf(statement, name, undefined, position)
      : undefined;
  if (moment) return { ...moment, position };
  if (!isSessionFunction(name)) return undefined;
  statement.sessionDependent = true;
  if (isSessionAction(name)) return undefined;
  const constants = args
    .map((arg) => settleUnknown(statement, arg))
    .filter((arg): arg is Literal => arg.kind === "literal");
  if (constants.length !== args.length) return undefined;
  const scalars = constants.map((arg): Scalar => ({
    type: arg.type,
    text: arg.value,
  }));
  const value = statement.sessionValue(name, scalars);
  return (
    value && { kind: "literal", type: value.type, value: value.text, position }
  );
}

const UNIFIED: Readonly<Record<string, string>> = {
  coalesce: "COALESCE",
  greatest: "GREATEST",
  least: "LEAST",
};

function scalarCall(
  scope: Scope,
  name: string,
  args: readonly Expression[],
  call: CallExpr,
): Expression {
  const { statement } = scope;
  const { position } = call;
  if (Object.hasOwn(UNIFIED, name)) {
    const unified = unify(statement, args, UNIFIED[name] ?? name);
    return {
      ...callFunction(statement, name, unified.expressions, position),
      position,
    };
  }
  if (name === "nullif") {
    const match = matchOperator(
      "=",
      args.map((arg) => arg.type),
      position,
    );
    const typed = args.map((arg, i) =>
      coerceTo(statement, arg, match.argTypes[i]),
    );
    return callFunction(statement, name, typed, position);
  }
  const constructed = constructorCall(statement, name, args, call);
  if (constructed) return constructed;
  const [operand, ...branches] = args;
  const [then, otherwise, extra] = branches;
  if (name === "if" && operand && then && otherwise && !extra) {
    return ifCall(scope, operand, [then, otherwise], position);
  }
  return callFunction(statement, shownName(call, name), args, position);
}

function shownName(call: CallExpr, name: string): string {
  return call.name.parts.length > 1 ? `pg_catalog.${name}` : name;
}

/** Databricks' `if(condition, then, otherwise)`. */
function ifCall(
  scope: Scope,
  when: Expression,
  results: readonly [Expression, Expression],
  position: number,
): Expression {
  const { type, expressions } = unify(scope.statement, results, "IF");
  const [then, otherwise] = expressions;
  if (!then || when.type.kind !== "bool") {
    throw typesCannotBeMatched(
      "IF",
      { left: when.type, right: type },
      position,
    );
  }
  return {
    kind: "case",
    branches: [{ when, then }],
    otherwise,
    type,
    position,
  };
}

/** In a select list: the rows are made below its projection, and the call's value is a column. */
function setReturning(
  scope: Scope,
  name: string,
  args: readonly Expression[],
  call: CallExpr,
): Expression {
  const { level, statement } = scope;
  const { position } = call;
  if (!level.clause.sets) {
    const { name: clause, inside } = level.clause;
    throw setReturningNotAllowed(clause, inside, position);
  }
  const [array] = args;
  if (name === "unnest" && array?.type.kind === "array" && args.length === 1) {
    const column = statement.newColumn(name, array.type.element);
    level.sets.push({ column, call: { kind: "unnest", array }, position });
    return columnReference(column, position);
  }
  const match = matchFunction(name, args, position);
  const columns = match.row.columns?.(match.argTypes) ?? [];
  if (match.returns.kind === "record" && columns.length === 1)
    throw undeterminedRecord(name, position);
  if (columns.length > 1) {
    throw notSupported(
      `${name}, which returns several columns, in a select list is`,
      position,
    );
  }
  const column = statement.newColumn(name, match.returns);
  level.sets.push({
    column,
    call: {
      kind: "series",
      function: match.row.id,
      args: args.map((arg, i) => coerceTo(statement, arg, match.argTypes[i])),
    },
    position,
  });
  return columnReference(column, position);
}

function columnReference(
  column: ReturnType<Scope["statement"]["newColumn"]>,
  position: number,
): Expression {
  const { id, name, type, nullable } = column;
  return { kind: "column", column: id, name, type, nullable, position };
}
