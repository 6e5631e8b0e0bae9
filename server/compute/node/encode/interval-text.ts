// Intervals in the four IntervalStyles (PostgreSQL's EncodeInterval).

export interface IntervalParts {
  readonly months: number;
  readonly days: number;
  /** Microseconds; below 2^53 in magnitude is not guaranteed, so a bigint. */
  readonly micros: bigint;
}

interface Fields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Hours, minutes, seconds and microseconds share the sign of the time part. */
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly fraction: number;
}

/** @param style postgres, postgres_verbose, sql_standard or iso_8601 */
export function formatInterval(parts: IntervalParts, style: string): string {
  const fields = fieldsOf(parts);
  switch (style.toLowerCase()) {
    case "postgres_verbose":
      return verbose(fields);
    case "sql_standard":
      return sqlStandard(fields);
    case "iso_8601":
      return iso(fields);
    default:
      return postgres(fields);
  }
}

function fieldsOf(parts: IntervalParts): Fields {
  const seconds = Number(parts.micros / 1_000_000n);
  return {
    year: Math.trunc(parts.months / 12),
    month: parts.months % 12,
    day: parts.days,
    hour: Math.trunc(seconds / 3600),
    minute: Math.trunc(seconds / 60) % 60,
    second: seconds % 60,
    fraction: Number(parts.micros % 1_000_000n),
  };
}

function hasTime(f: Fields): boolean {
  return f.hour !== 0 || f.minute !== 0 || f.second !== 0 || f.fraction !== 0;
}

function negativeTime(f: Fields): boolean {
  return f.hour < 0 || f.minute < 0 || f.second < 0 || f.fraction < 0;
}

function postgres(f: Fields): string {
  const words: string[] = [];
  let negativeBefore = false;
  for (const [value, unit] of [
    [f.year, "year"],
    [f.month, "mon"],
    [f.day, "day"],
  ] as const) {
    if (value === 0) continue;
    const plus = negativeBefore && value > 0 ? "+" : "";
    words.push(`${plus}${value} ${unit}${value === 1 ? "" : "s"}`);
    negativeBefore = value < 0;
  }
  if (words.length === 0 || hasTime(f)) {
    const sign = negativeTime(f) ? "-" : negativeBefore ? "+" : "";
    words.push(`${sign}${clock(f, 2)}`);
  }
  return words.join(" ");
}

function verbose(f: Fields): string {
  const words: string[] = [];
  // The first field decides whether all is counted backwards.
  let ago: boolean | undefined;
  const add = (value: number, unit: string): void => {
    if (value === 0) return;
    ago ??= value < 0;
    const shown = ago ? 0 - value : value;
    words.push(`${shown} ${unit}${shown === 1 ? "" : "s"}`);
  };
  add(f.year, "year");
  add(f.month, "mon");
  add(f.day, "day");
  add(f.hour, "hour");
  add(f.minute, "min");
  if (f.second !== 0 || f.fraction !== 0) {
    const negative = f.second < 0 || f.fraction < 0;
    ago ??= negative;
    const sign = negative !== ago ? "-" : "";
    const text = secondsText(f, 1);
    words.push(`${sign}${text} sec${text === "1" ? "" : "s"}`);
  }
  if (words.length === 0) return "@ 0";
  return `@ ${words.join(" ")}${ago === true ? " ago" : ""}`;
}

function sqlStandard(f: Fields): string {
  const { year, month, day, hour, minute, second, fraction } = f;
  const values = [year, month, day, hour, minute, second, fraction];
  const negative = values.some((value) => value < 0);
  const positive = values.some((value) => value > 0);
  if (!negative && !positive) return "0";
  const yearMonth = year !== 0 || month !== 0;
  const dayTime = day !== 0 || hasTime(f);
  if ((negative && positive) || (yearMonth && dayTime)) return signedParts(f);
  const sign = negative ? "-" : "";
  if (yearMonth) return `${sign}${Math.abs(year)}-${Math.abs(month)}`;
  if (day !== 0) return `${sign}${Math.abs(day)} ${clock(f, 1)}`;
  return `${sign}${clock(f, 1)}`;
}

/** Every part with its own sign, where one for all would not do. */
function signedParts(f: Fields): string {
  const months = f.year < 0 || f.month < 0 ? "-" : "+";
  const days = f.day < 0 ? "-" : "+";
  const time = negativeTime(f) ? "-" : "+";
  return `${months}${Math.abs(f.year)}-${Math.abs(f.month)} ${days}${Math.abs(f.day)} ${time}${clock(f, 1)}`;
}

function iso(f: Fields): string {
  if (f.year === 0 && f.month === 0 && f.day === 0 && !hasTime(f)) {
    return "PT0S";
  }
  const part = (value: number, unit: string): string =>
    value === 0 ? "" : `${value}${unit}`;
  const date = `P${part(f.year, "Y")}${part(f.month, "M")}${part(f.day, "D")}`;
  if (!hasTime(f)) return date;
  const seconds =
    f.second === 0 && f.fraction === 0
      ? ""
      : `${f.second < 0 || f.fraction < 0 ? "-" : ""}${secondsText(f, 1)}S`;
  return `${date}T${part(f.hour, "H")}${part(f.minute, "M")}${seconds}`;
}

/** Magnitude of the time part; the hour has at least `hourDigits` digits. */
function clock(f: Fields, hourDigits: number): string {
  const hour = String(Math.abs(f.hour)).padStart(hourDigits, "0");
  const minute = String(Math.abs(f.minute)).padStart(2, "0");
  return `${hour}:${minute}:${secondsText(f, 2)}`;
}

function secondsText(f: Fields, digits: number): string {
  const whole = String(Math.abs(f.second)).padStart(digits, "0");
  if (f.fraction === 0) return whole;
  const fraction = String(Math.abs(f.fraction)).padStart(6, "0");
  return `${whole}.${fraction.replace(/0+$/, "")}`;
}
