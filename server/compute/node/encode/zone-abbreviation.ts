// `EST`, `CEST`, `+03`: what a zone calls its time at an instant. PostgreSQL takes this from the IANA database; the runtime's `Intl` knows the
// abbreviations of North America alone. Offsets stay the runtime's; here they are only named.

import { createRequire } from "node:module";
import type Moment from "moment-timezone";
import type { MomentZone } from "moment-timezone";

/** The name of the time in force at an instant (seconds since 1970), `offset` seconds east of UTC. */
export type ZoneAbbreviation = (
  epochSeconds: number,
  offset: number,
) => string | undefined;

const KNOWN = new Map<string, ZoneAbbreviation>();

/** Answers undefined for what the database does not name. */
export function zoneAbbreviation(zone: string): ZoneAbbreviation {
  let known = KNOWN.get(zone);
  if (known === undefined) {
    known = isUtc(zone) ? () => "UTC" : periodNames(database().zone(zone));
    KNOWN.set(zone, known);
  }
  return known;
}

function isUtc(zone: string): boolean {
  return /^(?:utc|etc\/utc|zulu|etc\/zulu|z|uct|etc\/uct)$/i.test(zone);
}

/** A megabyte that only layouts other than ISO ask for. */
function database(): typeof Moment.tz {
  const load = createRequire(import.meta.url);
  return (load("moment-timezone") as typeof Moment).tz;
}

/**
 * The name of the last period up to the instant that had this offset: behind the table's end (2037) its rules go on, and where its edition is
 * not the runtime's the offset decides.
 */
function periodNames(zone: MomentZone | null): ZoneAbbreviation {
  if (zone === null) return () => undefined;
  const { abbrs, untils, offsets } = zone;
  return (epochSeconds, offset) => {
    let index = periodAt(untils, epochSeconds * 1000);
    // The database counts minutes west of UTC, with a fraction.
    while (index >= 0 && Math.round((offsets[index] ?? 0) * -60) !== offset)
      index--;
    return abbrs[index];
  };
}

/** The first period that ends behind the instant, or the last one. */
function periodAt(untils: readonly number[], instantMs: number): number {
  let low = 0;
  let high = untils.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((untils[middle] ?? Infinity) > instantMs) high = middle;
    else low = middle + 1;
  }
  return low;
}
