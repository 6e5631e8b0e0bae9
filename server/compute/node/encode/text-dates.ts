// Dates, times and timestamps of a column as text. Rows near each other mostly share their day, so the day's text is kept.

import { DuckDBTypeId } from "../../../../storage/kernel/duckdb.ts";
import { CellBuffer, type CellEncoder } from "./cells.ts";
import {
  dateFrame,
  formatDate,
  type DateFrame,
  type DateStyle,
} from "./date-style.ts";
import { DOT, writePadded } from "./digits.ts";
import { isNull, type ColumnVector } from "./vector.ts";
import type { ZoneOffset } from "./time-zone.ts";

const SECOND = 1_000_000;
const DAY_SECONDS = 86_400;
const COLON = 58;
/** Longest cell, with weekday, month, five digits of year, era and zone. */
const WIDTH = 64;

/** Whole seconds since 1970 and the microseconds of the second, or an end of time. */
export interface Instant {
  readonly kind: "finite" | "infinity" | "-infinity";
  readonly seconds: number;
  readonly micros: number;
}

export type InstantReader = (row: number) => Instant;

/** The kernel's infinities: the largest value of the storage type and its negative. */
export function instantReader(vector: ColumnVector): InstantReader {
  const { buffer, byteOffset } = vector.bytes;
  const words = new Int32Array(buffer, byteOffset, vector.count * 2);
  const longs = new BigInt64Array(buffer, byteOffset, vector.count);
  const unit = unitsPerSecond(vector.type.typeId);
  return (row) => {
    const high = words[row * 2 + 1] ?? 0;
    if (high < 2_097_152 && high >= -2_097_152) {
      const value = high * 4_294_967_296 + ((words[row * 2] ?? 0) >>> 0);
      const seconds = Math.floor(value / unit);
      return finite(seconds, micros(value - seconds * unit, unit));
    }
    const value = longs[row] ?? 0n;
    if (value === 0x7fff_ffff_ffff_ffffn) return ENDS.infinity;
    if (value === -0x7fff_ffff_ffff_ffffn) return ENDS.minus;
    const per = BigInt(unit);
    const rest = ((value % per) + per) % per;
    return finite(Number((value - rest) / per), micros(Number(rest), unit));
  };
}

function finite(seconds: number, fraction: number): Instant {
  return { kind: "finite", seconds, micros: fraction };
}

const ENDS: { readonly infinity: Instant; readonly minus: Instant } = {
  infinity: { kind: "infinity", seconds: 0, micros: 0 },
  minus: { kind: "-infinity", seconds: 0, micros: 0 },
};

function unitsPerSecond(type: DuckDBTypeId): number {
  switch (type) {
    case DuckDBTypeId.TIMESTAMP_S:
      return 1;
    case DuckDBTypeId.TIMESTAMP_MS:
      return 1_000;
    case DuckDBTypeId.TIMESTAMP_NS:
      return 1_000_000_000;
    default:
      return SECOND;
  }
}

function micros(units: number, unit: number): number {
  return Math.floor((units * SECOND) / unit);
}

export function dateText(style: DateStyle): CellEncoder {
  const cells = new CellBuffer();
  let known = Number.NaN;
  let knownText = "";
  return (vector) => {
    const { count } = vector;
    const days = daysOf(vector);
    cells.rows(count);
    for (let row = 0; row < count; row++) {
      if (isNull(vector, row)) {
        cells.length[row] = -1;
        continue;
      }
      const day = days[row] ?? 0;
      if (day !== known) {
        known = day;
        knownText = dayText(day, style);
      }
      cells.begin(row);
      cells.ascii(knownText);
      cells.end(row);
    }
    return cells;
  };
}

export function daysOf(vector: ColumnVector): Int32Array {
  return new Int32Array(
    vector.bytes.buffer,
    vector.bytes.byteOffset,
    vector.count,
  );
}

