// DateStyle: how a date and the date part of a timestamp are laid out (PostgreSQL's EncodeDateOnly and EncodeDateTime).

import { civilFromDays } from "../../../../planner/functions/value/calendar.ts";

export type DateLayout = "iso" | "sql" | "postgres" | "german" | "json";

export interface DateStyle {
  readonly layout: DateLayout;
  /** Day before month, for SQL and Postgres layouts. */
  readonly dayFirst: boolean;
}

/** `ISO, MDY` and its relatives, any case; fields left out take PostgreSQL's defaults. */
export function parseDateStyle(setting: string): DateStyle {
  const words = setting.toLowerCase().split(/[\s,]+/);
  const layout: DateLayout = words.includes("german")
    ? "german"
    : words.includes("sql")
      ? "sql"
      : words.includes("postgres")
        ? "postgres"
        : "iso";
  const dayFirst = words.includes("dmy") || words.includes("european");
  return { layout, dayFirst };
}

export const JSON_DATES: DateStyle = { layout: "json", dayFirst: false };

/** A date without a time; BC is written behind it. */
export function formatDate(days: number, style: DateStyle): string {
  const date = civilFromDays(days);
  const year = date.year > 0 ? date.year : 1 - date.year;
  const y = String(year).padStart(4, "0");
  const m = two(date.month);
  const d = two(date.day);
  const era = date.year > 0 ? "" : " BC";
  switch (style.layout) {
    case "german":
      return `${d}.${m}.${y}${era}`;
    case "sql":
      return style.dayFirst ? `${d}/${m}/${y}${era}` : `${m}/${d}/${y}${era}`;
    case "postgres":
      return style.dayFirst ? `${d}-${m}-${y}${era}` : `${m}-${d}-${y}${era}`;
    default:
      return `${y}-${m}-${d}${era}`;
  }
}

/** The parts that surround the time of day in a timestamp: `2021-01-31 ` and ` BC`. */
export interface DateFrame {
  readonly before: string;
  /** Behind the time, before the zone: Postgres layout has the year there. */
  readonly year: string;
  readonly after: string;
}

export function dateFrame(days: number, style: DateStyle): DateFrame {
  const date = civilFromDays(days);
  const after = date.year > 0 ? "" : " BC";
  if (style.layout === "postgres") {
    const name = `${WEEKDAYS[weekday(days)] ?? ""} `;
    const month = MONTHS[date.month - 1] ?? "";
    const day = two(date.day);
    const year = date.year > 0 ? date.year : 1 - date.year;
    return {
      before: `${name}${style.dayFirst ? `${day} ${month}` : `${month} ${day}`} `,
      year: ` ${String(year).padStart(4, "0")}`,
      after,
    };
  }
  const bare = formatDate(days, style);
  const text = after === "" ? bare : bare.slice(0, -after.length);
  return {
    before: `${text}${style.layout === "json" ? "T" : " "}`,
    year: "",
    after,
  };
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
];

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** 0 is Sunday. */
function weekday(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}
