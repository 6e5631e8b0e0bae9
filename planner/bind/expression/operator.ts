// Operators: the overload PostgreSQL would choose, its arguments brought to its types.

import { BOOL, type DataType } from "../../../storage/common/data-type.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import {
  ambiguousOperator,
  undefinedOperator,
} from "../../functions/errors.ts";
import type { FunctionRow } from "../../functions/function.ts";
import { resolveOperator } from "../../functions/registry.ts";
import type { Expression } from "../../logical/expression.ts";
import { coerce } from "../coerce.ts";
import type { StatementContext } from "../statement-context.ts";

/** `left symbol right`, or `symbol right`. Throws 42883, 42725. */
export function applyOperator(
  statement: StatementContext,
  symbol: string,
  operands: readonly Expression[],
  position: number | undefined,
): Expression {
  const match = matchOperator(
    symbol,
    operands.map((operand) => operand.type),
    position,
  );
  return {
    kind: "call",
    function: match.row.id,
    args: operands.map((operand, i) =>
      coerceTo(statement, operand, match.argTypes[i]),
    ),
    type: match.returns,
    position,
  };
}

export interface OperatorMatch {
  readonly row: FunctionRow;
  readonly argTypes: readonly DataType[];
  readonly returns: DataType;
}

export function matchOperator(
  symbol: string,
  types: readonly DataType[],
  position: number | undefined,
): OperatorMatch {
  const name = symbol === "!=" ? "<>" : symbol;
  const resolution = resolveOperator(name, types);
  if (resolution.kind === "match") return resolution;
  const [first, second] = types;
  const left = second === undefined ? undefined : first;
  const right = second ?? first;
  if (right === undefined)
    throw notSupported(`operator ${symbol} is`, position);
  throw resolution.kind === "none"
    ? undefinedOperator(name, left, right, position)
    : ambiguousOperator(name, left, right, position);
}

export function coerceTo(
  statement: StatementContext,
  expression: Expression,
  target: DataType | undefined,
): Expression {
  return target === undefined
    ? expression
    : coerce(statement, expression, target, "implicit");
}

/** Two or more operands joined, one as it is. */
export function conjunction(
  operands: readonly Expression[],
  kind: "and" | "or" = "and",
): Expression {
  const [only, ...more] = operands;
  if (only && more.length === 0) return only;
  if (!only) {
    return { kind: "literal", type: BOOL, value: kind === "and" ? "t" : "f" };
  }
  return { kind, operands, type: BOOL, position: only.position };
}

export function negation(operand: Expression): Expression {
  return { kind: "not", operand, type: BOOL, position: operand.position };
}

const ORDERINGS: Readonly<Record<string, readonly [string, string]>> = {
  "<": ["<", "<"],
  "<=": ["<", "<="],
  ">": [">", ">"],
  ">=": [">", ">="],
};

/** `(a, b) op (c, d)`: equality field by field, order by the first fields that differ. */
export function compareRows(
  statement: StatementContext,
  symbol: string,
  rows: readonly [readonly Expression[], readonly Expression[]],
  position: number,
): Expression {
  const [left, right] = rows;
  const pair = (op: string, i: number): Expression =>
    applyOperator(
      statement,
      op,
      [left[i], right[i]].filter((side) => side !== undefined),
      position,
    );
  const indexes = left.map((_, i) => i);
  if (symbol === "=") return conjunction(indexes.map((i) => pair("=", i)));
  if (symbol === "<>" || symbol === "!=") {
    return conjunction(
      indexes.map((i) => pair("<>", i)),
      "or",
    );
  }
  const ordering = Object.hasOwn(ORDERINGS, symbol)
    ? ORDERINGS[symbol]
    : undefined;
  if (!ordering) {
    throw notSupported(`operator ${symbol} between rows is`, position);
  }
  const [strict, last] = ordering;
  return (
    indexes
      .toReversed()
      .map((i) => i)
      .reduce<Expression | undefined>((rest, i) => {
        if (!rest) return pair(last, i);
        return conjunction(
          [pair(strict, i), conjunction([pair("=", i), rest])],
          "or",
        );
      }, undefined) ?? conjunction([])
  );
}
