// extract, date_part and date_trunc. With a constant field, as it nearly always is, they are kernel arithmetic.

import {
  DATE,
  FLOAT8,
  INTERVAL,
  NUMERIC,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  typeName,
  type DataType,
} from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { scalar } from "./define.ts";
import { raise, NATIVE, NUMERIC_TEXT, castTo, decimal } from "./emit.ts";
import { intervalMicros } from "./date-time.ts";
import type {
  DuckDbEmitter,
  EmitCall,
  Emitted,
  FunctionRow,
  Representation,
} from "./function.ts";
import { constantText } from "./literal.ts";
import { wallClock } from "./zone.ts";

interface Field {
  readonly sql: string;
  readonly representation: Representation;
}

/** Fields and their abbreviations, as datetktbl has them. */
export const FIELDS: Readonly<Record<string, string>> = {
  year: "year",
  years: "year",
  yr: "year",
  yrs: "year",
  y: "year",
  month: "month",
  months: "month",
  mon: "month",
  mons: "month",
  day: "day",
  days: "day",
  d: "day",
  hour: "hour",
  hours: "hour",
  hr: "hour",
  hrs: "hour",
  h: "hour",
  minute: "minute",
  minutes: "minute",
  min: "minute",
  mins: "minute",
  m: "minute",
  second: "second",
  seconds: "second",
  sec: "second",
  secs: "second",
  s: "second",
  millisecond: "milliseconds",
  milliseconds: "milliseconds",
  msec: "milliseconds",
  msecs: "milliseconds",
  ms: "milliseconds",
  microsecond: "microseconds",
  microseconds: "microseconds",
  usec: "microseconds",
  usecs: "microseconds",
  us: "microseconds",
  week: "week",
  weeks: "week",
  w: "week",
  quarter: "quarter",
  qtr: "quarter",
  decade: "decade",
  decades: "decade",
  dec: "decade",
  decs: "decade",
  century: "century",
  centuries: "century",
  c: "century",
  cent: "century",
  millennium: "millennium",
  millennia: "millennium",
  mil: "millennium",
  mils: "millennium",
  dow: "dow",
  isodow: "isodow",
  doy: "doy",
  isoyear: "isoyear",
  epoch: "epoch",
  julian: "julian",
  j: "julian",
  jd: "julian",
  timezone: "timezone",
  timezone_hour: "timezone_hour",
  timezone_h: "timezone_hour",
  timezone_minute: "timezone_minute",
  timezone_m: "timezone_minute",
};

function whole(sql: string): Field {
  return { sql: castTo(sql, "DECIMAL(9,0)"), representation: decimal(9, 0) };
}

/** A count of microseconds as a number with `scale` decimals of the unit that 10^scale of them make. */
function scaled(micros: string, scale: number): Field {
  const unit = `'0.${"0".repeat(scale - 1)}1'::DECIMAL(${scale + 1},${scale})`;
  return {
    sql: `((${micros})::DECIMAL(19,0) * ${unit})`,
    representation: decimal(20 + scale, scale),
  };
}

/** Years before Christ count from -1: there is no year 0. */
function year(v: string): string {
  return `(datepart('year', ${v}) - (datepart('year', ${v}) <= 0)::INTEGER)`;
}

/** Fields on which the kernel agrees. */
const KERNEL_FIELDS: ReadonlySet<string> = new Set([
  "month",
  "day",
  "week",
  "quarter",
  "dow",
  "isodow",
  "doy",
]);

function dateField(
  field: string,
  v: string,
  value: Emitted,
): Field | undefined {
  if (KERNEL_FIELDS.has(field)) return whole(`datepart('${field}', ${v})`);
  switch (field) {
    case "year":
      return whole(year(v));
    case "decade":
      return whole(
        `(CASE WHEN datepart('year', ${v}) >= 0 THEN datepart('year', ${v}) // 10 ELSE -((9 - datepart('year', ${v})) // 10) END)`,
      );
    case "century":
    case "millennium": {
      const size = field === "century" ? 100 : 1000;
      return whole(
        `(CASE WHEN datepart('year', ${v}) > 0 THEN (datepart('year', ${v}) + ${size - 1}) // ${size} ELSE -((${size} - datepart('year', ${v})) // ${size}) END)`,
      );
    }
    case "isoyear":
      return whole(
        `(datepart('isoyear', ${v}) - (datepart('isoyear', ${v}) <= 0)::INTEGER)`,
      );
    case "epoch":
      return value.type.kind === "date"
        ? {
            sql: castTo(`epoch(${v})`, "DECIMAL(18,0)"),
            representation: decimal(18, 0),
          }
        : scaled(
            `epoch_us(${value.type.kind === "timestamptz" ? value.sql : v})`,
            6,
          );
    default:
      return undefined;
  }
}

function clockField(field: string, v: string): Field | undefined {
  switch (field) {
    case "hour":
    case "minute":
      return whole(`datepart('${field}', ${v})`);
    case "second":
      return scaled(`datepart('microseconds', ${v})`, 6);
    case "milliseconds":
      return scaled(`datepart('microseconds', ${v})`, 3);
    case "microseconds":
      return whole(`datepart('microseconds', ${v})`);
    default:
      return undefined;
  }
}

