// to_char of timestamps and intervals.

import { civilFromDays, daysFromCivil, splitMicros } from "../calendar.ts";
import { formatOffset, pad, type Interval } from "../date-time-text.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
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
  /** Its abbreviation at that instant; asked for by TZ alone. */
  readonly zoneName: () => string;
}

/** Wall-clock microseconds; `offset` in seconds for timestamps with zone. */
export function formatMoment(
  wall: bigint,
  template: string,
  zoned?: { readonly offset: number; readonly zoneName: () => string },
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
    zoneName: zoned?.zoneName ?? (() => ""),
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
    zoneName: () => "",
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

type Show = (keyword: DateKeyword, moment: Moment) => string;

function field(keyword: DateKeyword, moment: Moment): string {
  const show =
    CLOCK_FIELDS[keyword.name] ??
    YEAR_FIELDS[keyword.name] ??
    DATE_FIELDS[keyword.name] ??
    zoneField;
  return show(keyword, moment);
}

const number =
  (width: number, value: (moment: Moment) => number): Show =>
  (keyword, moment) =>
    digits(value(moment), width, keyword);

const twelveHours = number(2, ({ hour }) => (hour % 12 === 0 ? 12 : hour % 12));
const secondOfDay: Show = (_, { hour, minute, second }) =>
  String(hour * 3600 + minute * 60 + second);
const half =
  (early: string, late: string): Show =>
  ({ written }, { hour }) =>
    matchAll(hour % 24 >= 12 ? late : early, written);
const fraction =
  (count: number): Show =>
  (_, { micros }) =>
    pad(Math.abs(micros), 6).slice(0, count);

const CLOCK_FIELDS: Readonly<Record<string, Show>> = {
  HH: twelveHours,
  HH12: twelveHours,
  HH24: number(2, ({ hour }) => hour),
  MI: number(2, ({ minute }) => minute),
  SS: number(2, ({ second }) => second),
  MS: fraction(3),
  US: fraction(6),
  FF1: fraction(1),
  FF2: fraction(2),
  FF3: fraction(3),
  FF4: fraction(4),
  FF5: fraction(5),
  FF6: fraction(6),
  SSSS: secondOfDay,
  SSSSS: secondOfDay,
  AM: half("AM", "PM"),
  PM: half("AM", "PM"),
  "A.M.": half("A.M.", "P.M."),
  "P.M.": half("A.M.", "P.M."),
};

function matchAll(word: string, written: string): string {
  return written === written.toUpperCase() ? word : word.toLowerCase();
}

/** Years before Christ are shown without sign: 0 is 1 BC. */
function shownYear(moment: Moment): number {
  return moment.date !== undefined && moment.year <= 0
    ? 1 - moment.year
    : moment.year;
}

const era =
  (before: string, after: string): Show =>
  ({ written }, { year }) =>
    matchAll(year <= 0 ? before : after, written);

const YEAR_FIELDS: Readonly<Record<string, Show>> = {
  YYYY: number(4, shownYear),
  YYY: number(3, (moment) => shownYear(moment) % 1000),
  YY: number(2, (moment) => shownYear(moment) % 100),
  Y: number(1, (moment) => shownYear(moment) % 10),
  "Y,YYY": (_, moment) =>
    `${Math.floor(shownYear(moment) / 1000)},${pad(shownYear(moment) % 1000, 3)}`,
  IYYY: number(4, isoYear),
  IYY: number(3, (moment) => isoYear(moment) % 1000),
  IY: number(2, (moment) => isoYear(moment) % 100),
  I: number(1, (moment) => isoYear(moment) % 10),
  CC: number(2, century),
  BC: era("BC", "AD"),
  AD: era("BC", "AD"),
  "B.C.": era("B.C.", "A.D."),
  "A.D.": era("B.C.", "A.D."),
};

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

const DATE_FIELDS: Readonly<Record<string, Show>> = {
  MM: number(2, ({ month }) => month),
  DD: number(2, ({ day }) => day),
  Q: (_, { month }) =>
    month === 0 ? "" : String(Math.floor((month - 1) / 3) + 1),
  MONTH: nameField,
  MON: nameField,
  DAY: nameField,
  DY: nameField,
  RM: nameField,
  D: (_, moment) => String(weekday(moment) + 1),
  ID: (_, moment) => String(weekday(moment) === 0 ? 7 : weekday(moment)),
  DDD: number(3, (moment) =>
    moment.date === undefined
      ? moment.year * 360 + moment.month * 30 + moment.day
      : dayOfYear(moment),
  ),
  IDDD: number(3, isoDayOfYear),
  WW: number(2, (moment) => Math.floor((dayOfYear(moment) - 1) / 7) + 1),
  IW: number(2, (moment) => Math.floor((isoDayOfYear(moment) - 1) / 7) + 1),
  W: (_, { day }) => String(Math.floor((day - 1) / 7) + 1),
  J: (_, moment) => String(requireDate(moment) + 2440588),
};

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
        : matchAll(moment.zoneName().toUpperCase(), keyword.written);
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
