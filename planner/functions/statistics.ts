// Statistical and ordered-set aggregates. Over numeric and integers PostgreSQL computes exactly, from the count, the sum and the
// sum of squares; over float8 the kernel's own algorithms serve.

import {
  FLOAT4,
  FLOAT8,
  INT2,
  INT4,
  INT8,
  INTERVAL,
  NUMERIC,
  TEXT,
  type DataType,
} from "../../storage/common/data-type.ts";
import { aggregate } from "./aggregate.ts";
import { define } from "./define.ts";
import { NATIVE, NUMERIC_TEXT, castTo, once, raiseWith } from "./emit.ts";
import {
  aggregateSql,
  type AggregateClauses,
  type DuckDbEmitter,
  type EmitCall,
  type FunctionRow,
} from "./function.ts";

interface Spread {
  readonly name: string;
  readonly kernel: string;
  /** As num_variance knows it. */
  readonly kind: "var_samp" | "var_pop" | "stddev_samp" | "stddev_pop";
}

const SPREADS: readonly Spread[] = [
  { name: "variance", kernel: "var_samp", kind: "var_samp" },
  { name: "var_samp", kernel: "var_samp", kind: "var_samp" },
  { name: "var_pop", kernel: "var_pop", kind: "var_pop" },
  { name: "stddev", kernel: "stddev_samp", kind: "stddev_samp" },
  { name: "stddev_samp", kernel: "stddev_samp", kind: "stddev_samp" },
  { name: "stddev_pop", kernel: "stddev_pop", kind: "stddev_pop" },
];

/** num_variance(kind, count, sum, sum of squares), exact. */
function exactSpread(kind: Spread["kind"]): DuckDbEmitter {
  return (call) => {
    const [value] = call.args;
    if (value === undefined)
      return { sql: "NULL", representation: NUMERIC_TEXT };
    if (value.representation.kind === "numeric-text") {
      return {
        sql: `num_spread('${kind}', ${aggregateSql("list", [value.sql], call)})`,
        representation: NUMERIC_TEXT,
      };
    }
    const wide = castTo(
      value.sql,
      value.representation.kind === "decimal"
        ? `DECIMAL(38,${value.representation.scale})`
        : "HUGEINT",
    );
    const sum = castTo(aggregateSql("sum", [value.sql], call), "VARCHAR");
    const squares = castTo(
      aggregateSql("sum", [`${wide} * ${wide}`], call),
      "VARCHAR",
    );
    const count = aggregateSql("count", [value.sql], call);
    return {
      sql: `num_variance('${kind}', ${count}, ${sum}, ${squares})`,
      representation: NUMERIC_TEXT,
    };
  };
}

/** NaN and infinities make the kernel fail; PostgreSQL answers NaN. */
function floatSpread(kernel: string): DuckDbEmitter {
  return (call) => {
    const value = castTo(call.args[0]?.sql ?? "NULL", "DOUBLE");
    const finite = aggregateSql("bool_and", [`isfinite(${value})`], call);
    const clean = `CASE WHEN isfinite(${value}) THEN ${value} END`;
    const result = aggregateSql(kernel, [clean], call);
    const count = aggregateSql("count", [value], call);
    const few = kernel.endsWith("pop") ? 0 : 1;
    return {
      sql: `(CASE WHEN ${finite} THEN ${result} WHEN ${count} > ${few} THEN 'NaN'::DOUBLE END)`,
      representation: NATIVE,
    };
  };
}

const SPREAD_ROWS: readonly FunctionRow[] = SPREADS.flatMap(
  ({ name, kernel, kind }) => [
    ...[INT2, INT4, INT8, NUMERIC].map((type) =>
      aggregate(name, [type], NUMERIC, exactSpread(kind)),
    ),
    ...[FLOAT4, FLOAT8].map((type) =>
      aggregate(name, [type], FLOAT8, floatSpread(kernel)),
    ),
  ],
);

/** Rows where either side is NULL do not count; the kernel agrees. */
function regression(name: string, cast?: string): DuckDbEmitter {
  return (call) => {
    const [y = "NULL", x = "NULL"] = call.args.map((arg) =>
      castTo(arg.sql, "DOUBLE"),
    );
    const sql = aggregateSql(name, [y, x], call);
    return {
      sql: cast === undefined ? sql : castTo(sql, cast),
      representation: NATIVE,
    };
  };
}

