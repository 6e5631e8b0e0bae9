// Expressions as SQL text. Operands that are not single words, calls or brackets already stand in brackets, so no precedence is needed.

import { unreachable } from "../../../storage/common/invariant.ts";
import type {
  BetweenExpr,
  CallExpr,
  CaseExpr,
  CastExpr,
  Expr,
  FieldExpr,
  FrameBound,
  KeywordExpr,
  LikeExpr,
  LiteralValue,
  LogicExpr,
  OperatorExpr,
  QuantifiedExpr,
  Query,
  SortItem,
  StarExpr,
  SubqueryExpr,
  SubscriptExpr,
  WindowSpec,
} from "../ast.ts";
import {
  joinParts,
  printIdentifier,
  printName,
  printType,
  quoteName,
  quoteString,
} from "./print-name.ts";

/** How a subquery is printed, without brackets; print.ts ties expressions and queries together. */
export type PrintQuery = (query: Query) => string;

/** Text that can stand anywhere an expression can, operands included. */
export function printExpression(expr: Expr, query: PrintQuery): string {
  const text = printBare(expr, query);
  return isPrimary(expr) ? text : `(${text})`;
}

const PRIMARY: ReadonlySet<Expr["kind"]> = new Set<Expr["kind"]>([
  "parameter",
  "column",
  "star",
  "call",
  "subquery",
  "case",
  "cast",
  "array",
  "row",
  "keyword",
  "grouping",
]);

/** A negative constant needs brackets: `- 5 ^ 2` is not `(-5) ^ 2`. */
function isPrimary(expr: Expr): boolean {
  if (expr.kind !== "literal") return PRIMARY.has(expr.kind);
  const { value } = expr;
  return (
    !("text" in value) || value.kind === "string" || !value.text.startsWith("-")
  );
}

export function printExpressions(
  exprs: readonly Expr[],
  query: PrintQuery,
): string {
  return exprs.map((expr) => printExpression(expr, query)).join(", ");
}

function printBare(expr: Expr, query: PrintQuery): string {
  switch (expr.kind) {
    case "literal":
      return printLiteral(expr.value);
    case "parameter":
      return `$${expr.index}`;
    case "column":
      return printName(expr.name);
    case "star":
      return printStar(expr);
    case "call":
      return printCall(expr, query);
    case "case":
      return printCase(expr, query);
    case "cast":
      return printCast(expr, query);
    case "array":
      return `ARRAY[${printExpressions(expr.items, query)}]`;
    case "row":
      return `ROW(${printExpressions(expr.items, query)})`;
    case "keyword":
      return printKeyword(expr);
    case "grouping":
      return `GROUPING(${printExpressions(expr.args, query)})`;
    case "subquery":
      return printSubquery(expr, query);
    default:
      return printCompound(expr, query);
  }
}

type Compound = Exclude<
  Expr,
  {
    readonly kind:
      | "literal"
      | "parameter"
      | "column"
      | "star"
      | "call"
      | "case"
      | "cast"
      | "array"
      | "row"
      | "keyword"
      | "grouping"
      | "subquery";
  }
>;

function printCompound(expr: Compound, query: PrintQuery): string {
  const print = (inner: Expr): string => printExpression(inner, query);
  switch (expr.kind) {
    case "operator":
      return printOperator(expr, query);
    case "logic":
      return printLogic(expr, query);
    case "is":
      return `${print(expr.operand)} IS ${not(expr)}${expr.test.toUpperCase()}`;
    case "distinct-from":
      return `${print(expr.left)} IS ${not(expr)}DISTINCT FROM ${print(expr.right)}`;
    case "between":
      return printBetween(expr, query);
    case "in-list":
      return `${print(expr.operand)} ${not(expr)}IN (${printExpressions(expr.items, query)})`;
    case "quantified":
      return printQuantified(expr, query);
    case "like":
      return printLike(expr, query);
    case "subscript":
      return printSubscript(expr, query);
    case "field":
      return printField(expr, query);
    case "collate":
      return `${print(expr.operand)} COLLATE ${printName(expr.collation)}`;
    case "at-time-zone":
      return `${print(expr.operand)} AT TIME ZONE ${print(expr.zone)}`;
    default:
      return unreachable(expr);
  }
}

