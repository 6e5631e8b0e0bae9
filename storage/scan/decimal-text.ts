// Exact decimal arithmetic on text, as little as pruning needs: rounding a constant to a column's scale, and its range.

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

export function isExactDecimal(text: string): boolean {
  return DECIMAL.test(text) && /\d/.test(text);
}

/** The greatest decimal with `scale` fraction digits that is not above `text`. */
export function floorDecimal(text: string, scale: number): string {
  const { units, exact } = scaled(text, scale);
  return print(
    !exact && units.negative ? units.value - 1n : units.value,
    scale,
  );
}

/** The least decimal with `scale` fraction digits that is not below `text`. */
export function ceilDecimal(text: string, scale: number): string {
  const { units, exact } = scaled(text, scale);
  return print(exact || units.negative ? units.value : units.value + 1n, scale);
}

/** Whether a decimal of this scale fits DECIMAL(precision, scale), or lies on which side of all its values. */
export function compareToRange(
  text: string,
  precision: number,
  scale: number,
): "inside" | "above" | "below" {
  const { units } = scaled(text, scale);
  const limit = 10n ** BigInt(precision);
  if (units.value >= limit) return "above";
  return units.value <= -limit ? "below" : "inside";
}

interface Scaled {
  /** The value times 10^scale, cut towards zero. */
  readonly units: { readonly value: bigint; readonly negative: boolean };
  readonly exact: boolean;
}

function scaled(text: string, scale: number): Scaled {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    DECIMAL.exec(text) ?? [];
  const negative = sign === "-";
  const shift = scale - fraction.length + Number(exponent);
  const digits = BigInt(`${whole}${fraction}` || "0");
  const power = 10n ** BigInt(Math.abs(shift));
  const magnitude = shift >= 0 ? digits * power : digits / power;
  const exact = shift >= 0 || digits % power === 0n;
  return {
    units: { value: negative ? -magnitude : magnitude, negative },
    exact,
  };
}

function print(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value)
    .toString()
    .padStart(scale + 1, "0");
  const text =
    scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return value < 0n ? `-${text}` : text;
}

/** The values as integers of one common scale, in the same order; all pass `isExactDecimal`. */
export function commonUnits(texts: readonly string[]): readonly bigint[] {
  const scale = texts.reduce(
    (most, text) => Math.max(most, fractionDigits(text)),
    0,
  );
  return texts.map((text) => scaled(text, scale).units.value);
}

function fractionDigits(text: string): number {
  const [, , , fraction = "", exponent = "0"] = DECIMAL.exec(text) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
}
