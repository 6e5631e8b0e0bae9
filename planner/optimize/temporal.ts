// Dates, timestamps and intervals in their canonical text, as whole numbers: proleptic Gregorian days and microseconds since 1970-01-01.
// Only what constant folding and pruning need; special values (infinity) give undefined and stay unfolded.

import {
  MICROS_PER_DAY,
  civilFromDays,
  daysFromCivil,
  daysInMonth,
} from "../functions/value/calendar.ts";

/** PostgreSQL's three independent parts of an interval. */
export interface IntervalParts {
  readonly months: bigint;
  readonly days: bigint;
  readonly micros: bigint;
}

/** Days since the epoch of `2021-03-04`, also `0044-03-15 BC`. */
export function parseDate(text: string): bigint | undefined {
  const match = /^(\d{4,7})-(\d\d)-(\d\d)( BC)?$/u.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, era] = match;
  const astronomical = era === undefined ? Number(year) : 1 - Number(year);
  return BigInt(
    daysFromCivil({
      year: astronomical,
      month: Number(month),
      day: Number(day),
    }),
  );
}

export function formatDate(days: bigint): string {
  const { year, month, day } = civilFromDays(Number(days));
  const shown = year > 0 ? year : 1 - year;
  return `${pad(shown, 4)}-${pad(month, 2)}-${pad(day, 2)}${year > 0 ? "" : " BC"}`;
}

/** Microseconds since the epoch of `2021-03-04 05:06:07.89`, with an optional zone offset as canonical timestamptz has. */
export function parseTimestamp(text: string): bigint | undefined {
  const match =
    /^(\d{4,7}-\d\d-\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:\+00)?( BC)?$/u.exec(
      text,
    );
  if (match === null) return undefined;
  const [, date, hours, minutes, seconds, fraction, era] = match;
  const days = parseDate(`${date ?? ""}${era ?? ""}`);
  if (days === undefined) return undefined;
  const time =
    (BigInt(hours ?? 0) * 60n + BigInt(minutes ?? 0)) * 60n +
    BigInt(seconds ?? 0);
  return (
    days * MICROS_PER_DAY +
    time * 1_000_000n +
    BigInt((fraction ?? "").padEnd(6, "0"))
  );
}

/** Canonical timestamp text; `zone` is appended before the era: `+00` for timestamptz. */
export function formatTimestamp(micros: bigint, zone: "" | "+00"): string {
  const days = floorDivide(micros, MICROS_PER_DAY);
  const rest = Number(micros - days * MICROS_PER_DAY);
  const date = formatDate(days);
  const [day, era] = date.endsWith(" BC")
    ? [date.slice(0, -3), " BC"]
    : [date, ""];
  const seconds = Math.floor(rest / 1_000_000);
  const fraction = String(rest % 1_000_000)
    .padStart(6, "0")
    .replace(/0+$/u, "");
  const clock = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ]
    .map((part) => pad(part, 2))
    .join(":");
  return `${day} ${clock}${fraction === "" ? "" : `.${fraction}`}${zone}${era}`;
}

const UNIT = /([+-]?\d+) (year|mon|day)s?/gu;
const CLOCK = /(?:^| )([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/u;

/** `1 year 2 mons -3 days 04:05:06.7` (IntervalStyle postgres). */
export function parseInterval(text: string): IntervalParts | undefined {
  const clock = CLOCK.exec(text);
  const units = clock === null ? text : text.slice(0, clock.index);
  if (units.replace(UNIT, "").trim() !== "") return undefined;
  let months = 0n;
  let days = 0n;
  for (const [, count, unit] of units.matchAll(UNIT)) {
    const value = BigInt((count ?? "0").replace("+", ""));
    if (unit === "year") months += value * 12n;
    else if (unit === "mon") months += value;
    else days += value;
  }
  return { months, days, micros: clock === null ? 0n : clockMicros(clock) };
}

function clockMicros(clock: RegExpExecArray): bigint {
  const [, sign, hours, minutes, seconds, fraction] = clock;
  const whole =
    (BigInt(hours ?? 0) * 60n + BigInt(minutes ?? 0)) * 60n +
    BigInt(seconds ?? 0);
  const micros = whole * 1_000_000n + BigInt((fraction ?? "").padEnd(6, "0"));
  return sign === "-" ? -micros : micros;
}

/** `timestamp + interval` as PostgreSQL adds: months with the day clipped, then days, then the clock. */
export function addInterval(micros: bigint, parts: IntervalParts): bigint {
  const days = floorDivide(micros, MICROS_PER_DAY);
  const clock = micros - days * MICROS_PER_DAY;
  const shifted = addMonths(days, parts.months) + parts.days;
  return shifted * MICROS_PER_DAY + clock + parts.micros;
}

export function negateInterval(parts: IntervalParts): IntervalParts {
  return { months: -parts.months, days: -parts.days, micros: -parts.micros };
}

function addMonths(days: bigint, months: bigint): bigint {
  if (months === 0n) return days;
  const { year, month, day } = civilFromDays(Number(days));
  const total = BigInt(year) * 12n + BigInt(month - 1) + months;
  const shifted = {
    year: Number(floorDivide(total, 12n)),
    month: Number(total - floorDivide(total, 12n) * 12n) + 1,
  };
  const clipped = Math.min(day, daysInMonth(shifted.year, shifted.month));
  return BigInt(daysFromCivil({ ...shifted, day: clipped }));
}

export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
