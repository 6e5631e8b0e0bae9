// Covers a long list of constants with a few ranges, so that an IN of thousands of keys stays a short condition.

import type { Scalar } from "../common/scalar.ts";
import { compareDecimals, isExactDecimal } from "./decimal-text.ts";

/** At most `count` ranges [low, high], in order, that together hold every value. Undefined when the values have no plain order here. */
export function coveringRanges(
  values: readonly Scalar[],
  count: number,
): readonly (readonly [Scalar, Scalar])[] | undefined {
  const kind = values[0]?.type.kind;
  if (kind === undefined || values.some((value) => value.type.kind !== kind))
    return undefined;
  const order = orderOf(
    kind,
    values.map((value) => value.text ?? ""),
  );
  if (order === undefined) return undefined;
  const sorted = [...values].sort((a, b) => order(a.text ?? "", b.text ?? ""));
  const size = Math.ceil(sorted.length / count);
  const ranges: (readonly [Scalar, Scalar])[] = [];
  for (let from = 0; from < sorted.length; from += size) {
    const low = sorted[from];
    const high = sorted[Math.min(from + size, sorted.length) - 1];
    if (low !== undefined && high !== undefined) ranges.push([low, high]);
  }
  return ranges;
}

type Order = (a: string, b: string) => number;

function orderOf(
  kind: Scalar["type"]["kind"],
  texts: readonly string[],
): Order | undefined {
  switch (kind) {
    case "int1":
    case "int2":
    case "int4":
    case "int8":
    case "numeric":
      return texts.every(isExactDecimal) ? compareDecimals : undefined;
    case "text":
    case "varchar":
    case "uuid":
      return (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
    case "date":
    case "timestamp":
    case "timestamptz":
      // Text order is time order only for years of four digits.
      return texts.every((text) => /^\d{4}-[^B]*$/.test(text))
        ? (a, b) => (a < b ? -1 : a > b ? 1 : 0)
        : undefined;
    default:
      return undefined;
  }
}
