// Dates, times and timestamps of a column as text.

import { fixedWidth, NULL_CELL, type ColumnEncoder } from "./cells.ts";
import { dateFrame, formatDate, type DateStyle } from "./date-style.ts";
import { DayTexts } from "./day-text.ts";
import { DOT, writePadded, writePair, writeText } from "./digits.ts";
import { instantReader } from "./instants.ts";
import type { ZoneOffset } from "./time-zone.ts";
import { isNull, type ColumnVector } from "./vector.ts";

const DAY_SECONDS = 86_400;
const COLON = 58;
/** Longest cell, with weekday, month, six digits of year, zone and era. */
const WIDTH = 96;

export function dateText(style: DateStyle): ColumnEncoder {
  const texts = new DayTexts((day) => dayText(day, style));
  return (vector, to) => {
    const { count } = vector;
    const days = daysOf(vector);
    to.ensure(count * WIDTH);
    const { view, start, length } = to;
    let { at } = to;
    for (let row = 0; row < count; row++) {
      if (isNull(vector, row)) {
        length[row] = NULL_CELL;
        continue;
      }
      const end = texts.write(days[row] ?? 0, view, at);
      start[row] = at;
      length[row] = end - at;
      at = end;
    }
    to.at = at;
  };
}

export function daysOf(vector: ColumnVector): Int32Array {
  return new Int32Array(
    vector.bytes.buffer,
    vector.bytes.byteOffset,
    vector.count,
  );
}

/** The kernel's infinity; its negative is the other. */
export const LAST_DAY = 2_147_483_647;

function dayText(day: number, style: DateStyle): string {
  if (day === LAST_DAY) return "infinity";
  return day === -LAST_DAY ? "-infinity" : formatDate(day, style);
}

/** How the zone is written behind a timestamptz. */
export interface ZoneStyle {
  readonly offset: ZoneOffset;
  /** Text for an instant at that offset (seconds east). */
  readonly text: (offset: number, epochSeconds: number) => string;
}

/** Digits of the fraction: trailing zeros cut, or three unless six are needed (http-api.md 4.9). */
export type Fraction = "shortest" | "three-or-six";

export interface TimestampStyle {
  readonly date: DateStyle;
  /** Undefined for a timestamp without zone. */
  readonly zone: ZoneStyle | undefined;
  readonly fraction: Fraction;
}

export function timestampText({
  date,
  zone,
  fraction,
}: TimestampStyle): ColumnEncoder {
  const read = instantReader();
  const before = new DayTexts((day) => dateFrame(day, date).before);
  // Only the Postgres layout has the year behind the time, and only BC has anything behind that.
  const plain = date.layout !== "postgres";
  return fixedWidth(WIDTH, (vector) => {
    const instants = read(vector);
    return (row, to, at) => {
      const seconds = instants.seconds[row] ?? 0;
      const micros = instants.micros[row] ?? 0;
      if (!Number.isFinite(seconds)) {
        return writeText(seconds > 0 ? "infinity" : "-infinity", to, at);
      }
      const offset = zone === undefined ? 0 : zone.offset(seconds);
      const local = seconds + offset;
      const day = Math.floor(local / DAY_SECONDS);
      let end = before.write(day, to, at);
      end = writeTime(local - day * DAY_SECONDS, to, end);
      end = writeFraction(micros, fraction, to, end);
      const zoneText = zone === undefined ? "" : zone.text(offset, seconds);
      if (plain && day > FIRST_DAY_AD) return writeText(zoneText, to, end);
      const frame = dateFrame(day, date);
      return writeText(`${frame.year}${zoneText}${frame.after}`, to, end);
    };
  });
}

/** 0001-01-01, with a margin. */
const FIRST_DAY_AD = -719_162;

export function timeText(): ColumnEncoder {
  const read = instantReader();
  return fixedWidth(WIDTH, (vector) => {
    const instants = read(vector);
    return (row, to, at) => {
      const end = writeTime(instants.seconds[row] ?? 0, to, at);
      return writeFraction(instants.micros[row] ?? 0, "shortest", to, end);
    };
  });
}

/** `HH:MM:SS`; 24:00:00 is a time too. */
function writeTime(seconds: number, to: DataView, at: number): number {
  const hours = (seconds / 3600) | 0;
  const minutes = ((seconds - hours * 3600) / 60) | 0;
  writePair(hours, to, at);
  to.setUint8(at + 2, COLON);
  writePair(minutes, to, at + 3);
  to.setUint8(at + 5, COLON);
  writePair(seconds - hours * 3600 - minutes * 60, to, at + 6);
  return at + 8;
}

function writeFraction(
  micros: number,
  style: Fraction,
  to: DataView,
  at: number,
): number {
  if (micros === 0 && style === "shortest") return at;
  to.setUint8(at, DOT);
  let end = writePadded(micros, 6, to, at + 1);
  if (style === "three-or-six") return micros % 1000 === 0 ? end - 3 : end;
  while (to.getUint8(end - 1) === 48) end--;
  return end;
}
