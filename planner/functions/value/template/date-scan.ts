// to_date and to_timestamp: text read by a template. Separators in the text match any separator of the template; numbers take as
// many digits as their pattern has unless a separator follows.

import { daysFromCivil, daysInMonth, joinMicros } from "../calendar.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import {
  DAY_NAMES,
  MONTH_NAMES,
  ROMAN_MONTHS,
  parseDateTemplate,
  type DateKeyword,
  type DatePart,
} from "./date-template.ts";

export interface Scanned {
  readonly days: number;
  readonly micros: number;
  /** Seconds east of UTC, when the template has a zone. */
  readonly offset: number | undefined;
}

const WIDTHS: Readonly<Record<string, number>> = {
  YYYY: 4,
  YYY: 3,
  YY: 2,
  Y: 1,
  IYYY: 4,
  IYY: 3,
  IY: 2,
  I: 1,
  MM: 2,
  DD: 2,
  DDD: 3,
  IDDD: 3,
  HH: 2,
  HH12: 2,
  HH24: 2,
  MI: 2,
  SS: 2,
  MS: 3,
  US: 6,
  SSSS: 5,
  SSSSS: 5,
  J: 7,
  Q: 1,
  WW: 2,
  IW: 2,
  W: 1,
  D: 1,
  ID: 1,
  CC: 2,
  FF1: 1,
  FF2: 2,
  FF3: 3,
  FF4: 4,
  FF5: 5,
  FF6: 6,
};

export function scanMoment(text: string, template: string): Scanned {
  const parts = parseDateTemplate(template);
  const scanner = new Scanner(text);
  for (const [i, part] of parts.entries()) {
    if (part.kind === "text") scanner.skip(part.text);
    else scanner.read(part, parts[i + 1]);
  }
  return scanner.finish();
}

function outOfRange(text: string): SqlError {
  return new SqlError("22008", `date/time field value out of range: "${text}"`);
}

