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
  checked,
  compareDecimals,
  formatDecimal,
  parsePlain,
  round,
  sortKey,
  trimScale,
  truncate,
  type Decimal,
} from "../../../../planner/functions/value/decimal.ts";
import { spread } from "../../../../planner/functions/value/decimal-spread.ts";
import { readValue } from "../../../../planner/functions/input.ts";
import { numeric as decimalType } from "../../../../storage/common/data-type.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import {
  BIGINT,
  DOUBLE,
  INTEGER,
  LIST,
  VARCHAR,
  listValue,
  type DuckDBValue,
} from "../../../../storage/kernel/duckdb.ts";
import { bigint, listOf, number, text } from "./arguments.ts";
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

/** PostgreSQL's NUMERIC_MAX_RESULT_SCALE, on both sides of the point. */
const MOST_DIGITS = 2000;

function bounded(places: number): number {
  return Math.min(Math.max(places, -MOST_DIGITS), MOST_DIGITS);
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
      formatDecimal(apply(parsePlain(text(a)), bounded(number(digits)))),
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

/** Wraps around; only the low bits of `places` count, as on the hardware PostgreSQL runs on. */
function shift(
  value: bigint,
  places: number,
  direction: string,
  kind: string,
): bigint {
  const bits = kind === "int8" ? 64 : 32;
  const by = BigInt(places & (bits - 1));
  const shifted = direction === "<<" ? value << by : value >> by;
  return BigInt.asIntN(kind === "int2" ? 16 : bits, shifted);
}

function decimalsOf(list: DuckDBValue | undefined): readonly Decimal[] {
  return listOf(list)
    .filter((item) => item !== null)
    .map((item) => parsePlain(text(item)));
}

function spreadOf(kind: string, values: readonly Decimal[]): string | null {
  return spread(kind, {
    count: BigInt(values.length),
    sum: sumAll(values),
    squares: sumAll(values.map((value) => multiply(value, value))),
  });
}

/** NULL for NaN and infinities. */
function scaleOf({ special, scale }: Decimal): number | null {
  return special === undefined ? scale : null;
}

function shownAt(value: Decimal, scale: number): Decimal {
  return round(value, Math.max(scale, trimScale(value).scale));
}

function factorial(n: bigint): string {
  if (n < 0n) {
    throw new SqlError("22003", "factorial of a negative number is undefined");
  }
  if (n > 32177n) throw new SqlError("22003", "value overflows numeric format");
  let product = 1n;
  for (let i = 2n; i <= n; i++) product *= i;
  return formatDecimal(checked({ coefficient: product, scale: 0 }));
}

function checkBucket(count: number, equal: boolean): void {
  if (count <= 0) {
    throw new SqlError("2201G", "count must be greater than zero");
  }
  if (equal) {
    throw new SqlError("2201G", "lower bound cannot equal upper bound");
  }
}

function numericBucket(values: readonly Decimal[], count: number): number {
  const [value = ZERO, low = ZERO, high = ZERO] = values;
  if (values.some((item) => item.special === "NaN")) {
    throw new SqlError(
      "2201G",
      "operand, lower bound, and upper bound cannot be NaN",
    );
  }
  checkBucket(count, compareDecimals(low, high) === 0);
  const rising = compareDecimals(low, high) < 0;
  const [from, to] = rising ? [low, high] : [high, low];
  const below = rising
    ? compareDecimals(value, from) < 0
    : compareDecimals(value, to) > 0;
  const above = rising
    ? compareDecimals(value, to) >= 0
    : compareDecimals(value, from) <= 0;
  if (below) return 0;
  if (above) return count + 1;
  const distance = rising ? subtract(value, low) : subtract(low, value);
  const width = rising ? subtract(high, low) : subtract(low, high);
  const scaled = multiply(distance, { coefficient: BigInt(count), scale: 0 });
  return Number(wholeQuotient(scaled, width).coefficient) + 1;
}

function floatBucket(values: readonly number[], count: number): number {
  const [value = 0, low = 0, high = 0] = values;
  if (values.some(Number.isNaN)) {
    throw new SqlError(
      "2201G",
      "operand, lower bound, and upper bound cannot be NaN",
    );
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    throw new SqlError("2201G", "lower and upper bounds must be finite");
  }
  checkBucket(count, low === high);
  const rising = low < high;
  if (rising ? value < low : value > low) return 0;
  if (rising ? value >= high : value <= high) return count + 1;
  return Math.trunc((count * (value - low)) / (high - low)) + 1;
}

function series(from: Decimal, to: Decimal, step: Decimal): readonly string[] {
  const direction = signOf(step);
  if (direction === 0) {
    throw new SqlError("22023", "step size cannot equal zero");
  }
  const scale = Math.max(from.scale, step.scale);
  const values: string[] = [];
  for (
    let at = from;
    compareDecimals(at, to) * direction <= 0;
    at = add(at, step)
  ) {
    if (values.length >= 10_000_000) {
      throw new SqlError("54000", "series is too long");
    }
    values.push(formatDecimal(round(at, scale)));
  }
  return values;
}

function best(sign: 1 | -1): (values: readonly Decimal[]) => Decimal {
  return (values) =>
    values.reduce((a, b) => (compareDecimals(a, b) * sign >= 0 ? a : b));
}

const ZERO_SCALE = 0;
const ZERO: Decimal = { coefficient: 0n, scale: 0 };
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

function boundAt(
  value: Decimal,
  nearest: string,
  { digits, scale }: { readonly digits: number; readonly scale: number },
): Decimal {
  const last = { coefficient: 10n ** BigInt(digits) - 1n, scale };
  if (value.special === "-Infinity") return negate(last);
  if (value.special !== undefined) return last;
  const cut = truncate(value, scale);
  const order = compareDecimals(cut, value);
  if (nearest === "same" && order !== 0) return last;
  const step = { coefficient: 1n, scale };
  let bound = cut;
  if (nearest === "down" && order > 0) bound = subtract(cut, step);
  if (nearest === "up" && order < 0) bound = add(cut, step);
  if (compareDecimals(bound, last) > 0) return last;
  return compareDecimals(bound, negate(last)) < 0 ? negate(last) : bound;
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
    name: "num_variance",
    parameters: [VARCHAR, BIGINT, VARCHAR, VARCHAR],
    returns: VARCHAR,
    call: (kind, count, sum, squares) =>
      spread(text(kind), {
        count: bigint(count),
        sum: parsePlain(text(sum)),
        squares: parsePlain(text(squares)),
      }),
  },
  {
    name: "num_spread",
    parameters: [VARCHAR, LIST(VARCHAR)],
    returns: VARCHAR,
    call: (kind, list) => spreadOf(text(kind), decimalsOf(list)),
  },
  {
    name: "num_series",
    parameters: [VARCHAR, VARCHAR, VARCHAR],
    returns: LIST(VARCHAR),
    call: (from, to, step) =>
      listValue([
        ...series(
          parsePlain(text(from)),
          parsePlain(text(to)),
          parsePlain(text(step)),
        ),
      ]),
  },
  {
    name: "num_scale",
    parameters: [VARCHAR],
    returns: INTEGER,
    call: (a) => scaleOf(parsePlain(text(a))),
  },
  {
    name: "num_factorial",
    parameters: [BIGINT],
    returns: VARCHAR,
    call: (n) => factorial(bigint(n)),
  },
  {
    name: "num_bucket",
    parameters: [VARCHAR, VARCHAR, VARCHAR, INTEGER],
    returns: INTEGER,
    call: (value, low, high, count) =>
      numericBucket(
        [value, low, high].map((item) => parsePlain(text(item))),
        number(count),
      ),
  },
  {
    name: "float8_bucket",
    parameters: [DOUBLE, DOUBLE, DOUBLE, INTEGER],
    returns: INTEGER,
    call: (value, low, high, count) =>
      floatBucket([number(value), number(low), number(high)], number(count)),
  },
  {
    name: "int_shift",
    parameters: [BIGINT, INTEGER, VARCHAR, VARCHAR],
    returns: BIGINT,
    call: (value, places, direction, kind) =>
      shift(bigint(value), number(places), text(direction), text(kind)),
  },
  {
    name: "num_cmp",
    parameters: [VARCHAR, VARCHAR],
    returns: INTEGER,
    call: (a, b) => compareDecimals(parsePlain(text(a)), parsePlain(text(b))),
  },
  {
    // What stands for a number among DECIMAL(precision, scale): the nearest not above ("down"), not below ("up"), or the "same"; and
    // the outermost of them where that does not exist.
    name: "num_bound",
    parameters: [VARCHAR, INTEGER, INTEGER, VARCHAR],
    returns: VARCHAR,
    call: (a, precision, scale, nearest) =>
      formatDecimal(
        boundAt(parsePlain(text(a)), text(nearest), {
          digits: number(precision),
          scale: number(scale),
        }),
      ),
  },
  {
    // With this many digits after the point, and with more where they are not zeros.
    name: "num_show",
    parameters: [VARCHAR, INTEGER],
    returns: VARCHAR,
    call: (a, scale) =>
      formatDecimal(shownAt(parsePlain(text(a)), number(scale))),
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
