// Offsets of time zones, by the platform's zone data; a wall clock that a change skips or repeats is read as PostgreSQL reads it.

import { SqlError } from "../../../storage/common/errors.ts";
import { MICROS_PER_DAY } from "./calendar.ts";

/** Zone abbreviations PostgreSQL knows by default that are no zone names of the platform; seconds east of UTC. */
const ABBREVIATIONS: Readonly<Record<string, number>> = {
  utc: 0,
  gmt: 0,
  z: 0,
  zulu: 0,
  ut: 0,
  wet: 0,
  bst: 3600,
  cet: 3600,
  met: 3600,
  mez: 3600,
  west: 3600,
  cest: 7200,
  mest: 7200,
  mesz: 7200,
  eet: 7200,
  eest: 10800,
  msk: 10800,
  jst: 32400,
  kst: 32400,
  est: -18000,
  edt: -14400,
  cst: -21600,
  cdt: -18000,
  mst: -25200,
  mdt: -21600,
  pst: -28800,
  pdt: -25200,
  akst: -32400,
  akdt: -28800,
  hst: -36000,
};

/** Seconds east of UTC of an abbreviation or a numeric offset (`+05:30`, `-0800`, `+2`); undefined for other names. */
export function fixedOffset(zone: string): number | undefined {
  const match = /^([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?$/u.exec(zone);
  if (match) {
    const [, sign, hours, minutes = "0", seconds = "0"] = match;
    const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    return sign === "-" ? -size : size;
  }
  const known = zone.toLowerCase();
  return Object.hasOwn(ABBREVIATIONS, known) ? ABBREVIATIONS[known] : undefined;
}

/** Microseconds to add to this wall clock (microseconds since 1970, as if UTC) to have UTC are minus the result's. */
export function offsetAt(zone: string, localMicros: bigint): bigint {
  const fixed = fixedOffset(zone);
  if (fixed !== undefined) return BigInt(fixed) * 1_000_000n;
  const at = zoneReader(zone);
  const before = at(localMicros - MICROS_PER_DAY);
  const after = at(localMicros + MICROS_PER_DAY);
  if (before === after) return before;
  const beforeHolds = at(localMicros - before) === before;
  const afterHolds = at(localMicros - after) === after;
  // Skipped by the change: as before it. Given twice: as after it.
  return afterHolds || !beforeHolds ? (afterHolds ? after : before) : before;
}

/** True when the platform or PostgreSQL's abbreviations know the name. */
export function isZone(zone: string): boolean {
  if (fixedOffset(zone) !== undefined) return true;
  try {
    zoneReader(zone);
    return true;
  } catch {
    return false;
  }
}

/** The zone's offset in microseconds at an instant in microseconds. Throws 22023 for no zone. */
function zoneReader(zone: string): (utcMicros: bigint) => bigint {
  const format = formatterOf(zone);
  return (utcMicros) => {
    const floored = Number(utcMicros / 1_000_000n) * 1000;
    const ms = Math.min(Math.max(floored, -8.64e15), 8.64e15);
    const parts = new Map(
      format
        .formatToParts(new Date(ms))
        .map((part) => [part.type, Number(part.value)]),
    );
    const local = Date.UTC(
      parts.get("year") ?? 0,
      (parts.get("month") ?? 1) - 1,
      parts.get("day") ?? 1,
      parts.get("hour") ?? 0,
      parts.get("minute") ?? 0,
      parts.get("second") ?? 0,
    );
    return BigInt(Math.round((local - ms) / 1000)) * 1_000_000n;
  };
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (cause) {
    throw new SqlError("22023", `time zone "${zone}" not recognized`, {
      cause,
    });
  }
}
