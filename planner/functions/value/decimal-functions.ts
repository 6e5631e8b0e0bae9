// sqrt, exp, ln, log and power of numeric. Values are exact to the display scale that numeric.c chooses; the series run in
// fixed point with guard digits.

import { SqlError } from "../../../storage/common/errors.ts";
import {
  INFINITY,
  NAN,
  checked,
  compareDecimals,
  pow10,
  round,
  type Decimal,
} from "./decimal.ts";
import {
  clampScale,
  divideAt,
  leading,
  negate,
  signOf,
} from "./decimal-arithmetic.ts";

const SIGNIFICANT = 16;
const GUARD = 12;
const ONE: Decimal = { coefficient: 1n, scale: 0 };
const LOG10_E = 0.434294481903252;

export function squareRoot(value: Decimal): Decimal {
  if (value.special !== undefined && value.special !== "-Infinity")
    return value;
  if (signOf(value) < 0) {
    throw new SqlError("2201F", "cannot take square root of a negative number");
  }
  const { weight } = leading(value);
  const resultWeight = Math.trunc(((weight + 1) * 4) / 2) - 1;
  const scale = clampScale(Math.max(SIGNIFICANT - resultWeight, value.scale));
  return checked(round(rootAt(value, scale + GUARD), scale));
}

/** The square root at a given scale. */
export function squareRootAt(value: Decimal, scale: number): Decimal {
  return checked(round(rootAt(value, scale + GUARD), scale));
}

function rootAt(value: Decimal, scale: number): Decimal {
  const radicand = value.coefficient * pow10(2 * scale - value.scale);
  return { coefficient: integerRoot(radicand), scale };
}

function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

function toNumber(value: Decimal): number {
  if (value.special !== undefined) return Number(value.special);
  return Number(`${value.coefficient}e${-value.scale}`);
}

export function exponential(value: Decimal): Decimal {
  if (value.special !== undefined) {
    return value.special === "-Infinity"
      ? { coefficient: 0n, scale: 0 }
      : value;
  }
  const approximate = clampWeight(toNumber(value) * LOG10_E);
  if (approximate >= 1000)
    throw new SqlError("22003", "value overflows numeric format");
  const scale = clampScale(
    Math.max(SIGNIFICANT - Math.trunc(approximate), value.scale),
  );
  return checked(round(expAt(value, scale + GUARD), scale));
}

function clampWeight(weight: number): number {
  return Math.min(Math.max(weight, -2000), 2000);
}

/** exp(x) = exp(x / 2^k)^(2^k), Taylor for the small one; digits lost by squaring are added first. */
function expAt(value: Decimal, scale: number): Decimal {
  const size = Math.abs(toNumber(value));
  const halvings = Math.max(0, Math.ceil(Math.log2(Math.max(size, 1e-9))) + 8);
  const work = scale + GUARD + halvings + Math.ceil(size * LOG10_E);
  const one = pow10(work);
  const x = round(value, work).coefficient / 2n ** BigInt(halvings);
  let sum = one;
  let term = one;
  for (let n = 1n; term !== 0n; n++) {
    term = (term * x) / (one * n);
    sum += term;
  }
  for (let i = 0; i < halvings; i++) sum = (sum * sum) / one;
  return round({ coefficient: sum, scale: work }, scale);
}

function checkLogarithm(value: Decimal): void {
  if (value.special !== "NaN" && signOf(value) === 0) {
    throw new SqlError("2201E", "cannot take logarithm of zero");
  }
  if (signOf(value) < 0) {
    throw new SqlError("2201E", "cannot take logarithm of a negative number");
  }
}

export function naturalLogarithm(value: Decimal): Decimal {
  checkLogarithm(value);
  if (value.special !== undefined) return value;
  const scale = clampScale(
    Math.max(SIGNIFICANT - logWeight(value), value.scale),
  );
  return checked(round(lnAt(value, scale + GUARD), scale));
}

/** estimate_ln_dweight: decimal weight of ln(value). */
function logWeight(value: Decimal): number {
  const nearOne =
    compareDecimals(value, { coefficient: 9n, scale: 1 }) >= 0 &&
    compareDecimals(value, { coefficient: 11n, scale: 1 }) <= 0;
  if (nearOne) {
    const rest = {
      coefficient: value.coefficient - pow10(value.scale),
      scale: value.scale,
    };
    if (rest.coefficient === 0n) return 0;
    const { weight, digit } = leading(rest);
    return weight * 4 + Math.trunc(Math.log10(digit));
  }
  const digits = value.coefficient.toString();
  const ln =
    Math.log(Number(digits.slice(0, 17))) +
    (Math.max(digits.length - 17, 0) - value.scale) * Math.LN10;
  return Math.trunc(Math.log10(Math.abs(ln)));
}

/** Square roots bring the value near 1, then the series of atanh. */
function lnAt(value: Decimal, scale: number): Decimal {
  const digits = value.coefficient.toString().length - value.scale;
  const work = scale + 2 * GUARD + Math.abs(digits) + value.scale;
  const one = pow10(work);
  let x = round(value, work + 20).coefficient / pow10(20);
  if (x === 0n) x = 1n;
  let factor = 2n;
  const near = one / 1000n;
  while ((x > one ? x - one : one - x) > near) {
    x = integerRoot(x * one);
    factor *= 2n;
  }
  const z = ((x - one) * one) / (x + one);
  const square = (z * z) / one;
  let sum = z;
  let term = z;
  for (let n = 3n; term !== 0n; n += 2n) {
    term = (term * square) / one;
    sum += term / n;
  }
  return round({ coefficient: sum * factor, scale: work }, scale);
}

