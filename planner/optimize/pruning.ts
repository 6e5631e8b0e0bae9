// The filters of a scan in the language storage understands, so that partitions and files are skipped. Weaker than the filters
// where they cannot be said, never stronger: storage drops files, the engine filters rows.

import type {
  ColumnPath,
  ScanPredicate,
} from "../../storage/scan/predicate.ts";
import { TEXT } from "../../storage/common/data-type.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import type {
  Call,
  Expression,
  InList,
  Literal,
} from "../logical/expression.ts";
import type { LogicalPlan, Scan } from "../logical/plan.ts";
import { nodesOf } from "../logical/walk.ts";
import { compareOperator, comparisonOf } from "./comparison.ts";
import { withDerivedPartitions } from "./derived-partitions.ts";
import { likePrefix } from "./like.ts";
import {
  compareWith,
  inList,
  translateComparison,
} from "./pruning-comparison.ts";
import { all, any, pathOf, type Context } from "./pruning-parts.ts";
import type { FunctionLookup } from "./rule.ts";

/** Every scan of the plan, subqueries included. */
export function scansOf(plan: LogicalPlan): readonly Scan[] {
  return [...nodesOf(plan)].filter((node) => node.kind === "scan");
}

/** What the scan's filters say of its files; undefined when nothing. `timeZone`: the session's; without, less is said. */
export function scanPredicate(
  scan: Scan,
  functions: FunctionLookup,
  timeZone?: string,
): ScanPredicate | undefined {
  const translator = new Map(
    scan.columns.flatMap((column) =>
      column.source.kind === "column"
        ? [[column.id, column.source.name] as const]
        : [],
    ),
  );
  const { derived, textFields } = scan.table;
  const context = { columns: translator, functions, timeZone, textFields };
  const said = all(
    scan.filters.map((filter) => translate(filter, false, context)),
  );
  return said && derived ? withDerivedPartitions(said, derived) : said;
}

/** A predicate true wherever the expression (its negation, when `negated`) is true; undefined when there is none but TRUE. */
function translate(
  expression: Expression,
  negated: boolean,
  context: Context,
): ScanPredicate | undefined {
  switch (expression.kind) {
    case "literal":
      return constant(expression, negated);
    case "and":
    case "or": {
      const parts = expression.operands.map((operand) =>
        translate(operand, negated, context),
      );
      return (expression.kind === "and") !== negated ? all(parts) : any(parts);
    }
    case "not":
      return translate(expression.operand, !negated, context);
    case "is-null": {
      const column = pathOf(expression.operand, context);
      return (
        column && {
          kind: "is-null",
          column,
          negated: expression.negated !== negated,
        }
      );
    }
    case "in-list":
      return inList(expression, expression.negated !== negated, context);
    case "column":
    case "field":
      return isTrueColumn(expression, negated, context);
    case "call":
      return translateCall(expression, negated, context);
    default:
      return undefined;
  }
}

function constant(literal: Literal, negated: boolean): ScanPredicate {
  const value = literal.value !== null && (literal.value === "t") !== negated;
  return { kind: "constant", value };
}

function isTrueColumn(
  expression: Expression,
  negated: boolean,
  context: Context,
): ScanPredicate | undefined {
  const column = pathOf(expression, context);
  if (column === undefined || expression.type.kind !== "bool") return undefined;
  const value: Scalar = { type: expression.type, text: negated ? "f" : "t" };
  return { kind: "compare", column, operator: "=", value };
}

function translateCall(
  expression: Call,
  negated: boolean,
  context: Context,
): ScanPredicate | undefined {
  const comparison = comparisonOf(expression, context.functions);
  if (comparison !== undefined)
    return translateComparison(comparison, negated, context);
  return (
    truthTest(expression, negated, context) ??
    distinctFrom(expression, negated, context) ??
    startsWith(expression, negated, context) ??
    quantifiedEquality(expression, negated, context)
  );
}

/** `operand IS [NOT] TRUE`, `IS [NOT] FALSE`. */
function truthTest(
  { function: id, args }: Call,
  negated: boolean,
  context: Context,
): ScanPredicate | undefined {
  const [operand, ...others] = args;
  const match = /^is (not )?(true|false)$/u.exec(
    context.functions(id)?.name ?? "",
  );
  if (match === null || operand === undefined || others.length > 0)
    return undefined;
  const isFalse = match[2] === "false";
  if ((match[1] !== undefined) === negated)
    return translate(operand, isFalse, context);
  const column = pathOf(operand, context);
  return any([
    translate(operand, !isFalse, context),
    column && { kind: "is-null", column, negated: false },
  ]);
}

