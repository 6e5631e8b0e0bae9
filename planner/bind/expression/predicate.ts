// Predicates with a syntax of their own: BETWEEN, IN, LIKE, IS, DISTINCT FROM, AND, OR, NOT.

import { BOOL } from "../../../storage/common/data-type.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import { commonType, sameKind } from "../../functions/types.ts";
import { resolveOperator } from "../../functions/registry.ts";
import type { Expression } from "../../logical/expression.ts";
import type {
  BetweenExpr,
  DistinctFromExpr,
  Expr,
  InListExpr,
  IsExpr,
  LikeExpr,
  LogicExpr,
  RowExpr,
} from "../../parse/ast.ts";
import { coerce, settleUnknown, tryCoerce } from "../coerce.ts";
import type { Scope } from "../scope.ts";
import { someSyntax } from "../syntax.ts";
import { callFunction } from "./call-function.ts";
import {
  applyOperator,
  compareRows,
  conjunction,
  negation,
} from "./operator.ts";
import { wrongArgumentType } from "../errors/errors-value.ts";
import { locationOf } from "../location.ts";

export function bind(scope: Scope, expression: Expr): Expression {
  return scope.statement.binders.expression(expression, scope);
}

/** Throws 42804 `argument of WHERE must be type boolean, not type integer`. */
export function requireBoolean(
  scope: Scope,
  expression: Expression,
  clause: string,
): Expression {
  const coerced = tryCoerce(scope.statement, expression, BOOL, "assignment");
  if (coerced && sameKind(coerced.type, BOOL)) return coerced;
  throw wrongArgumentType(
    clause,
    { expected: "boolean", actual: expression.type },
    locationOf(expression),
  );
}

export function bindLogic(scope: Scope, expression: LogicExpr): Expression {
  const name = expression.operator.toUpperCase();
  const operands = expression.operands.map((operand) =>
    requireBoolean(scope, bind(scope, operand), name),
  );
  if (expression.operator !== "not") {
    return {
      ...conjunction(operands, expression.operator),
      position: expression.position,
    };
  }
  const [operand] = operands;
  return negation(operand ?? conjunction([]));
}

export function bindIs(scope: Scope, expression: IsExpr): Expression {
  const { test, negated, position } = expression;
  if (test === "null" && expression.operand.kind === "row") {
    return rowIsNull(scope, expression.operand, expression);
  }
  const operand = bind(scope, expression.operand);
  if (test === "null" || test === "unknown") {
    const tested =
      test === "unknown"
        ? requireBoolean(scope, operand, `IS ${negated ? "NOT " : ""}UNKNOWN`)
        : operand;
    return { kind: "is-null", operand: tested, negated, type: BOOL, position };
  }
  const words = `is ${negated ? "not " : ""}${test}`;
  const tested = requireBoolean(scope, operand, words.toUpperCase());
  return applyOperator(scope.statement, words, [tested], position);
}

/** True when every field is (not) NULL. */
function rowIsNull(scope: Scope, row: RowExpr, test: IsExpr): Expression {
  return conjunction(
    row.items.map((item) => ({
      kind: "is-null",
      operand: bind(scope, item),
      negated: test.negated,
      type: BOOL,
      position: item.position,
    })),
  );
}

export function bindDistinctFrom(
  scope: Scope,
  expression: DistinctFromExpr,
): Expression {
  const words = `is ${expression.negated ? "not " : ""}distinct from`;
  const pair = (left: Expr, right: Expr): Expression =>
    applyOperator(
      scope.statement,
      words,
      [bind(scope, left), bind(scope, right)],
      expression.position,
    );
  const { left, right } = expression;
  if (left.kind !== "row" || right.kind !== "row") return pair(left, right);
  checkWidths(left, right, expression.position);
  return conjunction(
    left.items.map((item, i) => pair(item, right.items[i] ?? item)),
    expression.negated ? "and" : "or",
  );
}

export function bindRowComparison(
  scope: Scope,
  symbol: string,
  rows: readonly [RowExpr, RowExpr],
  position: number,
): Expression {
  const [left, right] = rows;
  checkWidths(left, right, position);
  return compareRows(
    scope.statement,
    symbol,
    [
      left.items.map((item) => bind(scope, item)),
      right.items.map((item) => bind(scope, item)),
    ],
    position,
  );
}

function checkWidths(left: RowExpr, right: RowExpr, position: number): void {
  if (left.items.length !== right.items.length) {
    throw new SqlError(
      "42601",
      "unequal number of entries in row expressions",
      {
        position,
      },
    );
  }
}

/** An operand used twice is bound twice when it holds a subquery: each plan keeps ids of its own. */
export function repeatable(scope: Scope, expression: Expr): () => Expression {
  const once = !someSyntax(
    expression,
    (part) =>
      part.kind === "subquery" ||
      (part.kind === "quantified" && part.source.kind === "query"),
  );
  const bound = bind(scope, expression);
  let used = false;
  return () => {
    if (once || !used) {
      used = true;
      return bound;
    }
    return bind(scope, expression);
  };
}

