// date_trunc and date_bin. The unit is constant, as it nearly always is.

import {
  INTERVAL,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
  typeName,
  type DataType,
} from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { scalar } from "./define.ts";
import { NATIVE, castTo, once, quoteText } from "./emit.ts";
import { FIELDS } from "./extract.ts";
import type { DuckDbEmitter, EmitCall, FunctionRow } from "./function.ts";
import { constantText } from "./literal.ts";
import { instantInZone, instantOf, wallClock, wallInZone } from "./zone.ts";

const TRUNCATIONS: ReadonlySet<string> = new Set([
  "microseconds",
  "milliseconds",
  "second",
  "minute",
  "hour",
  "day",
  "week",
  "month",
  "quarter",
  "year",
  "decade",
  "century",
  "millennium",
]);

const RESERVED: ReadonlySet<string> = new Set([
  "dow",
  "isodow",
  "doy",
  "isoyear",
  "epoch",
  "julian",
]);

function truncUnit(call: EmitCall, type: DataType): string {
  const name = constantText(call.args[0]?.sql);
  if (name === undefined) {
    throw new SqlError(
      "0A000",
      "date_trunc with a unit that is not constant is not supported",
    );
  }
  const unit = FIELDS[name.toLowerCase()];
  if (unit === undefined || RESERVED.has(unit)) {
    throw new SqlError(
      "22023",
      `unit "${name.toLowerCase()}" not recognized for type ${typeName(type)}`,
    );
  }
  if (!TRUNCATIONS.has(unit) || (type.kind === "interval" && unit === "week")) {
    throw new SqlError(
      "0A000",
      `unit "${name.toLowerCase()}" not supported for type ${typeName(type)}`,
    );
  }
  return unit;
}

/** date_trunc of a DATE in the kernel is a TIMESTAMP at midnight, and cheaper than over the microseconds. */
function truncated(unit: string, wall: string): string {
  if (unit === "day") return castTo(castTo(wall, "DATE"), "TIMESTAMP");
  if (unit === "century" || unit === "millennium") {
    const size = unit === "century" ? 100 : 1000;
    return once(wall, (v) => {
      const shifted = `(datepart('year', ${v}) - 1)`;
      const floored = `(CASE WHEN ${shifted} >= 0 THEN ${shifted} // ${size} ELSE -((${size - 1} - ${shifted}) // ${size}) END * ${size} + 1)`;
      return `CASE WHEN isfinite(${v}) THEN (TIMESTAMP '0001-01-01' + to_years((${floored} - 1)::INTEGER)) ELSE ${v} END`;
    });
  }
  return `date_trunc(${quoteText(unit)}, ${wall})`;
}

const truncWall: DuckDbEmitter = (call) => ({
  sql: `(${truncated(truncUnit(call, TIMESTAMP), call.args[1]?.sql ?? "")})`,
  representation: NATIVE,
});

const truncInstant: DuckDbEmitter = (call) => {
  const [, value, zone] = call.args;
  const { timeZone } = call.settings;
  const unit = truncUnit(call, TIMESTAMPTZ);
  const instant = value?.sql ?? "";
  const sql =
    zone === undefined
      ? instantOf(
          `(${truncated(unit, wallClock(instant, timeZone))})`,
          timeZone,
        )
      : instantInZone(
          `(${truncated(unit, wallInZone(instant, zone.sql))})`,
          zone.sql,
        );
  return { sql, representation: NATIVE };
};

const truncInterval: DuckDbEmitter = (call) => ({
  sql: `date_trunc(${quoteText(truncUnit(call, INTERVAL))}, ${call.args[1]?.sql ?? ""})`,
  representation: NATIVE,
});

const TRUNCS: readonly FunctionRow[] = [
  scalar("date_trunc", [TEXT, TIMESTAMP], TIMESTAMP, {
    duckdb: truncWall,
    total: false,
  }),
  scalar("date_trunc", [TEXT, TIMESTAMPTZ], TIMESTAMPTZ, {
    duckdb: truncInstant,
    total: false,
    volatility: "stable",
  }),
  scalar("date_trunc", [TEXT, TIMESTAMPTZ, TEXT], TIMESTAMPTZ, {
    duckdb: truncInstant,
    total: false,
  }),
  scalar("date_trunc", [TEXT, INTERVAL], INTERVAL, {
    duckdb: truncInterval,
    total: false,
  }),
];

/** date_bin(stride, source, origin): floored steps of a fixed number of microseconds. */
const dateBin: DuckDbEmitter = (call) => {
  const [stride, source, origin] = call.args.map((value) => value.sql);
  const zoned = call.type.kind === "timestamptz";
  const make = zoned ? "make_timestamptz" : "make_timestamp";
  return {
    sql: `${make}(pg_date_bin(${stride ?? ""}, epoch_us(${source ?? ""}), epoch_us(${origin ?? ""})))`,
    representation: NATIVE,
  };
};

const BINS: readonly FunctionRow[] = [TIMESTAMP, TIMESTAMPTZ].map((type) =>
  scalar("date_bin", [INTERVAL, type, type], type, {
    duckdb: dateBin,
    total: false,
  }),
);

export const TRUNCATION: readonly FunctionRow[] = [...TRUNCS, ...BINS];
