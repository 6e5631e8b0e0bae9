// Days and microseconds to calendar fields and back (proleptic Gregorian, astronomical years), and time zone offsets.

export const MICROS_PER_DAY = 86_400_000_000n;

export interface CivilDate {
  /** Astronomical: 0 is 1 BC. */
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Days since 1970-01-01 (Howard Hinnant's algorithms, exact for all 32-bit day numbers). */
export function daysFromCivil({ year, month, day }: CivilDate): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear =
    Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

export function civilFromDays(days: number): CivilDate {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36524) -
      Math.floor(dayOfEra / 146096)) /
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

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Floored division: the day an instant or wall clock lies in, and the microseconds within it. */
export function splitMicros(micros: bigint): {
  readonly days: number;
  readonly micros: number;
} {
  let days = micros / MICROS_PER_DAY;
  let rest = micros - days * MICROS_PER_DAY;
  if (rest < 0n) {
    days -= 1n;
    rest += MICROS_PER_DAY;
  }
  return { days: Number(days), micros: Number(rest) };
}

export function joinMicros(days: number, micros: number | bigint): bigint {
  return BigInt(days) * MICROS_PER_DAY + BigInt(micros);
}

const FORMATTERS = new Map<string, Intl.DateTimeFormat | undefined>();

function formatterOf(zone: string): Intl.DateTimeFormat | undefined {
  if (!FORMATTERS.has(zone)) FORMATTERS.set(zone, makeFormatter(zone));
  return FORMATTERS.get(zone);
}

function makeFormatter(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return undefined;
  }
}

/** A zone of the tz database (any case), `UTC`, or a fixed offset such as `+02:00`. */
export function isTimeZone(zone: string): boolean {
  return fixedOffset(zone) !== undefined || formatterOf(zone) !== undefined;
}

/** Seconds east of UTC for `+05:30`, `-8`, `<+02>-02`; undefined for names. POSIX strings count west, ISO in brackets east. */
export function fixedOffset(zone: string): number | undefined {
  if (/^(?:utc|gmt|z|zulu|etc\/utc)$/i.test(zone)) return 0;
  const bracketed = /^<[^>]*>([+-]?)(\d{1,2})(?::?(\d{2}))?$/.exec(zone);
  const plain = /^([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(zone);
  const match = bracketed ?? plain;
  if (match === null) return undefined;
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60;
  return match[1] === "-" ? seconds : -seconds;
}

/** Seconds east of UTC in force at an instant, given in seconds since 1970 UTC. The zone must exist. */
export function offsetAt(zone: string, epochSeconds: number): number {
  const fixed = fixedOffset(zone);
  if (fixed !== undefined) return fixed;
  const formatter = formatterOf(zone);
  if (formatter === undefined) return 0;
  const bounded = Math.min(Math.max(epochSeconds, -8.6e12), 8.6e12);
  const parts = new Map(
    formatter
      .formatToParts(new Date(bounded * 1000))
      .map((part) => [part.type, part.value]),
  );
  const field = (name: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.get(name) ?? 0);
  const year = (parts.get("era") ?? "AD").startsWith("B")
    ? 1 - field("year")
    : field("year");
  const days = daysFromCivil({
    year,
    month: field("month"),
    day: field("day"),
  });
  const wall =
    days * 86400 +
    field("hour") * 3600 +
    field("minute") * 60 +
    field("second");
  return wall - Math.floor(bounded);
}

/** The offset PostgreSQL takes for a wall clock (seconds as if UTC): standard time where it is ambiguous, the one before a gap. */
export function offsetOfWall(zone: string, wallSeconds: number): number {
  const before = offsetAt(zone, wallSeconds - 86400);
  const after = offsetAt(zone, wallSeconds + 86400);
  if (before === after) return before;
  const fits = [before, after].filter(
    (offset) => offsetAt(zone, wallSeconds - offset) === offset,
  );
  if (fits.length === 2) return Math.min(before, after);
  return fits[0] ?? before;
}
