// Window functions. The OVER clause comes with the call.

import {
  FLOAT8,
  INT4,
  INT8,
  TEXT,
  type DataType,
} from "../../storage/common/data-type.ts";
import { define, type ArgPattern, type Returns } from "./define.ts";
import { NATIVE, castTo, raise } from "./emit.ts";
import {
  aggregateSql,
  type DuckDbEmitter,
  type FunctionRow,
} from "./function.ts";
import { constantInteger } from "./literal.ts";
import { commonType } from "./types.ts";
import { unify } from "./unify.ts";

function windowRow(
  name: string,
  args: readonly ArgPattern[],
  returns: Returns,
  duckdb: DuckDbEmitter,
): FunctionRow {
  return define(
    "window",
    { name, args, returns },
    { duckdb, total: false, strict: false },
  );
}

function kernelWindow(name: string, kernel?: string): DuckDbEmitter {
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

/** The value and its default are brought to one representation. */
const valueWindow =
  (name: string): DuckDbEmitter =>
  (call) => {
    const [value, offset, fallback] = call.args;
    if (value === undefined) return { sql: "NULL", representation: NATIVE };
    const values = fallback === undefined ? [value] : [value, fallback];
    const unified = unify(values, call.type);
    const [first = "NULL", second] = unified.sql;
    const args = [
      first,
      ...(offset === undefined ? [] : [offset.sql]),
      ...(second === undefined ? [] : [second]),
    ];
    return {
      sql: aggregateSql(name, args, call),
      representation: unified.representation,
    };
  };

/** PostgreSQL refuses a place or a number of buckets below one. */
function positive(
  sql: string,
  message: string,
  code: "22013" | "22023",
): string {
  const constant = constantInteger(sql);
  if (constant !== undefined && constant > 0) return sql;
  return `(CASE WHEN ${sql} <= 0 THEN ${raise(code, message)} ELSE ${sql} END)`;
}

const ntile: DuckDbEmitter = (call) => {
  const buckets = positive(
    call.args[0]?.sql ?? "1",
    "argument of ntile must be greater than zero",
    "22023",
  );
  return {
    sql: castTo(aggregateSql("ntile", [buckets], call), "INTEGER"),
    representation: NATIVE,
  };
};

const nthValue: DuckDbEmitter = (call) => {
  const [value, place] = call.args;
  const checked = positive(
    place?.sql ?? "1",
    "argument of nth_value must be greater than zero",
    "22023",
  );
  return {
    sql: aggregateSql("nth_value", [value?.sql ?? "NULL", checked], call),
    representation: value?.representation ?? NATIVE,
  };
};

const first = (args: readonly DataType[]): DataType => args[0] ?? TEXT;
/** Of the value and its default. */
const valueOrDefault = (args: readonly DataType[]): DataType => {
  const found = commonType([args[0] ?? TEXT, args[2] ?? TEXT]);
  return found.kind === "common" ? found.type : TEXT;
};

export const WINDOW_FUNCTIONS: readonly FunctionRow[] = [
  ...["row_number", "rank", "dense_rank"].map((name) =>
    windowRow(name, [], INT8, kernelWindow(name)),
  ),
  ...["percent_rank", "cume_dist"].map((name) =>
    windowRow(name, [], FLOAT8, kernelWindow(name)),
  ),
  windowRow("ntile", [INT4], INT4, ntile),
  ...["lag", "lead"].flatMap((name) => [
    windowRow(name, ["anyelement"], first, valueWindow(name)),
    windowRow(name, ["anyelement", INT4], first, valueWindow(name)),
    windowRow(
      name,
      ["anyelement", INT4, "anyelement"],
      valueOrDefault,
      valueWindow(name),
    ),
  ]),
  windowRow("first_value", ["anyelement"], first, valueWindow("first_value")),
  windowRow("last_value", ["anyelement"], first, valueWindow("last_value")),
  windowRow("nth_value", ["anyelement", INT4], first, nthValue),
];