/** The square of the correlation, as PostgreSQL computes it. */
const determination: DuckDbEmitter = (call) => {
  const [sxy = "", sxx = "", syy = ""] = [
    "regr_sxy",
    "regr_sxx",
    "regr_syy",
  ].map((name) => regression(name)(call).sql);
  return {
    sql: `(CASE WHEN ${sxx} = 0 THEN NULL WHEN ${syy} = 0 THEN 1 ELSE (${sxy} * ${sxy}) / (${sxx} * ${syy}) END)`,
    representation: NATIVE,
  };
};

const PAIRS: readonly FunctionRow[] = [
  ...[
    "covar_pop",
    "covar_samp",
    "regr_avgx",
    "regr_avgy",
    "regr_intercept",
    "regr_slope",
    "regr_sxx",
    "regr_sxy",
    "regr_syy",
  ].map((name) => aggregate(name, [FLOAT8, FLOAT8], FLOAT8, regression(name))),
  aggregate("corr", [FLOAT8, FLOAT8], FLOAT8, (call) => ({
    sql: `nullif(${regression("corr")(call).sql}, 'NaN'::DOUBLE)`,
    representation: NATIVE,
  })),
  aggregate("regr_r2", [FLOAT8, FLOAT8], FLOAT8, determination),
  aggregate(
    "regr_count",
    [FLOAT8, FLOAT8],
    INT8,
    regression("regr_count", "BIGINT"),
  ),
];

/** Ordered-set calls keep FILTER but neither DISTINCT nor ORDER BY inside: the key is an argument. */
function plain(call: EmitCall): EmitCall {
  return call.clauses === undefined
    ? call
    : { ...call, clauses: { ...call.clauses, inside: "", distinct: false } };
}

function descending(clauses: AggregateClauses | undefined): boolean {
  return clauses?.withinGroup[0]?.descending === true;
}

/** 22003 naming the fraction. */
function outside(sql: string): string {
  return raiseWith(
    "22003",
    "percentile value ",
    `float8_text(${sql}, 0::INTEGER)`,
    " is not between 0 and 1",
  );
}

/** The fraction, checked, and turned round for a descending key. */
function fraction(sql: string, call: EmitCall): string {
  const turned = descending(call.clauses) ? `1 - ${sql}` : sql;
  return `(CASE WHEN ${sql} < 0 OR ${sql} > 1 THEN ${outside(sql)} ELSE ${turned} END)`;
}

const SORTED = "list_sort(list_filter(";

/** The group's values in order, without NULLs. */
function sortedList(call: EmitCall): string {
  const key = call.args.at(-1);
  const list = aggregateSql("list", [key?.sql ?? "NULL"], plain(call));
  const direction = descending(call.clauses) ? "DESC" : "ASC";
  if (key?.representation.kind === "numeric-text") {
    const keyed = `list_transform(${list}, lambda item: {'k': num_key(item), 'v': item})`;
    return `list_transform(${SORTED}${keyed}, lambda item: item.v IS NOT NULL), '${direction}'), lambda item: item.v)`;
  }
  return `${SORTED}${list}, lambda item: item IS NOT NULL), '${direction}')`;
}

/** The first value whose place reaches the fraction of the rows. */
const percentileDisc: DuckDbEmitter = (call) => {
  const [share = "NULL"] = call.args.map((arg) => arg.sql);
  const checked = `(CASE WHEN ${share} < 0 OR ${share} > 1 THEN ${outside(share)} ELSE ${share} END)`;
  const sql = once(
    sortedList(call),
    (list) =>
      `CASE WHEN len(${list}) > 0 THEN ${list}[greatest(ceil(${checked} * len(${list}))::BIGINT, 1)] END`,
  );
  return {
    sql: `(${sql})`,
    representation: call.args.at(-1)?.representation ?? NATIVE,
  };
};