/** `operand IS [NOT] DISTINCT FROM constant`. */
function distinctFrom(
  { function: id, args }: Call,
  negated: boolean,
  context: Context,
): ScanPredicate | undefined {
  const match = /^is (not )?distinct from$/u.exec(
    context.functions(id)?.name ?? "",
  );
  const [first, second] = args;
  if (match === null || first === undefined || second === undefined)
    return undefined;
  const [left, right] =
    first.kind === "literal" ? [second, first] : [first, second];
  if (right.kind !== "literal") return undefined;
  const isDistinct = (match[1] === undefined) !== negated;
  const column = pathOf(left, context);
  if (right.value === null)
    return column && { kind: "is-null", column, negated: isDistinct };
  const operator = isDistinct ? "<>" : "=";
  const compared = compareWith({ operator, left, right }, context);
  if (!isDistinct) return compared;
  return any([compared, column && { kind: "is-null", column, negated: false }]);
}

/** `column LIKE 'prefix%'` and starts_with(column, 'prefix'). */
function startsWith(
  expression: Call,
  negated: boolean,
  context: Context,
): ScanPredicate | undefined {
  const [value, pattern, ...others] = expression.args;
  if (value === undefined || others.length > 0) return undefined;
  const plain = stripText(value);
  const column = pathOf(plain, context);
  if (column === undefined || !["text", "varchar"].includes(plain.type.kind))
    return undefined;
  if (pattern?.kind !== "literal" || pattern.value === null) return undefined;
  switch (context.functions(expression.function)?.name) {
    case "starts_with":
    case "^@":
      return { kind: "starts-with", column, prefix: pattern.value, negated };
    case "~~":
    case "like":
      return like(column, pattern.value, negated);
    case "!~~":
      return like(column, pattern.value, !negated);
    default:
      return undefined;
  }
}

function like(
  column: ColumnPath,
  pattern: string,
  negated: boolean,
): ScanPredicate | undefined {
  const { prefix, exact, sufficient } = likePrefix(pattern);
  if (exact) {
    const value: Scalar = { type: TEXT, text: prefix };
    const operator = negated ? "<>" : "=";
    return { kind: "compare", column, operator, value };
  }
  if (prefix === "" || (negated && !sufficient)) return undefined;
  return { kind: "starts-with", column, prefix, negated };
}

/** varchar to text changes nothing about the bytes. */
function stripText(value: Expression): Expression {
  const plain =
    value.kind === "cast" &&
    value.type.kind === "text" &&
    ["text", "varchar"].includes(value.operand.type.kind);
  return plain ? value.operand : value;
}

const ARRAY_LITERAL = /^\{(?:[^"{}\\,]+(?:,[^"{}\\,]+)*)?\}$/u;

/** `column = ANY ('{1,2,3}')` and `<> ALL`, as drivers send IN lists; only elements without quotes are read here. */
function quantifiedEquality(
  expression: Call,
  negated: boolean,
  context: Context,
): ScanPredicate | undefined {
  const match = /^(any|all) (.*)$/su.exec(expression.function);
  const [, quantifier, id = ""] = match ?? [];
  if (quantifier === undefined) return undefined;
  const operator = compareOperator(id, context.functions);
  if (operator !== (quantifier === "any" ? "=" : "<>")) return undefined;
  const [value, array] = expression.args;
  if (
    value === undefined ||
    array?.kind !== "literal" ||
    array.type.kind !== "array" ||
    array.value === null
  )
    return undefined;
  const { element } = array.type;
  if (!ARRAY_LITERAL.test(array.value)) return undefined;
  const items = array.value
    .slice(1, -1)
    .split(",")
    .filter((item) => item !== "");
  const literals = items.map((text): Literal => ({
    kind: "literal",
    type: element,
    value: text === "NULL" ? null : text,
  }));
  const list: InList = {
    kind: "in-list",
    type: expression.type,
    operand: value,
    items: literals,
    negated: false,
  };
  return inList(list, (quantifier === "all") !== negated, context);
}
