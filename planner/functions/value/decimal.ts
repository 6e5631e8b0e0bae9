// Exact decimal numbers of PostgreSQL's numeric: a coefficient and a display scale, or one of the three special values.
// Reading, writing, rounding, comparing; arithmetic is in decimal-arithmetic.ts, roots and logarithms in decimal-functions.ts.

import { SqlError } from "../../../storage/common/errors.ts";

export interface Decimal {
  /** The value is `coefficient / 10^scale`. */
  readonly coefficient: bigint;
  /** Digits after the point, zero or more. */
  readonly scale: number;
  readonly special?: "NaN" | "Infinity" | "-Infinity";
}

export const NAN: Decimal = { coefficient: 0n, scale: 0, special: "NaN" };
export const INFINITY: Decimal = {
  coefficient: 0n,
  scale: 0,
  special: "Infinity",
};
export const NEGATIVE_INFINITY: Decimal = {
  coefficient: 0n,
  scale: 0,
  special: "-Infinity",
};

const POWERS: readonly bigint[] = Array.from(
  { length: 80 },
  (_, i) => 10n ** BigInt(i),
);

export function pow10(exponent: number): bigint {
  return POWERS[exponent] ?? 10n ** BigInt(exponent);
}

/** The most digits a value may have: contract.md section 4. */
const MAX_DIGITS = 38;

/** Text as `formatDecimal` writes it; no spaces, no exponent. */
export function parsePlain(text: string): Decimal {
  const point = text.indexOf(".");
  if (point >= 0) {
    return {
      coefficient: BigInt(text.slice(0, point) + text.slice(point + 1)),
      scale: text.length - point - 1,
    };
  }
  const last = text.charCodeAt(text.length - 1);
  if (last >= 48 && last <= 57) return { coefficient: BigInt(text), scale: 0 };
  return text === "NaN"
    ? NAN
    : text === "Infinity"
      ? INFINITY
      : NEGATIVE_INFINITY;
}

const INPUT =
  /^[ \t\n\r\f\v]*([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?[ \t\n\r\f\v]*$/;
const SPECIAL = /^\s*(?:(nan)|([+-]?)(inf|infinity))\s*$/i;

/** PostgreSQL's numeric input: 22P02 for what is no number, 22003 beyond 20000 digits: only computing is held to 38. */
export function readDecimal(text: string): Decimal {
  const match = INPUT.exec(text);
  if (match === null) return readSpecial(text);
  const [, sign = "", whole = "", after, leading, exponent = "0"] = match;
  const fraction = after ?? leading ?? "";
  const shift = Number(exponent);
  if (Math.abs(shift) > 20000) throw overflow();
  const digits = BigInt(`${whole}${fraction}` || "0");
  const scale = fraction.length - shift;
  const coefficient = scale < 0 ? digits * pow10(-scale) : digits;
  return {
    coefficient: sign === "-" ? -coefficient : coefficient,
    scale: Math.max(scale, 0),
  };
}

function readSpecial(text: string): Decimal {
  const match = SPECIAL.exec(text);
  if (match === null) {
    throw new SqlError(
      "22P02",
      `invalid input syntax for type numeric: "${text}"`,
    );
  }
  if (match[1] !== undefined) return NAN;
  return match[2] === "-" ? NEGATIVE_INFINITY : INFINITY;
}

export function formatDecimal(value: Decimal): string {
  if (value.special !== undefined) return value.special;
  const { coefficient, scale } = value;
  if (scale === 0) return coefficient.toString();
  const negative = coefficient < 0n;
  const digits = (negative ? -coefficient : coefficient)
    .toString()
    .padStart(scale + 1, "0");
  const cut = digits.length - scale;
  return `${negative ? "-" : ""}${digits.slice(0, cut)}.${digits.slice(cut)}`;
}

function overflow(): SqlError {
  return new SqlError("22003", "value overflows numeric format");
}

/** 22003 when the number needs more than 38 digits: it is never rounded to fit. */
export function checked(value: Decimal): Decimal {
  const { coefficient, scale } = value;
  const bound = pow10(MAX_DIGITS);
  if (coefficient < bound && coefficient > -bound && scale <= MAX_DIGITS)
    return value;
  const trimmed = trimScale(value);
  if (
    trimmed.coefficient < bound &&
    trimmed.coefficient > -bound &&
    trimmed.scale <= MAX_DIGITS
  ) {
    return value;
  }
  throw overflow();
}

/** Half away from zero, as PostgreSQL rounds numeric. A negative scale rounds before the point and gives scale 0. */
export function round(value: Decimal, scale: number): Decimal {
  if (value.special !== undefined) return value;
  if (scale >= value.scale) {
    return {
      coefficient: value.coefficient * pow10(scale - value.scale),
      scale,
    };
  }
  const unit = pow10(value.scale - scale);
  const coefficient = divideRounded(value.coefficient, unit);
  return scale >= 0
    ? { coefficient, scale }
    : { coefficient: coefficient * pow10(-scale), scale: 0 };
}

/** Toward zero. */
export function truncate(value: Decimal, scale: number): Decimal {
  if (value.special !== undefined || scale >= value.scale) {
    return value.special !== undefined ? value : round(value, scale);
  }
  const coefficient = value.coefficient / pow10(value.scale - scale);
  return scale >= 0
    ? { coefficient, scale }
    : { coefficient: coefficient * pow10(-scale), scale: 0 };
}

export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const rest = dividend - quotient * divisor;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice < (divisor < 0n ? -divisor : divisor)) return quotient;
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n;
}

/** Without zeros at the end of the fraction. */
export function trimScale(value: Decimal): Decimal {
  let { coefficient, scale } = value;
  while (scale > 0 && coefficient % 10n === 0n) {
    coefficient /= 10n;
    scale--;
  }
  return { ...value, coefficient, scale };
}

const SPECIAL_RANK = { "-Infinity": -1, Infinity: 1, NaN: 2 } as const;

/** -1, 0 or 1; NaN is equal to itself and above everything. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.special !== undefined || b.special !== undefined) {
    const left = a.special === undefined ? 0 : SPECIAL_RANK[a.special];
    const right = b.special === undefined ? 0 : SPECIAL_RANK[b.special];
    return Math.sign(left - right);
  }
  const scale = Math.max(a.scale, b.scale);
  const left = a.coefficient * pow10(scale - a.scale);
  const right = b.coefficient * pow10(scale - b.scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Text whose byte order is the order of the numbers and that is equal for equal numbers, whatever their scales:
 * class letter, biased exponent, digits; for negative numbers the complement of both.
 */
export function sortKey(value: Decimal): string {
  if (value.special !== undefined) {
    return value.special === "NaN"
      ? "F"
      : value.special === "Infinity"
        ? "E"
        : "A";
  }
  if (value.coefficient === 0n) return "C";
  const negative = value.coefficient < 0n;
  const digits = (negative ? -value.coefficient : value.coefficient).toString();
  const exponent = digits.length - value.scale + 50000;
  const significant = digits.replace(/0+$/, "");
  if (!negative) return `D${exponent}${significant}`;
  const complement = significant.replace(/\d/g, (digit) =>
    String(9 - Number(digit)),
  );
  return `B${99999 - exponent}${complement}~`;
}
