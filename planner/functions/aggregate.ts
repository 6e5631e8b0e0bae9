// Aggregates with PostgreSQL's result types. A row may expand to several kernel aggregates (avg is sum and count, so that the
// exact division runs once a group); DISTINCT, FILTER, ORDER BY and OVER of the call go into each of them.

import {
  BOOL,
  BYTEA,
  DATE,
  FLOAT4,
  FLOAT8,
  INT2,
  INT4,
  INT8,
  INTERVAL,
  NUMERIC,
  OID,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  type DataType,
} from "../../storage/common/data-type.ts";
import { asElement } from "./array.ts";
import { intervalMicros } from "./date-time.ts";
import { define, type ArgPattern, type Returns } from "./define.ts";
import {
  MAX_DIGITS,
  NATIVE,
  NUMERIC_TEXT,
  castTo,
  decimal,
  numericText,
} from "./emit.ts";
import {
  aggregateSql,
  type DuckDbEmitter,
  type EmitCall,
  type FunctionRow,
} from "./function.ts";

export function aggregate(
  name: string,
  args: readonly ArgPattern[],
  returns: Returns,
  duckdb: DuckDbEmitter,
): FunctionRow {
  return define(
    "aggregate",
    { name, args, returns },
    { duckdb, total: false, strict: false },
  );
}

/** The kernel's aggregate of this name over the arguments as they are, with a cast when `kernel` is given. */
export function kernelAggregate(name: string, kernel?: string): DuckDbEmitter {
  return (call) => {
    const sql = aggregateSql(
      name,
      call.args.map((arg) => arg.sql),
      call,
    );
    return {
      sql: kernel === undefined ? sql : castTo(sql, kernel),
      representation: NATIVE,
    };
  };
}

function firstSql(call: EmitCall): string {
  return call.args[0]?.sql ?? "NULL";
}

const sumOfBigint: DuckDbEmitter = (call) => ({
  sql: castTo(aggregateSql("sum", [firstSql(call)], call), "DECIMAL(38,0)"),
  representation: decimal(MAX_DIGITS, 0),
});

/** The scale of a sum is the largest of its addends'. */
const sumOfNumeric: DuckDbEmitter = (call) => {
  const [value] = call.args;
  if (value?.representation.kind === "decimal") {
    return {
      sql: aggregateSql("sum", [value.sql], call),
      representation: decimal(MAX_DIGITS, value.representation.scale),
    };
  }
  if (value?.mixed !== undefined) {
    const sum = aggregateSql("sum", [value.mixed.decimal], call);
    const scale = aggregateSql("max", [value.mixed.scale], call);
    return {
      sql: `num_show((${sum})::VARCHAR, ${scale})`,
      representation: NUMERIC_TEXT,
    };
  }
  return {
    sql: `num_sum(${aggregateSql("list", [firstSql(call)], call)})`,
    representation: NUMERIC_TEXT,
  };
};

function sumAsText(call: EmitCall): string {
  const summed =
    call.args[0]?.type.kind === "numeric"
      ? sumOfNumeric(call)
      : sumOfBigint(call);
  return numericText({ ...summed, type: NUMERIC });
}

function countText(call: EmitCall): string {
  return `nullif(${aggregateSql("count", [firstSql(call)], call)}, 0)::VARCHAR`;
}

/** PostgreSQL divides the exact sum by the count once; so do we, on text, once a group. NULL over no rows. */
const avgExact: DuckDbEmitter = (call) => ({
  sql: `num_div(${sumAsText(call)}, ${countText(call)})`,
  representation: NUMERIC_TEXT,
});

const avgFloat: DuckDbEmitter = (call) => {
  const sum = aggregateSql("sum", [castTo(firstSql(call), "DOUBLE")], call);
  const count = aggregateSql("count", [firstSql(call)], call);
  return { sql: `(${sum} / nullif(${count}, 0))`, representation: NATIVE };
};

/** Sums of months, days and microseconds apart. */
function sumOfIntervals(call: EmitCall): string {
  const value = firstSql(call);
  const months = aggregateSql(
    "sum",
    [`datepart('year', ${value}) * 12 + datepart('month', ${value})`],
    call,
  );
  const days = aggregateSql("sum", [`datepart('day', ${value})`], call);
  const micros = aggregateSql("sum", [intervalMicros(value)], call);
  return `(to_months((${months})::INTEGER) + to_days((${days})::INTEGER) + to_microseconds((${micros})::BIGINT))`;
}

/** min and max keep the argument's representation; numeric text and jsonb are ordered by their keys, char(n) without its blanks. */
function extreme(name: "min" | "max"): DuckDbEmitter {
  return (call) => {
    const [value] = call.args;
    if (value === undefined) return { sql: "NULL", representation: NATIVE };
    const key =
      value.representation.kind === "numeric-text"
        ? (value.mixed?.decimal ?? `num_key(${value.sql})`)
        : value.type.kind === "bpchar"
          ? `rtrim(${value.sql}, ' ')`
          : undefined;
    const sql =
      key === undefined
        ? aggregateSql(name, [value.sql], call)
        : aggregateSql(`arg_${name}`, [value.sql, key], call);
    return { sql, representation: value.representation };
  };
}

