// to_char of timestamps and intervals.

import {
  civilFromDays,
  daysFromCivil,
  isLeapYear,
  splitMicros,
} from "../calendar.ts";
import { formatOffset, pad, type Interval } from "../date-time-text.ts";
import { SqlError, notSupported } from "../../../../storage/common/errors.ts";
import {
  DAY_NAMES,
  MONTH_NAMES,
  ROMAN_MONTHS,
  matchCase,
  parseDateTemplate,
  type DateKeyword,
} from "./date-template.ts";

/** Calendar and clock fields to print; for intervals those of the span. */
interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  /** Days since 1970; undefined for intervals. */
  readonly date: number | undefined;
  /** Seconds east of UTC; undefined without zone. */
  readonly offset: number | undefined;
  readonly zone: string;
}

/** Wall-clock microseconds; `offset` in seconds for timestamps with zone, whose name is `zone`. */
export function formatMoment(
  wall: bigint,
  template: string,
  zoned?: { readonly offset: number; readonly zone: string },
): string {
  const { days, micros } = splitMicros(wall);
  const date = civilFromDays(days);
  const seconds = Math.floor(micros / 1_000_000);
  return render(template, {
    ...date,
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    micros: micros % 1_000_000,
    date: days,
    offset: zoned?.offset,
    zone: zoned?.zone ?? "",
  });
}

export function formatSpan(interval: Interval, template: string): string {
  const seconds = interval.micros / 1_000_000n;
  return render(template, {
    year: Math.trunc(interval.months / 12),
    month: interval.months % 12,
    day: interval.days,
    hour: Number(seconds / 3600n),
    minute: Number((seconds / 60n) % 60n),
    second: Number(seconds % 60n),
    micros: Number(interval.micros % 1_000_000n),
    date: undefined,
    offset: undefined,
    zone: "",
  });
}

function render(template: string, moment: Moment): string {
  return parseDateTemplate(template)
    .map((part) => {
      if (part.kind === "text") return part.text;
      const shown = field(part, moment);
      return part.suffix === "" ? shown : shown + ordinal(shown, part.suffix);
    })
    .join("");
}

function ordinal(digits: string, written: string): string {
  const number = Number(digits);
  if (Number.isNaN(number)) return "";
  const tens = Math.abs(number) % 100;
  const ending =
    tens >= 11 && tens <= 13
      ? "th"
      : (["th", "st", "nd", "rd"][Math.abs(number) % 10] ?? "th");
  return written === "TH" ? ending.toUpperCase() : ending;
}

/** Zero-padded unless FM; a minus sign does not count. */
function digits(value: number, width: number, keyword: DateKeyword): string {
  if (!keyword.fill) return String(value);
  return value < 0 ? `-${pad(-value, width)}` : pad(value, width);
}

function field(keyword: DateKeyword, moment: Moment): string {
  return (
    clockField(keyword, moment) ??
    yearField(keyword, moment) ??
    dateField(keyword, moment) ??
    zoneField(keyword, moment)
  );
}

function clockField(keyword: DateKeyword, moment: Moment): string | undefined {
  const { hour, minute, second, micros } = moment;
  switch (keyword.name) {
    case "HH":
    case "HH12":
      return digits(hour % 12 === 0 ? 12 : hour % 12, 2, keyword);
    case "HH24":
      return digits(hour, 2, keyword);
    case "MI":
      return digits(minute, 2, keyword);
    case "SS":
      return digits(second, 2, keyword);
    case "MS":
      return pad(Math.abs(Math.trunc(micros / 1000)), 3);
    case "US":
      return pad(Math.abs(micros), 6);
    case "SSSS":
    case "SSSSS":
      return String(hour * 3600 + minute * 60 + second);
    case "AM":
    case "PM":
      return matchAll(hour % 24 >= 12 ? "PM" : "AM", keyword.written);
    case "A.M.":
    case "P.M.":
      return matchAll(hour % 24 >= 12 ? "P.M." : "A.M.", keyword.written);
    default:
      return /^FF[1-6]$/.test(keyword.name)
        ? pad(Math.abs(micros), 6).slice(0, Number(keyword.name.slice(2)))
        : undefined;
  }
}

function matchAll(word: string, written: string): string {
  return written === written.toUpperCase() ? word : word.toLowerCase();
}

/** Years before Christ are shown without sign: 0 is 1 BC. */
function shownYear(moment: Moment): number {
  return moment.date !== undefined && moment.year <= 0
    ? 1 - moment.year
    : moment.year;
}

function yearField(keyword: DateKeyword, moment: Moment): string | undefined {
  const year = shownYear(moment);
  switch (keyword.name) {
    case "YYYY":
      return digits(year, 4, keyword);
    case "YYY":
      return digits(year % 1000, 3, keyword);
    case "YY":
      return digits(year % 100, 2, keyword);
    case "Y":
      return digits(year % 10, 1, keyword);
    case "Y,YYY":
      return `${Math.floor(year / 1000)},${pad(year % 1000, 3)}`;
    case "IYYY":
      return digits(isoYear(moment), 4, keyword);
    case "IYY":
      return digits(isoYear(moment) % 1000, 3, keyword);
    case "IY":
      return digits(isoYear(moment) % 100, 2, keyword);
    case "I":
      return digits(isoYear(moment) % 10, 1, keyword);
    case "CC":
      return digits(century(moment), 2, keyword);
    case "BC":
    case "AD":
      return matchAll(moment.year <= 0 ? "BC" : "AD", keyword.written);
    case "B.C.":
    case "A.D.":
      return matchAll(moment.year <= 0 ? "B.C." : "A.D.", keyword.written);
    default:
      return undefined;
  }
}

