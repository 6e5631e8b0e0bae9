// numeric kept as text: the kernel functions behind planner/functions/numeric-emit.ts.

import {
  absolute,
  add,
  ceiling,
  divide,
  floorOf,
  greatestCommonDivisor,
  leastCommonMultiple,
  multiply,
  negate,
  remainder,
  signOf,
  subtract,
  sumAll,
  wholeQuotient,
} from "../../../../planner/functions/value/decimal-arithmetic.ts";
import {
  exponential,
  logarithm,
  naturalLogarithm,
  power,
  squareRoot,
} from "../../../../planner/functions/value/decimal-functions.ts";
import {
  compareDecimals,
  formatDecimal,
  parsePlain,
  round,
  sortKey,
  trimScale,
  truncate,
  type Decimal,
} from "../../../../planner/functions/value/decimal.ts";
import { readValue } from "../../../../planner/functions/input.ts";
import { numeric as decimalType } from "../../../../storage/common/data-type.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import { INTEGER, LIST, VARCHAR } from "../../../../storage/kernel/duckdb.ts";
import { listOf, number, text } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";

function unary(name: string, apply: (a: Decimal) => Decimal): KernelFunction {
  return {
    name: `num_${name}`,
    parameters: [VARCHAR],
    returns: VARCHAR,
    call: (a) => formatDecimal(apply(parsePlain(text(a)))),
  };
}

function binary(
  name: string,
  apply: (a: Decimal, b: Decimal) => Decimal,
): KernelFunction {
  return {
    name: `num_${name}`,
    parameters: [VARCHAR, VARCHAR],
    returns: VARCHAR,
    call: (a, b) =>
      formatDecimal(apply(parsePlain(text(a)), parsePlain(text(b)))),
  };
}

function withDigits(
  name: string,
  apply: (a: Decimal, digits: number) => Decimal,
): KernelFunction {
  return {
    name: `num_${name}`,
    parameters: [VARCHAR, INTEGER],
    returns: VARCHAR,
    call: (a, digits) =>
      formatDecimal(apply(parsePlain(text(a)), number(digits))),
  };
}

/** NULLs are skipped; NULL over none. */
function folded(
  name: string,
  fold: (values: readonly Decimal[]) => Decimal,
): KernelFunction {
  return {
    name: `num_${name}`,
    parameters: [LIST(VARCHAR)],
    returns: VARCHAR,
    call: (list) => {
      const values = listOf(list).filter((item) => item !== null);
      return values.length === 0
        ? null
        : formatDecimal(fold(values.map((item) => parsePlain(text(item)))));
    },
  };
}

function best(sign: 1 | -1): (values: readonly Decimal[]) => Decimal {
  return (values) =>
    values.reduce((a, b) => (compareDecimals(a, b) * sign >= 0 ? a : b));
}

const ZERO_SCALE = 0;
const NO_SETTINGS = { timeZone: "UTC", dateStyle: "ISO, MDY" };

/** numeric to an integer type: rounded half away from zero, 22003 out of range. */
function toInteger(value: Decimal, kind: string): string {
  const type =
    kind === "int8" ? "bigint" : kind === "int4" ? "integer" : "smallint";
  if (value.special !== undefined) {
    const shown = value.special === "NaN" ? "NaN" : "infinity";
    throw new SqlError("0A000", `cannot convert ${shown} to ${type}`);
  }
  const { coefficient } = round(value, ZERO_SCALE);
  const bits = type === "bigint" ? 64 : type === "integer" ? 32 : 16;
  if (BigInt.asIntN(bits, coefficient) !== coefficient) {
    throw new SqlError("22003", `${type} out of range`);
  }
  return coefficient.toString();
}

export const NUMERIC_FUNCTIONS: readonly KernelFunction[] = [
  binary("add", add),
  binary("sub", subtract),
  binary("mul", multiply),
  binary("div", divide),
  binary("mod", remainder),
  binary("quotient", wholeQuotient),
  binary("power", power),
  binary("log", logarithm),
  binary("gcd", greatestCommonDivisor),
  binary("lcm", leastCommonMultiple),
  unary("plus", (a) => a),
  unary("neg", negate),
  unary("abs", absolute),
  unary("sign", (a) =>
    a.special === "NaN" ? a : { coefficient: BigInt(signOf(a)), scale: 0 },
  ),
  unary("ceil", ceiling),
  unary("floor", floorOf),
  unary("sqrt", squareRoot),
  unary("exp", exponential),
  unary("ln", naturalLogarithm),
  unary("log10", (a) => logarithm({ coefficient: 10n, scale: 0 }, a)),
  unary("trim_scale", trimScale),
  unary("whole", (a) => round(a, ZERO_SCALE)),
  withDigits("round", round),
  withDigits("trunc", truncate),
  folded("sum", sumAll),
  folded("greatest", best(1)),
  folded("least", best(-1)),
  {
    name: "num_cmp",
    parameters: [VARCHAR, VARCHAR],
    returns: INTEGER,
    call: (a, b) => compareDecimals(parsePlain(text(a)), parsePlain(text(b))),
  },
  {
    name: "num_fit",
    parameters: [VARCHAR, INTEGER, INTEGER],
    returns: VARCHAR,
    call: (a, precision, scale) =>
      readValue(
        text(a),
        decimalType(number(precision), number(scale)),
        NO_SETTINGS,
      ),
  },
  {
    name: "num_integer",
    parameters: [VARCHAR, VARCHAR],
    returns: VARCHAR,
    call: (a, kind) => toInteger(parsePlain(text(a)), text(kind)),
  },
  {
    name: "num_key",
    parameters: [VARCHAR],
    returns: VARCHAR,
    call: (a) => sortKey(parsePlain(text(a))),
  },
];
