// The units of date_trunc: where one begins, and where the next does. Microseconds since 1970, proleptic Gregorian, years 1 to 9999.

import { floorDivide, formatDate, parseDate } from "../temporal.ts";
import { MICROS_PER_DAY } from "../../functions/value/calendar.ts";

const FIRST_DAY = -719_162n;
const LAST_DAY = 2_932_896n;

const SPANS: Readonly<Record<string, bigint>> = {
  microseconds: 1n,
  milliseconds: 1000n,
  second: 1_000_000n,
  minute: 60_000_000n,
  hour: 3_600_000_000n,
  day: MICROS_PER_DAY,
};
const WEEK_DAYS = 7n;
/** 1970-01-01 was a Thursday: three days after a Monday. */
const EPOCH_WEEKDAY = 3n;

const YEARS: Readonly<Record<string, number>> = {
  year: 1,
  decade: 10,
  century: 100,
  millennium: 1000,
};
const MONTHS: Readonly<Record<string, number>> = { month: 1, quarter: 3 };

export interface Period {
  readonly start: bigint;
  /** Where the next one begins. */
  readonly end: bigint;
}

/** The period of the unit that holds the moment; undefined for other units and far years. */
export function periodOf(unit: string, micros: bigint): Period | undefined {
  const days = floorDivide(micros, MICROS_PER_DAY);
  if (days < FIRST_DAY || days > LAST_DAY) return undefined;
  const span = SPANS[unit];
  if (span !== undefined) {
    const start = floorDivide(micros, span) * span;
    return { start, end: start + span };
  }
  if (unit === "week") {
    const weeks = floorDivide(days + EPOCH_WEEKDAY, WEEK_DAYS);
    const monday = weeks * WEEK_DAYS - EPOCH_WEEKDAY;
    return ofDays(monday, monday + WEEK_DAYS);
  }
  const date = formatDate(days);
  const [year, month] = [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
  const months = MONTHS[unit];
  if (months !== undefined) {
    const first = month - ((month - 1) % months);
    const overflows = first + months > 12;
    return between(
      { year, month: first },
      {
        year: overflows ? year + 1 : year,
        month: overflows ? 1 : first + months,
      },
    );
  }
  const years = YEARS[unit];
  if (years === undefined) return undefined;
  // Decades begin with a year that ends in 0, centuries and millennia with one that ends in 1.
  const shift = years > 10 ? 1 : 0;
  const first = year - ((year - shift) % years);
  return first < 1
    ? undefined
    : between({ year: first, month: 1 }, { year: first + years, month: 1 });
}

interface Month {
  readonly year: number;
  readonly month: number;
}

function between(start: Month, end: Month): Period | undefined {
  const [first, next] = [firstDay(start), firstDay(end)];
  return first === undefined || next === undefined
    ? undefined
    : ofDays(first, next);
}

function firstDay({ year, month }: Month): bigint | undefined {
  return parseDate(
    `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-01`,
  );
}

function ofDays(start: bigint, end: bigint): Period {
  return { start: start * MICROS_PER_DAY, end: end * MICROS_PER_DAY };
}
