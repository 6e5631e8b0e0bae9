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
import { isNonZeroLiteral, kernelType, once, raise } from "./emit.ts";
import type { FunctionRow } from "./function.ts";
import {
  numericAdditive,
  numericFunction,
  numericMultiply,
  numericUnary,
} from "./numeric-emit.ts";

const INTEGERS: readonly DataType[] = [INT2, INT4, INT8];

export const DIVISION_BY_ZERO: string = raise("22012", "division by zero");

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
      partial((x, y) => `(${x} // ${divisor(y)})`),
    ),
  ];
}

/** The kernel fails on the lowest value modulo -1, whose remainder is 0. */
export const integerModulo: SqlTemplate = (x = "", y = "") => {
  if (isNonZeroLiteral(y) && !y.includes("-1")) return `(${x} % ${y})`;
  return once(
    y,
    (d) =>
      `(${x} % CASE WHEN ${d} = 0 THEN ${DIVISION_BY_ZERO} WHEN ${d} = -1 THEN 1 ELSE ${d} END)`,
  );
};

/** Zero minus the value, so that the kernel's overflow message names the type. */
function negated(type: DataType): SqlTemplate {
  return (x = "") => `(0::${kernelType(type)} - ${x})`;
}

function sameIntegerRows(type: DataType): readonly FunctionRow[] {
  return [
    operator("%", [type, type], type, partial(integerModulo)),
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
      "<<",
      [type, INT4],
      type,
      total(
        (x, n) =>
          `int_shift(${x}, ${n}, '<<', '${type.kind}')::${kernelType(type)}`,
      ),
    ),
    operator(
      ">>",
      [type, INT4],
      type,
      total(
        (x, n) =>
          `int_shift(${x}, ${n}, '>>', '${type.kind}')::${kernelType(type)}`,
      ),
    ),
    operator(
      "+",
      [type],
      type,
      total((x) => x),
    ),
    operator("-", [type], type, partial(negated(type))),
    operator(
      "@",
      [type],
      type,
      partial((x) => `abs(${x})`),
    ),
  ];
}

export const OVERFLOW: string = raise("22003", "value out of range: overflow");
export const UNDERFLOW: string = raise(
  "22003",
  "value out of range: underflow",
);

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
      total((x) => x),
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

/** dpow: errors for 0 to a negative power and for fractional powers of negative numbers, then range checks. */
export const floatPower: SqlTemplate = (x = "", y = "") =>
  once(x, (a) =>
    once(y, (b) => {
      const value = `pow(${a}, ${b})`;
      return (
        `CASE WHEN ${a} = 0 AND ${b} < 0 THEN ${raise("2201F", "zero raised to a negative power is undefined")} ` +
        `WHEN ${a} < 0 AND ${b} <> trunc(${b}) AND NOT isinf(${a}) THEN ${raise("2201F", "a negative number raised to a non-integer power yields a complex result")} ` +
        `WHEN isinf(${value}) AND NOT isinf(${a}) AND NOT isinf(${b}) THEN ${OVERFLOW} ` +
        `WHEN ${value} = 0 AND ${a} <> 0 AND NOT isinf(${a}) AND NOT isinf(${b}) THEN ${UNDERFLOW} ELSE ${value} END`
      );
    }),
  );

export const floatRoot: SqlTemplate = (x = "") =>
  once(
    x,
    (v) =>
      `CASE WHEN ${v} < 0 THEN ${raise("2201F", "cannot take square root of a negative number")} ELSE sqrt(${v}) END`,
  );

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
  operator("^", [FLOAT8, FLOAT8], FLOAT8, partial(floatPower)),
  operator("|/", [FLOAT8], FLOAT8, partial(floatRoot)),
  operator(
    "||/",
    [FLOAT8],
    FLOAT8,
    total((x) => `cbrt(${x})`),
  ),
  ...NUMERIC_ROWS,
];
