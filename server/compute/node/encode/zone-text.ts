// The zone behind a timestamptz, in each notation.

import { invalidTimeZone } from "../../errors.ts";
import type { DateLayout } from "./date-style.ts";
import type { ZoneStyle } from "./text-dates.ts";
import { zoneOffset } from "./time-zone.ts";

/** ISO: `+00`, `+05:30`, `-04:56:02`. Other layouts: the zone's abbreviation; with seconds it is local mean time. */
export function postgresZone(name: string, layout: DateLayout): ZoneStyle {
  const offset = requireZone(name);
  if (layout === "iso") {
    return { offset, text: remembered((o) => offsetText(o, false)) };
  }
  const abbreviation = abbreviations(name);
  return {
    offset,
    text: (o, at) =>
      ` ${o % 60 === 0 ? (abbreviation?.(at) ?? offsetText(o, false)) : "LMT"}`,
  };
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

/** `EST`, `CEST`; undefined for zones the runtime knows by offset only. */
function abbreviations(
  name: string,
): ((epochSeconds: number) => string | undefined) | undefined {
  if (/^(utc|etc\/utc|zulu|z|uct)$/i.test(name)) return () => "UTC";
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      timeZoneName: "short",
    });
    return (at) => {
      const part = format
        .formatToParts(at * 1000)
        .find(({ type }) => type === "timeZoneName");
      return part === undefined ||
        part.value.startsWith("GMT+") ||
        part.value.startsWith("GMT-")
        ? undefined
        : part.value;
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
