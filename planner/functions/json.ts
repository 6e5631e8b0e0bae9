// json and jsonb. In the kernel both are text, jsonb's in canonical form; registered functions take it apart (value/json.ts).

import {
  BOOL,
  INT4,
  JSONB,
  JSON_TYPE,
  TEXT,
  type DataType,
} from "../../storage/common/data-type.ts";
import { outputOf, toJson } from "./cast-text.ts";
import { aggregate } from "./aggregate.ts";
import { operator, partial, scalar, total, type Traits } from "./define.ts";
import { NATIVE } from "./emit.ts";
import {
  aggregateSql,
  type DuckDbEmitter,
  type EmitSettings,
  type Emitted,
  type FunctionRow,
} from "./function.ts";

const TEXT_ARRAY: DataType = { kind: "array", element: TEXT };
const BOTH: readonly DataType[] = [JSON_TYPE, JSONB];

function emit(
  build: (args: readonly Emitted[], settings: EmitSettings) => string,
): DuckDbEmitter {
  return (call) => ({
    sql: build(call.args, call.settings),
    representation: NATIVE,
  });
}

/** jsonb results are put in canonical form; json keeps the text. */
function canonical(isJsonb: boolean, sql: string): string {
  return isJsonb ? `jsonb_text(${sql})` : sql;
}

const stable = { total: false, volatility: "stable" } as const;

function access(
  symbol: string,
  arg: DataType,
  kernel: string,
  returns: (type: DataType) => DataType,
): readonly FunctionRow[] {
  return BOTH.map((type) =>
    operator(
      symbol,
      [type, arg],
      returns(type),
      total((a, b) => `${kernel}(${a}, ${b})`),
    ),
  );
}

const same = (type: DataType): DataType => type;
const text = (): DataType => TEXT;

const ACCESS: readonly FunctionRow[] = [
  ...access("->", TEXT, "json_member", same),
  ...access("->>", TEXT, "json_member_text", text),
  ...["json", "jsonb"].flatMap((kind) => {
    const type = kind === "json" ? JSON_TYPE : JSONB;
    return [
      operator(
        "->",
        [type, INT4],
        type,
        total((a, b) => `${kind}_element(${a}, ${b})`),
      ),
      operator(
        "->>",
        [type, INT4],
        TEXT,
        total((a, b) => `${kind}_element_text(${a}, ${b})`),
      ),
    ];
  }),
  ...access("#>", TEXT_ARRAY, "json_at_path", same),
  ...access("#>>", TEXT_ARRAY, "json_at_path_text", text),
  ...(["json", "jsonb"] as const).flatMap((kind) =>
    [
      [
        "extract_path",
        "json_at_path",
        kind === "json" ? JSON_TYPE : JSONB,
      ] as const,
      ["extract_path_text", "json_at_path_text", TEXT] as const,
    ].map(([name, kernel, returns]) =>
      scalar(`${kind}_${name}`, [{ kind }, TEXT], returns, {
        ...total(
          (value, ...steps) =>
            `${kernel}(${value}, [${steps.join(", ")}]::VARCHAR[])`,
        ),
        variadic: true,
      }),
    ),
  ),
];

const TESTS: readonly FunctionRow[] = [
  operator(
    "@>",
    [JSONB, JSONB],
    BOOL,
    total((a, b) => `jsonb_contains(${a}, ${b})`),
  ),
  operator(
    "<@",
    [JSONB, JSONB],
    BOOL,
    total((a, b) => `jsonb_contains(${b}, ${a})`),
  ),
  operator(
    "?",
    [JSONB, TEXT],
    BOOL,
    total((a, b) => `jsonb_has(${a}, ${b})`),
  ),
  operator(
    "?|",
    [JSONB, TEXT_ARRAY],
    BOOL,
    total((a, b) => `jsonb_has_any(${a}, ${b})`),
  ),
  operator(
    "?&",
    [JSONB, TEXT_ARRAY],
    BOOL,
    total((a, b) => `jsonb_has_all(${a}, ${b})`),
  ),
];

const CHANGES: readonly FunctionRow[] = [
  operator(
    "||",
    [JSONB, JSONB],
    JSONB,
    total((a, b) => `jsonb_concat(${a}, ${b})`),
  ),
  operator(
    "-",
    [JSONB, TEXT],
    JSONB,
    partial((a, b) => `jsonb_without(${a}, ${b})`),
  ),
  operator(
    "-",
    [JSONB, INT4],
    JSONB,
    partial((a, b) => `jsonb_without_index(${a}, ${b})`),
  ),
  operator(
    "-",
    [JSONB, TEXT_ARRAY],
    JSONB,
    partial((a, b) => `jsonb_without_all(${a}, ${b})`),
  ),
  operator(
    "#-",
    [JSONB, TEXT_ARRAY],
    JSONB,
    partial((a, b) => `jsonb_delete_path(${a}, ${b})`),
  ),
  scalar(
    "jsonb_set",
    [JSONB, TEXT_ARRAY, JSONB],
    JSONB,
    partial(
      (a, path, value) => `jsonb_set_path(${a}, ${path}, ${value}, true)`,
    ),
  ),
  scalar(
    "jsonb_set",
    [JSONB, TEXT_ARRAY, JSONB, BOOL],
    JSONB,
    partial(
      (a, path, value, create) =>
        `jsonb_set_path(${a}, ${path}, ${value}, ${create})`,
    ),
  ),
  scalar("jsonb_insert", [JSONB, TEXT_ARRAY, JSONB, BOOL], JSONB, {
    ...partial(
      (a, path, value, after = "false") =>
        `jsonb_insert_path(${a}, ${path}, ${value}, ${after})`,
    ),
    optional: 1,
  }),
  scalar(
    "jsonb_strip_nulls",
    [JSONB],
    JSONB,
    total((a) => `jsonb_strip(${a})`),
  ),
  scalar(
    "jsonb_pretty",
    [JSONB],
    TEXT,
    total((a) => `jsonb_pretty_text(${a})`),
  ),
];

