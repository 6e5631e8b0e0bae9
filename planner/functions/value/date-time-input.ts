// Text input of dates, times and timestamps: the formats of PostgreSQL's manual, appendix B, read field by field.
// 22007 for what cannot be read, 22008 for fields out of range.

import { SqlError } from "../../../storage/common/errors.ts";
import { daysFromCivil, daysInMonth } from "./calendar.ts";
import {
  statedOffsetOfWall,
  statedZone,
  type StatedZone,
} from "./stated-zone.ts";

export type DateTimeInput =
  | { readonly kind: "infinity" | "-infinity" | "epoch" | "now" }
  /** Days from today: -1, 0 or 1; time of day in microseconds. */
  | {
      readonly kind: "relative";
      readonly days: number;
      readonly micros: number;
    }
  | {
      readonly kind: "fields";
      /** Days since 1970; undefined when the text had only a time. */
      readonly days: number | undefined;
      readonly micros: number;
      readonly hasTime: boolean;
      /** Seconds east of UTC, where the text named a zone. */
      readonly offset: number | undefined;
    };

export type DateOrder = "MDY" | "DMY" | "YMD";

interface Wanted {
  /** As the message names it: `date`, `timestamp with time zone`. */
  readonly type: string;
  readonly order: DateOrder;
}

const MONTHS = [
  "jan",
  "feb",
  "mar",
  "apr",
  "may",
  "jun",
  "jul",
  "aug",
  "sep",
  "oct",
  "nov",
  "dec",
];
const MONTH_NAME =
  /^(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)$/;
const WEEKDAY =
  /^(?:mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)$/;

function syntaxError(text: string, type: string): SqlError {
  return new SqlError(
    "22007",
    `invalid input syntax for type ${type}: "${text}"`,
  );
}

function outOfRange(text: string, hinted = false): SqlError {
  return new SqlError(
    "22008",
    `date/time field value out of range: "${text}"`,
    hinted ? { hint: 'Perhaps you need a different "datestyle" setting.' } : {},
  );
}

const RELATIVE: Readonly<Record<string, number>> = {
  today: 0,
  tomorrow: 1,
  yesterday: -1,
};

export function readDateTime(text: string, wanted: Wanted): DateTimeInput {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === "infinity" || trimmed === "+infinity")
    return { kind: "infinity" };
  if (trimmed === "-infinity") return { kind: "-infinity" };
  if (trimmed === "epoch" || trimmed === "now") return { kind: trimmed };
  const state = new Fields(text, wanted);
  for (const token of tokens(trimmed)) state.take(token);
  return state.finish();
}

/** `2020-01-31t10:00` and `10:00+02` fall apart where a letter or sign starts something new. */
function tokens(text: string): readonly string[] {
  const spaced = text
    .replace(/(\d)t(?=\d)/g, "$1 ")
    .replace(/(:\d{2}(?:\.\d*)?)(am|pm|z\b|[a-z])/g, "$1 $2")
    .replace(/(:\d{2}(?:\.\d*)?)([+-]\d)/g, "$1 $2")
    .replace(/,/g, " ");
  return spaced.split(/\s+/).filter((token) => token !== "");
}

/** Collects fields token by token; `finish` checks them together. */
class Fields {
  readonly #text: string;
  readonly #wanted: Wanted;
  readonly #numbers: string[] = [];
  #month: number | undefined;
  #days: number | undefined;
  #micros = 0;
  #hasTime = false;
  #meridiem: "am" | "pm" | undefined;
  #zone: StatedZone | undefined;
  #bc = false;
  #relative: number | undefined;

  constructor(text: string, wanted: Wanted) {
    this.#text = text;
    this.#wanted = wanted;
  }

  take(token: string): void {
    if (token in RELATIVE) this.#relative = RELATIVE[token];
    else if (token === "allballs") this.#hasTime = true;
    else if (token === "am" || token === "pm") this.#meridiem = token;
    else if (token === "bc" || token === "ad") this.#bc = token === "bc";
    else if (/^\d{1,2}:\d/.test(token)) this.#time(token);
    else if (this.#hasTime && /^[+-]\d/.test(token)) this.#displacement(token);
    else if (MONTH_NAME.test(token))
      this.#month = MONTHS.indexOf(token.slice(0, 3)) + 1;
    else if (WEEKDAY.test(token)) return;
    else this.#dateOrZone(token);
  }

  #dateOrZone(token: string): void {
    if (/^[a-z]/.test(token) && !/^[a-z]+-\d/.test(token))
      this.#zoneName(token);
    else if (/^\d+$/.test(token)) this.#digits(token);
    else this.#dateParts(token);
  }

