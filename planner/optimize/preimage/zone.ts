// Between instants and wall clocks of a zone, as far as bounds need it: the least and the greatest offset in force nearby.

import { fixedOffset, offsetAt } from "../../functions/value/calendar.ts";
import { isUtc } from "../../functions/zone.ts";

const HOUR_SECONDS = 3600n;
/** No zone is farther from UTC, so a wall clock's instant lies within this distance. */
const REACH_HOURS = 26n;
const STEP_HOURS = 2n;
const MICROS = 1_000_000n;

/** Microseconds east of UTC. */
export interface Offsets {
  readonly least: bigint;
  readonly most: bigint;
}

/**
 * Offsets in force within a day of `micros`, with an hour to spare: the zone tables of an engine may be of another year than ours.
 * Exact for UTC and fixed offsets.
 */
export function offsetsNear(zone: string, micros: bigint): Offsets {
  const fixed = isUtc(zone) ? 0 : fixedOffset(zone);
  if (fixed !== undefined) {
    const offset = BigInt(fixed) * MICROS;
    return { least: offset, most: offset };
  }
  const seconds = micros / MICROS;
  const found: number[] = [];
  for (let hours = -REACH_HOURS; hours <= REACH_HOURS; hours += STEP_HOURS)
    found.push(offsetAt(zone, Number(seconds + hours * HOUR_SECONDS)));
  return {
    least: (BigInt(Math.min(...found)) - HOUR_SECONDS) * MICROS,
    most: (BigInt(Math.max(...found)) + HOUR_SECONDS) * MICROS,
  };
}
