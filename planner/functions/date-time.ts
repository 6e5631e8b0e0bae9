// Date, time and interval operators and functions. The kernel runs in UTC: what depends on the session's zone names it.

import {
  DATE,
  FLOAT8,
  INT4,
  INTERVAL,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  type DataType,
} from "../../storage/common/data-type.ts";
import { operator, partial, scalar } from "./define.ts";
import { NATIVE, castTo, once, raise } from "./emit.ts";
import type { DuckDbEmitter, EmitCall, FunctionRow } from "./function.ts";
import { asWall, instantOf, isUtc, wallClock } from "./zone.ts";

export function emitSql(build: (call: EmitCall) => string): DuckDbEmitter {
  return (call) => ({ sql: build(call), representation: NATIVE });
}

function arg(call: EmitCall, index: number): string {
  return call.args[index]?.sql ?? "NULL";
}

/** Months and days count on the wall clock of the session's zone, the rest on the instant. */
export function shiftInstant(
  symbol: "+" | "-",
  instant: number,
  interval: number,
): DuckDbEmitter {
  return emitSql((call) => {
    const zone = call.settings.timeZone;
    if (isUtc(zone))
      return `(${arg(call, instant)} ${symbol} ${arg(call, interval)})`;
    return `(${once(arg(call, interval), (v) => {
      const calendar = `(to_months((datepart('year', ${v}) * 12 + datepart('month', ${v}))::INTEGER) + to_days(datepart('day', ${v})::INTEGER))`;
      const moved = instantOf(
        `(${wallClock(arg(call, instant), zone)} ${symbol} ${calendar})`,
        zone,
      );
      return `(${moved} ${symbol} to_microseconds(${intervalMicros(v)}))`;
    })})`;
  });
}

/** Microseconds of an interval beside its months and days. */
export function intervalMicros(interval: string): string {
  return `(datepart('hour', ${interval}) * 3600000000 + datepart('minute', ${interval}) * 60000000 + datepart('microsecond', ${interval}))`;
}

const stable = { total: false, volatility: "stable" } as const;

/** PostgreSQL's dates end before the kernel's do. A constant shift of this size leads no date of a lake there. */
const SMALL_SHIFT = /^\(?-?\d{1,5}(?:::INTEGER)?\)?$/;

function shiftDate(symbol: "+" | "-", date: string, days: string): string {
  const moved = `(${date} ${symbol} ${days})`;
  if (SMALL_SHIFT.test(days)) return moved;
  return `(${once(moved, (v) => `CASE WHEN isfinite(${v}) AND NOT (${v} BETWEEN '4714-11-24 (BC)'::DATE AND '5874897-12-31'::DATE) THEN ${raise("22008", "date out of range")} ELSE ${v} END`)})`;
}

const DATES: readonly FunctionRow[] = [
  operator(
    "+",
    [DATE, INT4],
    DATE,
    partial((d = "", n = "") => shiftDate("+", d, n)),
  ),
  operator(
    "+",
    [INT4, DATE],
    DATE,
    partial((n = "", d = "") => shiftDate("+", d, n)),
  ),
  operator(
    "-",
    [DATE, INT4],
    DATE,
    partial((d = "", n = "") => shiftDate("-", d, n)),
  ),
  operator(
    "-",
    [DATE, DATE],
    INT4,
    partial((a, b) => `(${a} - ${b})::INTEGER`),
  ),
  operator(
    "+",
    [DATE, TIME],
    TIMESTAMP,
    partial((d, t) => `(${d} + ${t})`),
  ),
  operator(
    "+",
    [TIME, DATE],
    TIMESTAMP,
    partial((t, d) => `(${d} + ${t})`),
  ),
];

const SHIFTS: readonly FunctionRow[] = [
  ...[DATE, TIMESTAMP].flatMap((type) => [
    operator(
      "+",
      [type, INTERVAL],
      TIMESTAMP,
      partial((t = "", i) => `(${wall(type, t)} + ${i})`),
    ),
    operator(
      "-",
      [type, INTERVAL],
      TIMESTAMP,
      partial((t = "", i) => `(${wall(type, t)} - ${i})`),
    ),
    operator(
      "+",
      [INTERVAL, type],
      TIMESTAMP,
      partial((i, t = "") => `(${wall(type, t)} + ${i})`),
    ),
  ]),
  operator("+", [TIMESTAMPTZ, INTERVAL], TIMESTAMPTZ, {
    ...stable,
    duckdb: shiftInstant("+", 0, 1),
  }),
  operator("-", [TIMESTAMPTZ, INTERVAL], TIMESTAMPTZ, {
    ...stable,
    duckdb: shiftInstant("-", 0, 1),
  }),
  operator("+", [INTERVAL, TIMESTAMPTZ], TIMESTAMPTZ, {
    ...stable,
    duckdb: shiftInstant("+", 1, 0),
  }),
  operator(
    "+",
    [TIME, INTERVAL],
    TIME,
    partial((t, i) => `(${t} + ${i})`),
  ),
  operator(
    "+",
    [INTERVAL, TIME],
    TIME,
    partial((i, t) => `(${t} + ${i})`),
  ),
  operator(
    "-",
    [TIME, INTERVAL],
    TIME,
    partial((t, i) => `(${t} - ${i})`),
  ),
];