  #zoneName(token: string): void {
    const zone = statedZone(token);
    if (zone !== undefined) this.#zone = zone;
    else if (token.includes("/")) {
      throw new SqlError("22023", `time zone "${token}" not recognized`);
    } else throw this.#bad();
  }

  #digits(token: string): void {
    if (
      token.length === 8 &&
      this.#days === undefined &&
      this.#numbers.length === 0
    ) {
      this.#setDate(
        Number(token.slice(0, 4)),
        Number(token.slice(4, 6)),
        Number(token.slice(6)),
      );
    } else if (
      token.length === 6 &&
      this.#days === undefined &&
      this.#numbers.length === 0 &&
      this.#month === undefined
    ) {
      this.#setDate(
        century(token.slice(0, 2)),
        Number(token.slice(2, 4)),
        Number(token.slice(4)),
      );
    } else if (
      (token.length === 6 || token.length === 4) &&
      this.#days !== undefined &&
      !this.#hasTime
    ) {
      this.#time(
        token.replace(
          /^(..)(..)(..)?$/,
          (_, h: string, m: string, s?: string) =>
            `${h}:${m}${s === undefined ? "" : `:${s}`}`,
        ),
      );
    } else this.#numbers.push(token);
  }

  #dateParts(token: string): void {
    const parts = token.split(/[-/.]/);
    const [a = "", b = "", c = ""] = parts;
    if (parts.length !== 3 || this.#days !== undefined) throw this.#bad();
    const name = [a, b, c].findIndex((part) => MONTH_NAME.test(part));
    if (name >= 0) {
      this.#month = MONTHS.indexOf([a, b, c][name]?.slice(0, 3) ?? "") + 1;
      this.#numbers.push(...[a, b, c].filter((_, i) => i !== name));
      if (!this.#numbers.every((part) => /^\d+$/.test(part))) throw this.#bad();
      return;
    }
    if (![a, b, c].every((part) => /^\d+$/.test(part))) throw this.#bad();
    if (a.length > 2) return this.#setDate(Number(a), Number(b), Number(c));
    const { order } = this.#wanted;
    if (order === "YMD") return this.#setDate(century(a), Number(b), Number(c));
    const year = c.length > 2 ? Number(c) : century(c);
    if (order === "DMY") this.#setDate(year, Number(b), Number(a));
    else this.#setDate(year, Number(a), Number(b));
  }

  #time(token: string): void {
    const match = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?$/.exec(
      token,
    );
    if (match === null || this.#hasTime) throw this.#bad();
    const [, hour = "0", minute = "0", second = "0", fraction = ""] = match;
    if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60)
      throw outOfRange(this.#text);
    const micros = Math.round(
      Number(`0.${fraction === "" ? "0" : fraction}`) * 1e6,
    );
    this.#hasTime = true;
    this.#micros =
      ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000_000 +
      micros;
    if (this.#micros > 86_400_000_000) throw outOfRange(this.#text);
  }

  #displacement(token: string): void {
    const match = /^([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?$/.exec(token);
    if (match === null) throw this.#bad();
    const [, sign, hours, minutes = "0", seconds = "0"] = match;
    const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    if (Number(hours) > 15 || Number(minutes) > 59) {
      throw new SqlError(
        "22009",
        `time zone displacement out of range: "${this.#text}"`,
      );
    }
    this.#zone = { kind: "fixed", offset: sign === "-" ? -size : size };
  }

  #setDate(year: number, month: number, day: number): void {
    const astronomical = this.#bc ? 1 - year : year;
    if (month < 1 || month > 12) throw outOfRange(this.#text, true);
    if (day < 1 || day > 31) throw outOfRange(this.#text, true);
    if (year === 0 || day > daysInMonth(astronomical, month))
      throw outOfRange(this.#text);
    this.#days = daysFromCivil({ year: astronomical, month, day });
    this.#pending = { year, month, day };
  }
  #pending:
    | { readonly year: number; readonly month: number; readonly day: number }
    | undefined;

  finish(): DateTimeInput {
    if (this.#month !== undefined) this.#namedMonth(this.#month);
    else if (this.#numbers.length > 0) throw this.#bad();
    if (this.#bc && this.#pending !== undefined) {
      const { year, month, day } = this.#pending;
      this.#setDate(year, month, day);
    }
    const micros = this.#clock();
    if (this.#relative !== undefined)
      return { kind: "relative", days: this.#relative, micros };
    if (this.#days === undefined && !this.#hasTime) throw this.#bad();
    return {
      kind: "fields",
      days: this.#days,
      micros,
      hasTime: this.#hasTime,
      offset: this.#offset(micros),
    };
  }

  #offset(micros: number): number | undefined {
    if (this.#zone === undefined) return undefined;
    const wallSeconds = (this.#days ?? 0) * 86400 + Math.floor(micros / 1e6);
    return statedOffsetOfWall(this.#zone, wallSeconds);
  }

  #namedMonth(month: number): void {
    const [a, b] = this.#numbers;
    if (a === undefined || b === undefined || this.#numbers.length > 2)
      throw this.#bad();
    if (a.length > 2) this.#setDate(Number(a), month, Number(b));
    else this.#setDate(b.length > 2 ? Number(b) : century(b), month, Number(a));
  }

  #clock(): number {
    if (this.#meridiem === undefined) return this.#micros;
    const hour = Math.floor(this.#micros / 3_600_000_000);
    if (hour > 12 || hour === 0) throw outOfRange(this.#text);
    const twelve = 12 * 3_600_000_000;
    const base = hour === 12 ? this.#micros - twelve : this.#micros;
    return this.#meridiem === "pm" ? base + twelve : base;
  }

  #bad(): SqlError {
    return syntaxError(this.#text, this.#wanted.type);
  }
}

/** Two-digit years: 1970 to 2069. */
function century(digits: string): number {
  const year = Number(digits);
  if (digits.length > 2) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}
