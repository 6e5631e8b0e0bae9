// Expressions of the syntax tree to typed ones: one case a kind, each in a file of its own where it is more than a few lines.

import {
  INT4,
  UNKNOWN,
  arrayOf,
  sameType,
  type DataType,
} from "../../../storage/common/data-type.ts";
import { notSupported, SqlError } from "../../../storage/common/errors.ts";
import { cannotCast } from "../../functions/errors.ts";
import { resolveTypeName } from "../../functions/type-name.ts";
import type { Expression } from "../../logical/expression.ts";
import type {
  ArrayExpr,
  CaseExpr,
  CastExpr,
  CollateExpr,
  Expr,
  GroupingExpr,
  OperatorExpr,
  ParameterExpr,
} from "../../parse/ast.ts";
import { undefinedParameter } from "../../parse/errors.ts";
import { cast, coerce, settleUnknown, tryCoerce, unify } from "../coerce.ts";
import { accessField, columnOfRow, findColumn } from "../find-column.ts";
import { mergeActionMisplaced } from "../errors/errors-query.ts";
import { CLAUSES, inClause, withoutSets, type Scope } from "../scope.ts";
import { callFunction } from "./call-function.ts";
import { bindCall } from "./call.ts";
import { castToStruct } from "./constructor.ts";
import { bindKeyword, bindLiteral, negateLiteral } from "./constant.ts";
import { applyOperator } from "./operator.ts";
import {
  bind,
  bindBetween,
  bindDistinctFrom,
  bindInList,
  bindIs,
  bindLike,
  bindLogic,
  bindRowComparison,
  repeatable,
  requireBoolean,
} from "./predicate.ts";
import { bindQuantified, bindSubquery } from "./subquery.ts";
import { bindSubscript } from "./subscript.ts";

// eslint-disable-next-line complexity -- one case a kind of expression
export function bindExpression(scope: Scope, expression: Expr): Expression {
  switch (expression.kind) {
    case "literal":
      return bindLiteral(expression);
    case "parameter":
      return bindParameter(scope, expression);
    case "column":
      return findColumn(scope, expression.name).value;
    case "star":
      throw new SqlError("42601", 'syntax error at or near "*"', {
        position: expression.position,
      });
    case "call":
      return bindCall(scope, expression);
    case "operator":
      return bindOperator(scope, expression);
    case "logic":
      return bindLogic(scope, expression);
    case "is":
      return bindIs(scope, expression);
    case "distinct-from":
      return bindDistinctFrom(scope, expression);
    case "between":
      return bindBetween(scope, expression);
    case "in-list":
      return bindInList(scope, expression);
    case "subquery":
      return bindSubquery(scope, expression);
    case "quantified":
      return bindQuantified(scope, expression);
    case "like":
      return bindLike(scope, expression);
    case "case":
      return withoutSets(scope, "CASE", () => bindCase(scope, expression));
    case "cast":
      return bindCast(scope, expression);
    case "array":
      return bindArray(scope, expression, undefined);
    case "row":
      return callFunction(
        scope.statement,
        "row",
        expression.items.map((item) =>
          settleUnknown(scope.statement, bind(scope, item)),
        ),
        expression.position,
      );
    case "subscript":
      return bindSubscript(scope, expression);
    case "field":
      return bindField(scope, expression);
    case "collate":
      return bindCollate(scope, expression);
    case "at-time-zone":
      return callFunction(
        scope.statement,
        "timezone",
        [bind(scope, expression.zone), bind(scope, expression.operand)],
        expression.position,
      );
    case "keyword":
      return expression.keyword === "merge_action"
        ? bindMergeAction(scope, expression.position)
        : bindKeyword(scope.statement, expression);
    case "grouping":
      return bindGrouping(scope, expression);
  }
}

/** Also inside subqueries of the list, as in PostgreSQL 17. */
function bindMergeAction(scope: Scope, position: number): Expression {
  for (let at: Scope | undefined = scope; at; at = at.parent)
    if (at.mergeAction) return { ...at.mergeAction, position };
  throw mergeActionMisplaced(position);
}