class Scanner {
  readonly #text: string;
  readonly #values = new Map<string, number>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  skip(text: string): void {
    const char = this.#text[this.#at] ?? "";
    if (/^[A-Za-z0-9]/.test(text)) {
      this.#at += text.length;
    } else if (/^\s$/.test(text)) {
      while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
    } else if (
      char !== "" &&
      !/[A-Za-z0-9]/.test(char) &&
      !(/[+-]/.test(char) && !/[+-]/.test(text))
    ) {
      this.#at++;
    }
  }

  read(keyword: DateKeyword, next: DatePart | undefined): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
    if (this.#word(keyword) || this.#zone(keyword)) return;
    const width = WIDTHS[keyword.name];
    if (width === undefined) return;
    this.#number(keyword, width, next);
    if (keyword.suffix !== "") this.#at += 2;
  }

  #word({ name }: DateKeyword): boolean {
    const rest = this.#text.slice(this.#at).toLowerCase();
    const words = wordsOf(name);
    if (words === undefined) return false;
    const found = words.findIndex((word) =>
      rest.startsWith(word.toLowerCase()),
    );
    if (found < 0) {
      const shown = /^\S*/.exec(this.#text.slice(this.#at))?.[0] ?? "";
      throw new SqlError("22007", `invalid value "${shown}" for "${name}"`, {
        detail:
          "The given value did not match any of the allowed values for this field.",
      });
    }
    this.#at += words[found]?.length ?? 0;
    if (/^[MR]/.test(name))
      this.#values.set("MM", (name === "RM" ? 11 - found : found) + 1);
    else if (/^[AP]\.?M/.test(name)) this.#values.set("PM", found);
    else if (/^[AB]\.?[CD]/.test(name)) this.#values.set("BC", found);
    return true;
  }

  #zone({ name }: DateKeyword): boolean {
    if (name !== "TZH" && name !== "TZM" && name !== "OF" && name !== "TZ")
      return false;
    const rest = this.#text.slice(this.#at);
    const match =
      name === "TZM"
        ? /^(\d{1,2})()()/.exec(rest)
        : name === "TZH"
          ? /^([+-]?\d{1,2})()()/.exec(rest)
          : /^([+-]\d{1,2})(?::?(\d{2}))?()/.exec(rest);
    if (match === null)
      throw new SqlError(
        "0A000",
        `formatting field "${name}" is only supported in to_char`,
      );
    this.#at += match[0].length;
    const sign = match[1]?.startsWith("-") === true ? -1 : 1;
    if (name === "TZM") this.#values.set("TZM", Number(match[1]));
    else {
      this.#values.set("TZH", Number(match[1]));
      this.#values.set("TZSIGN", sign);
      if (match[2] !== undefined && match[2] !== "")
        this.#values.set("TZM", Number(match[2]));
    }
    return true;
  }

  #number(
    keyword: DateKeyword,
    width: number,
    next: DatePart | undefined,
  ): void {
    const { name } = keyword;
    const open =
      next === undefined ||
      next.kind === "text" ||
      WIDTHS[next.name] === undefined ||
      !keyword.fill;
    const limit = open
      ? name.startsWith("F") || name === "MS" || name === "US"
        ? width
        : Infinity
      : width;
    const match = /^[+-]?\d*/.exec(this.#text.slice(this.#at))?.[0] ?? "";
    const taken = match.slice(0, limit);
    if (!/\d/.test(taken)) {
      if (this.#at >= this.#text.length) return;
      const shown = this.#text.slice(this.#at, this.#at + width);
      throw new SqlError("22007", `invalid value "${shown}" for "${name}"`, {
        detail: "Value must be an integer.",
      });
    }
    this.#at += taken.length;
    this.#values.set(name, this.#scaled(name, taken));
  }

  /** Fractions of a second count from the left; short years take the nearest to 2020. */
  #scaled(name: string, digits: string): number {
    const value = Number(digits);
    if (name === "MS") return Number(digits.padEnd(3, "0"));
    if (name === "US" || name.startsWith("FF"))
      return Number(digits.padEnd(6, "0"));
    if (/^I?Y{1,3}$/.test(name) && digits.length < 4)
      return nearYear(value, digits.length);
    return value;
  }

  finish(): Scanned {
    const micros = this.#clock();
    const tzh = this.#values.get("TZH");
    const sign = this.#values.get("TZSIGN") ?? 1;
    return {
      days: this.#date(),
      micros,
      offset:
        tzh === undefined
          ? undefined
          : tzh * 3600 + sign * (this.#values.get("TZM") ?? 0) * 60,
    };
  }

  #get(...names: readonly string[]): number | undefined {
    return names
      .map((name) => this.#values.get(name))
      .find((value) => value !== undefined);
  }

  #clock(): number {
    const seconds = this.#get("SSSS", "SSSSS");
    const pm = this.#values.get("PM");
    let hour = this.#get("HH24", "HH12", "HH") ?? 0;
    if (pm !== undefined || this.#get("HH12", "HH") !== undefined)
      hour = this.#twelve(hour, pm);
    const minute = this.#get("MI") ?? 0;
    const second = this.#get("SS") ?? 0;
    if (hour > 23 || minute > 59 || second > 59) throw outOfRange(this.#text);
    const whole = seconds ?? (hour * 60 + minute) * 60 + second;
    const fraction =
      (this.#get("MS") ?? 0) * 1000 +
      (this.#get("US", "FF6", "FF5", "FF4", "FF3", "FF2", "FF1") ?? 0);
    return Number(joinMicros(0, whole * 1_000_000 + fraction));
  }

  #twelve(hour: number, pm: number | undefined): number {
    if (hour < 1 || hour > 12) {
      throw new SqlError(
        "22007",
        `hour "${hour}" is invalid for the 12-hour clock`,
        {
          hint: "Use the 24-hour clock, or give an hour between 1 and 12.",
        },
      );
    }
    if (pm === 1 && hour < 12) return hour + 12;
    return pm === 0 && hour === 12
      ? 0
      : hour === 12 && pm === undefined
        ? 0
        : hour;
  }

  #date(): number {
    const julian = this.#get("J");
    if (julian !== undefined) return julian - 2440588;
    const isoYear = this.#get("IYYY", "IYY", "IY", "I");
    if (isoYear !== undefined) return this.#isoDate(isoYear);
    const year = this.#year();
    const first = daysFromCivil({ year, month: 1, day: 1 });
    const dayOfYear = this.#get("DDD");
    if (dayOfYear !== undefined) return first + dayOfYear - 1;
    const week = this.#get("WW");
    return week === undefined ? this.#dayOfMonth(year) : first + (week - 1) * 7;
  }

  /** Astronomical; 1 BC when the text has no year. */
  #year(): number {
    const given =
      this.#get("YYYY", "YYY", "YY", "Y") ?? this.#fromCentury() ?? 0;
    if (given === 0) return 0;
    if (this.#values.get("BC") === 1) return 1 - given;
    return given < 0 ? given + 1 : given;
  }

  #dayOfMonth(year: number): number {
    const month = this.#get("MM") ?? 1;
    const week = this.#get("W") ?? 1;
    const day = this.#get("DD") ?? (week - 1) * 7 + 1;
    if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
      throw outOfRange(this.#text);
    }
    return daysFromCivil({ year, month, day });
  }

  #fromCentury(): number | undefined {
    const century = this.#get("CC");
    return century === undefined ? undefined : (century - 1) * 100 + 1;
  }

  #isoDate(year: number): number {
    const fourth = daysFromCivil({ year, month: 1, day: 4 });
    const first = fourth - ((((fourth + 3) % 7) + 7) % 7);
    const dayOfYear = this.#get("IDDD");
    if (dayOfYear !== undefined) return first + dayOfYear - 1;
    return (
      first + ((this.#get("IW") ?? 1) - 1) * 7 + (this.#get("ID") ?? 1) - 1
    );
  }
}

function wordsOf(name: string): readonly string[] | undefined {
  switch (name) {
    case "MONTH":
      return MONTH_NAMES;
    case "MON":
      return MONTH_NAMES.map((word) => word.slice(0, 3));
    case "RM":
      return ROMAN_MONTHS.toReversed();
    case "DAY":
      return DAY_NAMES;
    case "DY":
      return DAY_NAMES.map((word) => word.slice(0, 3));
    case "AM":
    case "PM":
      return ["AM", "PM"];
    case "A.M.":
    case "P.M.":
      return ["A.M.", "P.M."];
    case "BC":
    case "AD":
      return ["AD", "BC"];
    case "B.C.":
    case "A.D.":
      return ["A.D.", "B.C."];
    default:
      return undefined;
  }
}

/** 1970 to 2069 for two digits, 2000 to 2019 and 201x for one, 1100 to 2099 for three. */
function nearYear(value: number, length: number): number {
  if (length === 3) return value < 520 ? value + 2000 : value + 1000;
  if (length === 2) return value < 70 ? value + 2000 : value + 1900;
  return value + 2000;
}
