// Arithmetic operators over PostgreSQL's numeric types. Integers and decimals overflow in the kernel itself;
// floats are checked here, since the kernel gives infinity where PostgreSQL gives 22003.

import {
  FLOAT4,
  FLOAT8,
  INT2,
  INT4,
  INT8,
  NUMERIC,
  type DataType,
} from "../../storage/common/data-type.ts";
import { operator, partial, total, type SqlTemplate } from "./define.ts";
import { isNonZeroLiteral, once, raise } from "./emit.ts";
import type { FunctionRow } from "./function.ts";
import {
  numericAdditive,
  numericFunction,
  numericMultiply,
  numericUnary,
} from "./numeric-emit.ts";

const INTEGERS: readonly DataType[] = [INT2, INT4, INT8];

const DIVISION_BY_ZERO = raise("22012", "division by zero");

/** The divisor itself, or the error when it is zero. */
export function divisor(sql: string): string {
  if (isNonZeroLiteral(sql)) return sql;
  return once(
    sql,
    (value) =>
      `CASE WHEN ${value} = 0 THEN ${DIVISION_BY_ZERO} ELSE ${value} END`,
  );
}

function wider(a: DataType, b: DataType): DataType {
  return INTEGERS.indexOf(a) >= INTEGERS.indexOf(b) ? a : b;
}

function integerRows(a: DataType, b: DataType): readonly FunctionRow[] {
  const type = wider(a, b);
  return [
    operator(
      "+",
      [a, b],
      type,
      partial((x, y) => `(${x} + ${y})`),
    ),
    operator(
      "-",
      [a, b],
      type,
      partial((x, y) => `(${x} - ${y})`),
    ),
    operator(
      "*",
      [a, b],
      type,
      partial((x, y) => `(${x} * ${y})`),
    ),
    operator(
      "/",
      [a, b],
      type,
      partial((x, y) => `(${x} // ${divisor(y ?? "")})`),
    ),
  ];
}

function sameIntegerRows(type: DataType): readonly FunctionRow[] {
  return [
    operator(
      "%",
      [type, type],
      type,
      partial((x, y) => `(${x} % ${divisor(y ?? "")})`),
    ),
    operator(
      "&",
      [type, type],
      type,
      total((x, y) => `(${x} & ${y})`),
    ),
    operator(
      "|",
      [type, type],
      type,
      total((x, y) => `(${x} | ${y})`),
    ),
    operator(
      "#",
      [type, type],
      type,
      total((x, y) => `xor(${x}, ${y})`),
    ),
    operator(
      "~",
      [type],
      type,
      total((x) => `(~${x})`),
    ),
    operator(
      "+",
      [type],
      type,
      total((x) => x ?? ""),
    ),
    operator(
      "-",
      [type],
      type,
      partial((x) => `(-${x})`),
    ),
    operator(
      "@",
      [type],
      type,
      partial((x) => `abs(${x})`),
    ),
  ];
}

const OVERFLOW = raise("22003", "value out of range: overflow");
const UNDERFLOW = raise("22003", "value out of range: underflow");

function floatAdditive(symbol: string): SqlTemplate {
  return (x = "", y = "") =>
    once(x, (a) =>
      once(y, (b) => {
        const value = `(${a} ${symbol} ${b})`;
        return `CASE WHEN isinf(${value}) AND NOT isinf(${a}) AND NOT isinf(${b}) THEN ${OVERFLOW} ELSE ${value} END`;
      }),
    );
}

const floatMultiply: SqlTemplate = (x = "", y = "") =>
  once(x, (a) =>
    once(y, (b) => {
      const value = `(${a} * ${b})`;
      return (
        `CASE WHEN isinf(${value}) AND NOT isinf(${a}) AND NOT isinf(${b}) THEN ${OVERFLOW} ` +
        `WHEN ${value} = 0 AND ${a} <> 0 AND ${b} <> 0 THEN ${UNDERFLOW} ELSE ${value} END`
      );
    }),
  );

const floatDivide: SqlTemplate = (x = "", y = "") =>
  once(x, (a) =>
    once(y, (b) => {
      const value = `(${a} / ${b})`;
      return (
        `CASE WHEN ${b} = 0 AND NOT isnan(${a}) THEN ${DIVISION_BY_ZERO} ` +
        `WHEN isinf(${value}) AND NOT isinf(${a}) THEN ${OVERFLOW} ` +
        `WHEN ${value} = 0 AND ${a} <> 0 AND NOT isinf(${b}) THEN ${UNDERFLOW} ELSE ${value} END`
      );
    }),
  );

function bracketed(template: SqlTemplate): SqlTemplate {
  return (...args) => `(${template(...args)})`;
}

function floatRows(a: DataType, b: DataType): readonly FunctionRow[] {
  const type = a === FLOAT4 && b === FLOAT4 ? FLOAT4 : FLOAT8;
  return [
    operator("+", [a, b], type, partial(bracketed(floatAdditive("+")))),
    operator("-", [a, b], type, partial(bracketed(floatAdditive("-")))),
    operator("*", [a, b], type, partial(bracketed(floatMultiply))),
    operator("/", [a, b], type, partial(bracketed(floatDivide))),
  ];
}

function floatUnaryRows(type: DataType): readonly FunctionRow[] {
  return [
    operator(
      "+",
      [type],
      type,
      total((x) => x ?? ""),
    ),
    operator(
      "-",
      [type],
      type,
      total((x) => `(-${x})`),
    ),
    operator(
      "@",
      [type],
      type,
      total((x) => `abs(${x})`),
    ),
  ];
}

const FLOATS: readonly DataType[] = [FLOAT4, FLOAT8];

const NUMERIC_ROWS: readonly FunctionRow[] = [
  operator("+", [NUMERIC, NUMERIC], NUMERIC, {
    duckdb: numericAdditive("+"),
    total: false,
  }),
  operator("-", [NUMERIC, NUMERIC], NUMERIC, {
    duckdb: numericAdditive("-"),
    total: false,
  }),
  operator("*", [NUMERIC, NUMERIC], NUMERIC, {
    duckdb: numericMultiply,
    total: false,
  }),
  operator("/", [NUMERIC, NUMERIC], NUMERIC, {
    duckdb: numericFunction("num_div"),
    total: false,
  }),
  operator("%", [NUMERIC, NUMERIC], NUMERIC, {
    duckdb: numericFunction("num_mod"),
    total: false,
  }),
  operator("^", [NUMERIC, NUMERIC], NUMERIC, {
    duckdb: numericFunction("num_power"),
    total: false,
  }),
  operator("+", [NUMERIC], NUMERIC, {
    duckdb: numericUnary((x) => x, "num_plus"),
    total: true,
  }),
  operator("-", [NUMERIC], NUMERIC, {
    duckdb: numericUnary((x) => `-${x}`, "num_neg"),
    total: true,
  }),
  operator("@", [NUMERIC], NUMERIC, {
    duckdb: numericUnary((x) => `abs(${x})`, "num_abs"),
    total: true,
  }),
];

export const ARITHMETIC: readonly FunctionRow[] = [
  ...INTEGERS.flatMap((a) => INTEGERS.flatMap((b) => integerRows(a, b))),
  ...INTEGERS.flatMap(sameIntegerRows),
  ...FLOATS.flatMap((a) => FLOATS.flatMap((b) => floatRows(a, b))),
  ...FLOATS.flatMap(floatUnaryRows),
  ...NUMERIC_ROWS,
];