function bindParameter(scope: Scope, expression: ParameterExpr): Expression {
  const { index, position } = expression;
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    if (!at.arguments) continue;
    const argument = at.arguments[index - 1];
    if (!argument) throw undefinedParameter(index, position);
    return argument(at.level !== scope.level);
  }
  const type = scope.statement.parameterType(index) ?? UNKNOWN;
  return { kind: "parameter", index, type, position };
}

function bindOperator(scope: Scope, expression: OperatorExpr): Expression {
  const { operator, left, right, position, schema } = expression;
  if (schema !== undefined && schema !== "pg_catalog") {
    throw new SqlError(
      "42883",
      `operator does not exist: ${schema}.${operator}`,
      { position },
    );
  }
  if (left?.kind === "row" && right.kind === "row") {
    return bindRowComparison(scope, operator, [left, right], position);
  }
  if (left?.kind === "row" && right.kind === "subquery") {
    throw notSupported("comparing a row with a subquery is", position);
  }
  const first = left && bind(scope, left);
  const value = bind(scope, right);
  if (!first) {
    const negated =
      operator === "-" && value.kind === "literal"
        ? negateLiteral(value, right.kind === "literal")
        : undefined;
    return negated
      ? { ...negated, position }
      : applyOperator(scope.statement, operator, [value], position);
  }
  return applyOperator(scope.statement, operator, [first, value], position);
}

/** A simple CASE compares its operand with each branch; the result type considers ELSE first, as PostgreSQL does. */
function bindCase(scope: Scope, expression: CaseExpr): Expression {
  const { statement } = scope;
  const { position } = expression;
  const operand = expression.operand && repeatable(scope, expression.operand);
  const conditions = expression.branches.map((branch) => {
    const when = bind(scope, branch.when);
    return operand
      ? applyOperator(statement, "=", [operand(), when], branch.when.position)
      : requireBoolean(scope, when, "CASE/WHEN");
  });
  const results = expression.branches.map((branch) => bind(scope, branch.then));
  const otherwise: Expression = expression.otherwise
    ? bind(scope, expression.otherwise)
    : { kind: "literal", type: UNKNOWN, value: null };
  const { type, expressions } = unify(
    statement,
    [otherwise, ...results],
    "CASE",
  );
  return {
    kind: "case",
    branches: conditions.flatMap((when, i) => {
      const then = expressions[i + 1];
      return then ? [{ when, then }] : [];
    }),
    otherwise: expression.otherwise && expressions[0],
    type,
    position,
  };
}

function bindCast(scope: Scope, expression: CastExpr): Expression {
  const { operand, attempt, position } = expression;
  const fields = expression.type.intervalFields;
  if (fields !== undefined && fields !== "" && operand.kind === "literal") {
    return intervalOfField(scope, expression, fields);
  }
  const type = resolveTypeName(expression.type);
  const value =
    operand.kind === "array"
      ? bindArray(scope, operand, type)
      : bind(scope, operand);
  if (attempt) return attemptCast(value, type, position);
  const placed = castToStruct(scope.statement, value, type);
  if (placed) return placed;
  const converted = tryCoerce(scope.statement, value, type, "explicit");
  if (!converted) throw cannotCast(value.type, type, position);
  // `n::numeric` of a numeric(10,2) keeps the value and forgets the modifier.
  if (converted === value && !sameType(value.type, type))
    return cast(value, type);
  return converted;
}

function attemptCast(
  value: Expression,
  type: DataType,
  position: number,
): Expression {
  const operand: Expression =
    value.type.kind === "unknown"
      ? { ...value, type: { kind: "text" } }
      : value;
  return { kind: "cast", operand, type, attempt: true, position };
}

