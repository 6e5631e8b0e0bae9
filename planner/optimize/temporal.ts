// Dates, timestamps and intervals in their canonical text, as whole numbers: proleptic Gregorian days and microseconds since 1970-01-01.
// Only what constant folding and pruning need; special values (infinity) give undefined and stay unfolded.

export const MICROS_PER_DAY = 86_400_000_000n;

/** PostgreSQL's three independent parts of an interval. */
export interface IntervalParts {
  readonly months: bigint;
  readonly days: bigint;
  readonly micros: bigint;
}

/** Days since the epoch of `2021-03-04`, also `0044-03-15 BC`. */
export function parseDate(text: string): bigint | undefined {
  const match = /^(\d{4,7})-(\d\d)-(\d\d)( BC)?$/u.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, era] = match;
  const astronomical = era === undefined ? Number(year) : 1 - Number(year);
  return daysFromCivil(astronomical, Number(month), Number(day));
}

export function formatDate(days: bigint): string {
  const { year, month, day } = civilFromDays(days);
  const shown = year > 0 ? year : 1 - year;
  return `${pad(shown, 4)}-${pad(month, 2)}-${pad(day, 2)}${year > 0 ? "" : " BC"}`;
}

/** Microseconds since the epoch of `2021-03-04 05:06:07.89`, with an optional zone offset as canonical timestamptz has. */
export function parseTimestamp(text: string): bigint | undefined {
  const match =
    /^(\d{4,7}-\d\d-\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:\+00)?( BC)?$/u.exec(
      text,
    );
  if (match === null) return undefined;
  const [, date, hours, minutes, seconds, fraction, era] = match;
  const days = parseDate(`${date ?? ""}${era ?? ""}`);
  if (days === undefined) return undefined;
  const time =
    (BigInt(hours ?? 0) * 60n + BigInt(minutes ?? 0)) * 60n +
    BigInt(seconds ?? 0);
  return (
    days * MICROS_PER_DAY +
    time * 1_000_000n +
    BigInt((fraction ?? "").padEnd(6, "0"))
  );
}

/** Canonical timestamp text; `zone` is appended before the era: `+00` for timestamptz. */
export function formatTimestamp(micros: bigint, zone: "" | "+00"): string {
  const days = floorDivide(micros, MICROS_PER_DAY);
  const rest = Number(micros - days * MICROS_PER_DAY);
  const date = formatDate(days);
  const [day, era] = date.endsWith(" BC")
    ? [date.slice(0, -3), " BC"]
    : [date, ""];
  const seconds = Math.floor(rest / 1_000_000);
  const fraction = String(rest % 1_000_000)
    .padStart(6, "0")
    .replace(/0+$/u, "");
  const clock = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ]
    .map((part) => pad(part, 2))
    .join(":");
  return `${day} ${clock}${fraction === "" ? "" : `.${fraction}`}${zone}${era}`;
}

const UNIT = /([+-]?\d+) (year|mon|day)s?/gu;
const CLOCK = /(?:^| )([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/u;

/** `1 year 2 mons -3 days 04:05:06.7` (IntervalStyle postgres). */
export function parseInterval(text: string): IntervalParts | undefined {
  const clock = CLOCK.exec(text);
  const units = clock === null ? text : text.slice(0, clock.index);
  if (units.replace(UNIT, "").trim() !== "") return undefined;
  let months = 0n;
  let days = 0n;
  for (const [, count, unit] of units.matchAll(UNIT)) {
    const value = BigInt((count ?? "0").replace("+", ""));
    if (unit === "year") months += value * 12n;
    else if (unit === "mon") months += value;
    else days += value;
  }
  return { months, days, micros: clock === null ? 0n : clockMicros(clock) };
}

function clockMicros(clock: RegExpExecArray): bigint {
  const [, sign, hours, minutes, seconds, fraction] = clock;
  const whole =
    (BigInt(hours ?? 0) * 60n + BigInt(minutes ?? 0)) * 60n +
    BigInt(seconds ?? 0);
  const micros = whole * 1_000_000n + BigInt((fraction ?? "").padEnd(6, "0"));
  return sign === "-" ? -micros : micros;
}

/** `timestamp + interval` as PostgreSQL adds: months with the day clipped, then days, then the clock. */
export function addInterval(micros: bigint, parts: IntervalParts): bigint {
  const days = floorDivide(micros, MICROS_PER_DAY);
  const clock = micros - days * MICROS_PER_DAY;
  const shifted = addMonths(days, parts.months) + parts.days;
  return shifted * MICROS_PER_DAY + clock + parts.micros;
}

export function negateInterval(parts: IntervalParts): IntervalParts {
  return { months: -parts.months, days: -parts.days, micros: -parts.micros };
}

function addMonths(days: bigint, months: bigint): bigint {
  if (months === 0n) return days;
  const { year, month, day } = civilFromDays(days);
  const total = BigInt(year) * 12n + BigInt(month - 1) + months;
  const newYear = Number(floorDivide(total, 12n));
  const newMonth = Number(total - floorDivide(total, 12n) * 12n) + 1;
  return daysFromCivil(
    newYear,
    newMonth,
    Math.min(day, daysInMonth(newYear, newMonth)),
  );
}

function daysInMonth(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (month === 2) return leap ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** Howard Hinnant's days_from_civil: years may be 0 or negative (astronomical). */
function daysFromCivil(year: number, month: number, day: number): bigint {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const shifted = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * shifted + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear;
  return BigInt(era * 146_097 + dayOfEra - 719_468);
}

function civilFromDays(days: bigint): {
  readonly year: number;
  readonly month: number;
  readonly day: number;
} {
  const z = Number(days) + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra -
    (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