const ORDERED: readonly DataType[] = [
  INT2,
  INT4,
  INT8,
  OID,
  FLOAT4,
  FLOAT8,
  NUMERIC,
  TEXT,
  { kind: "bpchar" },
  DATE,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  INTERVAL,
];

const sameAsFirst = (args: readonly DataType[]): DataType => args[0] ?? TEXT;

const COUNTS: readonly FunctionRow[] = [
  aggregate("count", [], INT8, kernelAggregate("count")),
  aggregate("count", ["any"], INT8, kernelAggregate("count")),
];

const SUMS: readonly FunctionRow[] = [
  aggregate("sum", [INT2], INT8, kernelAggregate("sum", "BIGINT")),
  aggregate("sum", [INT4], INT8, kernelAggregate("sum", "BIGINT")),
  aggregate("sum", [INT8], NUMERIC, sumOfBigint),
  aggregate("sum", [NUMERIC], NUMERIC, sumOfNumeric),
  aggregate("sum", [FLOAT4], FLOAT4, kernelAggregate("sum", "FLOAT")),
  aggregate("sum", [FLOAT8], FLOAT8, kernelAggregate("sum")),
  aggregate("sum", [INTERVAL], INTERVAL, (call) => ({
    sql: sumOfIntervals(call),
    representation: NATIVE,
  })),
];

const AVERAGES: readonly FunctionRow[] = [
  ...[INT2, INT4, INT8, NUMERIC].map((type) =>
    aggregate("avg", [type], NUMERIC, avgExact),
  ),
  ...[FLOAT4, FLOAT8].map((type) => aggregate("avg", [type], FLOAT8, avgFloat)),
  aggregate("avg", [INTERVAL], INTERVAL, (call) => ({
    sql: `interval_divide(${sumOfIntervals(call)}, nullif(${aggregateSql("count", [firstSql(call)], call)}, 0)::DOUBLE)`,
    representation: NATIVE,
  })),
];

const EXTREMES: readonly FunctionRow[] = (["min", "max"] as const).flatMap(
  (name) => [
    ...ORDERED.map((type) =>
      aggregate(name, [type], sameAsFirst, extreme(name)),
    ),
    aggregate(name, ["anyarray"], sameAsFirst, extreme(name)),
  ],
);

const BITS: readonly FunctionRow[] = ["bit_and", "bit_or", "bit_xor"].flatMap(
  (name) =>
    [INT2, INT4, INT8].map((type) =>
      aggregate(name, [type], type, kernelAggregate(name)),
    ),
);

const BOOLEANS: readonly FunctionRow[] = [
  aggregate("bool_and", [BOOL], BOOL, kernelAggregate("bool_and")),
  aggregate("every", [BOOL], BOOL, kernelAggregate("bool_and")),
  aggregate("bool_or", [BOOL], BOOL, kernelAggregate("bool_or")),
];

/** PostgreSQL finds distinct values by sorting, and that order shows when the call asks for none. */
function sortedDistinct(call: EmitCall, key: string): EmitCall {
  const { clauses } = call;
  if (clauses?.distinct !== true || clauses.inside !== "") return call;
  return {
    ...call,
    clauses: { ...clauses, inside: ` ORDER BY ${key} ASC NULLS LAST` },
  };
}

const collect: DuckDbEmitter = (call) => {
  const [value] = call.args;
  const element = call.type.kind === "array" ? call.type.element : TEXT;
  const item = value === undefined ? "NULL" : asElement(value, element);
  return {
    sql: aggregateSql("list", [item], sortedDistinct(call, item)),
    representation: NATIVE,
  };
};

/** With a constant delimiter the kernel's own; else delimiters are joined in with their rows, the first left out. */
const stringAgg: DuckDbEmitter = (call) => {
  const [value, delimiter] = call.args;
  if (delimiter !== undefined && /^'(?:[^']|'')*'$/.test(delimiter.sql)) {
    return kernelAggregate("string_agg")(
      sortedDistinct(call, value?.sql ?? "NULL"),
    );
  }
  const pair = `CASE WHEN ${value?.sql ?? ""} IS NOT NULL THEN [coalesce(${delimiter?.sql ?? "''"}, ''), ${value?.sql ?? ""}] END`;
  return {
    sql: `join_parts(${aggregateSql("list", [pair], call)})`,
    representation: NATIVE,
  };
};

const COLLECTORS: readonly FunctionRow[] = [
  aggregate("string_agg", [TEXT, TEXT], TEXT, stringAgg),
  aggregate("string_agg", [BYTEA, BYTEA], BYTEA, (call) => ({
    sql: `chars_bytea(${stringAgg({ ...call, args: call.args.map((arg) => ({ ...arg, sql: `bytea_chars(${arg.sql})` })) }).sql})`,
    representation: NATIVE,
  })),
  aggregate(
    "array_agg",
    ["anynonarray"],
    (args) => ({ kind: "array", element: args[0] ?? TEXT }),
    collect,
  ),
  aggregate("any_value", ["anyelement"], sameAsFirst, (call) => ({
    sql: aggregateSql("any_value", [firstSql(call)], call),
    representation: call.args[0]?.representation ?? NATIVE,
  })),
];

export const AGGREGATES: readonly FunctionRow[] = [
  ...COUNTS,
  ...SUMS,
  ...AVERAGES,
  ...EXTREMES,
  ...BITS,
  ...BOOLEANS,
  ...COLLECTORS,
];
