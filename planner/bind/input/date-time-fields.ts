// The words of a date/time text: dates in any of PostgreSQL's usual orders, clock, zone, special values.

import type { CivilDate } from "./calendar.ts";
import { fixedOffset, isZone } from "./zone.ts";

export interface DateTimeFields {
  readonly date: CivilDate | undefined;
  /** Microseconds since midnight; undefined when no time was given. */
  readonly clock: bigint | undefined;
  readonly zone: string | undefined;
  /** `now`, `today`, `tomorrow`, `yesterday`, `epoch`, `infinity`, `-infinity`. */
  readonly special: string | undefined;
  /** Some field of the clock was beyond its range. */
  readonly outOfRange: boolean;
}

interface Draft {
  date: CivilDate | undefined;
  clock: bigint | undefined;
  zone: string | undefined;
  special: string | undefined;
  outOfRange: boolean;
  bc: boolean;
  meridiem: "am" | "pm" | undefined;
  month: number | undefined;
  numbers: string[];
}

const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const DAYS =
  /^(?:sun|mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sunday|monday|tuesday|wednesday|thursday|friday|saturday)$/u;
const SPECIAL =
  /^(?:now|today|tomorrow|yesterday|epoch|[+-]?infinity|[+-]?inf)$/u;

const TOKEN =
  /\s*,?\s*(?:(\d{1,2}:\d{2}(?::\d{2}(?:[.:]\d*)?)?)|(\d+[-/.](?:\d+|[a-z]+)(?:[-/.]\d+)?)|([a-z]+-\d+-\d+)|(t(?=\d))|([+-](?:inf(?:inity)?)\b)|([+-]\d{1,2}(?::?\d{2}){0,2}(?!\d))|(\d{8}t\d{6}(?:\.\d*)?)|(\d+)|([a-z][a-z_]*(?:\/[a-z_+-]+\d*)*))\s*/uy;

/** Undefined when the text is no date or time. `dateStyle` ends in MDY, DMY or YMD. */
export function readFields(
  text: string,
  dateStyle: string,
): DateTimeFields | undefined {
  const lower = text.trim().toLowerCase();
  if (lower === "") return undefined;
  const draft: Draft = {
    date: undefined,
    clock: undefined,
    zone: undefined,
    special: undefined,
    outOfRange: false,
    bc: false,
    meridiem: undefined,
    month: undefined,
    numbers: [],
  };
  const order = /dmy|ymd/iu.exec(dateStyle)?.[0].toLowerCase() ?? "mdy";
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < lower.length) {
    const match = pattern.exec(lower);
    if (!match || !addToken(draft, match, order)) return undefined;
  }
  return finish(draft, order);
}

function addToken(
  draft: Draft,
  match: RegExpExecArray,
  order: string,
): boolean {
  const [, clock, date, monthFirst, , infinity, offset, compact, number, word] =
    match;
  if (clock !== undefined) return setClock(draft, clock);
  if (date !== undefined) return setDate(draft, date, order);
  if (monthFirst !== undefined) return setDate(draft, monthFirst, order);
  if (infinity !== undefined) return setWord(draft, infinity);
  if (offset !== undefined) return setZone(draft, offset);
  if (compact !== undefined) {
    const [day = "", time = ""] = compact.split("t");
    return setCompact(draft, day) && setClock(draft, clockOf(time));
  }
  if (number !== undefined) return setNumber(draft, number);
  return word === undefined || setWord(draft, word);
}

function clockOf(digits: string): string {
  return `${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4)}`;
}

function setClock(draft: Draft, text: string): boolean {
  if (draft.clock !== undefined) return false;
  const [hours = "0", minutes = "0", seconds = "0"] = text.split(":");
  const [whole = "0", fraction = ""] = seconds.split(".");
  if (
    Number(hours) > 24 ||
    Number(minutes) > 59 ||
    Number(whole) > 60 ||
    (Number(hours) === 24 && Number(minutes) + Number(seconds) > 0)
  ) {
    draft.outOfRange = true;
  }
  const micros = Math.round(Number(`0.${fraction.padEnd(1, "0")}`) * 1e6);
  draft.clock =
    (BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(whole)) *
      1_000_000n +
    BigInt(micros);
  return true;
}

function setZone(draft: Draft, zone: string): boolean {
  if (draft.zone !== undefined) return false;
  draft.zone = zone;
  return true;
}