export const LAST_DAY = 2_147_483_647;

function dayText(day: number, style: DateStyle): string {
  if (day === LAST_DAY) return "infinity";
  return day === -LAST_DAY ? "-infinity" : formatDate(day, style);
}

/** How the zone is written behind a timestamptz; undefined for a timestamp without one. */
export interface ZoneStyle {
  readonly offset: ZoneOffset;
  /** Text for an instant at that offset (seconds east). */
  readonly text: (offset: number, epochSeconds: number) => string;
}

/** Digits of the fraction: trailing zeros cut, or three unless six are needed (http-api.md 4.9). */
export type Fraction = "shortest" | "three-or-six";

export interface TimestampStyle {
  readonly date: DateStyle;
  readonly zone: ZoneStyle | undefined;
  readonly fraction: Fraction;
}

export function timestampText(style: TimestampStyle): CellEncoder {
  const cells = new CellBuffer();
  const frames = frameCache(style.date);
  const { zone } = style;
  return (vector) => {
    const { count } = vector;
    const read = instantReader(vector);
    cells.rows(count);
    for (let row = 0; row < count; row++) {
      if (isNull(vector, row)) {
        cells.length[row] = -1;
        continue;
      }
      const instant = read(row);
      cells.begin(row);
      cells.ensure(WIDTH);
      if (instant.kind !== "finite") cells.ascii(instant.kind);
      else {
        const offset = zone === undefined ? 0 : zone.offset(instant.seconds);
        const seconds = instant.seconds + offset;
        const day = Math.floor(seconds / DAY_SECONDS);
        const frame = frames(day);
        cells.ascii(frame.before);
        writeTime(
          cells,
          seconds - day * DAY_SECONDS,
          instant.micros,
          style.fraction,
        );
        if (frame.year !== "") cells.ascii(frame.year);
        if (zone !== undefined) cells.ascii(zone.text(offset, instant.seconds));
        if (frame.after !== "") cells.ascii(frame.after);
      }
      cells.end(row);
    }
    return cells;
  };
}

function frameCache(style: DateStyle): (day: number) => DateFrame {
  let known = Number.NaN;
  let frame: DateFrame = { before: "", year: "", after: "" };
  return (day) => {
    if (day !== known) {
      known = day;
      frame = dateFrame(day, style);
    }
    return frame;
  };
}

export function timeText(): CellEncoder {
  const cells = new CellBuffer();
  return (vector) => {
    const { count } = vector;
    const read = instantReader(vector);
    cells.rows(count);
    for (let row = 0; row < count; row++) {
      if (isNull(vector, row)) {
        cells.length[row] = -1;
        continue;
      }
      const { seconds, micros: fraction } = read(row);
      cells.begin(row);
      cells.ensure(WIDTH);
      writeTime(cells, seconds, fraction, "shortest");
      cells.end(row);
    }
    return cells;
  };
}

/** `HH:MM:SS[.ffffff]`; 24:00:00 is a time too. */
function writeTime(
  cells: CellBuffer,
  seconds: number,
  fraction: number,
  style: Fraction,
): void {
  const { bytes } = cells;
  const hours = (seconds / 3600) | 0;
  const minutes = ((seconds - hours * 3600) / 60) | 0;
  let at = writePadded(hours, 2, bytes, cells.at);
  bytes[at++] = COLON;
  at = writePadded(minutes, 2, bytes, at);
  bytes[at++] = COLON;
  at = writePadded(seconds - hours * 3600 - minutes * 60, 2, bytes, at);
  if (fraction !== 0 || style === "three-or-six") {
    bytes[at++] = DOT;
    at = writePadded(fraction, 6, bytes, at);
    const keep = style === "shortest" ? 0 : fraction % 1000 === 0 ? 3 : 6;
    const least = at - 6 + keep;
    while (at > least && bytes[at - 1] === 48) at--;
  }
  cells.at = at;
}