/** log(base, value). */
export function logarithm(base: Decimal, value: Decimal): Decimal {
  if (base.special === "NaN" || value.special === "NaN") return NAN;
  checkLogarithm(base);
  checkLogarithm(value);
  if (base.special !== undefined || value.special !== undefined) {
    if (base.special === undefined) return INFINITY;
    return value.special === undefined ? { coefficient: 0n, scale: 0 } : NAN;
  }
  const scale = clampScale(
    Math.max(
      SIGNIFICANT - (logWeight(value) - logWeight(base)),
      base.scale,
      value.scale,
    ),
  );
  const work = scale + 2 * GUARD;
  const divisor = lnAt(base, work);
  if (divisor.coefficient === 0n)
    throw new SqlError("22012", "division by zero");
  return checked(round(divideAt(lnAt(value, work), divisor, work), scale));
}

export function power(base: Decimal, exponent: Decimal): Decimal {
  checkPower(base, exponent);
  const special = powerSpecial(base, exponent);
  if (special !== undefined) return special;
  const whole =
    exponent.coefficient % pow10(exponent.scale) === 0n
      ? exponent.coefficient / pow10(exponent.scale)
      : undefined;
  if (whole !== undefined && whole >= -2147483648n && whole <= 2147483647n) {
    return integerPower(base, Number(whole));
  }
  return realPower(base, exponent);
}

function checkPower(base: Decimal, exponent: Decimal): void {
  if (base.special === "NaN" || exponent.special === "NaN") return;
  if (signOf(base) === 0 && signOf(exponent) < 0) {
    throw new SqlError("2201F", "zero raised to a negative power is undefined");
  }
  const whole =
    exponent.special !== undefined ||
    exponent.coefficient % pow10(exponent.scale) === 0n;
  if (signOf(base) < 0 && !whole) {
    throw new SqlError(
      "2201F",
      "a negative number raised to a non-integer power yields a complex result",
    );
  }
}

const ZERO: Decimal = { coefficient: 0n, scale: 0 };

/** POSIX pow() for NaN and infinities; undefined when both are numbers. */
function powerSpecial(base: Decimal, exponent: Decimal): Decimal | undefined {
  if (base.special === "NaN" || exponent.special === "NaN") {
    const one = compareDecimals(base, ONE) === 0 || signOf(exponent) === 0;
    return one ? ONE : NAN;
  }
  if (exponent.special !== undefined) return toInfinitePower(base, exponent);
  return base.special === undefined
    ? undefined
    : powerOfInfinity(base, exponent);
}

function toInfinitePower(base: Decimal, exponent: Decimal): Decimal {
  const size = compareDecimals(signOf(base) < 0 ? negate(base) : base, ONE);
  if (size === 0) return ONE;
  return size > 0 === signOf(exponent) > 0 ? INFINITY : ZERO;
}

function powerOfInfinity(base: Decimal, exponent: Decimal): Decimal {
  if (signOf(exponent) === 0) return ONE;
  if (signOf(exponent) < 0) return ZERO;
  const odd = (exponent.coefficient / pow10(exponent.scale)) % 2n !== 0n;
  return signOf(base) < 0 && odd ? base : INFINITY;
}

/** power_var_int: sixteen significant digits by the estimated weight of the result. */
function integerPower(base: Decimal, exponent: number): Decimal {
  if (base.coefficient === 0n)
    return round(
      { coefficient: exponent === 0 ? 1n : 0n, scale: 0 },
      clampScale(Math.max(SIGNIFICANT, base.scale)),
    );
  const digits = (
    base.coefficient < 0n ? -base.coefficient : base.coefficient
  ).toString();
  const log10 =
    Math.log10(Number(digits.slice(0, 17))) +
    Math.max(digits.length - 17, 0) -
    base.scale;
  const weight = clampWeight(log10 * exponent);
  if (weight >= 1000)
    throw new SqlError("22003", "value overflows numeric format");
  const scale = clampScale(Math.max(SIGNIFICANT, base.scale));
  if (exponent >= 0 && exponent * base.scale < 4000) {
    return checked(
      round(
        {
          coefficient: base.coefficient ** BigInt(exponent),
          scale: base.scale * exponent,
        },
        scale,
      ),
    );
  }
  if (Math.abs(exponent) * digits.length > 20000)
    return round({ coefficient: 0n, scale: 0 }, scale);
  const denominator = {
    coefficient: base.coefficient ** BigInt(Math.abs(exponent)),
    scale: base.scale * Math.abs(exponent),
  };
  return checked(
    exponent >= 0
      ? round(denominator, scale)
      : divideAt(ONE, denominator, scale),
  );
}

function realPower(base: Decimal, exponent: Decimal): Decimal {
  if (base.coefficient === 0n) return round(base, SIGNIFICANT);
  const weight = clampWeight(toNumber(exponent) * Math.log10(toNumber(base)));
  if (weight >= 1000)
    throw new SqlError("22003", "value overflows numeric format");
  const scale = clampScale(
    Math.max(SIGNIFICANT - Math.trunc(weight), base.scale, exponent.scale),
  );
  const work =
    scale +
    2 * GUARD +
    Math.max(0, Math.ceil(weight)) +
    exponent.coefficient.toString().length;
  const ln = lnAt(base, work);
  const product = round(
    {
      coefficient: ln.coefficient * exponent.coefficient,
      scale: ln.scale + exponent.scale,
    },
    work,
  );
  return checked(round(expAt(product, scale + GUARD), scale));
}
