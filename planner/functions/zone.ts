// Between instants and wall clocks in the kernel. UTC is arithmetic, thirty times faster than asking the zone tables; infinities
// have no microseconds and take the slow way.

import type { DataType } from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { castTo, once, quoteText } from "./emit.ts";
import { constantText } from "./literal.ts";
import { fixedOffset } from "./value/calendar.ts";
import { MOSCOW, statedZone, type StatedZone } from "./value/stated-zone.ts";

export function isUtc(zone: string): boolean {
  return /^(?:utc|gmt|zulu|etc\/(?:utc|gmt|zulu))$/i.test(zone);
}

/** A zone a statement names; 22023 for one that nobody knows. */
function requireZone(zone: string): StatedZone {
  const stated = statedZone(zone);
  if (stated === undefined) {
    throw new SqlError("22023", `time zone "${zone}" not recognized`);
  }
  return stated;
}

/** Wall clock (TIMESTAMP) of an instant in the session's zone. */
export function wallClock(instant: string, zone: string): string {
  return wallClockIn(instant, sessionZone(zone));
}

/** The instant (TIMESTAMPTZ) of a wall clock in the session's zone. */
export function instantOf(wall: string, zone: string): string {
  return instantIn(wall, sessionZone(zone));
}

/** Unlike a statement's, it is never an abbreviation: CET has its summer. */
function sessionZone(zone: string): StatedZone {
  const offset = isUtc(zone) ? 0 : fixedOffset(zone);
  return offset === undefined
    ? { kind: "named", zone }
    : { kind: "fixed", offset };
}

function wallClockIn(instant: string, zone: StatedZone): string {
  switch (zone.kind) {
    case "named":
      return `timezone(${quoteText(zone.zone)}, ${instant})`;
    case "fixed":
      return `(${once(instant, (v) => `coalesce(make_timestamp(epoch_us(${v})${shifted(zone.offset)}), timezone('UTC', ${v}))`)})`;
    case "moscow":
      return `(${once(instant, (v) => moscow(`epoch_us(${v})`, (offset) => wallClockIn(v, { kind: "fixed", offset })))})`;
  }
}

function instantIn(wall: string, zone: StatedZone): string {
  switch (zone.kind) {
    case "named":
      return `timezone(${quoteText(zone.zone)}, ${wall})`;
    case "fixed":
      return `(${once(wall, (v) => `coalesce(make_timestamptz(epoch_us(${v})${shifted(-zone.offset)}), timezone('UTC', ${v}))`)})`;
    case "moscow":
      return `(${once(wall, (v) => moscow(`epoch_us(${v})${shifted(-MOSCOW.moved)}`, (offset) => instantIn(v, { kind: "fixed", offset })))})`;
  }
}

/** Wall clock of an instant in a zone given as SQL: a constant is checked here, one that varies by row is read by the node (22023). */
export function wallInZone(instant: string, zone: string): string {
  const constant = constantText(zone);
  return constant === undefined
    ? `(${once(instant, (v) => `CASE WHEN isfinite(${v}) THEN make_timestamp(wall_in_zone(epoch_us(${v}), ${zone})) ELSE timezone('UTC', ${v}) END`)})`
    : wallClockIn(instant, requireZone(constant));
}

/** The other way. */
export function instantInZone(wall: string, zone: string): string {
  const constant = constantText(zone);
  return constant === undefined
    ? `(${once(wall, (v) => `CASE WHEN isfinite(${v}) THEN make_timestamptz(instant_in_zone(epoch_us(${v}), ${zone})) ELSE timezone('UTC', ${v}) END`)})`
    : instantIn(wall, requireZone(constant));
}

/** Either offset of Moscow by an instant in microseconds. */
function moscow(micros: string, at: (offset: number) => string): string {
  return `CASE WHEN ${micros} >= ${MOSCOW.from}000000 AND ${micros} < ${MOSCOW.until}000000 THEN ${at(MOSCOW.moved)} ELSE ${at(MOSCOW.usual)} END`;
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
