// Text input of intervals: PostgreSQL's verbose and SQL-standard forms and ISO 8601 durations. 22007 when unreadable, 22008 when too large.

import { SqlError } from "../../../storage/common/errors.ts";
import type { Interval } from "./date-time-text.ts";

interface Unit {
  readonly months?: number;
  readonly days?: number;
  readonly micros?: number;
}

const UNITS: readonly (readonly [RegExp, Unit])[] = [
  [/^(?:us|usecs?|microseconds?|microsecon)$/, { micros: 1 }],
  [/^(?:ms|msecs?|milliseconds?|mseconds?)$/, { micros: 1000 }],
  [/^(?:s|secs?|seconds?)$/, { micros: 1_000_000 }],
  [/^(?:m|mins?|minutes?)$/, { micros: 60_000_000 }],
  [/^(?:h|hrs?|hours?)$/, { micros: 3_600_000_000 }],
  [/^(?:d|days?)$/, { days: 1 }],
  [/^(?:w|weeks?)$/, { days: 7 }],
  [/^(?:mon|mons|months?)$/, { months: 1 }],
  [/^(?:qtr|quarters?)$/, { months: 3 }],
  [/^(?:y|yrs?|years?)$/, { months: 12 }],
  [/^(?:dec|decs|decades?)$/, { months: 120 }],
  [/^(?:c|cent|century|centuries)$/, { months: 1200 }],
  [/^(?:mil|mils|millennia|millennium)$/, { months: 12000 }],
];

const ISO_UNITS: Readonly<Record<string, Unit>> = {
  Y: { months: 12 },
  M: { months: 1 },
  W: { days: 7 },
  D: { days: 1 },
};
const ISO_TIME_UNITS: Readonly<Record<string, Unit>> = {
  H: { micros: 3_600_000_000 },
  M: { micros: 60_000_000 },
  S: { micros: 1_000_000 },
};

class Total {
  months = 0;
  days = 0;
  micros = 0n;

  /** A fraction of a month becomes days of 1/30, a fraction of a day microseconds. */
  add(amount: string, unit: Unit): void {
    const value = Number(amount);
    const whole = Math.trunc(value);
    const fraction = value - whole;
    if (unit.micros !== undefined) {
      this.micros +=
        BigInt(whole) * BigInt(unit.micros) +
        BigInt(Math.round(fraction * unit.micros));
    } else if (unit.days !== undefined) {
      this.days += whole * unit.days;
      this.#fractionOfDays(fraction * unit.days);
    } else {
      const months = unit.months ?? 0;
      this.months += whole * months;
      const rest = fraction * months;
      this.months +=
        months === 1 ? 0 : Math.trunc(Math.round(rest * 1e9) / 1e9);
      if (months === 1) this.#fractionOfDays(rest * 30);
      else if (months < 12)
        this.#fractionOfDays((rest - Math.trunc(rest)) * 30);
    }
  }

  #fractionOfDays(days: number): void {
    const whole = Math.trunc(Math.round(days * 1e9) / 1e9);
    this.days += whole;
    this.micros += BigInt(Math.round((days - whole) * 86_400_000_000));
  }
}

/** `fields` are the words after the literal (`interval '90' day`): the unit of a bare number, and what smaller fields are cut to. */
export function readInterval(text: string, fields = ""): Interval {
  const trimmed = text.trim();
  const total = new Total();
  const last = fields.split(" ").at(-1) ?? "";
  if (/^-?P/.test(trimmed)) readIso(trimmed, text, total);
  else readWords(trimmed.toLowerCase(), { text, total, unit: unitOf(last) });
  return cutTo(last, checkedInterval(total, text));
}

function unitOf(word: string): Unit {
  return (
    UNITS.find(([pattern]) => pattern.test(word))?.[1] ?? { micros: 1_000_000 }
  );
}

const CLOCK_FIELDS: Readonly<Record<string, bigint>> = {
  hour: 3_600_000_000n,
  minute: 60_000_000n,
};

function cutTo(field: string, value: Interval): Interval {
  const { months, days, micros } = value;
  if (field === "year") {
    return { months: months - (months % 12), days: 0, micros: 0n };
  }
  if (field === "month") return { months, days: 0, micros: 0n };
  if (field === "day") return { months, days, micros: 0n };
  const unit = CLOCK_FIELDS[field];
  return unit === undefined
    ? value
    : { months, days, micros: micros - (micros % unit) };
}

