// Variance and standard deviation of numeric from exact sums, as numeric_stddev_internal in numeric.c.

import { NAN, formatDecimal, pow10, type Decimal } from "./decimal.ts";
import { divide } from "./decimal-arithmetic.ts";
import { squareRootAt } from "./decimal-functions.ts";

export interface Sums {
  readonly count: bigint;
  readonly sum: Decimal;
  readonly squares: Decimal;
}

/** `kind` is var_pop, var_samp, stddev_pop or stddev_samp; NULL with too few values. */
export function spread(
  kind: string,
  { count, sum, squares }: Sums,
): string | null {
  const sample = kind.endsWith("samp");
  if (count === 0n || (sample && count === 1n)) return null;
  if (sum.special !== undefined || squares.special !== undefined) {
    return formatDecimal(NAN);
  }
  // N * sum of squares - (sum)^2, over N * N or N * (N - 1).
  const scale = Math.max(squares.scale, 2 * sum.scale);
  const numerator =
    count * squares.coefficient * pow10(scale - squares.scale) -
    sum.coefficient * sum.coefficient * pow10(scale - 2 * sum.scale);
  if (numerator <= 0n) return "0";
  const denominator = count * (sample ? count - 1n : count);
  const variance = divide(
    { coefficient: numerator, scale },
    { coefficient: denominator, scale: 0 },
  );
  return formatDecimal(
    kind.startsWith("stddev")
      ? squareRootAt(variance, variance.scale)
      : variance,
  );
}
