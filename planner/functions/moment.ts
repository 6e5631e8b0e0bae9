// Making dates and timestamps from fields, AT TIME ZONE, and the current moment.

import {
  BOOL,
  DATE,
  FLOAT8,
  INT4,
  INTERVAL,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../../storage/common/data-type.ts";
import { outputOf } from "./cast-text.ts";
import { emitSql, intervalMicros } from "./date-time.ts";
import { partial, scalar, total } from "./define.ts";
import { castTo, once, raiseWith } from "./emit.ts";
import type { EmitCall, FunctionRow } from "./function.ts";
import {
  asWall,
  instantInZone,
  instantOf,
  wallClock,
  wallInZone,
} from "./zone.ts";

const stable = { total: false, volatility: "stable" } as const;

function arg(call: EmitCall, index: number): string {
  return call.args[index]?.sql ?? "NULL";
}

const MAKERS: readonly FunctionRow[] = [
  scalar(
    "make_date",
    [INT4, INT4, INT4],
    DATE,
    partial((y, m, d) => `pg_make_date(${y}, ${m}, ${d})::DATE`),
  ),
  scalar(
    "make_time",
    [INT4, INT4, FLOAT8],
    TIME,
    partial((h, m, s) => `pg_make_time(${h}, ${m}, ${s})::TIME`),
  ),
  scalar(
    "make_timestamp",
    [INT4, INT4, INT4, INT4, INT4, FLOAT8],
    TIMESTAMP,
    partial((...args) => madeTimestamp(args)),
  ),
  scalar(
    "make_timestamptz",
    [INT4, INT4, INT4, INT4, INT4, FLOAT8],
    TIMESTAMPTZ,
    {
      ...stable,
      duckdb: emitSql((call) =>
        instantOf(
          madeTimestamp(call.args.map((value) => value.sql)),
          call.settings.timeZone,
        ),
      ),
    },
  ),
  scalar(
    "make_timestamptz",
    [INT4, INT4, INT4, INT4, INT4, FLOAT8, TEXT],
    TIMESTAMPTZ,
    {
      ...stable,
      duckdb: emitSql((call) =>
        instantInZone(
          madeTimestamp(call.args.slice(0, 6).map((value) => value.sql)),
          arg(call, 6),
        ),
      ),
    },
  ),
  scalar(
    "to_timestamp",
    [FLOAT8],
    TIMESTAMPTZ,
    partial((seconds) => `float8_instant(${seconds})::TIMESTAMPTZ`),
  ),
  ...[DATE, TIMESTAMP, TIMESTAMPTZ].map((type) =>
    scalar(
      "isfinite",
      [type],
      BOOL,
      total((t) => `isfinite(${t})`),
    ),
  ),
  scalar(
    "isfinite",
    [INTERVAL],
    BOOL,
    total((i) => `(${i} IS NOT NULL)`),
  ),
  ...[TIMESTAMP, TIMESTAMPTZ].map((type) =>
    scalar("date", [type], DATE, {
      ...stable,
      duckdb: emitSql((call) =>
        castTo(asWall(arg(call, 0), type, call.settings.timeZone), "DATE"),
      ),
    }),
  ),
];

function madeTimestamp(args: readonly string[]): string {
  const [year, month, day, hour, minute, second] = args;
  const date = `pg_make_date(${year}, ${month}, ${day})::DATE`;
  return `(${date} + pg_make_time(${hour}, ${minute}, ${second})::TIME)`;
}

/** A zone given as its distance from UTC in whole seconds, which has no months and days. */
function offsetOf(call: EmitCall): string {
  const [zone] = call.args;
  if (zone === undefined) return "NULL";
  return `(${once(zone.sql, (v) => {
    const shown = outputOf({ ...zone, sql: v }, call.settings);
    const failed = raiseWith(
      "22023",
      'interval time zone "',
      shown,
      '" must not include months or days',
    );
    return `CASE WHEN datepart('year', ${v}) <> 0 OR datepart('month', ${v}) <> 0 OR datepart('day', ${v}) <> 0 THEN ${failed} ELSE to_microseconds(${intervalMicros(v)} // 1000000 * 1000000) END`;
  })})`;
}

const ZONES: readonly FunctionRow[] = [
  scalar("timezone", [TEXT, TIMESTAMP], TIMESTAMPTZ, {
    ...stable,
    volatility: "immutable",
    duckdb: emitSql((call) => instantInZone(arg(call, 1), arg(call, 0))),
  }),
  scalar("timezone", [TEXT, TIMESTAMPTZ], TIMESTAMP, {
    ...stable,
    volatility: "immutable",
    duckdb: emitSql((call) => wallInZone(arg(call, 1), arg(call, 0))),
  }),
  scalar("timezone", [INTERVAL, TIMESTAMP], TIMESTAMPTZ, {
    ...stable,
    duckdb: emitSql((call) =>
      instantOf(`(${arg(call, 1)} - ${offsetOf(call)})`, "UTC"),
    ),
  }),
  scalar("timezone", [INTERVAL, TIMESTAMPTZ], TIMESTAMP, {
    ...stable,
    duckdb: emitSql(
      (call) => `(${wallClock(arg(call, 1), "UTC")} + ${offsetOf(call)})`,
    ),
  }),
];

/** Folded by the planner; emitted only where a plan is shown or run without that. */
const NOW: readonly FunctionRow[] = [
  ...[
    "now",
    "transaction_timestamp",
    "statement_timestamp",
    "current_timestamp",
  ].map((name) =>
    scalar(name, [], TIMESTAMPTZ, {
      ...total(() => "now()"),
      volatility: "stable",
    }),
  ),
  scalar("clock_timestamp", [], TIMESTAMPTZ, {
    ...total(() => "get_current_timestamp()"),
    volatility: "volatile",
  }),
  scalar("current_date", [], DATE, {
    total: true,
    volatility: "stable",
    duckdb: emitSql((call) =>
      castTo(wallClock("now()", call.settings.timeZone), "DATE"),
    ),
  }),
  scalar("localtimestamp", [], TIMESTAMP, {
    total: true,
    volatility: "stable",
    duckdb: emitSql((call) => wallClock("now()", call.settings.timeZone)),
  }),
  scalar("localtime", [], TIME, {
    total: true,
    volatility: "stable",
    duckdb: emitSql((call) =>
      castTo(wallClock("now()", call.settings.timeZone), "TIME"),
    ),
  }),
];

export const MOMENTS: readonly FunctionRow[] = [...MAKERS, ...ZONES, ...NOW];
