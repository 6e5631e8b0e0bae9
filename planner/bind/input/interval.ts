// Intervals: PostgreSQL's months, days and microseconds, from its verbose, SQL and ISO 8601 forms.

import {
  MICROS_PER_DAY,
  civilFromDays,
  daysFromCivil,
  daysInMonth,
  formatClock,
  splitDay,
} from "./calendar.ts";

export interface Interval {
  readonly months: bigint;
  readonly days: bigint;
  readonly micros: bigint;
}

interface Unit {
  readonly field: keyof Interval;
  readonly size: number;
}
const MICRO: Unit = { field: "micros", size: 1 };
const MILLI: Unit = { field: "micros", size: 1000 };
const SECOND: Unit = { field: "micros", size: 1_000_000 };
const MINUTE: Unit = { field: "micros", size: 60_000_000 };
const HOUR: Unit = { field: "micros", size: 3_600_000_000 };
const DAY: Unit = { field: "days", size: 1 };
const WEEK: Unit = { field: "days", size: 7 };
const MONTH: Unit = { field: "months", size: 1 };
const YEAR: Unit = { field: "months", size: 12 };

const UNITS: readonly (readonly [string, Unit])[] = [
  ["us usec usecs usecond useconds microsecon microsecond microseconds", MICRO],
  ["ms msec msecs msecond mseconds millisecon millisecond milliseconds", MILLI],
  ["s sec secs second seconds", SECOND],
  ["m min mins minute minutes", MINUTE],
  ["h hr hrs hour hours", HOUR],
  ["d day days", DAY],
  ["w week weeks", WEEK],
  ["mon mons month months", MONTH],
  ["qtr quarter quarters", { field: "months", size: 3 }],
  ["y yr yrs year years", YEAR],
  ["dec decs decade decades", { field: "months", size: 120 }],
  ["c cent century centuries", { field: "months", size: 1200 }],
  ["mil mils millennia millennium", { field: "months", size: 12000 }],
];
const BY_WORD: ReadonlyMap<string, Unit> = new Map(
  UNITS.flatMap(([words, unit]) =>
    words.split(" ").map((word) => [word, unit] as const),
  ),
);

