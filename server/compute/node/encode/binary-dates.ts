// Binary formats of dates and times: microseconds and days since 2000-01-01, the ends of the range standing for infinity.

import { cellsOf, fixedWidth, NULL_CELL, type ColumnEncoder } from "./cells.ts";
import { instantReader } from "./instants.ts";
import { parseInterval, parseTimeMicros } from "./interval-parse.ts";
import type { IntervalParts } from "./interval-text.ts";
import { stringCells } from "./strings.ts";
import { intervalAt } from "./text-bytes.ts";
import { daysOf, LAST_DAY } from "./text-dates.ts";
import { isNull, type ColumnVector } from "./vector.ts";

/** Days and seconds from 1970-01-01 to 2000-01-01. */
const EPOCH_DAYS = 10_957;
const EPOCH_SECONDS = 946_684_800;
const TWO_32 = 4_294_967_296;

function writeInt64(value: bigint, to: DataView, at: number): number {
  to.setBigInt64(at, value);
  return at + 8;
}

/** Seconds of a million microseconds as an int64; by BigInt only beyond 53 bits. */
function writeMicros(
  seconds: number,
  micros: number,
  to: DataView,
  at: number,
): number {
  const value = seconds * 1_000_000 + micros;
  if (!Number.isSafeInteger(value)) {
    return writeInt64(BigInt(seconds) * 1_000_000n + BigInt(micros), to, at);
  }
  const high = Math.floor(value / TWO_32);
  to.setInt32(at, high);
  to.setUint32(at + 4, value - high * TWO_32);
  return at + 8;
}

export function dateBinary(): ColumnEncoder {
  return (vector, to) => {
    const { count } = vector;
    const days = daysOf(vector);
    to.ensure(count * 4);
    const { view, start, length } = to;
    let { at } = to;
    for (let row = 0; row < count; row++, at += 4) {
      if (isNull(vector, row)) {
        length[row] = NULL_CELL;
        continue;
      }
      start[row] = at;
      length[row] = 4;
      view.setInt32(at, dayOf2000(days[row] ?? 0));
    }
    to.at = at;
  };
}

function dayOf2000(day: number): number {
  if (day === LAST_DAY) return LAST_DAY;
  return day === -LAST_DAY ? -LAST_DAY - 1 : day - EPOCH_DAYS;
}

export function timestampBinary(): ColumnEncoder {
  const read = instantReader();
  return fixedWidth(8, (vector) => {
    const { seconds, micros } = read(vector);
    return (row, to, at) => {
      const second = seconds[row] ?? 0;
      if (second === Infinity) {
        return writeInt64(0x7fff_ffff_ffff_ffffn, to, at);
      }
      if (second === -Infinity) {
        return writeInt64(-0x8000_0000_0000_0000n, to, at);
      }
      return writeMicros(second - EPOCH_SECONDS, micros[row] ?? 0, to, at);
    };
  });
}

export function timeBinary(): ColumnEncoder {
  const read = instantReader();
  return fixedWidth(8, (vector) => {
    const { seconds, micros } = read(vector);
    return (row, to, at) =>
      writeMicros(seconds[row] ?? 0, micros[row] ?? 0, to, at);
  });
}

/** time held as `HH:MM:SS[.ffffff]`. */
export function timeTextBinary(): ColumnEncoder {
  const text = textReader();
  return fixedWidth(8, (vector) => {
    const textAt = text(vector);
    return (row, to, at) =>
      writeInt64(parseTimeMicros(textAt(row)) ?? 0n, to, at);
  });
}

export function intervalBinary(): ColumnEncoder {
  return fixedWidth(
    16,
    (vector) => (row, to, at) => writeInterval(intervalAt(vector, row), to, at),
  );
}

/** interval held as PostgreSQL's own text. */
export function intervalTextBinary(): ColumnEncoder {
  const text = textReader();
  return fixedWidth(16, (vector) => {
    const textAt = text(vector);
    return (row, to, at) =>
      writeInterval(parseInterval(textAt(row)) ?? ZERO, to, at);
  });
}

const ZERO: IntervalParts = { months: 0, days: 0, micros: 0n };

function writeInterval(parts: IntervalParts, to: DataView, at: number): number {
  writeInt64(parts.micros, to, at);
  to.setInt32(at + 8, parts.days);
  to.setInt32(at + 12, parts.months);
  return at + 16;
}

/** Each row's string. */
function textReader(): (vector: ColumnVector) => (row: number) => string {
  const read = cellsOf(stringCells());
  return (vector) => {
    const { bytes, start, length } = read(vector);
    return (row) => {
      const from = start[row] ?? 0;
      const end = from + (length[row] ?? 0);
      return Buffer.from(bytes.subarray(from, end)).toString("utf8");
    };
  };
}
