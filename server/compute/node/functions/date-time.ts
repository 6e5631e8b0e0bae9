// Dates, ages and intervals where PostgreSQL's rules are its own.

import {
  civilFromDays,
  daysFromCivil,
  daysInMonth,
  joinMicros,
  splitMicros,
} from "../../../../planner/functions/value/calendar.ts";
import {
  formatDate,
  formatTime,
  formatTimestamptz,
  pad,
  type Interval,
} from "../../../../planner/functions/value/date-time-text.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import {
  BIGINT,
  DOUBLE,
  DuckDBIntervalValue,
  INTEGER,
  INTERVAL,
  VARCHAR,
} from "../../../../storage/kernel/duckdb.ts";
import { bigint, intervalOf, number, text } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";

const DAY_MICROS = 86_400_000_000;

function makeDate(year: number, month: number, day: number): string {
  const astronomical = year < 0 ? year + 1 : year;
  if (
    year === 0 ||
    month < 1 ||
    month > 12 ||
    day < 1 ||
    day > daysInMonth(astronomical, month)
  ) {
    throw new SqlError(
      "22008",
      `date field value out of range: ${year}-${pad(month, 2)}-${pad(day, 2)}`,
    );
  }
  return formatDate(daysFromCivil({ year: astronomical, month, day })).replace(
    / BC$/,
    " (BC)",
  );
}

function makeTime(hour: number, minute: number, second: number): string {
  const micros = Math.round((hour * 3600 + minute * 60) * 1e6 + second * 1e6);
  const wrong =
    hour < 0 ||
    minute < 0 ||
    minute > 59 ||
    second < 0 ||
    second > 60 ||
    hour > 24 ||
    micros > DAY_MICROS;
  if (wrong || Number.isNaN(second)) {
    throw new SqlError(
      "22008",
      `time field value out of range: ${hour}:${pad(minute, 2)}:${second < 10 ? "0" : ""}${second}`,
    );
  }
  return formatTime(micros);
}

/** Years and months first, then days of the earlier date's month, then time: as timestamp_age counts. */
function age(a: bigint, b: bigint): Interval {
  const negative = a < b;
  const [late, early] = negative ? [b, a] : [a, b];
  const [x, y] = [splitMicros(late), splitMicros(early)];
  const [p, q] = [civilFromDays(x.days), civilFromDays(y.days)];
  let micros = x.micros - y.micros;
  let days = p.day - q.day;
  let months = (p.year - q.year) * 12 + p.month - q.month;
  if (micros < 0) {
    micros += DAY_MICROS;
    days--;
  }
  if (days < 0) {
    days += daysInMonth(q.year, q.month);
    months--;
  }
  const sign = negative ? -1 : 1;
  return {
    months: sign * months || 0,
    days: sign * days || 0,
    micros: BigInt(sign * micros),
  };
}

/** A fraction of a month spills into days of 1/30, a fraction of a day into microseconds. */
function scale(interval: Interval, factor: number): Interval {
  const months = interval.months * factor;
  const days = interval.days * factor;
  const wholeMonths = Math.trunc(months);
  const spilled = tidy((months - wholeMonths) * 30);
  const wholeDays = Math.trunc(days);
  let seconds = tidy(
    (days - wholeDays + spilled - Math.trunc(spilled)) * 86400,
  );
  let extra = Math.trunc(spilled);
  if (Math.abs(seconds) >= 86400) {
    extra += Math.trunc(seconds / 86400);
    seconds -= Math.trunc(seconds / 86400) * 86400;
  }
  const micros = Math.round(Number(interval.micros) * factor + seconds * 1e6);
  const result = { months: wholeMonths, days: wholeDays + extra, micros };
  if (
    !Number.isFinite(micros) ||
    Math.abs(result.months) > 2147483647 ||
    Math.abs(result.days) > 2147483647 ||
    Math.abs(micros) > 9.2e18
  ) {
    throw new SqlError("22008", "interval out of range");
  }
  return {
    months: result.months || 0,
    days: result.days || 0,
    micros: BigInt(micros),
  };
}

function divideInterval(interval: Interval, divisor: number): Interval {
  if (divisor === 0) throw new SqlError("22012", "division by zero");
  return scale(interval, 1 / divisor);
}

