// Set-returning functions. A row emits a kernel list: of values for one column, of unnamed structs for several, in column order.

import {
  BOOL,
  INT4,
  INT8,
  INTERVAL,
  JSONB,
  JSON_TYPE,
  NUMERIC,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
  type DataType,
} from "../../storage/common/data-type.ts";
import { splitToArray } from "./array.ts";
import { define, type ArgPattern, type Traits } from "./define.ts";
import { NATIVE, numericText, once, raise } from "./emit.ts";
import type { DuckDbEmitter, EmitCall, FunctionRow } from "./function.ts";
import { asWall, instantOf } from "./zone.ts";

function table(
  name: string,
  args: readonly ArgPattern[],
  returns: DataType,
  traits: Partial<Traits> & Pick<Traits, "duckdb">,
): FunctionRow {
  return define("table", { name, args, returns }, { total: false, ...traits });
}

function emit(
  build: (args: readonly string[], call: EmitCall) => string,
): DuckDbEmitter {
  return (call) => ({
    sql: build(
      call.args.map((arg) => arg.sql),
      call,
    ),
    representation: NATIVE,
  });
}

const ZERO_STEP = raise("22023", "step size cannot equal zero");

/** Both ends included; a step of zero is an error, NULL gives no rows. */
function integerSeries(kernel: string): DuckDbEmitter {
  return emit(
    ([from = "", to = "", step = "1"]) =>
      `(${once(step, (s) => `list_transform(generate_series((${from})::BIGINT, (${to})::BIGINT, (CASE WHEN ${s} = 0 THEN ${ZERO_STEP} ELSE ${s} END)::BIGINT), lambda item: item::${kernel})`)})`,
  );
}

const numericSeries: DuckDbEmitter = (call) => {
  const [from = "NULL", to = "NULL", step = "'1'"] = call.args.map(numericText);
  return { sql: `num_series(${from}, ${to}, ${step})`, representation: NATIVE };
};

/** Steps on the wall clock, in the session's zone for instants. */
const momentSeries: DuckDbEmitter = emit(
  ([from = "", to = "", step = ""], call) => {
    const type = call.args[0]?.type ?? TIMESTAMP;
    const { timeZone } = call.settings;
    const wall = (sql: string): string => asWall(sql, type, timeZone);
    const list = once(
      step,
      (s) =>
        `generate_series(${wall(from)}, ${wall(to)}, CASE WHEN ${s} = INTERVAL '0 days' THEN ${ZERO_STEP} ELSE ${s} END)`,
    );
    return type.kind === "timestamptz"
      ? `list_transform(${list}, lambda item: ${instantOf("item", timeZone)})`
      : `(${list})`;
  },
);

const SERIES: readonly FunctionRow[] = [
  ...[INT4, INT8].flatMap((type) => {
    const duckdb = integerSeries(type === INT4 ? "INTEGER" : "BIGINT");
    return [
      table("generate_series", [type, type], type, { duckdb }),
      table("generate_series", [type, type, type], type, { duckdb }),
    ];
  }),
  table("generate_series", [NUMERIC, NUMERIC], NUMERIC, {
    duckdb: numericSeries,
  }),
  table("generate_series", [NUMERIC, NUMERIC, NUMERIC], NUMERIC, {
    duckdb: numericSeries,
  }),
  table("generate_series", [TIMESTAMP, TIMESTAMP, INTERVAL], TIMESTAMP, {
    duckdb: momentSeries,
  }),
  table("generate_series", [TIMESTAMPTZ, TIMESTAMPTZ, INTERVAL], TIMESTAMPTZ, {
    duckdb: momentSeries,
    volatility: "stable",
  }),
  table("generate_subscripts", ["anyarray", INT4, BOOL], INT4, {
    duckdb: emit(
      ([array = "", dimension = "1", backwards = "false"]) =>
        `(CASE WHEN ${dimension} <> 1 OR ${backwards} IS NULL THEN NULL WHEN ${backwards} THEN list_reverse(list_transform(range(1, len(${array}) + 1), lambda item: item::INTEGER)) ELSE list_transform(range(1, len(${array}) + 1), lambda item: item::INTEGER) END)`,
    ),
  }),
  table("generate_subscripts", ["anyarray", INT4], INT4, {
    duckdb: emit(
      ([array = "", dimension = "1"]) =>
        `(CASE WHEN ${dimension} = 1 THEN list_transform(range(1, len(${array}) + 1), lambda item: item::INTEGER) END)`,
    ),
  }),
];

const STRINGS: readonly FunctionRow[] = [
  table("string_to_table", [TEXT, TEXT], TEXT, {
    strict: false,
    duckdb: emit((args) => splitToArray(...args)),
  }),
  table("string_to_table", [TEXT, TEXT, TEXT], TEXT, {
    strict: false,
    duckdb: emit((args) => splitToArray(...args)),
  }),
];

const JSON_ROWS: readonly FunctionRow[] = ([JSON_TYPE, JSONB] as const).flatMap(
  (type) => {
    const { kind } = type;
    const pair = (
      values: string,
      held: DataType,
    ): Partial<Traits> & Pick<Traits, "duckdb"> => ({
      duckdb: emit(
        ([value = ""]) =>
          `(${once(value, (v) => `list_transform(json_names(${v}, '${kind}_each'), lambda item, place: row(item, ${values}(${v}, '${kind}_each')[place]))`)})`,
      ),
      columns: () => [
        { name: "key", type: TEXT },
        { name: "value", type: held },
      ],
    });
    return [
      table(`${kind}_array_elements`, [type], type, {
        columns: () => [{ name: "value", type }],
        duckdb: emit(([value = ""]) => `json_elements(${value})`),
      }),
      table(`${kind}_array_elements_text`, [type], TEXT, {
        columns: () => [{ name: "value", type: TEXT }],
        duckdb: emit(([value = ""]) => `json_elements_text(${value})`),
      }),
      table(`${kind}_object_keys`, [type], TEXT, {
        duckdb: emit(
          ([value = ""]) => `json_names(${value}, '${kind}_object_keys')`,
        ),
      }),
      table(
        `${kind}_each`,
        [type],
        { kind: "record" },
        pair("json_values", type),
      ),
      table(
        `${kind}_each_text`,
        [type],
        { kind: "record" },
        pair("json_values_text", TEXT),
      ),
    ];
  },
);

/** Each row an object, whose members the column definition list reads. */
const JSON_RECORDS: readonly FunctionRow[] = (
  [JSON_TYPE, JSONB] as const
).flatMap((type) => {
  const columns = (): readonly { name: string; type: DataType }[] => [
    { name: "record", type },
  ];
  const record = `${type.kind}_to_record`;
  return [
    table(
      record,
      [type],
      { kind: "record" },
      {
        columns,
        strict: false,
        duckdb: emit(([value = ""]) => `[json_record(${value})]`),
      },
    ),
    table(
      `${record}set`,
      [type],
      { kind: "record" },
      {
        columns,
        duckdb: emit(
          ([value = ""]) => `json_records(${value}, '${record}set')`,
        ),
      },
    ),
  ];
});

export const TABLE_FUNCTIONS: readonly FunctionRow[] = [
  ...SERIES,
  ...STRINGS,
  ...JSON_ROWS,
  ...JSON_RECORDS,
];