/** Undefined when the text is no interval. `unit` names what a number without unit counts: `interval '90' day`. */
export function parseInterval(
  text: string,
  unit = "second",
): Interval | undefined {
  const trimmed = text.trim().toLowerCase();
  if (trimmed.startsWith("p")) return parseIso(trimmed);
  const ago = /\s*\bago$/u.test(trimmed);
  const body = trimmed.replace(/^@\s*/u, "").replace(/\s*\bago$/u, "");
  if (body === "") return undefined;
  const sum = newSum();
  const pattern =
    /\s*(?:([+-]?)(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?|([+-]?)(\d+)-(\d{1,2})(?!\d)|([+-]?)(\d+\.?\d*|\.\d+)\s*([a-z]+)?)\s*,?/uy;
  while (pattern.lastIndex < body.length) {
    const match = pattern.exec(body);
    if (!match || !addMatch(sum, match, body, unit)) return undefined;
  }
  return ago ? negate(total(sum)) : total(sum);
}

interface Sum {
  months: bigint;
  days: bigint;
  micros: bigint;
}

function newSum(): Sum {
  return { months: 0n, days: 0n, micros: 0n };
}

function total(sum: Sum): Interval {
  return { ...sum };
}

export function negate(interval: Interval): Interval {
  return {
    months: -interval.months,
    days: -interval.days,
    micros: -interval.micros,
  };
}

function addMatch(
  sum: Sum,
  match: RegExpExecArray,
  body: string,
  defaultUnit: string,
): boolean {
  const [, clockSign, hours, minutes, seconds] = match;
  if (hours !== undefined) {
    const sign = clockSign === "-" ? -1 : 1;
    addScaled(sum, HOUR, hours, sign);
    addScaled(sum, MINUTE, minutes ?? "0", sign);
    addScaled(sum, SECOND, seconds ?? "0", sign);
    return Number(minutes) < 60 && Number(seconds ?? "0") < 60.000001;
  }
  const [years, months] = [match[6], match[7]];
  if (years !== undefined) {
    const sign = match[5] === "-" ? -1 : 1;
    addScaled(sum, YEAR, years, sign);
    addScaled(sum, MONTH, months ?? "0", sign);
    return true;
  }
  const rest = body.slice((match.index ?? 0) + match[0].length);
  // A bare number before a clock counts days: `3 4:05:06`.
  const word = match[10] ?? (/^\d+:/u.test(rest) ? "day" : defaultUnit);
  const unit = BY_WORD.get(word);
  if (!unit) return false;
  addScaled(sum, unit, match[9] ?? "0", match[8] === "-" ? -1 : 1);
  return true;
}

/** Fractions of a unit go to the next smaller one: half a month is 15 days, half a day 12 hours. */
function addScaled(sum: Sum, unit: Unit, digits: string, sign: 1 | -1): void {
  const [whole = "0", fraction = ""] = digits.split(".");
  const size = BigInt(sign) * BigInt(`0${whole}`) * BigInt(unit.size);
  sum[unit.field] += size;
  const part = fraction === "" ? 0 : Number(`0.${fraction}`);
  if (part !== 0) addFraction(sum, unit, part * sign);
}

function addFraction(sum: Sum, unit: Unit, part: number): void {
  switch (unit.field) {
    case "micros":
      sum.micros += BigInt(Math.round(part * unit.size));
      return;
    case "days":
      return addDays(sum, part * unit.size);
    case "months": {
      const months = part * unit.size;
      if (unit.size > 1) {
        sum.months += BigInt(Math.round(months));
        return;
      }
      return addDays(sum, months * 30);
    }
  }
}

function addDays(sum: Sum, days: number): void {
  const whole = Math.trunc(days);
  sum.days += BigInt(whole);
  sum.micros += BigInt(Math.round((days - whole) * Number(MICROS_PER_DAY)));
}

const ISO_DATE: Readonly<Record<string, Unit>> = {
  y: YEAR,
  m: MONTH,
  w: WEEK,
  d: DAY,
};
const ISO_TIME: Readonly<Record<string, Unit>> = {
  h: HOUR,
  m: MINUTE,
  s: SECOND,
};

function parseIso(text: string): Interval | undefined {
  const sum = newSum();
  let units = ISO_DATE;
  const pattern = /t|([+-]?)(\d+\.?\d*|\.\d+)([a-z])/uy;
  pattern.lastIndex = 1;
  if (text.length === 1) return undefined;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match) return undefined;
    if (match[0] === "t") {
      units = ISO_TIME;
      continue;
    }
    const unit = units[match[3] ?? ""];
    if (!unit) return undefined;
    addScaled(sum, unit, match[2] ?? "0", match[1] === "-" ? -1 : 1);
  }
  return total(sum);
}

/** PostgreSQL's own style: `1 year 2 mons -3 days +04:05:06.789`, `00:00:00` for nothing. */
export function formatInterval(interval: Interval): string {
  const parts: string[] = [];
  let negative = false;
  const add = (value: bigint, word: string): void => {
    if (value === 0n) return;
    const plus = negative && value > 0n ? "+" : "";
    parts.push(`${plus}${value} ${word}${value === 1n ? "" : "s"}`);
    negative = value < 0n;
  };
  add(interval.months / 12n, "year");
  add(interval.months % 12n, "mon");
  add(interval.days, "day");
  const { micros } = interval;
  if (micros !== 0n || parts.length === 0) {
    const sign = micros < 0n ? "-" : negative ? "+" : "";
    parts.push(`${sign}${formatClock(micros < 0n ? -micros : micros)}`);
  }
  return parts.join(" ");
}

/** Microseconds since 1970 plus or minus an interval: months first, the day cut to the month's last. */
export function addInterval(
  micros: bigint,
  interval: Interval,
  sign: 1n | -1n,
): bigint {
  const { days, clock } = splitDay(micros);
  const date = civilFromDays(days);
  const months =
    BigInt(date.year) * 12n + BigInt(date.month - 1) + sign * interval.months;
  const year = Number((months - (((months % 12n) + 12n) % 12n)) / 12n);
  const month = Number(((months % 12n) + 12n) % 12n) + 1;
  const day = Math.min(date.day, daysInMonth(year, month));
  const moved =
    BigInt(daysFromCivil({ year, month, day })) + sign * interval.days;
  return moved * MICROS_PER_DAY + clock + sign * interval.micros;
}
