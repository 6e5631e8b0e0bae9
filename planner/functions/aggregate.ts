// Aggregates with PostgreSQL's result types. A row may expand to several kernel aggregates (avg is sum and count, so that the
// exact division runs once a group); DISTINCT, FILTER, ORDER BY and OVER of the call go into each of them.

import {
  BOOL,
  DATE,
  FLOAT4,
  FLOAT8,
  INT2,
  INT4,
  INT8,
  INTERVAL,
  NUMERIC,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  type DataType,
} from "../../storage/common/data-type.ts";
import { define, type ArgPattern, type Returns } from "./define.ts";
import { MAX_DIGITS, NATIVE, NUMERIC_TEXT, castTo, decimal } from "./emit.ts";
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

const sumOfBigint: DuckDbEmitter = (call) => ({
  sql: castTo(
    aggregateSql(
      "sum",
      call.args.map((arg) => arg.sql),
      call,
    ),
    "DECIMAL(38,0)",
  ),
  representation: decimal(MAX_DIGITS, 0),
});

const sumOfNumeric: DuckDbEmitter = (call) => {
  const [value] = call.args;
  if (value?.representation.kind === "decimal") {
    return {
      sql: aggregateSql("sum", [value.sql], call),
      representation: decimal(MAX_DIGITS, value.representation.scale),
    };
  }
  return {
    sql: `num_sum(${aggregateSql("list", [value?.sql ?? ""], call)})`,
    representation: NUMERIC_TEXT,
  };
};

function sumAsText(call: EmitCall): string {
  const [value] = call.args;
  return value?.representation.kind === "numeric-text"
    ? sumOfNumeric(call).sql
    : castTo(aggregateSql("sum", [value?.sql ?? ""], call), "VARCHAR");
}

/** PostgreSQL divides the exact sum by the count once; so do we, on text, once a group. NULL over no rows. */
const avgExact: DuckDbEmitter = (call) => {
  const count = aggregateSql("count", [call.args[0]?.sql ?? ""], call);
  return {
    sql: `num_div(${sumAsText(call)}, nullif(${count}, 0)::VARCHAR)`,
    representation: NUMERIC_TEXT,
  };
};

const avgFloat: DuckDbEmitter = (call) => {
  const sum = aggregateSql(
    "sum",
    [`(${call.args[0]?.sql ?? ""})::DOUBLE`],
    call,
  );
  const count = aggregateSql("count", [call.args[0]?.sql ?? ""], call);
  return { sql: `(${sum} / nullif(${count}, 0))`, representation: NATIVE };
};

/** min and max keep the argument's representation; numeric text is ordered by its sort key. */
function extreme(name: "min" | "max"): DuckDbEmitter {
  return (call) => {
    const [value] = call.args;
    if (value === undefined) return { sql: "NULL", representation: NATIVE };
    const sql =
      value.representation.kind === "numeric-text"
        ? aggregateSql(
            `arg_${name}`,
            [value.sql, `num_key(${value.sql})`],
            call,
          )
        : aggregateSql(name, [value.sql], call);
    return { sql, representation: value.representation };
  };
}

const ORDERED: readonly DataType[] = [
  INT2,
  INT4,
  INT8,
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
  aggregate("sum", [INTERVAL], INTERVAL, kernelAggregate("sum")),
];

const AVERAGES: readonly FunctionRow[] = [
  ...[INT2, INT4, INT8, NUMERIC].map((type) =>
    aggregate("avg", [type], NUMERIC, avgExact),
  ),
  ...[FLOAT4, FLOAT8].map((type) => aggregate("avg", [type], FLOAT8, avgFloat)),
];

const EXTREMES: readonly FunctionRow[] = (["min", "max"] as const).flatMap(
  (name) => [
    ...ORDERED.map((type) =>
      aggregate(name, [type], (args) => args[0] ?? type, extreme(name)),
    ),
    aggregate(name, ["anyarray"], (args) => args[0] ?? TEXT, extreme(name)),
  ],
);

const BOOLEANS: readonly FunctionRow[] = [
  aggregate("bool_and", [BOOL], BOOL, kernelAggregate("bool_and")),
  aggregate("every", [BOOL], BOOL, kernelAggregate("bool_and")),
  aggregate("bool_or", [BOOL], BOOL, kernelAggregate("bool_or")),
];

const COLLECTORS: readonly FunctionRow[] = [
  aggregate("string_agg", [TEXT, TEXT], TEXT, kernelAggregate("string_agg")),
  aggregate(
    "any_value",
    ["anyelement"],
    (args) => args[0] ?? TEXT,
    (call) => ({
      sql: aggregateSql(
        "any_value",
        call.args.map((arg) => arg.sql),
        call,
      ),
      representation: call.args[0]?.representation ?? NATIVE,
    }),
  ),
];

export const AGGREGATES: readonly FunctionRow[] = [
  ...COUNTS,
  ...SUMS,
  ...AVERAGES,
  ...EXTREMES,
  ...BOOLEANS,
  ...COLLECTORS,
];
