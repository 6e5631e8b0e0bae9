// The filters of a scan in the language storage understands, so that partitions and files are skipped. Weaker than the filters
// where they cannot be said, never stronger: storage drops files, the engine filters rows.

import type {
  ScanPredicate,
  ColumnPath,
} from "../../storage/scan/predicate.ts";
import { TEXT } from "../../storage/common/data-type.ts";
import type { ColumnId } from "../../storage/common/ids.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import type { Expression, InList, Literal } from "../logical/expression.ts";
import type { LogicalPlan, Scan } from "../logical/plan.ts";
import { nodesOf } from "../logical/walk.ts";
import {
  compareOperator,
  comparisonOf,
  NEGATED,
  withConstantRight,
  type Comparison,
} from "./comparison.ts";
import type { FunctionLookup } from "./rule.ts";
import { widenedComparison } from "./monotone.ts";
import { likePrefix } from "./like.ts";

/** Every scan of the plan, subqueries included. */
export function scansOf(plan: LogicalPlan): readonly Scan[] {
  return [...nodesOf(plan)].filter((node) => node.kind === "scan");
}

/** What the scan's filters say of its files; undefined when nothing. */
export function scanPredicate(
  scan: Scan,
  functions: FunctionLookup,
): ScanPredicate | undefined {
  const translator = new Map(
    scan.columns.flatMap((column) =>
      column.source.kind === "column"
        ? [[column.id, column.source.name] as const]
        : [],
    ),
  );
  return all(
    scan.filters.map((filter) =>
      translate(filter, false, { columns: translator, functions }),
    ),
  );
}

interface Context {
  readonly columns: ReadonlyMap<ColumnId, string>;
  readonly functions: FunctionLookup;
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
  expression: Expression,
  negated: boolean,
  context: Context,
): ScanPredicate | undefined {
  const comparison = comparisonOf(expression, context.functions);
  if (comparison !== undefined)
    return translateComparison(comparison, negated, context);
  if (negated) return undefined;
  return (
    startsWith(expression, context) ?? quantifiedEquality(expression, context)
  );
}

function translateComparison(
  comparison: Comparison,
  negated: boolean,
  context: Context,
): ScanPredicate | undefined {
  const turned = withConstantRight(comparison);
  const operator = negated ? NEGATED[turned.operator] : turned.operator;
  const { left, right } = turned;
  if (right.kind !== "literal") return undefined;
  if (right.value === null) return { kind: "constant", value: false };
  const column = pathOf(left, context);
  if (column !== undefined && sameFamily(left, right)) {
    return { kind: "compare", column, operator, value: scalarOf(right) };
  }
  const widened = widenedComparison(
    { operator, left, right },
    context.functions,
  );
  const inner = widened && pathOf(widened.column, context);
  if (widened === undefined || inner === undefined) return undefined;
  return all(
    widened.bounds.map((bound) => ({
      kind: "compare",
      column: inner,
      operator: bound.operator,
      value: scalarOf(bound.value),
    })),
  );
}

const ORDERED: ReadonlySet<string> = new Set([
  "bool",
  "int1",
  "int2",
  "int4",
  "int8",
  "float4",
  "float8",
  "numeric",
  "text",
  "varchar",
  "date",
  "time",
  "timestamp",
  "timestamptz",
  "uuid",
]);

/**
 * Types whose canonical texts storage may compare with the column's statistics without a conversion of ours. Not `char(n)`,
 * whose `=` forgets blanks, nor interval and jsonb, whose stored text has another order.
 */
function sameFamily(left: Expression, right: Literal): boolean {
  const kind = left.type.kind;
  if (!ORDERED.has(kind)) return false;
  if (kind === right.type.kind) return true;
  const isIn = (family: readonly string[]): boolean =>
    family.includes(kind) && family.includes(right.type.kind);
  return isIn(["int1", "int2", "int4", "int8"]) || isIn(["text", "varchar"]);
}