function century({ year, date }: Moment): number {
  if (date === undefined) return Math.trunc(year / 100);
  return year > 0
    ? Math.floor((year - 1) / 100) + 1
    : -Math.floor((100 - year) / 100);
}

function requireDate(moment: Moment): number {
  if (moment.date === undefined) {
    throw new SqlError(
      "22007",
      "invalid format specification for an interval value",
      {
        hint: "Intervals are not tied to specific calendar dates.",
      },
    );
  }
  return moment.date;
}

function weekday(moment: Moment): number {
  return (((requireDate(moment) + 4) % 7) + 7) % 7;
}

function dayOfYear(moment: Moment): number {
  return (
    requireDate(moment) -
    daysFromCivil({ year: moment.year, month: 1, day: 1 }) +
    1
  );
}

function firstIsoDay(year: number): number {
  const fourth = daysFromCivil({ year, month: 1, day: 4 });
  return fourth - ((((fourth + 3) % 7) + 7) % 7);
}

function isoYear(moment: Moment): number {
  const date = requireDate(moment);
  if (date >= firstIsoDay(moment.year + 1)) return moment.year + 1;
  return date < firstIsoDay(moment.year) ? moment.year - 1 : moment.year;
}

function isoDayOfYear(moment: Moment): number {
  return requireDate(moment) - firstIsoDay(isoYear(moment)) + 1;
}

function dateField(keyword: DateKeyword, moment: Moment): string | undefined {
  switch (keyword.name) {
    case "MM":
      return digits(moment.month, 2, keyword);
    case "DD":
      return digits(moment.day, 2, keyword);
    case "Q":
      return moment.month === 0
        ? ""
        : String(Math.floor((moment.month - 1) / 3) + 1);
    case "MONTH":
    case "MON":
    case "DAY":
    case "DY":
    case "RM":
      return nameField(keyword, moment);
    case "D":
      return String(weekday(moment) + 1);
    case "ID":
      return String(weekday(moment) === 0 ? 7 : weekday(moment));
    case "DDD":
      return moment.date === undefined
        ? digits(moment.year * 360 + moment.month * 30 + moment.day, 3, keyword)
        : digits(dayOfYear(moment), 3, keyword);
    case "IDDD":
      return digits(isoDayOfYear(moment), 3, keyword);
    case "WW":
      return digits(Math.floor((dayOfYear(moment) - 1) / 7) + 1, 2, keyword);
    case "IW":
      return digits(Math.floor((isoDayOfYear(moment) - 1) / 7) + 1, 2, keyword);
    case "W":
      return String(Math.floor((moment.day - 1) / 7) + 1);
    case "J":
      return String(requireDate(moment) + 2440588);
    default:
      return undefined;
  }
}

function nameField(keyword: DateKeyword, moment: Moment): string {
  const { name, written, fill } = keyword;
  if (name === "RM") {
    const roman = matchAll(ROMAN_MONTHS[moment.month - 1] ?? "", written);
    return fill ? roman.padEnd(4) : roman;
  }
  const isMonth = name.startsWith("M");
  if (isMonth && moment.date === undefined) requireDate(moment);
  const word = isMonth
    ? (MONTH_NAMES[moment.month - 1] ?? "")
    : (DAY_NAMES[weekday(moment)] ?? "");
  const short = name === "MON" || name === "DY";
  const shown = matchCase(short ? word.slice(0, 3) : word, written);
  return fill && !short ? shown.padEnd(9) : shown;
}

function zoneField(keyword: DateKeyword, moment: Moment): string {
  const { offset } = moment;
  if (offset === undefined && moment.date === undefined) requireDate(moment);
  const seconds = offset ?? 0;
  const hours = Math.trunc(Math.abs(seconds) / 3600);
  const minutes = Math.floor(Math.abs(seconds) / 60) % 60;
  switch (keyword.name) {
    case "TZ":
      return offset === undefined
        ? ""
        : matchAll(abbreviation(moment), keyword.written);
    case "TZH":
      return offset === undefined
        ? "+00"
        : `${seconds < 0 ? "-" : "+"}${pad(hours, 2)}`;
    case "TZM":
      return pad(minutes, 2);
    default:
      return offset === undefined ? "+00" : formatOffset(offset);
  }
}

/** UTC is the one zone whose abbreviation is certain here. */
function abbreviation({ zone }: Moment): string {
  if (/^(?:utc|etc\/utc|gmt|etc\/gmt)$/i.test(zone))
    return zone.toUpperCase().replace("ETC/", "");
  throw notSupported("the TZ pattern in a time zone other than UTC is");
}

/** Days in a year, for to_date's DDD. */
export function daysInYear(year: number): number {
  return isLeapYear(year) ? 366 : 365;
}
