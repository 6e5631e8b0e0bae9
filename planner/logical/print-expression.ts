// Expressions as text for plan dumps and EXPLAIN. Calls show the id of their function row; operators stand between their operands.

import { typeNameWithModifier } from "../../storage/common/data-type.ts";
import type { Expression, Literal, SortKey, Subquery } from "./expression.ts";

const OPERATOR = /^([^\p{L}\p{N}_\s(]+)\(/u;

// eslint-disable-next-line complexity -- one case a kind of expression
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "literal":
      return printLiteral(expression);
    case "column":
      return `${expression.name}#${expression.column}`;
    case "parameter":
      return `$${expression.index}`;
    case "call":
      return printCall(expression.function, expression.args);
    case "and":
    case "or":
      return `(${expression.operands.map(printExpression).join(` ${expression.kind} `)})`;
    case "not":
      return `(not ${printExpression(expression.operand)})`;
    case "is-null":
      return `(${printExpression(expression.operand)} is ${expression.negated ? "not " : ""}null)`;
    case "case":
      return `case ${expression.branches
        .map(
          (branch) =>
            `when ${printExpression(branch.when)} then ${printExpression(branch.then)} `,
        )
        .join(
          "",
        )}${expression.otherwise ? `else ${printExpression(expression.otherwise)} ` : ""}end`;
    case "cast":
      return `${printExpression(expression.operand)}::${typeNameWithModifier(expression.type)}${expression.attempt ? "?" : ""}`;
    case "in-list":
      return `(${printExpression(expression.operand)} ${expression.negated ? "not " : ""}in (${expression.items.map(printExpression).join(", ")}))`;
    case "subquery":
      return printSubquery(expression);
    case "field":
      return `${printExpression(expression.operand)}.${expression.field}`;
  }
}

function printLiteral(literal: Literal): string {
  const { value, type } = literal;
  if (value === null) return `null::${typeNameWithModifier(type)}`;
  switch (type.kind) {
    case "bool":
      return value === "t" ? "true" : "false";
    case "int4":
      return value;
    case "text":
    case "unknown":
      return quote(value);
    default:
      return `${quote(value)}::${typeNameWithModifier(type)}`;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function printCall(id: string, args: readonly Expression[]): string {
  const symbol = OPERATOR.exec(id)?.[1];
  const [left, right] = args.map(printExpression);
  if (symbol !== undefined && left !== undefined && args.length < 3) {
    return right === undefined
      ? `(${symbol}${left})`
      : `(${left} ${symbol} ${right})`;
  }
  return `${id.replace(/\(.*$/su, "")}(${args.map(printExpression).join(", ")})`;
}

function printSubquery(expression: Subquery): string {
  const { form } = expression;
  switch (form.kind) {
    case "scalar":
      return "(subquery)";
    case "array":
      return "array(subquery)";
    case "exists":
      return form.negated ? "not exists(subquery)" : "exists(subquery)";
    case "quantified": {
      const left = form.operands.map(printExpression).join(", ");
      const symbol = (form.functions[0] ?? "=").replace(/\(.*$/su, "");
      return `((${left}) ${symbol} ${form.quantifier}(subquery))`;
    }
  }
}

export function printSortKeys(keys: readonly SortKey[]): string {
  return keys
    .map((key) => {
      const direction = key.descending ? " desc" : "";
      const usual = key.nullsFirst === key.descending;
      const nulls = key.nullsFirst ? " nulls first" : " nulls last";
      return `${printExpression(key.value)}${direction}${usual ? "" : nulls}`;
    })
    .join(", ");
}
