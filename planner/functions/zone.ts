// Between instants and wall clocks in the kernel. UTC is arithmetic, thirty times faster than asking the zone tables; infinities
// have no microseconds and take the slow way.

import type { DataType } from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { castTo, once, quoteText } from "./emit.ts";
import { fixedOffset, isTimeZone } from "./value/calendar.ts";

export function isUtc(zone: string): boolean {
  return /^(?:utc|gmt|zulu|etc\/(?:utc|gmt|zulu))$/i.test(zone);
}

/** 22023 for a zone that nobody knows. */
export function checkZone(zone: string): void {
  if (!isTimeZone(zone)) {
    throw new SqlError("22023", `time zone "${zone}" not recognized`);
  }
}

/** Wall clock (TIMESTAMP) of an instant in a zone. */
export function wallClock(instant: string, zone: string): string {
  checkZone(zone);
  const offset = isUtc(zone) ? 0 : fixedOffset(zone);
  if (offset === undefined) return `timezone(${quoteText(zone)}, ${instant})`;
  return `(${once(instant, (v) => `coalesce(make_timestamp(epoch_us(${v})${shifted(offset)}), timezone('UTC', ${v}))`)})`;
}

/** The instant (TIMESTAMPTZ) of a wall clock in a zone. */
export function instantOf(wall: string, zone: string): string {
  checkZone(zone);
  const offset = isUtc(zone) ? 0 : fixedOffset(zone);
  if (offset === undefined) return `timezone(${quoteText(zone)}, ${wall})`;
  return `(${once(wall, (v) => `coalesce(make_timestamptz(epoch_us(${v})${shifted(-offset)}), timezone('UTC', ${v}))`)})`;
}

function shifted(seconds: number): string {
  if (seconds === 0) return "";
  return seconds > 0 ? ` + ${seconds}000000` : ` - ${-seconds}000000`;
}

/** Any date or time value as the wall clock it shows in the session's zone. */
export function asWall(sql: string, type: DataType, zone: string): string {
  if (type.kind === "timestamptz") return wallClock(sql, zone);
  return type.kind === "date" ? castTo(sql, "TIMESTAMP") : sql;
}

/** Any date or timestamp as an instant. */
export function asInstant(sql: string, type: DataType, zone: string): string {
  if (type.kind === "timestamptz") return sql;
  return instantOf(asWall(sql, type, zone), zone);
}