const INSPECTION: readonly FunctionRow[] = (["json", "jsonb"] as const).flatMap(
  (kind) => [
    scalar(
      `${kind}_typeof`,
      [{ kind }],
      TEXT,
      total((a) => `json_kind(${a})`),
    ),
    scalar(
      `${kind}_array_length`,
      [{ kind }],
      INT4,
      partial((a) => `json_length(${a})`),
    ),
  ],
);

/** Each member of an odd place is a name, which may not be NULL. */
function objectSql(
  args: readonly Emitted[],
  settings: EmitSettings,
  caller: string,
): string {
  const parts = args.map((arg, i) =>
    i % 2 === 0
      ? outputOf(arg, settings)
      : `coalesce(${toJson(arg, settings)}, 'null')`,
  );
  return `json_object_of('${caller}', [${parts.join(", ")}]::VARCHAR[])`;
}

function listSql(args: readonly Emitted[], settings: EmitSettings): string {
  return `json_agg_list([${args.map((arg) => `coalesce(${toJson(arg, settings)}, 'null')`).join(", ")}]::VARCHAR[])`;
}

const many: Partial<Traits> = { strict: false, variadic: true };

const BUILDERS: readonly FunctionRow[] = (["json", "jsonb"] as const).flatMap(
  (kind) => {
    const type: DataType = { kind };
    const isJsonb = kind === "jsonb";
    return [
      scalar(`to_${kind}`, ["anyelement"], type, {
        ...stable,
        duckdb: emit(([value], settings) =>
          value === undefined
            ? "NULL"
            : canonical(isJsonb, toJson(value, settings)),
        ),
      }),
      scalar(`${kind}_build_object`, ["any"], type, {
        ...stable,
        ...many,
        duckdb: emit((args, settings) =>
          canonical(isJsonb, objectSql(args, settings, `${kind}_build_object`)),
        ),
      }),
      scalar(
        `${kind}_build_object`,
        [],
        type,
        total(() => "'{}'"),
      ),
      scalar(`${kind}_build_array`, ["any"], type, {
        ...stable,
        ...many,
        duckdb: emit((args, settings) =>
          canonical(isJsonb, listSql(args, settings)),
        ),
      }),
      scalar(
        `${kind}_build_array`,
        [],
        type,
        total(() => "'[]'"),
      ),
    ];
  },
);

const MISC: readonly FunctionRow[] = [
  scalar(
    "json_strip_nulls",
    [JSON_TYPE],
    JSON_TYPE,
    total((a) => `json_strip(${a})`),
  ),
  ...(["json", "jsonb"] as const).flatMap((kind) => [
    scalar(
      `${kind}_object`,
      [TEXT_ARRAY],
      { kind },
      partial((pairs) =>
        canonical(kind === "jsonb", `json_of_pairs(${pairs})`),
      ),
    ),
    scalar(
      `${kind}_object`,
      [TEXT_ARRAY, TEXT_ARRAY],
      { kind },
      partial((names, values) =>
        canonical(kind === "jsonb", `json_of_lists(${names}, ${values})`),
      ),
    ),
  ]),
  scalar("array_to_json", ["anyarray", BOOL], JSON_TYPE, {
    ...stable,
    duckdb: emit(([value, pretty], settings) =>
      value === undefined || pretty === undefined
        ? "NULL"
        : `json_lines(${toJson(value, settings)}, ${pretty.sql})`,
    ),
  }),
  scalar("array_to_json", ["anyarray"], JSON_TYPE, {
    ...stable,
    duckdb: emit(([value], settings) =>
      value === undefined ? "NULL" : toJson(value, settings),
    ),
  }),
  scalar("row_to_json", ["anystruct"], JSON_TYPE, {
    ...stable,
    duckdb: emit(([value], settings) =>
      value === undefined ? "NULL" : toJson(value, settings),
    ),
  }),
];

/** NULLs are kept as JSON null; no rows give NULL. */
const AGGREGATES: readonly FunctionRow[] = (["json", "jsonb"] as const).flatMap(
  (kind) => {
    const isJsonb = kind === "jsonb";
    return [
      aggregate(`${kind}_agg`, ["anyelement"], { kind }, (call) => {
        const [value] = call.args;
        const item =
          value === undefined
            ? "NULL"
            : `coalesce(${toJson(value, call.settings)}, 'null')`;
        return {
          sql: canonical(
            isJsonb,
            `json_agg_list(${aggregateSql("list", [item], call)})`,
          ),
          representation: NATIVE,
        };
      }),
      aggregate(`${kind}_object_agg`, ["any", "any"], { kind }, (call) => {
        const [name, value] = call.args;
        if (name === undefined || value === undefined)
          return { sql: "NULL", representation: NATIVE };
        const pair = `[${outputOf(name, call.settings)}, coalesce(${toJson(value, call.settings)}, 'null')]`;
        return {
          sql: canonical(
            isJsonb,
            `json_object_of('${kind}_object_agg', flatten(${aggregateSql("list", [pair], call)}))`,
          ),
          representation: NATIVE,
        };
      }),
    ];
  },
);

export const JSON_FUNCTIONS: readonly FunctionRow[] = [
  ...ACCESS,
  ...TESTS,
  ...CHANGES,
  ...INSPECTION,
  ...BUILDERS,
  ...MISC,
  ...AGGREGATES,
];