export function bindBetween(scope: Scope, expression: BetweenExpr): Expression {
  const { position, negated, symmetric } = expression;
  const operand = repeatable(scope, expression.operand);
  const low = repeatable(scope, expression.low);
  const high = repeatable(scope, expression.high);
  const within = (from: () => Expression, to: () => Expression): Expression => {
    const [lower, upper] = negated
      ? (["<", ">"] as const)
      : ([">=", "<="] as const);
    const sides = [
      applyOperator(scope.statement, lower, [operand(), from()], position),
      applyOperator(scope.statement, upper, [operand(), to()], position),
    ];
    return conjunction(sides, negated ? "or" : "and");
  };
  if (!symmetric) return within(low, high);
  return conjunction(
    [within(low, high), within(high, low)],
    negated ? "and" : "or",
  );
}

export function bindInList(scope: Scope, expression: InListExpr): Expression {
  const { negated, position, items } = expression;
  if (expression.operand.kind === "row") {
    return rowInList(scope, expression, expression.operand);
  }
  const operand = bind(scope, expression.operand);
  const bound = items.map((item) => bind(scope, item));
  const common = commonType([operand, ...bound].map((it) => it.type));
  const comparable =
    common.kind === "common" &&
    resolveOperator("=", [common.type, common.type]).kind === "match";
  if (!comparable) return eachEquals(scope, expression, operand, bound);
  const to = (it: Expression): Expression =>
    sameKind(it.type, common.type)
      ? it
      : coerce(scope.statement, it, common.type, "implicit");
  return {
    kind: "in-list",
    operand: to(operand),
    items: bound.map(to),
    negated,
    type: BOOL,
    position,
  };
}

/** Without a common type each comparison is an operator of its own, or the error PostgreSQL gives. */
function eachEquals(
  scope: Scope,
  expression: InListExpr,
  operand: Expression,
  items: readonly Expression[],
): Expression {
  const { negated, position } = expression;
  return conjunction(
    items.map((item) =>
      applyOperator(
        scope.statement,
        negated ? "<>" : "=",
        [operand, item],
        position,
      ),
    ),
    negated ? "and" : "or",
  );
}

function rowInList(
  scope: Scope,
  expression: InListExpr,
  operand: RowExpr,
): Expression {
  const { negated, position } = expression;
  const tests = expression.items.map((item) => {
    const row: RowExpr =
      item.kind === "row"
        ? item
        : { kind: "row", items: [item], position: item.position };
    return bindRowComparison(
      scope,
      negated ? "<>" : "=",
      [operand, row],
      position,
    );
  });
  return conjunction(tests, negated ? "and" : "or");
}

const LIKE_OPERATORS = {
  like: ["~~", "!~~"],
  ilike: ["~~*", "!~~*"],
  similar: ["~", "!~"],
} as const;

export function bindLike(scope: Scope, expression: LikeExpr): Expression {
  const { operator, negated, position } = expression;
  const operand = bind(scope, expression.operand);
  const pattern = bindPattern(scope, expression);
  const [plain, not] = LIKE_OPERATORS[operator];
  return applyOperator(
    scope.statement,
    negated ? not : plain,
    [operand, pattern],
    position,
  );
}

/** The pattern with `\` as its escape; SIMILAR TO becomes a regular expression. */
function bindPattern(scope: Scope, expression: LikeExpr): Expression {
  const { statement } = scope;
  const pattern = bind(scope, expression.pattern);
  const escape = expression.escape && bind(scope, expression.escape);
  const { position } = expression;
  if (expression.operator === "similar") {
    const args = escape ? [pattern, escape] : [pattern];
    return callFunction(
      statement,
      "similar_to_escape",
      args.map((arg) => settleUnknown(statement, arg)),
      position,
    );
  }
  if (!escape) return pattern;
  if (
    pattern.kind === "literal" &&
    escape.kind === "literal" &&
    typeof pattern.value === "string" &&
    typeof escape.value === "string"
  ) {
    return { ...pattern, value: likeEscape(pattern.value, escape) };
  }
  return callFunction(
    statement,
    "like_escape",
    [pattern, escape].map((arg) => settleUnknown(statement, arg)),
    position,
  );
}

/** PostgreSQL's like_escape: the pattern rewritten for escape character `\`. Throws 22025. */
export function likeEscape(
  pattern: string,
  escape: { readonly value: string | null },
): string {
  const character = escape.value ?? "\\";
  if (Array.from(character).length > 1) {
    throw new SqlError("22025", "invalid escape string", {
      hint: "Escape string must be empty or one character.",
    });
  }
  if (character === "\\") return pattern;
  let result = "";
  let afterEscape = false;
  for (const letter of pattern) {
    if (letter === character && !afterEscape) {
      result += "\\";
      afterEscape = true;
    } else if (letter === "\\") {
      result += afterEscape ? "\\" : "\\\\";
      afterEscape = false;
    } else {
      result += letter;
      afterEscape = false;
    }
  }
  return result;
}