function intervalField(field: string, v: string): Field | undefined {
  const months = `(datepart('year', ${v}) * 12 + datepart('month', ${v}))`;
  switch (field) {
    case "year":
      return whole(`(${months} // 12)`);
    case "month":
      return whole(`(${months} % 12)`);
    case "quarter":
      return whole(`(${months} % 12 // 3 + 1)`);
    case "decade":
      return whole(`(${months} // 120)`);
    case "century":
      return whole(`(${months} // 1200)`);
    case "millennium":
      return whole(`(${months} // 12000)`);
    case "day":
      return whole(`datepart('day', ${v})`);
    case "hour":
      return {
        sql: castTo(`datepart('hour', ${v})`, "DECIMAL(18,0)"),
        representation: decimal(18, 0),
      };
    case "epoch":
      return scaled(
        `((${months} // 12)::HUGEINT * 31557600 + (${months} % 12) * 2592000 + datepart('day', ${v}) * 86400) * 1000000 + ${intervalMicros(v)}`,
        6,
      );
    default:
      return clockField(field, v);
  }
}

function zoneField(
  field: string,
  value: Emitted,
  call: EmitCall,
): Field | undefined {
  if (value.type.kind !== "timestamptz" || !field.startsWith("timezone"))
    return undefined;
  const { timeZone } = call.settings;
  const offset = `((epoch_us(${wallClock(value.sql, timeZone)}) - epoch_us(${value.sql})) // 1000000)`;
  if (field === "timezone") return whole(offset);
  return whole(
    field === "timezone_hour"
      ? `(${offset} // 3600)`
      : `(${offset} % 3600 // 60)`,
  );
}

const DATE_ONLY = new Set([
  "year",
  "month",
  "day",
  "week",
  "quarter",
  "decade",
  "century",
  "millennium",
  "dow",
  "isodow",
  "doy",
  "isoyear",
  "epoch",
  "julian",
]);

function fieldOf(name: string, value: Emitted, call: EmitCall): Field {
  const field = FIELDS[name.toLowerCase()];
  const type = typeName(value.type);
  if (field === undefined) {
    throw new SqlError(
      "22023",
      `unit "${name.toLowerCase()}" not recognized for type ${type}`,
    );
  }
  const found = supportedField(field, value, call);
  if (found === undefined) {
    throw new SqlError(
      "0A000",
      `unit "${name.toLowerCase()}" not supported for type ${type}`,
    );
  }
  return found;
}

function supportedField(
  field: string,
  value: Emitted,
  call: EmitCall,
): Field | undefined {
  const { kind } = value.type;
  if (kind === "interval") return intervalField(field, value.sql);
  if (kind === "time") {
    return field === "epoch"
      ? scaled(`epoch_us(${value.sql})`, 6)
      : clockField(field, value.sql);
  }
  if (kind === "date" && !DATE_ONLY.has(field)) return undefined;
  const wall =
    kind === "timestamptz"
      ? wallClock(value.sql, call.settings.timeZone)
      : value.sql;
  if (field === "julian") return julian(wall, kind === "date");
  const dated = dateField(field, wall, value);
  if (dated !== undefined && UNBOUNDED.has(field)) {
    return { ...dated, sql: finiteOnly(dated.sql, field, value.sql) };
  }
  return dated ?? clockField(field, wall) ?? zoneField(field, value, call);
}

/** Fields that PostgreSQL gives as infinity for infinite dates and timestamps; kernel decimals have none. */
const UNBOUNDED: ReadonlySet<string> = new Set([
  "year",
  "decade",
  "century",
  "millennium",
  "isoyear",
  "epoch",
]);

/** Infinite values come out as NULL, so only NULLs are looked at again. */
function finiteOnly(sql: string, field: string, value: string): string {
  const refusal = raise(
    "0A000",
    `extracting ${field} from an infinite value is not supported`,
  );
  return `coalesce(${sql}, CASE WHEN NOT isfinite(${value}) THEN ${refusal} END)`;
}

function julian(wall: string, isDate: boolean): Field {
  const day = `(${castTo(wall, "DATE")} - DATE '1970-01-01' + 2440588)`;
  if (isDate) return whole(day);
  return {
    sql: `num_add(${day}::VARCHAR, num_div((epoch_us(${wall}) - epoch_us(${castTo(castTo(wall, "DATE"), "TIMESTAMP")}))::VARCHAR, '86400000000.000000'))`,
    representation: NUMERIC_TEXT,
  };
}

const extract: DuckDbEmitter = (call) => {
  const [field, value] = call.args;
  const name = constantText(field?.sql);
  if (value === undefined || name === undefined) {
    throw new SqlError(
      "0A000",
      "extracting a field whose name is not constant is not supported",
    );
  }
  return fieldOf(name, value, call);
};

/** date_part is extract in double precision. */
const datePart: DuckDbEmitter = (call) => {
  const { sql } = extract(call);
  return { sql: castTo(sql, "DOUBLE"), representation: NATIVE };
};

const MOMENTS: readonly DataType[] = [
  DATE,
  TIMESTAMP,
  TIMESTAMPTZ,
  TIME,
  INTERVAL,
];

function volatility(type: DataType): "stable" | "immutable" {
  return type.kind === "timestamptz" ? "stable" : "immutable";
}

const EXTRACTS: readonly FunctionRow[] = MOMENTS.flatMap((type) => [
  scalar("extract", [TEXT, type], NUMERIC, {
    duckdb: extract,
    total: false,
    volatility: volatility(type),
  }),
  scalar("date_part", [TEXT, type], FLOAT8, {
    duckdb: datePart,
    total: false,
    volatility: volatility(type),
  }),
]);

export const EXTRACTION: readonly FunctionRow[] = EXTRACTS;