function printStar(expr: StarExpr): string {
  return expr.qualifier === undefined ? "*" : `${printName(expr.qualifier)}.*`;
}

function printCast(expr: CastExpr, query: PrintQuery): string {
  const verb = expr.attempt ? "TRY_CAST" : "CAST";
  return `${verb}(${printExpression(expr.operand, query)} AS ${printType(expr.type)})`;
}

function printKeyword(expr: KeywordExpr): string {
  const keyword = expr.keyword.toUpperCase();
  if (expr.keyword === "merge_action") return `${keyword}()`;
  return expr.precision === undefined
    ? keyword
    : `${keyword}(${expr.precision})`;
}

function printLogic(expr: LogicExpr, query: PrintQuery): string {
  const operands = expr.operands.map((inner) => printExpression(inner, query));
  return expr.operator === "not"
    ? `NOT ${operands.join(" ")}`
    : operands.join(` ${expr.operator.toUpperCase()} `);
}

function printBetween(expr: BetweenExpr, query: PrintQuery): string {
  const symmetric = expr.symmetric ? " SYMMETRIC" : "";
  return joinParts(
    printExpression(expr.operand, query),
    `${not(expr)}BETWEEN${symmetric}`,
    printExpression(expr.low, query),
    `AND ${printExpression(expr.high, query)}`,
  );
}

function printField(expr: FieldExpr, query: PrintQuery): string {
  const field = expr.field.name === "*" ? "*" : printIdentifier(expr.field);
  return `(${printExpression(expr.operand, query)}).${field}`;
}

function not(expr: { readonly negated: boolean }): string {
  return expr.negated ? "NOT " : "";
}

function printLiteral(value: LiteralValue): string {
  switch (value.kind) {
    case "integer":
    case "decimal":
      return value.text;
    case "string":
      return quoteString(value.text);
    case "bit-string": {
      // The text keeps its base as a first letter.
      const base = value.text.charAt(0).toUpperCase();
      return `${base}${quoteString(value.text.slice(1))}`;
    }
    case "boolean":
      return value.value ? "TRUE" : "FALSE";
    case "null":
      return "NULL";
    default:
      return unreachable(value);
  }
}

function printOperator(expr: OperatorExpr, query: PrintQuery): string {
  const operator =
    expr.schema === undefined
      ? expr.operator
      : `OPERATOR(${quoteName(expr.schema)}.${expr.operator})`;
  const left =
    expr.left === undefined ? undefined : printExpression(expr.left, query);
  return joinParts(left, operator, printExpression(expr.right, query));
}

/** ESCAPE has a default for LIKE and none for SIMILAR TO, but the same place for both. */
function printLike(expr: LikeExpr, query: PrintQuery): string {
  const word =
    expr.operator === "similar" ? "SIMILAR TO" : expr.operator.toUpperCase();
  const escape =
    expr.escape === undefined
      ? undefined
      : `ESCAPE ${printExpression(expr.escape, query)}`;
  return joinParts(
    printExpression(expr.operand, query),
    `${not(expr)}${word}`,
    printExpression(expr.pattern, query),
    escape,
  );
}

function printQuantified(expr: QuantifiedExpr, query: PrintQuery): string {
  const source =
    expr.source.kind === "query"
      ? query(expr.source.query)
      : printExpression(expr.source.array, query);
  const operand = printExpression(expr.operand, query);
  return `${operand} ${expr.operator} ${expr.quantifier.toUpperCase()} (${source})`;
}

function printSubquery(expr: SubqueryExpr, query: PrintQuery): string {
  const inner = `(${query(expr.query)})`;
  switch (expr.form) {
    case "scalar":
      return inner;
    case "exists":
      return `EXISTS ${inner}`;
    case "array":
      return `ARRAY${inner}`;
    default:
      return unreachable(expr.form);
  }
}

