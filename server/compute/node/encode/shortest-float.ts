// The shortest decimal of a float, in E notation, by PostgreSQL's rules (its Ryu): strictly between the points halfway to the
// neighbours, the closest of that length, the even one of two. JavaScript differs where a halfway point itself is shorter.

/** Bytes: float4 or float8. */
export type FloatWidth = 4 | 8;

interface Format {
  /** Digits that tell all values apart. */
  readonly digits: number;
  /** From here on halfway points are integers, so that short decimals can hit them. */
  readonly integers: number;
  readonly mantissaBits: number;
}

const FORMATS: Readonly<Record<FloatWidth, Format>> = {
  4: { digits: 9, integers: 2 ** 24, mantissaBits: 24 },
  8: { digits: 17, integers: 2 ** 53, mantissaBits: 53 },
};

/** @param value finite, not zero */
export function shortest(value: number, width: FloatWidth): string {
  const { digits, integers } = FORMATS[width];
  const magnitude = Math.abs(value);
  const sign = value < 0 ? "-" : "";
  if (width === 8 && magnitude < integers) return value.toExponential();
  for (let count = firstCount(magnitude, width); count < digits; count++) {
    for (const text of candidates(magnitude, count)) {
      if (isInside(text, magnitude, width)) return sign + text;
    }
  }
  return sign + rounded(magnitude, digits);
}

/** Every decimal of 6 digits survives a normal float4, so its shortest form needs no fewer once zeros are cut. */
function firstCount(magnitude: number, width: FloatWidth): number {
  if (width === 4) return magnitude < 1.1754943508222875e-38 ? 1 : 6;
  const text = magnitude.toExponential();
  return text.indexOf("e") - (text.includes(".") ? 1 : 0);
}

/** The closest decimal of so many digits, and the one above, which can be inside where the gap below is the smaller (at powers of two). */
function candidates(magnitude: number, count: number): readonly string[] {
  const closest = rounded(magnitude, count);
  return [closest, next(closest)];
}

/** Rounds half to even, as C does; `toExponential` rounds half up. */
export function rounded(value: number, digits: number): string {
  const text = value.toExponential(digits - 1);
  const exact = value.toExponential(Math.min(100, digits + 30));
  const mark = exact.indexOf("e");
  const rest = exact.slice(0, mark).replace(/[-.]/g, "").slice(digits);
  const last = text.charCodeAt(text.indexOf("e") - 1) - 48;
  if (!/^50*$/.test(rest) || last % 2 === 0) return text;
  // Rounded up to an odd digit: the even one is below.
  const end = text.indexOf("e") - 1;
  return `${text.slice(0, end)}${last - 1}${text.slice(end + 1)}`;
}

/** `1.29e+5` to `1.30e+5`. */
function next(text: string): string {
  const mark = text.indexOf("e");
  const digits = text.slice(0, mark).replace(".", "");
  const raised = String(BigInt(digits) + 1n);
  const carried = raised.length - digits.length;
  const exponent = Number(text.slice(mark + 1)) + carried;
  const kept = raised.slice(0, digits.length);
  const mantissa =
    kept.length > 1 ? `${kept.slice(0, 1)}.${kept.slice(1)}` : kept;
  return `${mantissa}e${exponent < 0 ? "" : "+"}${exponent}`;
}

function isInside(text: string, magnitude: number, width: FloatWidth): boolean {
  const read = width === 4 ? Math.fround(Number(text)) : Number(text);
  if (read !== magnitude) return false;
  const { integers, mantissaBits } = FORMATS[width];
  if (magnitude < integers) return true;
  // Both are integers here: the gap to the halfway point is half a unit in the last place, a quarter below a power of two.
  const value = BigInt(magnitude);
  const unit = 2n ** BigInt(value.toString(2).length - mantissaBits);
  const distance = decimalInteger(text) - value;
  const below = value === 2n ** BigInt(value.toString(2).length - 1) ? 4n : 2n;
  return distance < 0n ? -distance * below < unit : distance * 2n < unit;
}

function decimalInteger(text: string): bigint {
  const mark = text.indexOf("e");
  const digits = text.slice(0, mark).replace(".", "");
  const zeros = Number(text.slice(mark + 1)) - digits.length + 1;
  return zeros >= 0
    ? BigInt(digits) * 10n ** BigInt(zeros)
    : BigInt(digits) / 10n ** BigInt(-zeros);
}
