// Binary formats of dates and times: microseconds and days since 2000-01-01, the ends of the range standing for infinity.

import { fixedWidth, writeInt32, type ColumnEncoder } from "./cells.ts";
import { instantReader, NO_INSTANTS } from "./instants.ts";
import { parseInterval, parseTimeMicros } from "./interval-parse.ts";
import type { IntervalParts } from "./interval-text.ts";
import { intervalAt, stringCells } from "./text-bytes.ts";
import { daysOf, LAST_DAY } from "./text-dates.ts";
import type { ColumnVector } from "./vector.ts";

/** Days and seconds from 1970-01-01 to 2000-01-01. */
const EPOCH_DAYS = 10_957;
const EPOCH_SECONDS = 946_684_800;
const TWO_32 = 4_294_967_296;

function writeInt64(value: bigint, to: Uint8Array, at: number): number {
  writeInt32(Number(BigInt.asIntN(32, value >> 32n)), to, at);
  return writeInt32(Number(BigInt.asIntN(32, value)), to, at + 4);
}

/** Seconds of a million microseconds as an int64; by BigInt only beyond 53 bits. */
function writeMicros(
  seconds: number,
  micros: number,
  to: Uint8Array,
  at: number,
): number {
  const value = seconds * 1_000_000 + micros;
  if (!Number.isSafeInteger(value)) {
    return writeInt64(BigInt(seconds) * 1_000_000n + BigInt(micros), to, at);
  }
  const high = Math.floor(value / TWO_32);
  writeInt32(high, to, at);
  return writeInt32(value - high * TWO_32, to, at + 4);
}

export function dateBinary(): ColumnEncoder {
  let days: Int32Array = new Int32Array(0);
  return fixedWidth(
    4,
    (vector) => {
      days = daysOf(vector);
    },
    (row, to, at) => {
      const day = days[row] ?? 0;
      if (day === LAST_DAY) return writeInt32(LAST_DAY, to, at);
      return writeInt32(
        day === -LAST_DAY ? -LAST_DAY - 1 : day - EPOCH_DAYS,
        to,
        at,
      );
    },
  );
}

export function timestampBinary(): ColumnEncoder {
  const read = instantReader();
  let instants = NO_INSTANTS;
  return fixedWidth(
    8,
    (vector) => {
      instants = read(vector);
    },
    (row, to, at) => {
      const second = instants.seconds[row] ?? 0;
      if (second === Infinity) {
        return writeInt64(0x7fff_ffff_ffff_ffffn, to, at);
      }
      if (second === -Infinity) {
        return writeInt64(-0x8000_0000_0000_0000n, to, at);
      }
      const micros = instants.micros[row] ?? 0;
      return writeMicros(second - EPOCH_SECONDS, micros, to, at);
    },
  );
}

export function timeBinary(): ColumnEncoder {
  const read = instantReader();
  let instants = NO_INSTANTS;
  return fixedWidth(
    8,
    (vector) => {
      instants = read(vector);
    },
    (row, to, at) =>
      writeMicros(
        instants.seconds[row] ?? 0,
        instants.micros[row] ?? 0,
        to,
        at,
      ),
  );
}

/** time held as `HH:MM:SS[.ffffff]`. */
export function timeTextBinary(): ColumnEncoder {
  const text = textReader();
  return fixedWidth(8, text.open, (row, to, at) =>
    writeInt64(parseTimeMicros(text.at(row)) ?? 0n, to, at),
  );
}

export function intervalBinary(): ColumnEncoder {
  let current: ColumnVector | undefined;
  return fixedWidth(
    16,
    (vector) => {
      current = vector;
    },
    (row, to, at) =>
      writeInterval(
        current === undefined ? ZERO : intervalAt(current, row),
        to,
        at,
      ),
  );
}

/** interval held as PostgreSQL's own text. */
export function intervalTextBinary(): ColumnEncoder {
  const text = textReader();
  return fixedWidth(16, text.open, (row, to, at) =>
    writeInterval(parseInterval(text.at(row)) ?? ZERO, to, at),
  );
}

const ZERO: IntervalParts = { months: 0, days: 0, micros: 0n };

function writeInterval(
  parts: IntervalParts,
  to: Uint8Array,
  at: number,
): number {
  const days = writeInt64(parts.micros, to, at);
  const months = writeInt32(parts.days, to, days);
  return writeInt32(parts.months, to, months);
}

function textReader(): {
  readonly open: (vector: ColumnVector) => void;
  readonly at: (row: number) => string;
} {
  const read = stringCells();
  let cells: ReturnType<typeof read> | undefined;
  return {
    open: (vector) => {
      cells = read(vector);
    },
    at: (row) => {
      const start = cells?.start[row] ?? 0;
      const end = start + (cells?.length[row] ?? 0);
      return cells === undefined
        ? ""
        : Buffer.from(cells.bytes.subarray(start, end)).toString("utf8");
    },
  };
}
