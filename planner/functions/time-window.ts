// window(ts, size [, slide [, start]]): the tumbling window a row lies in (streaming.md 3.1), as integer arithmetic on microseconds
// with a floored remainder. The kernel's time_bucket aligns otherwise.

import {
  INTERVAL,
  TIMESTAMP,
  TIMESTAMPTZ,
  type DataType,
} from "../../storage/common/data-type.ts";
import { SqlError, notSupported } from "../../storage/common/errors.ts";
import { scalar } from "./define.ts";
import { NATIVE, once } from "./emit.ts";
import type { DuckDbEmitter, EmitCall, FunctionRow } from "./function.ts";

function windowType(type: DataType): DataType {
  return {
    kind: "struct",
    fields: [
      { name: "start", type, nullable: true },
      { name: "end", type, nullable: true },
    ],
  };
}

/** Microseconds of a constant interval argument; 22023 for months and years, which have no fixed length. */
function constantMicros(call: EmitCall, index: number): bigint | undefined {
  const sql = call.args[index]?.sql;
  if (sql === undefined) return undefined;
  const match =
    /^'(-?\d+) months (-?\d+) days (-?\d+) microseconds'::INTERVAL$/.exec(sql);
  if (match === null)
    throw new SqlError("22023", "window size must be a constant interval");
  const [, months, days = "0", micros = "0"] = match;
  if (months !== "0")
    throw new SqlError("22023", "window size cannot contain months or years");
  return BigInt(days) * 86_400_000_000n + BigInt(micros);
}

const emitWindow: DuckDbEmitter = (call) => {
  const size = constantMicros(call, 1) ?? 0n;
  const slide = constantMicros(call, 2) ?? size;
  const start = constantMicros(call, 3) ?? 0n;
  checkWindow(size, slide, start);
  const [value] = call.args;
  const make =
    value?.type.kind === "timestamptz" ? "make_timestamptz" : "make_timestamp";
  const sql = once(`epoch_us(${value?.sql ?? "NULL"})`, (t) => {
    const offset = start === 0n ? t : `(${t} - ${start})`;
    const first = `(${t} - (${offset} % ${size} + ${size}) % ${size})`;
    return `CASE WHEN ${t} IS NOT NULL THEN struct_pack("start" := ${make}(${first}), "end" := ${make}(${first} + ${size})) END`;
  });
  return { sql: `(${sql})`, representation: NATIVE };
};

function checkWindow(size: bigint, slide: bigint, start: bigint): void {
  if (size < 1000n)
    throw new SqlError("22023", "window size must be at least 1 millisecond");
  if (slide <= 0n || slide > size) {
    throw new SqlError(
      "22023",
      "window slide must be positive and at most the window size",
    );
  }
  const distance = start < 0n ? -start : start;
  if (distance >= slide)
    throw new SqlError("22023", "window start must be smaller than the slide");
  if (slide !== size) throw notSupported("windows that overlap are");
}

export const TIME_WINDOWS: readonly FunctionRow[] = [
  TIMESTAMP,
  TIMESTAMPTZ,
].map((type) =>
  scalar("window", [type, INTERVAL, INTERVAL, INTERVAL], windowType(type), {
    duckdb: emitWindow,
    total: true,
    optional: 2,
  }),
);