/** Rounded to microseconds, so that 0.1 of a day is exact. */
function tidy(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function justify(interval: Interval, how: string): Interval {
  const hours = how === "justify_days" ? interval : justifyHours(interval);
  if (how === "justify_hours") return sameSign(hours, ["days", "micros"]);
  const months = {
    months: hours.months + Math.trunc(hours.days / 30),
    days: hours.days % 30,
    micros: hours.micros,
  };
  if (how === "justify_days") return sameSign(months, ["months", "days"]);
  return sameSign(sameSign(months, ["months", "days"]), ["days", "micros"]);
}

const DAY = BigInt(DAY_MICROS);

function justifyHours({ months, days, micros }: Interval): Interval {
  return { months, days: days + Number(micros / DAY), micros: micros % DAY };
}

/** Borrows one of the larger unit where the smaller one has the other sign. */
function sameSign(
  value: Interval,
  units: readonly ["months", "days"] | readonly ["days", "micros"],
): Interval {
  const { months, days, micros } = value;
  if (units[0] === "months") {
    const smaller = days === 0 ? Number(micros) : days;
    const borrow =
      months > 0 && smaller < 0 ? 1 : months < 0 && smaller > 0 ? -1 : 0;
    return {
      months: months - borrow || 0,
      days: days + 30 * borrow || 0,
      micros,
    };
  }
  const borrow = days > 0 && micros < 0n ? 1 : days < 0 && micros > 0n ? -1 : 0;
  return {
    months,
    days: days - borrow || 0,
    micros: micros + DAY * BigInt(borrow),
  };
}

function instantOf(seconds: number): string {
  if (!Number.isFinite(seconds)) {
    if (Number.isNaN(seconds))
      throw new SqlError("22008", "timestamp cannot be NaN");
    return seconds > 0 ? "infinity" : "-infinity";
  }
  if (seconds < -210866803200 || seconds >= 9224318016000) {
    throw new SqlError("22008", `timestamp out of range: "${seconds}"`);
  }
  return formatTimestamptz(
    joinMicros(0, BigInt(Math.round(seconds * 1e6))),
    0,
  ).replace(/ BC$/, " (BC)");
}

function dateBin(stride: Interval, source: bigint, origin: bigint): bigint {
  if (stride.months !== 0) {
    throw new SqlError(
      "0A000",
      "timestamps cannot be binned into intervals containing months or years",
    );
  }
  const size = BigInt(stride.days) * BigInt(DAY_MICROS) + stride.micros;
  if (size <= 0n)
    throw new SqlError("22008", "stride must be greater than zero");
  const distance = source - origin;
  const rest = ((distance % size) + size) % size;
  return source - rest;
}

function valueOf({ months, days, micros }: Interval): DuckDBIntervalValue {
  return new DuckDBIntervalValue(months, days, micros);
}

export const DATE_TIME_FUNCTIONS: readonly KernelFunction[] = [
  {
    name: "pg_make_date",
    parameters: [INTEGER, INTEGER, INTEGER],
    returns: VARCHAR,
    call: (year, month, day) =>
      makeDate(number(year), number(month), number(day)),
  },
  {
    name: "pg_make_time",
    parameters: [INTEGER, INTEGER, DOUBLE],
    returns: VARCHAR,
    call: (hour, minute, second) =>
      makeTime(number(hour), number(minute), number(second)),
  },
  {
    name: "timestamp_age",
    parameters: [BIGINT, BIGINT],
    returns: INTERVAL,
    call: (a, b) => valueOf(age(bigint(a), bigint(b))),
  },
  {
    name: "interval_scale",
    parameters: [INTERVAL, DOUBLE],
    returns: INTERVAL,
    call: (value, factor) => valueOf(scale(intervalOf(value), number(factor))),
  },
  {
    name: "interval_divide",
    parameters: [INTERVAL, DOUBLE],
    returns: INTERVAL,
    call: (value, divisor) =>
      valueOf(divideInterval(intervalOf(value), number(divisor))),
  },
  {
    name: "interval_justify",
    parameters: [INTERVAL, VARCHAR],
    returns: INTERVAL,
    call: (value, how) => valueOf(justify(intervalOf(value), text(how))),
  },
  {
    name: "float8_instant",
    parameters: [DOUBLE],
    returns: VARCHAR,
    call: (seconds) => instantOf(number(seconds)),
  },
  {
    name: "pg_date_bin",
    parameters: [INTERVAL, BIGINT, BIGINT],
    returns: BIGINT,
    call: (stride, source, origin) =>
      dateBin(intervalOf(stride), bigint(source), bigint(origin)),
  },
];