function setDate(draft: Draft, text: string, order: string): boolean {
  if (draft.date !== undefined) return false;
  const parts = text.split(/[-/.]/u);
  const named = parts.findIndex((part) => /^[a-z]/u.test(part));
  if (parts.length === 2 && named < 0) return setYearDay(draft, text, parts);
  const [a = "", b = "", c = ""] = parts;
  if (named >= 0) {
    const month = monthOf(parts[named] ?? "");
    const [first = "", second = ""] = parts.filter((_, i) => i !== named);
    if (month === undefined) return false;
    draft.date =
      first.length > 2
        ? civil(first, month, second)
        : civil(second, month, first);
    return true;
  }
  if (a.length > 2) draft.date = civil(a, Number(b), c);
  else if (order === "ymd") draft.date = civil(a, Number(b), c);
  else if (order === "dmy") draft.date = civil(c, Number(b), a);
  else draft.date = civil(c, Number(a), b);
  return true;
}

/** `2021.123`: year and day of the year; other pairs mean nothing. */
function setYearDay(
  draft: Draft,
  text: string,
  parts: readonly string[],
): boolean {
  const [year = "", day = ""] = parts;
  if (!/^\d{4}[.-]\d{3}$/u.test(text)) return false;
  const start = Date.UTC(Number(year), 0, Number(day));
  const date = new Date(start);
  draft.date = {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
  };
  return true;
}

/** Years of one or two digits lie between 1970 and 2069. */
function civil(year: string, month: number, day: string): CivilDate {
  const value = Number(year);
  const full =
    year.length > 2 ? value : value < 70 ? value + 2000 : value + 1900;
  return { year: full, month, day: Number(day) };
}

function monthOf(word: string): number | undefined {
  if (word.length < 3) return undefined;
  const exact = word === "sept" ? "sep" : word;
  const index = MONTHS.findIndex(
    (month) => month === exact || month.slice(0, 3) === exact,
  );
  return index < 0 ? undefined : index + 1;
}

function setCompact(draft: Draft, digits: string): boolean {
  if (draft.date !== undefined) return false;
  const cut = digits.length - 4;
  draft.date = civil(
    digits.slice(0, cut),
    Number(digits.slice(cut, cut + 2)),
    digits.slice(cut + 2),
  );
  return true;
}

function setNumber(draft: Draft, digits: string): boolean {
  if (draft.date && digits.length === 6 && draft.clock === undefined) {
    return setClock(draft, clockOf(digits));
  }
  if (
    draft.month === undefined &&
    (digits.length === 8 || digits.length === 6)
  ) {
    return setCompact(draft, digits);
  }
  draft.numbers.push(digits);
  return draft.numbers.length < 3;
}

function setWord(draft: Draft, word: string): boolean {
  if (SPECIAL.test(word)) {
    if (draft.special !== undefined) return false;
    draft.special = word.replace(/^\+/u, "").replace(/inf$/u, "infinity");
    return true;
  }
  const month = monthOf(word);
  if (month !== undefined && draft.month === undefined) {
    draft.month = month;
    return true;
  }
  if (word === "am" || word === "pm") {
    draft.meridiem = word;
    return true;
  }
  if (word === "bc" || word === "ad") {
    draft.bc = word === "bc";
    return true;
  }
  if (word === "at" || DAYS.test(word) || word === "t") return true;
  return isZone(word) && setZone(draft, word);
}

function finish(draft: Draft, order: string): DateTimeFields | undefined {
  const date = draft.date ?? spelledDate(draft, order);
  if (draft.numbers.length > 0 && draft.date) return undefined;
  if (draft.special !== undefined && date) return undefined;
  if (!date && draft.clock === undefined && draft.special === undefined) {
    return undefined;
  }
  const year = date && draft.bc ? 1 - date.year : date?.year;
  return {
    date: date && year !== undefined ? { ...date, year } : undefined,
    clock: meridiemClock(draft),
    zone:
      draft.zone !== undefined && fixedOffset(draft.zone) === undefined
        ? zoneSpelling(draft.zone)
        : draft.zone,
    special: draft.special,
    outOfRange: draft.outOfRange || (date?.year === 0 && !draft.bc),
  };
}

/** `Jan 8 1999`, `8 January 1999`. */
function spelledDate(draft: Draft, order: string): CivilDate | undefined {
  const [first, second] = draft.numbers;
  if (
    draft.month === undefined ||
    first === undefined ||
    second === undefined
  ) {
    return undefined;
  }
  const yearFirst = first.length > 2 || (order === "ymd" && second.length <= 2);
  return yearFirst
    ? civil(first, draft.month, second)
    : civil(second, draft.month, first);
}

function meridiemClock(draft: Draft): bigint | undefined {
  const { clock, meridiem } = draft;
  if (clock === undefined || meridiem === undefined) return clock;
  const hour = clock / 3_600_000_000n;
  if (hour < 1n || hour > 12n) draft.outOfRange = true;
  const rest = clock % 3_600_000_000n;
  const base = hour === 12n ? 0n : hour;
  return (base + (meridiem === "pm" ? 12n : 0n)) * 3_600_000_000n + rest;
}

/** The platform takes zone names in any case. */
function zoneSpelling(zone: string): string {
  return zone;
}