function wall(type: DataType, sql: string): string {
  return type === DATE ? castTo(sql, "TIMESTAMP") : sql;
}

/** Days of 24 hours and the rest; 22008 for infinities, in the kernel's words. */
const DIFFERENCES: readonly FunctionRow[] = [
  operator(
    "-",
    [TIMESTAMP, TIMESTAMP],
    INTERVAL,
    partial((a, b) => `(${a} - ${b})`),
  ),
  operator(
    "-",
    [TIMESTAMPTZ, TIMESTAMPTZ],
    INTERVAL,
    partial(
      (a = "", b = "") => `(${wallClock(a, "UTC")} - ${wallClock(b, "UTC")})`,
    ),
  ),
  operator(
    "-",
    [TIME, TIME],
    INTERVAL,
    partial((a, b) => `to_microseconds(epoch_us(${a}) - epoch_us(${b}))`),
  ),
];

function madeInterval(...args: readonly string[]): string {
  const [years = "0", months = "0", weeks = "0", days = "0"] = args;
  const [hours = "0", mins = "0", secs = "0"] = args.slice(4);
  const clock = `${hours}::BIGINT * 3600000000 + ${mins}::BIGINT * 60000000 + round(${secs} * 1000000)::BIGINT`;
  return (
    `(to_months((${years} * 12 + ${months})::INTEGER) + ` +
    `to_days((${weeks} * 7 + ${days})::INTEGER) + to_microseconds(${clock}))`
  );
}

const INTERVALS: readonly FunctionRow[] = [
  operator(
    "+",
    [INTERVAL, INTERVAL],
    INTERVAL,
    partial((a, b) => `(${a} + ${b})`),
  ),
  operator(
    "-",
    [INTERVAL, INTERVAL],
    INTERVAL,
    partial((a, b) => `(${a} - ${b})`),
  ),
  operator(
    "-",
    [INTERVAL],
    INTERVAL,
    partial((a) => `(INTERVAL '0 days' - ${a})`),
  ),
  operator(
    "*",
    [INTERVAL, FLOAT8],
    INTERVAL,
    partial((a, b) => `interval_scale(${a}, ${b})`),
  ),
  operator(
    "*",
    [FLOAT8, INTERVAL],
    INTERVAL,
    partial((a, b) => `interval_scale(${b}, ${a})`),
  ),
  operator(
    "/",
    [INTERVAL, FLOAT8],
    INTERVAL,
    partial((a, b) => `interval_divide(${a}, ${b})`),
  ),
  ...["justify_days", "justify_hours", "justify_interval"].map((name) =>
    scalar(
      name,
      [INTERVAL],
      INTERVAL,
      partial((a) => `interval_justify(${a}, '${name}')`),
    ),
  ),
  scalar(
    "make_interval",
    [INT4, INT4, INT4, INT4, INT4, INT4, FLOAT8],
    INTERVAL,
    {
      ...partial(madeInterval),
      optional: 7,
      defaults: ["0", "0", "0", "0", "0", "0", "0"],
      argNames: ["years", "months", "weeks", "days", "hours", "mins", "secs"],
    },
  ),
];

const AGES: readonly FunctionRow[] = [
  scalar(
    "age",
    [TIMESTAMP, TIMESTAMP],
    INTERVAL,
    partial((a, b) => `timestamp_age(epoch_us(${a}), epoch_us(${b}))`),
  ),
  scalar("age", [TIMESTAMPTZ, TIMESTAMPTZ], INTERVAL, {
    ...stable,
    duckdb: emitSql((call) => {
      const [a, b] = call.args.map((value) =>
        asWall(value.sql, value.type, call.settings.timeZone),
      );
      return `timestamp_age(epoch_us(${a ?? ""}), epoch_us(${b ?? ""}))`;
    }),
  }),
  ...[TIMESTAMP, TIMESTAMPTZ].map((type) =>
    scalar("age", [type], INTERVAL, {
      ...stable,
      duckdb: emitSql((call) => {
        const { timeZone } = call.settings;
        const midnight = castTo(
          castTo(wallClock("now()", timeZone), "DATE"),
          "TIMESTAMP",
        );
        return `timestamp_age(epoch_us(${midnight}), epoch_us(${asWall(arg(call, 0), type, timeZone)}))`;
      }),
    }),
  ),
];

export const DATE_TIME: readonly FunctionRow[] = [
  ...DATES,
  ...SHIFTS,
  ...DIFFERENCES,
  ...INTERVALS,
  ...AGES,
];
