// Text output of dates, times, timestamps and intervals under DateStyle ISO and every IntervalStyle.

import { civilFromDays, splitMicros } from "./calendar.ts";

export function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** `2020-01-31`, `0044-03-15` with the era apart, since a time comes between. */
export function formatDays(days: number): {
  readonly date: string;
  readonly era: string;
} {
  const { year, month, day } = civilFromDays(days);
  const shown = year > 0 ? year : 1 - year;
  return {
    date: `${pad(shown, 4)}-${pad(month, 2)}-${pad(day, 2)}`,
    era: year > 0 ? "" : " BC",
  };
}

export function formatDate(days: number): string {
  const { date, era } = formatDays(days);
  return date + era;
}

/** `12:34:56.789`: six digits at most, zeros at the end cut. */
export function formatTime(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = micros - seconds * 1_000_000;
  const clock = `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
  return fraction === 0
    ? clock
    : `${clock}.${pad(fraction, 6).replace(/0+$/, "")}`;
}

export function formatTimestamp(micros: bigint): string {
  const { days, micros: rest } = splitMicros(micros);
  const { date, era } = formatDays(days);
  return `${date} ${formatTime(rest)}${era}`;
}

/** `+02`, `-03:30`, `+00:53:28`. */
export function formatOffset(seconds: number): string {
  const size = Math.abs(seconds);
  const minutes = Math.floor(size / 60) % 60;
  const rest = size % 60;
  const hours = `${seconds < 0 ? "-" : "+"}${pad(Math.floor(size / 3600), 2)}`;
  if (rest !== 0) return `${hours}:${pad(minutes, 2)}:${pad(rest, 2)}`;
  return minutes === 0 ? hours : `${hours}:${pad(minutes, 2)}`;
}

export function formatTimestamptz(
  micros: bigint,
  offsetSeconds: number,
): string {
  const { days, micros: rest } = splitMicros(
    micros + BigInt(offsetSeconds) * 1_000_000n,
  );
  const { date, era } = formatDays(days);
  return `${date} ${formatTime(rest)}${formatOffset(offsetSeconds)}${era}`;
}

export interface Interval {
  readonly months: number;
  readonly days: number;
  readonly micros: bigint;
}

interface IntervalFields {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: bigint;
  readonly minutes: number;
  readonly seconds: number;
  readonly fraction: number;
}

function fieldsOf(interval: Interval): IntervalFields {
  const seconds = interval.micros / 1_000_000n;
  const minutes = seconds / 60n;
  return {
    years: Math.trunc(interval.months / 12),
    months: interval.months % 12,
    days: interval.days,
    hours: minutes / 60n,
    minutes: Number(minutes % 60n),
    seconds: Number(seconds % 60n),
    fraction: Number(interval.micros % 1_000_000n),
  };
}

function fractionText(
  seconds: number,
  fraction: number,
  width: number,
): string {
  const whole = pad(Math.abs(seconds), width);
  return fraction === 0
    ? whole
    : `${whole}.${pad(Math.abs(fraction), 6).replace(/0+$/, "")}`;
}

export function formatInterval(interval: Interval, style: string): string {
  const fields = fieldsOf(interval);
  switch (style) {
    case "sql_standard":
      return sqlStandard(interval, fields);
    case "postgres_verbose":
      return verbose(interval, fields);
    case "iso_8601":
      return iso8601(interval, fields);
    default:
      return postgres(interval, fields);
  }
}

function plural(value: number | bigint, unit: string): string {
  return `${value} ${unit}${value === 1 || value === 1n ? "" : "s"}`;
}

/** `1 year 2 mons 3 days 04:05:06`; a part after a negative one shows its plus sign. */
function postgres(interval: Interval, fields: IntervalFields): string {
  const parts: string[] = [];
  let sign = 1;
  for (const [value, unit] of [
    [fields.years, "year"],
    [fields.months, "mon"],
    [fields.days, "day"],
  ] as const) {
    if (value === 0) continue;
    parts.push(`${sign < 0 && value > 0 ? "+" : ""}${plural(value, unit)}`);
    sign = Math.sign(value);
  }
  if (parts.length === 0 || interval.micros !== 0n) {
    const mark = interval.micros < 0n ? "-" : sign < 0 ? "+" : "";
    parts.push(mark + clock(fields));
  }
  return parts.join(" ");
}

function clock(fields: IntervalFields): string {
  const hours = String(
    fields.hours < 0n ? -fields.hours : fields.hours,
  ).padStart(2, "0");
  return `${hours}:${pad(Math.abs(fields.minutes), 2)}:${fractionText(fields.seconds, fields.fraction, 2)}`;
}

function verbose(interval: Interval, fields: IntervalFields): string {
  const parts: string[] = [];
  const first =
    [fields.years, fields.months, fields.days, Number(interval.micros)].find(
      (part) => part !== 0,
    ) ?? 0;
  const ago = first < 0;
  const put = (value: number | bigint, unit: string): void => {
    const shown = ago ? -value : value;
    if (Number(value) !== 0) parts.push(plural(shown, unit));
  };
  put(fields.years, "year");
  put(fields.months, "mon");
  put(fields.days, "day");
  put(fields.hours, "hour");
  put(fields.minutes, "min");
  if (fields.seconds !== 0 || fields.fraction !== 0) {
    const below = (fields.seconds < 0 || fields.fraction < 0) !== ago;
    const text = fractionText(fields.seconds, fields.fraction, 1);
    parts.push(
      `${below ? "-" : ""}${text} sec${text === "1" && !below ? "" : "s"}`,
    );
  }
  if (parts.length === 0) return "@ 0";
  return `@ ${parts.join(" ")}${ago ? " ago" : ""}`;
}

function sqlStandard(interval: Interval, fields: IntervalFields): string {
  const { months, days, micros } = interval;
  const [monthSign = 0, daySign = 0, timeSign = 0] = [
    months,
    days,
    Number(micros),
  ].map(Math.sign);
  const signs = [monthSign, daySign, timeSign];
  const yearMonth = `${Math.abs(fields.years)}-${Math.abs(fields.months)}`;
  const time = `${fields.hours < 0n ? -fields.hours : fields.hours}:${pad(Math.abs(fields.minutes), 2)}:${fractionText(fields.seconds, fields.fraction, 2)}`;
  const mixed = signs.includes(1) && signs.includes(-1);
  if (mixed || (months !== 0 && (days !== 0 || micros !== 0n))) {
    return `${plusMinus(monthSign)}${yearMonth} ${plusMinus(daySign)}${Math.abs(days)} ${plusMinus(timeSign)}${time}`;
  }
  const minus = signs.includes(-1) ? "-" : "";
  if (months !== 0) return minus + yearMonth;
  if (days !== 0) return `${minus}${Math.abs(days)} ${time}`;
  return micros === 0n ? "0" : minus + time;
}

function plusMinus(sign: number): string {
  return sign < 0 ? "-" : "+";
}

function iso8601(interval: Interval, fields: IntervalFields): string {
  const part = (value: number | bigint, unit: string): string =>
    Number(value) === 0 ? "" : `${value}${unit}`;
  const date =
    part(fields.years, "Y") + part(fields.months, "M") + part(fields.days, "D");
  const below = fields.seconds < 0 || fields.fraction < 0 ? "-" : "";
  const seconds =
    fields.seconds === 0 && fields.fraction === 0
      ? ""
      : `${below}${fractionText(fields.seconds, fields.fraction, 1)}S`;
  const time = part(fields.hours, "H") + part(fields.minutes, "M") + seconds;
  if (date === "" && interval.micros === 0n) return "PT0S";
  return `P${date}${time === "" ? "" : `T${time}`}`;
}
