// Binary formats of dates and times: microseconds and days since 2000-01-01, the ends of the range standing for infinity.

import { CellBuffer, type CellEncoder } from "./cells.ts";
import { parseInterval, parseTimeMicros } from "./interval-parse.ts";
import type { IntervalParts } from "./interval-text.ts";
import { intervalAt, stringCells } from "./text-bytes.ts";
import { instantReader } from "./instants.ts";
import { daysOf, LAST_DAY } from "./text-dates.ts";
import { isNull, type ColumnVector } from "./vector.ts";

/** Days and seconds from 1970-01-01 to 2000-01-01. */
const EPOCH_DAYS = 10_957;
const EPOCH_SECONDS = 946_684_800;

export function dateBinary(): CellEncoder {
  return fixed(4, (vector, view) => {
    const days = daysOf(vector);
    return (row, at) => {
      const day = days[row] ?? 0;
      if (day === LAST_DAY) view().setInt32(at, LAST_DAY);
      else if (day === -LAST_DAY) view().setInt32(at, -LAST_DAY - 1);
      else view().setInt32(at, day - EPOCH_DAYS);
    };
  });
}

export function timestampBinary(): CellEncoder {
  const read = instantReader();
  return fixed(8, (vector, view) => {
    const { seconds, micros } = read(vector);
    return (row, at) => {
      const second = seconds[row] ?? 0;
      if (second === Infinity) view().setBigInt64(at, 0x7fff_ffff_ffff_ffffn);
      else if (second === -Infinity) {
        view().setBigInt64(at, -0x8000_0000_0000_0000n);
      } else writeMicros(view(), at, second - EPOCH_SECONDS, micros[row] ?? 0);
    };
  });
}

/** Seconds of a million microseconds as an int64; by BigInt only beyond 53 bits. */
function writeMicros(
  view: DataView,
  at: number,
  seconds: number,
  micros: number,
): void {
  const value = seconds * 1_000_000 + micros;
  if (!Number.isSafeInteger(value)) {
    view.setBigInt64(at, BigInt(seconds) * 1_000_000n + BigInt(micros));
    return;
  }
  view.setInt32(at, Math.floor(value / 4_294_967_296));
  view.setUint32(at + 4, value >>> 0);
}

/** @param fromText the kernel holds `HH:MM:SS` instead of a TIME */
export function timeBinary(fromText: boolean): CellEncoder {
  const read = instantReader();
  return fixed(8, (vector, view) => {
    const text = fromText ? textReader(vector) : undefined;
    const times = fromText ? undefined : read(vector);
    return (row, at) => {
      if (times !== undefined) {
        writeMicros(
          view(),
          at,
          times.seconds[row] ?? 0,
          times.micros[row] ?? 0,
        );
      } else {
        view().setBigInt64(at, parseTimeMicros(text?.(row) ?? "") ?? 0n);
      }
    };
  });
}

/** @param fromText the kernel holds PostgreSQL's text instead of an INTERVAL */
export function intervalBinary(fromText: boolean): CellEncoder {
  return fixed(16, (vector, view) => {
    const text = fromText ? textReader(vector) : undefined;
    return (row, at) => {
      const parts =
        text === undefined
          ? intervalAt(vector, row)
          : (parseInterval(text(row)) ?? ZERO);
      view().setBigInt64(at, parts.micros);
      view().setInt32(at + 8, parts.days);
      view().setInt32(at + 12, parts.months);
    };
  });
}

const ZERO: IntervalParts = { months: 0, days: 0, micros: 0n };

function textReader(vector: ColumnVector): (row: number) => string {
  const cells = stringCells()(vector);
  return (row) => {
    const from = cells.start[row] ?? 0;
    return Buffer.from(
      cells.bytes.subarray(from, from + (cells.length[row] ?? 0)),
    ).toString("utf8");
  };
}

function fixed(
  width: number,
  prepare: (
    vector: ColumnVector,
    view: () => DataView,
  ) => (row: number, at: number) => void,
): CellEncoder {
  const cells = new CellBuffer();
  let view = new DataView(cells.bytes.buffer);
  return (vector) => {
    cells.reserve(vector.count, width);
    view = new DataView(cells.bytes.buffer);
    const write = prepare(vector, () => view);
    for (let row = 0; row < vector.count; row++) {
      if (isNull(vector, row)) {
        cells.length[row] = -1;
        continue;
      }
      cells.start[row] = row * width;
      cells.length[row] = width;
      write(row, row * width);
    }
    return cells;
  };
}
