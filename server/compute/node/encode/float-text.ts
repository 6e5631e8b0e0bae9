// Floating point as PostgreSQL writes it: the shortest text that reads back as the same value (extra_float_digits above 0),
// or %g with a fixed number of digits.

import { rounded, shortest, type FloatWidth } from "./shortest-float.ts";

/** Significant decimal digits every value keeps: FLT_DIG and DBL_DIG. From that exponent on, E notation. */
const DIGITS = { 4: 6, 8: 15 } as const;

/** @param extraDigits extra_float_digits, -15 to 3 */
export function formatFloat(
  value: number,
  width: FloatWidth,
  extraDigits: number,
): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === Infinity) return "Infinity";
  if (value === -Infinity) return "-Infinity";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  if (extraDigits > 0) return layOut(shortest(value, width), DIGITS[width]);
  const precision = Math.max(1, DIGITS[width] + extraDigits);
  return layOut(rounded(value, precision), precision);
}

/** `-1.2340e+5` with trailing zeros to plain notation, or to E notation from exponent `limit` on and below -4. */
function layOut(text: string, limit: number): string {
  const negative = text.startsWith("-");
  const mark = text.indexOf("e");
  const exponent = Number(text.slice(mark + 1));
  const digits = text
    .slice(negative ? 1 : 0, mark)
    .replace(".", "")
    .replace(/0+$/, "");
  const body =
    exponent < -4 || exponent >= limit
      ? scientific(digits, exponent)
      : plain(digits, exponent);
  return negative ? `-${body}` : body;
}

function scientific(digits: string, exponent: number): string {
  const mantissa =
    digits.length > 1 ? `${digits.slice(0, 1)}.${digits.slice(1)}` : digits;
  const magnitude = String(Math.abs(exponent)).padStart(2, "0");
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${magnitude}`;
}

/** Digits with the point behind the one of weight 10^exponent, without an exponent of any size. */
function plain(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = digits.slice(exponent + 1);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** As a JSON number: what `to_jsonb` makes of it by way of numeric, so never E notation. NaN and infinities are strings there. */
export function formatFloatJson(value: number, width: FloatWidth): string {
  if (!Number.isFinite(value)) return `"${formatFloat(value, width, 1)}"`;
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const text = shortest(value, width);
  const negative = text.startsWith("-");
  const mark = text.indexOf("e");
  const digits = text
    .slice(negative ? 1 : 0, mark)
    .replace(".", "")
    .replace(/0+$/, "");
  return `${negative ? "-" : ""}${plain(digits, Number(text.slice(mark + 1)))}`;
}