function bad(text: string): SqlError {
  return new SqlError(
    "22007",
    `invalid input syntax for type interval: "${text}"`,
  );
}

function checkedInterval(total: Total, text: string): Interval {
  const { months, days, micros } = total;
  if (
    Math.abs(months) > 2147483647 ||
    Math.abs(days) > 2147483647 ||
    micros > 9223372036854775807n ||
    micros < -9223372036854775808n
  ) {
    throw new SqlError("22008", `interval field value out of range: "${text}"`);
  }
  return { months: months + 0, days: days + 0, micros };
}

function readIso(text: string, shown: string, total: Total): void {
  const match = /^(-?)P((?:-?[\d.]+[YMWD])*)(?:T((?:-?[\d.]+[HMS])+))?$/.exec(
    text,
  );
  if (match === null || text.length < 3) throw bad(shown);
  const [, sign = "", date = "", time = ""] = match;
  for (const [parts, units] of [
    [date, ISO_UNITS],
    [time, ISO_TIME_UNITS],
  ] as const) {
    for (const [, amount = "", unit = ""] of parts.matchAll(
      /(-?[\d.]+)([A-Z])/g,
    )) {
      const known = units[unit];
      if (known === undefined) throw bad(shown);
      total.add(sign + amount, known);
    }
  }
}

const TIME = /^([+-]?)(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?$/;
const YEAR_MONTH = /^([+-]?)(\d+)-(\d{1,2})$/;

interface Reading {
  readonly text: string;
  readonly total: Total;
  /** Of a bare number at the end. */
  readonly unit: Unit;
}

function readWords(lower: string, reading: Reading): void {
  const { text, total, unit } = reading;
  const words = lower
    .replace(/^@\s*/, "")
    .replace(/([\d.])([a-z])/g, "$1 $2")
    .replace(/([+-])\s+(?=\d)/g, "$1")
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "and");
  const ago = words.at(-1) === "ago";
  const items = ago ? words.slice(0, -1) : words;
  if (items.length === 0) throw bad(text);
  for (let i = 0; i < items.length; i++) {
    const word = items[i] ?? "";
    const next = items[i + 1];
    if (TIME.test(word)) addTime(word, text, total);
    else if (YEAR_MONTH.test(word)) addYearMonth(word, total);
    else {
      i += addAmount(word, next, {
        text,
        total,
        unit,
        last: i === items.length - 1,
      });
    }
  }
  if (ago) {
    total.months = -total.months;
    total.days = -total.days;
    total.micros = -total.micros;
  }
}

interface Place extends Reading {
  readonly last: boolean;
}

/** Returns how many more words were used: the unit, when it is written. A bare last number counts seconds, one before a time days. */
function addAmount(
  word: string,
  next: string | undefined,
  { text, total, unit: bare, last }: Place,
): number {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(word)) throw bad(text);
  if (last) {
    total.add(word, bare);
    return 0;
  }
  if (next !== undefined && TIME.test(next)) {
    total.add(word, { days: 1 });
    return 0;
  }
  const unit = UNITS.find(([pattern]) => pattern.test(next ?? ""))?.[1];
  if (unit === undefined) throw bad(text);
  total.add(word, unit);
  return 1;
}

function addTime(word: string, text: string, total: Total): void {
  const [, sign, a = "0", b = "0", c] = TIME.exec(word) ?? [];
  const fractional = c ?? "0";
  if (Number(b) > 59 || Number(fractional) >= 61) {
    throw new SqlError("22008", `interval field value out of range: "${text}"`);
  }
  const [seconds = "0", fraction = ""] = fractional.split(".");
  const micros =
    (BigInt(a) * 3600n + BigInt(b) * 60n + BigInt(seconds)) * 1_000_000n +
    BigInt(Math.round(Number(`0.${fraction === "" ? "0" : fraction}`) * 1e6));
  total.micros += sign === "-" ? -micros : micros;
}

function addYearMonth(word: string, total: Total): void {
  const [, sign, years = "0", months = "0"] = YEAR_MONTH.exec(word) ?? [];
  const value = Number(years) * 12 + Number(months);
  total.months += sign === "-" ? -value : value;
}
