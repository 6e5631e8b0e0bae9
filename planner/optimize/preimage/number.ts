// Monotone functions of numbers: arithmetic with a constant, and casts. Exact types are computed exactly; floats with slack for the
// rounding of the operation, so that no row is lost by it.

import {
  FLOAT8,
  NUMERIC,
  type DataType,
} from "../../../storage/common/data-type.ts";
import type { CompareOperator } from "../../../storage/scan/predicate.ts";
import type { Expression, Literal } from "../../logical/expression.ts";
import { FLIPPED } from "../comparison.ts";
import { edgesOf, exactly, type Bounds, type Edges } from "./bounds.ts";
import {
  addDecimals,
  divideDecimals,
  multiplyDecimals,
  signOf,
} from "./decimal.ts";

const INTEGERS: readonly string[] = ["int1", "int2", "int4", "int8"];

export function isInteger({ kind }: DataType): boolean {
  return INTEGERS.includes(kind);
}

export function isExact(type: DataType): boolean {
  return isInteger(type) || type.kind === "numeric";
}

export function isFloat({ kind }: DataType): boolean {
  return kind === "float4" || kind === "float8";
}

/** `cast(operand) operator value`. */
export function throughNumberCast(
  operator: CompareOperator,
  operand: Expression,
  to: DataType,
  value: Literal,
): Bounds | undefined {
  const from = operand.type;
  if (!isExact(from) && !isFloat(from)) return undefined;
  if (keepsValue(from, to) || to.kind === "float8")
    // Storage compares with a float as float8, to which every number is cast in order.
    return exactly(operator, operand, value);
  const text = value.value ?? "";
  if (!isInteger(to) || isInteger(from)) return undefined;
  // Halves round one way or the other; whole numbers on either side of `value` differ from it by one at least.
  const near = (distance: "0.5" | "-0.5"): string | undefined =>
    addDecimals(text, distance, 1n);
  return fromEdges(
    operator,
    operand,
    { atLeast: near("-0.5"), atMost: near("0.5") },
    NUMERIC,
  );
}

/** Every value of `from` is one of `to`. */
function keepsValue(from: DataType, to: DataType): boolean {
  if (isInteger(from) && isInteger(to))
    return INTEGERS.indexOf(to.kind) >= INTEGERS.indexOf(from.kind);
  if (to.kind !== "numeric" || !isExact(from)) return false;
  if (to.precision === undefined) return true;
  const scale = to.scale ?? 0;
  if (from.kind !== "numeric") return scale >= 0;
  return from.precision !== undefined && scale >= (from.scale ?? 0);
}

export type Arithmetic = "+" | "-" | "*" | "/";

export interface Calculation {
  readonly symbol: Arithmetic;
  readonly operand: Expression;
  readonly constant: Literal;
  readonly constantFirst: boolean;
  readonly type: DataType;
}

interface Texts {
  readonly value: string;
  readonly constant: string;
}

/** `operand symbol constant operator value`, the other way round when `constantFirst`. */
export function throughArithmetic(
  operator: CompareOperator,
  calculation: Calculation,
  value: Literal,
): Bounds | undefined {
  const { symbol, constant, constantFirst, type } = calculation;
  if (constantFirst && symbol === "/") return undefined;
  const texts = { value: value.value ?? "", constant: constant.value ?? "" };
  if (type.kind === "float8")
    return floatArithmetic(operator, calculation, texts);
  if (!isExact(type) || !isExact(value.type)) return undefined;
  return symbol === "+" || symbol === "-"
    ? exactSum(operator, calculation, texts)
    : exactProduct(operator, calculation, texts);
}

function exactSum(
  operator: CompareOperator,
  { symbol, operand, constantFirst }: Calculation,
  { value, constant }: Texts,
): Bounds | undefined {
  // c - x op v is x flipped(op) c - v.
  const turned = constantFirst && symbol === "-";
  const text = turned
    ? addDecimals(constant, value, -1n)
    : addDecimals(value, constant, symbol === "+" ? -1n : 1n);
  return text === undefined
    ? undefined
    : exactly(turned ? FLIPPED[operator] : operator, operand, numeric(text));
}