const percentileDiscMany: DuckDbEmitter = (call) => {
  const [shares = "NULL"] = call.args.map((arg) => arg.sql);
  const sql = once(
    sortedList(call),
    (list) =>
      `CASE WHEN len(${list}) > 0 THEN list_transform(${shares}, lambda share: CASE WHEN share < 0 OR share > 1 THEN ${outside("share")} ELSE ${list}[greatest(ceil(share * len(${list}))::BIGINT, 1)] END) END`,
  );
  return { sql: `(${sql})`, representation: NATIVE };
};

function interpolated(list: string, share: string): string {
  const place = `(${share} * (len(${list}) - 1))`;
  const low = `${list}[floor(${place})::BIGINT + 1]`;
  const high = `${list}[ceil(${place})::BIGINT + 1]`;
  return `CASE WHEN floor(${place}) = ceil(${place}) THEN ${low} ELSE ${low} + (${high} - ${low}) * (${place} - floor(${place})) END`;
}

const percentileCont: DuckDbEmitter = (call) => {
  const [share = "NULL"] = call.args.map((arg) => arg.sql);
  const ascending =
    call.clauses === undefined
      ? call
      : { ...call, clauses: { ...call.clauses, withinGroup: [] } };
  const sql = once(sortedList(ascending), (list) =>
    once(
      fraction(share, call),
      (p) => `CASE WHEN len(${list}) > 0 THEN ${interpolated(list, p)} END`,
    ),
  );
  return { sql: `(${sql})`, representation: NATIVE };
};

const percentileContMany: DuckDbEmitter = (call) => {
  const [shares = "NULL"] = call.args.map((arg) => arg.sql);
  const ascending =
    call.clauses === undefined
      ? call
      : { ...call, clauses: { ...call.clauses, withinGroup: [] } };
  const sql = once(
    sortedList(ascending),
    (list) =>
      `CASE WHEN len(${list}) > 0 THEN list_transform(${shares}, lambda share: ${interpolated(list, fraction("share", call))}) END`,
  );
  return { sql: `(${sql})`, representation: NATIVE };
};

/** The most frequent value, of equally frequent ones the first in order. */
const mode: DuckDbEmitter = (call) => {
  const sql = once(
    sortedList(call),
    (list) =>
      `CASE WHEN len(${list}) > 0 THEN list_extract(${list}, list_position(list_transform(${list}, lambda item: len(list_filter(${list}, lambda other: other = item))), list_max(list_transform(${list}, lambda item: len(list_filter(${list}, lambda other: other = item)))))) END`,
  );
  return {
    sql: `(${sql})`,
    representation: call.args.at(-1)?.representation ?? NATIVE,
  };
};

const FLOAT8_ARRAY: DataType = { kind: "array", element: FLOAT8 };
const lastArg = (args: readonly DataType[]): DataType => args.at(-1) ?? TEXT;
const arrayOfLast = (args: readonly DataType[]): DataType => ({
  kind: "array",
  element: lastArg(args),
});

function orderedSet(
  name: string,
  args: Parameters<typeof aggregate>[1],
  returns: Parameters<typeof aggregate>[2],
  duckdb: DuckDbEmitter,
): FunctionRow {
  return define(
    "ordered-set",
    { name, args, returns },
    { duckdb, total: false, strict: false },
  );
}

const ORDERED_SETS: readonly FunctionRow[] = [
  orderedSet("percentile_cont", [FLOAT8, FLOAT8], FLOAT8, percentileCont),
  orderedSet(
    "percentile_cont",
    [FLOAT8_ARRAY, FLOAT8],
    FLOAT8_ARRAY,
    percentileContMany,
  ),
  orderedSet("percentile_cont", [FLOAT8, INTERVAL], INTERVAL, percentileCont),
  orderedSet(
    "percentile_disc",
    [FLOAT8, "anyelement"],
    lastArg,
    percentileDisc,
  ),
  orderedSet(
    "percentile_disc",
    [FLOAT8_ARRAY, "anyelement"],
    arrayOfLast,
    percentileDiscMany,
  ),
  orderedSet("mode", ["anyelement"], lastArg, mode),
];

export const STATISTICS: readonly FunctionRow[] = [
  ...SPREAD_ROWS,
  ...PAIRS,
  ...ORDERED_SETS,
];