function printSubscript(expr: SubscriptExpr, query: PrintQuery): string {
  const print = (inner: Expr | undefined): string =>
    inner === undefined ? "" : printExpression(inner, query);
  const inside =
    expr.slice === undefined
      ? print(expr.index)
      : `${print(expr.slice.lower)} : ${print(expr.slice.upper)}`;
  return `(${print(expr.operand)})[${inside}]`;
}

function printCase(expr: CaseExpr, query: PrintQuery): string {
  const print = (inner: Expr): string => printExpression(inner, query);
  const branches = expr.branches.map(
    ({ when, then }) => `WHEN ${print(when)} THEN ${print(then)}`,
  );
  return joinParts(
    "CASE",
    expr.operand === undefined ? undefined : print(expr.operand),
    ...branches,
    expr.otherwise === undefined ? undefined : `ELSE ${print(expr.otherwise)}`,
    "END",
  );
}

export function printCall(expr: CallExpr, query: PrintQuery): string {
  const args = expr.args.map(({ name, value }, i) => {
    const text = printExpression(value, query);
    const named = name === undefined ? text : `${quoteName(name)} => ${text}`;
    const last = i === expr.args.length - 1;
    return expr.variadic && last ? `VARIADIC ${named}` : named;
  });
  const inside = joinParts(
    expr.distinct ? "DISTINCT" : undefined,
    expr.star ? "*" : args.join(", "),
    printOrderBy(expr.orderBy, query),
  );
  return joinParts(
    `${printName(expr.name)}(${inside})`,
    expr.nulls === undefined ? undefined : `${expr.nulls.toUpperCase()} NULLS`,
    expr.withinGroup.length === 0
      ? undefined
      : `WITHIN GROUP (${printOrderBy(expr.withinGroup, query)})`,
    expr.filter === undefined
      ? undefined
      : `FILTER (WHERE ${printExpression(expr.filter, query)})`,
    expr.over === undefined ? undefined : `OVER ${printOver(expr.over, query)}`,
  );
}

function printOver(
  over: NonNullable<CallExpr["over"]>,
  query: PrintQuery,
): string {
  return "kind" in over ? printWindow(over, query) : printIdentifier(over);
}

/** `ORDER BY …`, or nothing for an empty list. */
export function printOrderBy(
  items: readonly SortItem[],
  query: PrintQuery,
): string {
  if (items.length === 0) return "";
  const printed = items.map((item) =>
    joinParts(
      printExpression(item.value, query),
      item.descending ? "DESC" : undefined,
      item.nulls === undefined
        ? undefined
        : `NULLS ${item.nulls.toUpperCase()}`,
    ),
  );
  return `ORDER BY ${printed.join(", ")}`;
}

/** With its brackets. */
export function printWindow(window: WindowSpec, query: PrintQuery): string {
  const { base, partitionBy, frame } = window;
  const inside = joinParts(
    base === undefined ? undefined : printIdentifier(base),
    partitionBy.length === 0
      ? undefined
      : `PARTITION BY ${printExpressions(partitionBy, query)}`,
    printOrderBy(window.orderBy, query),
    frame === undefined ? undefined : printFrame(frame, query),
  );
  return `(${inside})`;
}

function printFrame(
  frame: NonNullable<WindowSpec["frame"]>,
  query: PrintQuery,
): string {
  const exclude = frame.exclude?.replace("-", " ").toUpperCase();
  return joinParts(
    frame.unit.toUpperCase(),
    `BETWEEN ${printBound(frame.start, query)} AND ${printBound(frame.end, query)}`,
    exclude === undefined ? undefined : `EXCLUDE ${exclude}`,
  );
}

function printBound(bound: FrameBound, query: PrintQuery): string {
  switch (bound.kind) {
    case "preceding":
    case "following":
      return `${printExpression(bound.offset, query)} ${bound.kind.toUpperCase()}`;
    default:
      return bound.kind.replace("-", " ").toUpperCase();
  }
}