function inList(
  expression: InList,
  negated: boolean,
  context: Context,
): ScanPredicate | undefined {
  const { operand, items } = expression;
  if (!items.every((item) => item.kind === "literal")) return undefined;
  // NOT IN with a NULL item is never true; IN just never matches it.
  if (negated && items.some((item) => item.value === null))
    return { kind: "constant", value: false };
  const values = items.filter((item) => item.value !== null);
  const column = pathOf(operand, context);
  if (
    column !== undefined &&
    values.every((value) => sameFamily(operand, value))
  ) {
    if (!negated) return { kind: "in", column, values: values.map(scalarOf) };
    return all(
      values.map((value) => ({
        kind: "compare",
        column,
        operator: "<>",
        value: scalarOf(value),
      })),
    );
  }
  if (negated) return undefined;
  return any(
    values.map((right) =>
      translateComparison(
        { operator: "=", left: operand, right },
        false,
        context,
      ),
    ),
  );
}

/** `column LIKE 'prefix%'` and starts_with(column, 'prefix'). */
function startsWith(
  expression: Expression,
  context: Context,
): ScanPredicate | undefined {
  if (expression.kind !== "call" || expression.args.length !== 2)
    return undefined;
  const [value, pattern] = expression.args;
  if (value === undefined) return undefined;
  const plain = stripText(value);
  const column = pathOf(plain, context);
  if (column === undefined || !["text", "varchar"].includes(plain.type.kind))
    return undefined;
  if (pattern?.kind !== "literal" || pattern.value === null) return undefined;
  switch (context.functions(expression.function)?.name) {
    case "starts_with":
    case "^@":
      return { kind: "starts-with", column, prefix: pattern.value };
    case "~~":
    case "like":
      return like(column, pattern.value);
    default:
      return undefined;
  }
}

function like(column: ColumnPath, pattern: string): ScanPredicate | undefined {
  const { prefix, exact } = likePrefix(pattern);
  if (exact) {
    const value: Scalar = { type: TEXT, text: prefix };
    return { kind: "compare", column, operator: "=", value };
  }
  return prefix === "" ? undefined : { kind: "starts-with", column, prefix };
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

/** `column = ANY ('{1,2,3}')`, as drivers send IN lists; only elements without quotes are read here. */
function quantifiedEquality(
  expression: Expression,
  context: Context,
): ScanPredicate | undefined {
  if (expression.kind !== "call" || !expression.function.startsWith("any "))
    return undefined;
  if (
    compareOperator(
      expression.function.slice("any ".length),
      context.functions,
    ) !== "="
  )
    return undefined;
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
    .filter((item) => item !== "" && item !== "NULL");
  const literals = items.map((text): Literal => ({
    kind: "literal",
    type: element,
    value: text,
  }));
  const list: InList = {
    kind: "in-list",
    type: expression.type,
    operand: value,
    items: literals,
    negated: false,
  };
  return inList(list, false, context);
}

function scalarOf(literal: Literal): Scalar {
  return { type: literal.type, text: literal.value };
}

/** The column of the table, or the field inside its structs, that an expression is. */
function pathOf(
  expression: Expression,
  context: Context,
): ColumnPath | undefined {
  if (expression.kind === "column") {
    const name = context.columns.get(expression.column);
    return name === undefined ? undefined : [name];
  }
  if (expression.kind !== "field") return undefined;
  const outer = pathOf(expression.operand, context);
  return outer && [...outer, expression.field];
}

function all(
  parts: readonly (ScanPredicate | undefined)[],
): ScanPredicate | undefined {
  const known = parts.filter((part) => part !== undefined);
  const [only] = known;
  return known.length <= 1 ? only : { kind: "and", operands: known };
}

/** One branch that says nothing makes the whole say nothing. */
function any(
  parts: readonly (ScanPredicate | undefined)[],
): ScanPredicate | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length !== parts.length) return undefined;
  const [only] = known;
  if (only === undefined) return { kind: "constant", value: false };
  return known.length === 1 ? only : { kind: "or", operands: known };
}
