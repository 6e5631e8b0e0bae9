// numeric's four operations, remainder and powers of integers, with the display scales PostgreSQL gives (numeric.c).

import { SqlError } from "../../../storage/common/errors.ts";
import {
  INFINITY,
  NAN,
  NEGATIVE_INFINITY,
  checked,
  compareDecimals,
  divideRounded,
  pow10,
  type Decimal,
} from "./decimal.ts";

const MIN_SIGNIFICANT_DIGITS = 16;
const MAX_DISPLAY_SCALE = 1000;
/** PostgreSQL computes in digits of base 10000: weights count those. */
const DIGITS = 4;

export function negate(value: Decimal): Decimal {
  if (value.special === "NaN") return value;
  if (value.special !== undefined) {
    return value.special === "Infinity" ? NEGATIVE_INFINITY : INFINITY;
  }
  return { coefficient: -value.coefficient, scale: value.scale };
}

export function absolute(value: Decimal): Decimal {
  return signOf(value) < 0 ? negate(value) : value;
}

/** -1, 0, 1; 1 for NaN. */
export function signOf(value: Decimal): number {
  if (value.special !== undefined)
    return value.special === "-Infinity" ? -1 : 1;
  return value.coefficient < 0n ? -1 : value.coefficient > 0n ? 1 : 0;
}

export function add(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined)
    return addSpecial(a, b);
  const scale = Math.max(a.scale, b.scale);
  return checked({
    coefficient:
      a.coefficient * pow10(scale - a.scale) +
      b.coefficient * pow10(scale - b.scale),
    scale,
  });
}

function addSpecial(a: Decimal, b: Decimal): Decimal {
  if (a.special === undefined) return b;
  return b.special === undefined || b.special === a.special ? a : NAN;
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, negate(b));
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined) {
    if (a.special === "NaN" || b.special === "NaN") return NAN;
    const sign = signOf(a) * signOf(b);
    return sign === 0 ? NAN : sign > 0 ? INFINITY : NEGATIVE_INFINITY;
  }
  return checked({
    coefficient: a.coefficient * b.coefficient,
    scale: a.scale + b.scale,
  });
}

function divisionByZero(): SqlError {
  return new SqlError("22012", "division by zero");
}

export function divide(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined)
    return divideSpecial(a, b);
  if (b.coefficient === 0n) throw divisionByZero();
  return checked(divideAt(a, b, divisionScale(a, b)));
}

function divideSpecial(a: Decimal, b: Decimal): Decimal {
  if (a.special === "NaN" || b.special === "NaN") return NAN;
  if (a.special === undefined) return { coefficient: 0n, scale: 0 };
  if (b.special !== undefined) return NAN;
  if (b.coefficient === 0n) throw divisionByZero();
  return signOf(a) * signOf(b) > 0 ? INFINITY : NEGATIVE_INFINITY;
}

/** Rounded half away from zero to `scale`. */
export function divideAt(a: Decimal, b: Decimal, scale: number): Decimal {
  const shift = scale + b.scale - a.scale;
  const coefficient =
    shift >= 0
      ? divideRounded(a.coefficient * pow10(shift), b.coefficient)
      : divideRounded(a.coefficient, b.coefficient * pow10(-shift));
  return { coefficient, scale };
}

/** select_div_scale: at least 16 significant digits, and no fewer decimals than either operand. */
function divisionScale(a: Decimal, b: Decimal): number {
  const left = leading(a);
  const right = leading(b);
  let weight = left.weight - right.weight;
  if (left.digit <= right.digit) weight--;
  const wanted = MIN_SIGNIFICANT_DIGITS - weight * DIGITS;
  return clampScale(Math.max(wanted, a.scale, b.scale));
}

export function clampScale(scale: number): number {
  return Math.min(Math.max(scale, 0), MAX_DISPLAY_SCALE);
}

/** Weight and value of the first base-10000 digit that is not zero; zero has weight 0 and digit 0. */
export function leading(value: Decimal): {
  readonly weight: number;
  readonly digit: number;
} {
  if (value.coefficient === 0n) return { weight: 0, digit: 0 };
  const digits = (
    value.coefficient < 0n ? -value.coefficient : value.coefficient
  ).toString();
  const whole = digits.length - value.scale;
  const weight = Math.ceil(whole / DIGITS) - 1;
  const taken = whole - weight * DIGITS;
  return { weight, digit: Number(digits.slice(0, taken).padEnd(taken, "0")) };
}

/** Sign of the dividend. */
export function remainder(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined) {
    if (a.special === "NaN" || b.special === "NaN") return NAN;
    if (a.special !== undefined) {
      if (b.special === undefined && b.coefficient === 0n)
        throw divisionByZero();
      return NAN;
    }
    return a;
  }
  if (b.coefficient === 0n) throw divisionByZero();
  const scale = Math.max(a.scale, b.scale);
  return {
    coefficient:
      (a.coefficient * pow10(scale - a.scale)) %
      (b.coefficient * pow10(scale - b.scale)),
    scale,
  };
}

/** div(a, b): the whole quotient, toward zero. */
export function wholeQuotient(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined)
    return divideSpecial(a, b);
  if (b.coefficient === 0n) throw divisionByZero();
  const scale = Math.max(a.scale, b.scale);
  return {
    coefficient:
      (a.coefficient * pow10(scale - a.scale)) /
      (b.coefficient * pow10(scale - b.scale)),
    scale: 0,
  };
}

export function ceiling(value: Decimal): Decimal {
  const down = floorOf(value);
  return compareDecimals(down, value) === 0
    ? down
    : add(down, { coefficient: 1n, scale: 0 });
}

export function floorOf(value: Decimal): Decimal {
  if (value.special !== undefined || value.scale === 0) return value;
  const unit = pow10(value.scale);
  const cut = value.coefficient / unit;
  const exact = cut * unit === value.coefficient;
  return {
    coefficient: exact || value.coefficient > 0n ? cut : cut - 1n,
    scale: 0,
  };
}

/** The largest scale of all terms; NaN and infinities as in `add`. */
export function sumAll(values: readonly Decimal[]): Decimal {
  let total: Decimal = { coefficient: 0n, scale: 0 };
  for (const value of values) total = add(total, value);
  return total;
}

export function greatestCommonDivisor(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined) return NAN;
  const scale = Math.max(a.scale, b.scale);
  let x = a.coefficient * pow10(scale - a.scale);
  let y = b.coefficient * pow10(scale - b.scale);
  while (y !== 0n) [x, y] = [y, x % y];
  return { coefficient: x < 0n ? -x : x, scale };
}

export function leastCommonMultiple(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined) return NAN;
  const scale = Math.max(a.scale, b.scale);
  const divisor = greatestCommonDivisor(a, b);
  if (divisor.coefficient === 0n) return { coefficient: 0n, scale };
  const x = a.coefficient * pow10(scale - a.scale);
  const y = b.coefficient * pow10(scale - b.scale);
  return absolute(
    checked({ coefficient: (x / divisor.coefficient) * y, scale }),
  );
}
