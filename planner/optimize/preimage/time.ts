// Monotone functions of dates and timestamps: casts among them, truncation, parts, and the calendar's arithmetic. Computed on
// microseconds; what depends on the session's zone is bounded by the offsets in force nearby.

import {
  DATE,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../../../storage/common/data-type.ts";
import type { CompareOperator } from "../../../storage/scan/predicate.ts";
import type { Expression, Literal } from "../../logical/expression.ts";
import { FLIPPED } from "../comparison.ts";
import {
  addInterval,
  floorDivide,
  formatDate,
  formatTimestamp,
  negateInterval,
  parseDate,
  parseInterval,
  parseTimestamp,
  type IntervalParts,
} from "../temporal.ts";
import { MICROS_PER_DAY } from "../../functions/value/calendar.ts";
import { edgesOf, type Bounds, type Edges } from "./bounds.ts";
import { floorOf } from "./decimal.ts";
import { periodOf } from "./units.ts";
import { offsetsNear } from "./zone.ts";

export type TimeKind = "date" | "timestamp" | "timestamptz";

export function timeKind({ type }: Expression): TimeKind | undefined {
  const { kind } = type;
  return kind === "date" || kind === "timestamp" || kind === "timestamptz"
    ? kind
    : undefined;
}

/** A bound on a wall clock (date, timestamp) or an instant, in microseconds. */
export interface TimeBound {
  readonly operator: CompareOperator;
  readonly micros: bigint;
}

/** Undefined for NULL and infinities. */
export function microsOf(literal: Literal): bigint | undefined {
  const text = literal.value ?? "";
  if (timeKind(literal) !== "date") return parseTimestamp(text);
  const days = parseDate(text);
  return days === undefined ? undefined : days * MICROS_PER_DAY;
}

/** `operand` within the bounds, said in its own type: a day is compared with a moment by the moment's day. */
export function timeBounds(
  operand: Expression,
  bounds: readonly TimeBound[],
): Bounds | undefined {
  const kind = timeKind(operand);
  const said = bounds.flatMap((bound) => {
    if (kind !== "date")
      return [
        {
          operator: bound.operator,
          value: timeLiteral(kind ?? "timestamp", bound.micros),
        },
      ];
    const days = floorDivide(bound.micros, MICROS_PER_DAY);
    const isMidnight = days * MICROS_PER_DAY === bound.micros;
    const operator = isMidnight
      ? bound.operator
      : AFTER_MIDNIGHT[bound.operator];
    const value = timeLiteral(kind, bound.micros);
    return operator === undefined ? [] : [{ operator, value }];
  });
  return said.length === 0 ? undefined : { operand, bounds: said };
}

/** What a day that compares so with a moment after midnight says of the moment's day. */
const AFTER_MIDNIGHT: Partial<Record<CompareOperator, CompareOperator>> = {
  "<": "<=",
  "<=": "<=",
  ">": ">",
  ">=": ">",
};

/** A date by its day. */
export function timeLiteral(kind: TimeKind, micros: bigint): Literal {
  switch (kind) {
    case "date": {
      const days = floorDivide(micros, MICROS_PER_DAY);
      return { kind: "literal", type: DATE, value: formatDate(days) };
    }
    case "timestamp": {
      const value = formatTimestamp(micros, "");
      return { kind: "literal", type: TIMESTAMP, value };
    }
    case "timestamptz": {
      const value = formatTimestamp(micros, "+00");
      return { kind: "literal", type: TIMESTAMPTZ, value };
    }
  }
}

/** Bounds on wall clocks as bounds on the instants they may belong to; `<>` is lost where the offset is not fixed. */
export function asInstants(
  bounds: readonly TimeBound[],
  zone: string,
): readonly TimeBound[] {
  return shiftedBy(bounds, ({ micros }) => {
    const { least, most } = offsetsNear(zone, micros);
    return { low: micros - most, high: micros - least };
  });
}

/** Bounds on instants as bounds on their wall clocks. */
export function asWalls(
  bounds: readonly TimeBound[],
  zone: string,
): readonly TimeBound[] {
  return shiftedBy(bounds, ({ micros }) => {
    const { least, most } = offsetsNear(zone, micros);
    return { low: micros + least, high: micros + most };
  });
}

function shiftedBy(
  bounds: readonly TimeBound[],
  shift: (bound: TimeBound) => { readonly low: bigint; readonly high: bigint },
): readonly TimeBound[] {
  return bounds.flatMap((bound): readonly TimeBound[] => {
    const { low, high } = shift(bound);
    if (low === high) return [{ ...bound, micros: low }];
    const { operator } = bound;
    const edges: Edges<TimeBound> = {
      atLeast: { operator: ">=", micros: low },
      atMost: { operator: "<=", micros: high },
    };
    return edgesOf(operator, edges) ?? [];
  });
}

/** `start of the unit(x) operator moment`. */
export function untruncated(
  unit: string,
  { operator, micros }: TimeBound,
): readonly TimeBound[] {
  const period = periodOf(unit, micros);
  if (period === undefined) return [];
  const { start, end } = period;
  const isStart = start === micros;
  const from = (edge: bigint): TimeBound => ({ operator: ">=", micros: edge });
  const before = (edge: bigint): TimeBound => ({ operator: "<", micros: edge });
  const edges: Edges<TimeBound> = {
    atLeast: from(isStart ? start : end),
    above: from(end),
    atMost: before(end),
    below: before(isStart ? start : end),
  };
  return edgesOf(operator, edges) ?? [];
}

const MIN_YEAR = 1n;
const MAX_YEAR = 9998n;

/** `year of x operator number`. */
export function yearBounds(
  operator: CompareOperator,
  number: string,
): readonly TimeBound[] {
  const floor = floorOf(number);
  if (floor === undefined || floor < MIN_YEAR || floor > MAX_YEAR) return [];
  const start = parseDate(`${String(floor).padStart(4, "0")}-01-01`);
  if (start === undefined) return [];
  // A number between two years compares as a moment within the earlier one does.
  const isWhole = /^\d+(?:\.0*)?$/u.test(number);
  const micros = start * MICROS_PER_DAY + (isWhole ? 0n : 1n);
  return untruncated("year", { operator, micros });
}

/** `seconds since 1970 of x operator number`, with a second to spare for fractions and the rounding of floats. */
export function epochBounds(
  operator: CompareOperator,
  number: string,
): readonly TimeBound[] {
  const seconds = floorOf(number);
  if (seconds === undefined) return [];
  const edges: Edges<TimeBound> = {
    atLeast: { operator: ">=", micros: (seconds - 1n) * 1_000_000n },
    atMost: { operator: "<=", micros: (seconds + 2n) * 1_000_000n },
  };
  return edgesOf(operator, edges) ?? [];
}

/** Month ends are clipped on the way there and back: by at most three days each time. */
const CLIPPED = 7n * MICROS_PER_DAY;
/** Days and months of an instant are counted on its zone's wall clock, which may jump by up to a day. */
const JUMP = 2n * MICROS_PER_DAY;

/** `x ± interval operator moment`. */
export function beforeInterval(
  sign: "+" | "-",
  interval: Literal,
  bound: TimeBound,
  isInstant: boolean,
): readonly TimeBound[] {
  const parts = parseInterval(interval.value ?? "");
  if (parts === undefined) return [];
  const back = sign === "+" ? negateInterval(parts) : parts;
  const slack =
    (parts.months === 0n ? 0n : CLIPPED) +
    (isInstant && (parts.months !== 0n || parts.days !== 0n) ? JUMP : 0n);
  return shiftedBy([bound], ({ micros }) => {
    // Days and clock first: the inverse of months first.
    const shifted = addInterval(micros, { ...back, months: 0n });
    const middle = addInterval(shifted, {
      months: back.months,
      days: 0n,
      micros: 0n,
    });
    return { low: middle - slack, high: middle + slack };
  });
}

/** `x - start operator interval` (or `start - x`) for timestamps, `x - start operator days` for dates. */
export function differenceBounds(
  operator: CompareOperator,
  start: bigint,
  difference: bigint,
  startFirst: boolean,
): readonly TimeBound[] {
  return startFirst
    ? [{ operator: FLIPPED[operator], micros: start - difference }]
    : [{ operator, micros: start + difference }];
}

const DAYS_PER_MONTH = 30n;

/** An interval's length as PostgreSQL compares intervals. */
export function lengthOf(interval: Literal): bigint | undefined {
  const parts: IntervalParts | undefined = parseInterval(interval.value ?? "");
  return (
    parts &&
    (parts.months * DAYS_PER_MONTH + parts.days) * MICROS_PER_DAY + parts.micros
  );
}
