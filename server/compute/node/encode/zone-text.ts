// The zone behind a timestamptz, in each notation.

import { invalidTimeZone } from "../../errors.ts";
import type { DateLayout } from "./date-style.ts";
import type { ZoneStyle } from "./text-dates.ts";
import { zoneOffset } from "./time-zone.ts";
import { zoneAbbreviation } from "./zone-abbreviation.ts";

/** ISO: `+00`, `+05:30`, `-04:56:02`. Other layouts: the zone's abbreviation. */
export function postgresZone(name: string, layout: DateLayout): ZoneStyle {
  const offset = requireZone(name);
  if (layout === "iso") {
    return { offset, text: remembered((o) => offsetText(o, false)) };
  }
  return { offset, text: (o, at) => ` ${zoneName(name, at, o)}` };
}

/** The abbreviation of a zone's time at an instant (seconds since 1970) when it is `offset` seconds east; without one, the offset: `+05:30`. */
export function zoneName(
  zone: string,
  epochSeconds: number,
  offset: number,
): string {
  const name = zoneAbbreviation(zone)(epochSeconds, offset);
  if (name !== undefined) return name;
  // Local mean time is the only one with seconds.
  return offset % 60 === 0 ? offsetText(offset, false) : "LMT";
}

/** As `to_jsonb` writes it: `+00:00`. */
export function jsonZone(name: string): ZoneStyle {
  return {
    offset: requireZone(name),
    text: remembered((o) => offsetText(o, true)),
  };
}

/** As the Statement Execution API writes it: `Z` or `-08:00`. */
export function apiZone(name: string): ZoneStyle {
  return {
    offset: requireZone(name),
    text: remembered((o) => (o === 0 ? "Z" : offsetText(o, true))),
  };
}

/** Rows near each other mostly have the same offset. */
function remembered(
  text: (offset: number) => string,
): (offset: number) => string {
  let known = Number.NaN;
  let knownText = "";
  return (offset) => {
    if (offset !== known) {
      known = offset;
      knownText = text(offset);
    }
    return knownText;
  };
}

function requireZone(name: string): ZoneStyle["offset"] {
  const offset = zoneOffset(name);
  if (offset === undefined) throw invalidTimeZone(name);
  return offset;
}

function offsetText(offset: number, minutes: boolean): string {
  const magnitude = Math.abs(offset);
  const hour = two(Math.floor(magnitude / 3600));
  const minute = Math.floor(magnitude / 60) % 60;
  const second = magnitude % 60;
  const sign = offset < 0 ? "-" : "+";
  if (second !== 0) return `${sign}${hour}:${two(minute)}:${two(second)}`;
  return minutes || minute !== 0
    ? `${sign}${hour}:${two(minute)}`
    : `${sign}${hour}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