function exactProduct(
  operator: CompareOperator,
  { symbol, operand, type }: Calculation,
  { value, constant }: Texts,
): Bounds | undefined {
  const sign = signOf(constant);
  if (sign === undefined || sign === 0) return undefined;
  const turned = sign < 0 ? FLIPPED[operator] : operator;
  if (symbol === "/")
    return isInteger(type)
      ? fromEdges(
          turned,
          operand,
          divisionEdges(value, constant, sign),
          NUMERIC,
        )
      : undefined;
  const quotient = divideDecimals(value, constant);
  if (quotient === undefined) return undefined;
  const { floor, ceil } = quotient;
  return floor === ceil
    ? exactly(turned, operand, numeric(floor))
    : fromEdges(turned, operand, { atLeast: floor, atMost: ceil }, NUMERIC);
}

/**
 * Integer division cuts towards zero: the quotient is less than one nearer to zero than x / c. Beyond such an edge x stays off it by
 * one at least, where the edge is whole.
 */
function divisionEdges(
  value: string,
  constant: string,
  sign: 1 | -1,
): Edges<string | undefined> {
  const around = signOf(value) ?? 0;
  const edge = (step: 1n | -1n): string | undefined => {
    if (around === Number(-step)) return multiplyDecimals(value, constant);
    const beyond = addDecimals(value, "1", step);
    const product = beyond && multiplyDecimals(beyond, constant);
    if (product === undefined || product.includes(".")) return product;
    return addDecimals(product, "1", step > 0n === sign > 0 ? -1n : 1n);
  };
  return sign > 0
    ? { atLeast: edge(-1n), atMost: edge(1n) }
    : { atLeast: edge(1n), atMost: edge(-1n) };
}

/** `-operand operator value`. */
export function throughNegation(
  operator: CompareOperator,
  operand: Expression,
  value: Literal,
): Bounds | undefined {
  const text = addDecimals("0", value.value ?? "", -1n);
  return text === undefined || !isExact(operand.type)
    ? undefined
    : exactly(FLIPPED[operator], operand, numeric(text));
}

/** Far more than one rounding of the operation and those of the computation here. */
const RELATIVE_SLACK = 1e-14;
const ABSOLUTE_SLACK = 1e-280;

function floatArithmetic(
  operator: CompareOperator,
  calculation: Calculation,
  texts: Texts,
): Bounds | undefined {
  const { symbol, operand, constantFirst } = calculation;
  const [v, c] = [Number(texts.value), Number(texts.constant)];
  if (![v, c].every(Number.isFinite)) return undefined;
  const slack = (size: number): number =>
    Math.abs(size) * RELATIVE_SLACK + ABSOLUTE_SLACK;
  const edges = (low: number, high: number): Edges<string | undefined> => {
    const [least, most] = [Math.min(low, high), Math.max(low, high)];
    const finite = (edge: number): string | undefined =>
      Number.isFinite(edge) ? String(edge) : undefined;
    return {
      atLeast: finite(least - slack(least)),
      atMost: finite(most + slack(most)),
    };
  };
  const error = slack(Math.abs(v) + Math.abs(c));
  switch (symbol) {
    case "+":
      return fromEdges(
        operator,
        operand,
        edges(v - c - error, v - c + error),
        FLOAT8,
      );
    case "-": {
      const turned = constantFirst ? FLIPPED[operator] : operator;
      const middle = constantFirst ? c - v : v + c;
      return fromEdges(
        turned,
        operand,
        edges(middle - error, middle + error),
        FLOAT8,
      );
    }
    case "*":
    case "/": {
      if (c === 0) return undefined;
      const turned = c < 0 ? FLIPPED[operator] : operator;
      const back = (edge: number): number =>
        symbol === "*" ? edge / c : edge * c;
      return fromEdges(
        turned,
        operand,
        edges(back(v - slack(v)), back(v + slack(v))),
        FLOAT8,
      );
    }
  }
}

function fromEdges(
  operator: CompareOperator,
  operand: Expression,
  edges: Edges<string | undefined>,
  type: DataType,
): Bounds | undefined {
  const { atLeast, atMost } = edges;
  const chosen = edgesOf(operator, {
    atLeast: [">=", atLeast] as const,
    atMost: ["<=", atMost] as const,
  });
  const bounds = (chosen ?? []).flatMap(([side, text]) =>
    text === undefined
      ? []
      : [
          {
            operator: side,
            value: { kind: "literal" as const, type, value: text },
          },
        ],
  );
  return bounds.length === 0 ? undefined : { operand, bounds };
}

function numeric(text: string): Literal {
  return { kind: "literal", type: NUMERIC, value: text };
}
