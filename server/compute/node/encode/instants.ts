// Timestamps and times of any unit as whole seconds and microseconds, one column at a time.

import { DuckDBTypeId } from "../../../../storage/kernel/duckdb.ts";
import type { ColumnVector } from "./vector.ts";

/** Overwritten by the next call. */
export interface Instants {
  /** Whole seconds since 1970; plus or minus Infinity for the ends of time. */
  readonly seconds: Float64Array;
  /** 0 to 999,999 */
  readonly micros: Int32Array;
}

export function instantReader(): (vector: ColumnVector) => Instants {
  let seconds = new Float64Array(0);
  let micros = new Int32Array(0);
  return (vector) => {
    if (seconds.length < vector.count) {
      seconds = new Float64Array(Math.max(2048, vector.count));
      micros = new Int32Array(seconds.length);
    }
    const instants = { seconds, micros };
    readInstants(vector, unitsPerSecond(vector.type.typeId), instants);
    return instants;
  };
}

function unitsPerSecond(type: DuckDBTypeId): number {
  switch (type) {
    case DuckDBTypeId.TIMESTAMP_S:
      return 1;
    case DuckDBTypeId.TIMESTAMP_MS:
      return 1_000;
    case DuckDBTypeId.TIMESTAMP_NS:
      return 1_000_000_000;
    default:
      return 1_000_000;
  }
}

const LIMIT = 2_097_152;

function readInstants(vector: ColumnVector, unit: number, to: Instants): void {
  const { count } = vector;
  const words = new Int32Array(
    vector.bytes.buffer,
    vector.bytes.byteOffset,
    count * 2,
  );
  const { seconds, micros } = to;
  const scale = 1_000_000 / unit;
  for (let row = 0; row < count; row++) {
    const high = words[row * 2 + 1] ?? 0;
    if (high >= LIMIT || high < -LIMIT) {
      readExact(vector, row, unit, to);
      continue;
    }
    const value = high * 4_294_967_296 + ((words[row * 2] ?? 0) >>> 0);
    const whole = Math.floor(value / unit);
    seconds[row] = whole;
    micros[row] = (value - whole * unit) * scale;
  }
}

/** The kernel's infinities are the largest value and its negative. */
const LARGEST = 0x7fff_ffff_ffff_ffffn;

function readExact(
  vector: ColumnVector,
  row: number,
  unit: number,
  to: Instants,
): void {
  const view = new DataView(
    vector.bytes.buffer,
    vector.bytes.byteOffset + row * 8,
    8,
  );
  const value = view.getBigInt64(0, true);
  if (value === LARGEST || value === -LARGEST) {
    to.seconds[row] = value > 0n ? Infinity : -Infinity;
    to.micros[row] = 0;
    return;
  }
  const per = BigInt(unit);
  const rest = ((value % per) + per) % per;
  to.seconds[row] = Number((value - rest) / per);
  to.micros[row] = Number((rest * 1_000_000n) / per);
}
