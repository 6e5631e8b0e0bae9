// Exact decimals as text: enough arithmetic to turn `x * 3 > 10` into a bound on x. No precision limit.

interface Decimal {
  /** The value times ten to the power of `scale`. */
  readonly digits: bigint;
  readonly scale: number;
}

/** Undefined for NaN, infinities and texts with an exponent. */
function read(text: string): Decimal | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/u.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = ""] = match;
  const digits = BigInt(whole + fraction);
  return { digits: sign === "-" ? -digits : digits, scale: fraction.length };
}

function print({ digits, scale }: Decimal): string {
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0");
  const fraction = text.slice(text.length - scale).replace(/0+$/u, "");
  const whole = text.slice(0, text.length - scale);
  return `${digits < 0n ? "-" : ""}${whole}${scale === 0 || fraction === "" ? "" : `.${fraction}`}`;
}

function scaled({ digits, scale }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - scale);
}

/** `a + b`, or `a - b`; undefined when a side is no plain decimal. */
export function addDecimals(
  a: string,
  b: string,
  sign: 1n | -1n,
): string | undefined {
  const [left, right] = [read(a), read(b)];
  if (left === undefined || right === undefined) return undefined;
  const scale = Math.max(left.scale, right.scale);
  const digits = scaled(left, scale) + sign * scaled(right, scale);
  return print({ digits, scale });
}

export function multiplyDecimals(a: string, b: string): string | undefined {
  const [left, right] = [read(a), read(b)];
  if (left === undefined || right === undefined) return undefined;
  return print({
    digits: left.digits * right.digits,
    scale: left.scale + right.scale,
  });
}

/** Digits of a quotient after the point. */
const QUOTIENT_SCALE = 12;

/** `a / b` rounded down and up; the same text twice when it is exact. Undefined when `b` is zero. */
export function divideDecimals(
  a: string,
  b: string,
): { readonly floor: string; readonly ceil: string } | undefined {
  const [left, right] = [read(a), read(b)];
  if (left === undefined || right === undefined || right.digits === 0n)
    return undefined;
  const scale = Math.max(left.scale, right.scale);
  const numerator = scaled(left, scale) * 10n ** BigInt(QUOTIENT_SCALE);
  const denominator = scaled(right, scale);
  const quotient = numerator / denominator;
  const rest = numerator % denominator;
  const isNegative = rest !== 0n && rest < 0n !== denominator < 0n;
  const floor = isNegative ? quotient - 1n : quotient;
  return {
    floor: print({ digits: floor, scale: QUOTIENT_SCALE }),
    ceil: print({
      digits: rest === 0n ? floor : floor + 1n,
      scale: QUOTIENT_SCALE,
    }),
  };
}

/** -1, 0 or 1; undefined when the text is no plain decimal. */
export function signOf(text: string): -1 | 0 | 1 | undefined {
  const value = read(text);
  if (value === undefined) return undefined;
  return value.digits < 0n ? -1 : value.digits > 0n ? 1 : 0;
}

/** The greatest whole number not above. */
export function floorOf(text: string): bigint | undefined {
  const floor = divideDecimals(text, "1");
  const value = floor && read(floor.floor);
  if (value === undefined) return undefined;
  const unit = 10n ** BigInt(value.scale);
  const whole = value.digits / unit;
  return value.digits < 0n && whole * unit !== value.digits
    ? whole - 1n
    : whole;
}
