// Covers a long list of constants with a few ranges, so that an IN of thousands of keys stays a short condition.

import type { Scalar } from "../common/scalar.ts";
import { commonUnits, isExactDecimal } from "./decimal-text.ts";

export type Range = readonly [low: Scalar, high: Scalar];

/** At most `count` ranges, in order, that together hold every value. Undefined when the values have no plain order here. */
export function coveringRanges(
  values: readonly Scalar[],
  count: number,
): readonly Range[] | undefined {
  const kind = values[0]?.type.kind;
  if (kind === undefined || values.some((value) => value.type.kind !== kind))
    return undefined;
  const texts = values.map((value) => value.text ?? "");
  if (EXACT.has(kind))
    return texts.every(isExactDecimal)
      ? numberRanges(values, count)
      : undefined;
  if (TEXTS.has(kind))
    return evenRanges(values, count, (a, b) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
    );
  // Text order is time order only for years of four digits.
  if (!TIMES.has(kind) || !texts.every((text) => /^\d{4}-[^B]*$/.test(text)))
    return undefined;
  return evenRanges(values, count, (a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

const EXACT: ReadonlySet<string> = new Set([
  "int1",
  "int2",
  "int4",
  "int8",
  "numeric",
]);
const TEXTS: ReadonlySet<string> = new Set(["text", "varchar", "uuid"]);
const TIMES: ReadonlySet<string> = new Set([
  "date",
  "timestamp",
  "timestamptz",
]);

/** Ranges that leave out the widest gaps between the values. */
function numberRanges(
  values: readonly Scalar[],
  count: number,
): readonly Range[] {
  const units = commonUnits(values.map((value) => value.text ?? ""));
  const sorted = values
    .map((value, index) => ({ value, unit: units[index] ?? 0n }))
    .sort((a, b) => (a.unit < b.unit ? -1 : a.unit > b.unit ? 1 : 0));
  const gaps = sorted.slice(1).map((item, index) => ({
    start: index + 1,
    width: item.unit - (sorted[index]?.unit ?? 0n),
  }));
  gaps.sort((a, b) => (a.width > b.width ? -1 : a.width < b.width ? 1 : 0));
  const starts = [0, ...gaps.slice(0, count - 1).map((gap) => gap.start)].sort(
    (a, b) => a - b,
  );
  return rangesFrom(
    sorted.map((item) => item.value),
    starts,
  );
}

/** Ranges of as many values each, for kinds without a distance. */
function evenRanges(
  values: readonly Scalar[],
  count: number,
  order: (a: string, b: string) => number,
): readonly Range[] {
  const sorted = [...values].sort((a, b) => order(a.text ?? "", b.text ?? ""));
  const size = Math.ceil(sorted.length / count);
  const starts = Array.from(
    { length: Math.ceil(sorted.length / size) },
    (_, index) => index * size,
  );
  return rangesFrom(sorted, starts);
}

function rangesFrom(
  sorted: readonly Scalar[],
  starts: readonly number[],
): readonly Range[] {
  return starts.flatMap((start, index): readonly Range[] => {
    const low = sorted[start];
    const high = sorted[(starts[index + 1] ?? sorted.length) - 1];
    return low === undefined || high === undefined ? [] : [[low, high]];
  });
}