/** `interval '90' day`: the field is the unit of a bare number. */
function intervalOfField(
  scope: Scope,
  expression: CastExpr,
  fields: string,
): Expression {
  const { operand, position } = expression;
  const value = bind(scope, operand);
  const simple = /^(?:year|month|day|hour|minute|second)$/u.test(fields);
  if (value.kind !== "literal" || value.value === null || !simple) {
    throw notSupported(`type interval ${fields} is`, position);
  }
  const bare = /^\s*[+-]?\d+\s*$/u.test(value.value);
  if (!bare) throw notSupported(`type interval ${fields} is`, position);
  const { intervalFields: _, ...type } = expression.type;
  return coerce(
    scope.statement,
    { ...value, value: `${value.value} ${fields}` },
    resolveTypeName(type),
    "explicit",
  );
}

/** ARRAY[…]; `wanted` is the type of a cast around it, which types the items. */
function bindArray(
  scope: Scope,
  expression: ArrayExpr,
  wanted: DataType | undefined,
): Expression {
  const { statement } = scope;
  const { position } = expression;
  const element = wanted?.kind === "array" ? wanted.element : undefined;
  if (expression.items.length === 0) {
    if (!element) {
      throw new SqlError("42P18", "cannot determine type of empty array", {
        position,
        hint: "Explicitly cast to the desired type, for example ARRAY[]::integer[].",
      });
    }
    return { kind: "literal", type: arrayOf(element), value: "{}", position };
  }
  const items = expression.items.map((item) =>
    item.kind === "array" && element
      ? bindArray(scope, item, element)
      : bind(scope, item),
  );
  const typed = element
    ? items.map((item) => coerce(statement, item, element, "explicit"))
    : unify(statement, items, "ARRAY").expressions;
  return arrayOfItems(scope, typed, element, position);
}

function arrayOfItems(
  scope: Scope,
  items: readonly Expression[],
  element: DataType | undefined,
  position: number,
): Expression {
  const call = callFunction(scope.statement, "array", items, position);
  const type = element ? arrayOf(element) : call.type;
  return { ...call, type };
}

const COLLATIONS = new Set([
  "c",
  "posix",
  "default",
  "ucs_basic",
  "c.utf8",
  "c.utf-8",
]);

/** All text is ordered by bytes: the collations that say so are accepted. */
function bindField(
  scope: Scope,
  { operand, field }: Extract<Expr, { kind: "field" }>,
): Expression {
  const ofRow =
    operand.kind === "column"
      ? columnOfRow(scope, operand.name, field)
      : undefined;
  return ofRow ?? accessField(bind(scope, operand), field);
}

function bindCollate(scope: Scope, expression: CollateExpr): Expression {
  const name = expression.collation.parts.at(-1)?.name ?? "";
  const value = bind(scope, expression.operand);
  const text = coerce(
    scope.statement,
    value,
    value.type.kind === "unknown" ? { kind: "text" } : value.type,
    "implicit",
  );
  if (!["text", "varchar", "bpchar", "name"].includes(text.type.kind)) {
    throw new SqlError(
      "42804",
      `collations are not supported by type ${text.type.kind}`,
      { position: expression.position },
    );
  }
  if (!COLLATIONS.has(name.toLowerCase())) {
    throw notSupported(`collation "${name}" is`, expression.position);
  }
  return text;
}

/** Settled once the groups are known; until then a column of its own. */
function bindGrouping(scope: Scope, expression: GroupingExpr): Expression {
  const { level, statement } = scope;
  const { position } = expression;
  if (level.clause.aggregates !== "allowed") {
    throw new SqlError(
      "42803",
      `grouping operations are not allowed in ${level.clause.name}`,
      { position },
    );
  }
  if (expression.args.length > 31) {
    throw new SqlError("54000", "GROUPING must have fewer than 32 arguments", {
      position,
    });
  }
  const args = inClause(scope, CLAUSES.groupBy, () =>
    expression.args.map((arg) => bind(scope, arg)),
  );
  const column = statement.newColumn("grouping", INT4, false);
  level.groupings.push({ column, args, position });
  return {
    kind: "column",
    column: column.id,
    name: "grouping",
    type: INT4,
    nullable: false,
    position,
  };
}
