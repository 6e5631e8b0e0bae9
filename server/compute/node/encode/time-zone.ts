// Offsets of a session's TimeZone from UTC, at any instant: IANA names by the runtime's zone data, POSIX offsets
// (`UTC+3`, `+05:30`, `<+03>-03`), which count westwards, and bare hours east.

/** Seconds to add to UTC, east positive. `epochSeconds` is a whole number. */
export type ZoneOffset = (epochSeconds: number) => number;

const DAY = 86_400;
const QUARTER = 900;

/** Undefined when the name is no zone. */
export function zoneOffset(name: string): ZoneOffset | undefined {
  if (/^(utc|gmt|z|zulu|etc\/utc|etc\/gmt|uct)$/i.test(name)) return () => 0;
  const fixed = posixOffset(name);
  if (fixed !== undefined) return () => fixed;
  const format = zoneFormat(name);
  return format === undefined ? undefined : cachedByDay(format);
}

function posixOffset(name: string): number | undefined {
  // A bare number is hours east, unlike everything else in this notation.
  if (/^[+-]?\d{1,2}(\.\d+)?$/.test(name)) return Number(name) * 3600;
  const match =
    /^(?:<[^>]*>|[A-Za-z]{3,})?([+-]?)(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?$/.exec(
      name,
    );
  if (match === null) return undefined;
  const [, sign, hours = "0", minutes = "0", seconds = "0"] = match;
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? total : 0 - total;
}

function zoneFormat(name: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US-u-ca-iso8601-nu-latn", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Asking the runtime costs microseconds, so whole days are remembered when nothing changes in them. */
function cachedByDay(format: Intl.DateTimeFormat): ZoneOffset {
  const days = new Map<number, number | "changes">();
  const quarters = new Map<number, number>();
  return (epochSeconds) => {
    const day = Math.floor(epochSeconds / DAY);
    let offset = days.get(day);
    if (offset === undefined) {
      if (days.size > 100_000) days.clear();
      const first = offsetAt(format, day * DAY);
      const last = offsetAt(format, (day + 1) * DAY - 1);
      offset = first === last ? first : "changes";
      days.set(day, offset);
    }
    if (offset !== "changes") return offset;
    // Zones change on quarters of an hour, save for the ends of local mean time, which are asked to the second.
    const quarter = Math.floor(epochSeconds / QUARTER);
    const known = quarters.get(quarter);
    if (known !== undefined) return known;
    const first = offsetAt(format, quarter * QUARTER);
    if (first !== offsetAt(format, (quarter + 1) * QUARTER - 1)) {
      return offsetAt(format, epochSeconds);
    }
    quarters.set(quarter, first);
    return first;
  };
}

/** Before 1780 every zone kept its local mean time (and the runtime's calendar turns Julian); behind the runtime's last date its rules stay. */
const FIRST = -6_000_000_000;
const LAST = 8.64e12;

function offsetAt(format: Intl.DateTimeFormat, epochSeconds: number): number {
  const instant = Math.min(Math.max(epochSeconds, FIRST), LAST);
  const parts = new Map<string, string>();
  for (const part of format.formatToParts(instant * 1000)) {
    parts.set(part.type, part.value);
  }
  const field = (name: string): number => Number(parts.get(name) ?? "0");
  const local = new Date(0);
  local.setUTCFullYear(field("year"), field("month") - 1, field("day"));
  local.setUTCHours(field("hour"), field("minute"), field("second"), 0);
  return local.getTime() / 1000 - instant;
}
