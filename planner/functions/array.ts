// Arrays: constructors, subscripts, operators and functions. Kernel lists count from 1 as PostgreSQL's arrays do.

import {
  BOOL,
  INT4,
  NUMERIC,
  TEXT,
  type DataType,
} from "../../storage/common/data-type.ts";
import { outputOf } from "./cast-text.ts";
import {
  operator,
  partial,
  scalar,
  total,
  type SqlTemplate,
} from "./define.ts";
import {
  NATIVE,
  kernelType,
  numericText,
  once,
  raise,
  representationOf,
} from "./emit.ts";
import type {
  DuckDbEmitter,
  EmitCall,
  Emitted,
  FunctionRow,
} from "./function.ts";
import { constantText } from "./literal.ts";
import { isNull } from "./unify.ts";

const first = (args: readonly DataType[]): DataType => args[0] ?? TEXT;
const second = (args: readonly DataType[]): DataType => args[1] ?? TEXT;
const elementType = (args: readonly DataType[]): DataType => {
  const [array] = args;
  return array?.kind === "array" ? array.element : TEXT;
};
const arrayOfFirst = (args: readonly DataType[]): DataType => ({
  kind: "array",
  element: args[0] ?? TEXT,
});

/** The value as an element: in a list every numeric without modifier is text. */
export function asElement(value: Emitted, element: DataType): string {
  if (isNull(value)) return `NULL::${kernelType(element)}`;
  return representationOf(element).kind === "numeric-text"
    ? numericText(value)
    : value.sql;
}

function elementOf(type: DataType): DataType {
  return type.kind === "array" ? type.element : NUMERIC;
}

const construct: DuckDbEmitter = (call) => {
  const element = elementOf(call.type);
  const items = call.args.map((arg) => asElement(arg, element));
  return {
    sql: `[${items.join(", ")}]::${kernelType(call.type)}`,
    representation: NATIVE,
  };
};

/** One dimension: `array_fill(7, array[3])`. */
const fill: DuckDbEmitter = (call) => {
  const [value, lengths] = call.args;
  const element = elementOf(call.type);
  const item = value === undefined ? "NULL" : asElement(value, element);
  const refused = raise(
    "0A000",
    "arrays of more than one dimension are not supported",
  );
  const missing = raise(
    "22004",
    "dimension array or low bound array cannot be null",
  );
  return {
    sql: `(${once(
      lengths?.sql ?? "NULL",
      (v) =>
        `CASE WHEN ${v} IS NULL THEN ${missing} WHEN len(${v}) > 1 THEN ${refused} ELSE list_transform(range(coalesce((${v})[1], 0)), lambda place: ${item}) END`,
    )})::${kernelType(call.type)}`,
    representation: NATIVE,
  };
};

/** A result that is one element of the first argument. */
function element(template: SqlTemplate): DuckDbEmitter {
  return (call) => ({
    sql: template(...call.args.map((arg) => arg.sql)),
    representation: representationOf(call.type),
  });
}

/** `f(array, element)`: the element converted to how the array holds its own. */
function withElement(
  template: SqlTemplate,
  elementFirst = false,
): DuckDbEmitter {
  return (call) => ({
    sql: template(
      ...call.args.map((arg, i) =>
        elementSql(call, arg, i === (elementFirst ? 0 : 1)),
      ),
    ),
    representation: NATIVE,
  });
}

function elementSql(call: EmitCall, arg: Emitted, isElement: boolean): string {
  if (!isElement) return arg.sql;
  const array = call.args.find((other) => other.type.kind === "array");
  return asElement(arg, array === undefined ? arg.type : elementOf(array.type));
}

const subscript: SqlTemplate = (a = "", i = "") =>
  `(${once(i, (v) => `CASE WHEN ${v} > 0 THEN (${a})[${v}] END`)})`;

/** Bounds outside are cut; an empty slice is an empty array, a NULL bound gives NULL. */
const slice: SqlTemplate = (a = "", low = "", high = "") =>
  `(${once(low, (l) =>
    once(
      high,
      (h) =>
        `CASE WHEN ${l} IS NULL OR ${h} IS NULL THEN NULL WHEN ${h} < 1 OR ${h} < ${l} THEN list_slice(${a}, 1, 0) ` +
        `ELSE list_slice(${a}, CASE WHEN ${l} < 1 THEN 1 ELSE ${l} END, ${h}) END`,
    ),
  )})`;

const lengthOf: SqlTemplate = (a = "", dimension = "1") =>
  `(${once(a, (v) => `CASE WHEN ${dimension} = 1 AND len(${v}) > 0 THEN len(${v})::INTEGER END`)})`;

/** First place of an element from `start` on; IS NOT DISTINCT FROM, so NULL is found. */
const position: SqlTemplate = (a = "", x = "", start?: string) =>
  start === undefined
    ? `nullif(list_position(${a}, ${x}), 0)::INTEGER`
    : `(${once(start, (s) => `nullif(list_position(list_slice(${a}, ${s}, len(${a})), ${x}), 0) + ${s} - 1`)})::INTEGER`;

const positions: SqlTemplate = (a = "", x = "") =>
  `list_filter(list_transform(${a}, lambda item, place: CASE WHEN item IS NOT DISTINCT FROM ${x} THEN place::INTEGER END), lambda place: place IS NOT NULL)`;

const overlaps: SqlTemplate = (a, b) => `list_has_any(${a}, ${b})`;

/** Elements that are NULL are contained in nothing. */
function contains(a = "", b = ""): string {
  return `(${once(b, (v) => `CASE WHEN ${a} IS NULL OR ${v} IS NULL THEN NULL ELSE list_has_all(${a}, list_filter(${v}, lambda item: item IS NOT NULL)) AND len(list_filter(${v}, lambda item: item IS NULL)) = 0 END`)})`;
}

const CONSTRUCTION: readonly FunctionRow[] = [
  scalar("array", ["anyelement"], arrayOfFirst, {
    duckdb: construct,
    total: true,
    strict: false,
    variadic: true,
  }),
  scalar("array_subscript", ["anyarray", INT4], elementType, {
    duckdb: element(subscript),
    total: true,
  }),
  scalar("array_slice", ["anyarray", INT4, INT4], first, { ...total(slice) }),
  scalar("array_slice_from", ["anyarray", INT4], first, {
    ...total((a, low) => slice(a, low, "2147483647")),
  }),
  scalar("array_slice_to", ["anyarray", INT4], first, {
    ...total((a, high) => slice(a, "1", high)),
  }),
];

const keepNull = { total: true, strict: false } as const;

/** NULL only when both are: a NULL side counts as empty. */
const concatenate: SqlTemplate = (a = "", b = "") =>
  `(CASE WHEN ${a} IS NOT NULL OR ${b} IS NOT NULL THEN list_concat(${a}, ${b}) END)`;

const COMBINATION: readonly FunctionRow[] = [
  operator("||", ["anyarray", "anyarray"], first, {
    ...keepNull,
    ...total(concatenate),
    strict: false,
  }),
  operator("||", ["anyarray", "anyelement"], first, {
    ...keepNull,
    duckdb: withElement((a, x) => `list_concat(${a}, [${x}])`),
  }),
  operator("||", ["anyelement", "anyarray"], second, {
    ...keepNull,
    duckdb: withElement((x, a) => `list_concat([${x}], ${a})`, true),
  }),
  scalar("array_cat", ["anyarray", "anyarray"], first, {
    ...total(concatenate),
    strict: false,
  }),
  scalar(
    "array_fill",
    ["anyelement", { kind: "array", element: INT4 }],
    arrayOfFirst,
    { strict: false, total: false, duckdb: fill },
  ),
  scalar("array_append", ["anyarray", "anyelement"], first, {
    ...keepNull,
    duckdb: withElement((a, x) => `list_concat(${a}, [${x}])`),
  }),
  scalar("array_prepend", ["anyelement", "anyarray"], second, {
    ...keepNull,
    duckdb: withElement((x, a) => `list_concat([${x}], ${a})`, true),
  }),
  scalar("array_remove", ["anyarray", "anyelement"], first, {
    ...keepNull,
    duckdb: withElement(
      (a, x) => `list_filter(${a}, lambda item: item IS DISTINCT FROM ${x})`,
    ),
  }),
  scalar("array_replace", ["anyarray", "anyelement", "anyelement"], first, {
    ...keepNull,
    duckdb: (call) => {
      const [array, from, to] = call.args.map((arg, i) =>
        elementSql(call, arg, i > 0),
      );
      return {
        sql: `list_transform(${array ?? ""}, lambda item: CASE WHEN item IS NOT DISTINCT FROM ${from ?? ""} THEN ${to ?? ""} ELSE item END)`,
        representation: NATIVE,
      };
    },
  }),
];

const MEASURES: readonly FunctionRow[] = [
  scalar("array_length", ["anyarray", INT4], INT4, total(lengthOf)),
  scalar("array_upper", ["anyarray", INT4], INT4, total(lengthOf)),
  scalar(
    "array_lower",
    ["anyarray", INT4],
    INT4,
    total(
      (a = "", d = "1") =>
        `(${once(a, (v) => `CASE WHEN ${d} = 1 AND len(${v}) > 0 THEN 1 END`)})`,
    ),
  ),
  scalar(
    "array_ndims",
    ["anyarray"],
    INT4,
    total(
      (a = "") => `(${once(a, (v) => `CASE WHEN len(${v}) > 0 THEN 1 END`)})`,
    ),
  ),
  scalar(
    "array_dims",
    ["anyarray"],
    TEXT,
    total(
      (a = "") =>
        `(${once(a, (v) => `CASE WHEN len(${v}) > 0 THEN '[1:' || len(${v}) || ']' END`)})`,
    ),
  ),
  scalar(
    "cardinality",
    ["anyarray"],
    INT4,
    total((a) => `len(${a})::INTEGER`),
  ),
  scalar("array_position", ["anyarray", "anyelement"], INT4, {
    ...keepNull,
    duckdb: withElement(position),
  }),
  scalar("array_position", ["anyarray", "anyelement", INT4], INT4, {
    ...keepNull,
    duckdb: withElement(position),
  }),
  scalar(
    "array_positions",
    ["anyarray", "anyelement"],
    { kind: "array", element: INT4 },
    { ...keepNull, duckdb: withElement(positions) },
  ),
  operator("@>", ["anyarray", "anyarray"], BOOL, total(contains)),
  operator(
    "<@",
    ["anyarray", "anyarray"],
    BOOL,
    total((a, b) => contains(b, a)),
  ),
  operator("&&", ["anyarray", "anyarray"], BOOL, total(overlaps)),
];

/** Elements as their output functions print them; NULLs skipped, or shown as the third argument. */
const joinToText: DuckDbEmitter = (call) => {
  const [array, separator, nulls] = call.args;
  if (array === undefined || separator === undefined)
    return { sql: "NULL", representation: NATIVE };
  const item: Emitted = {
    sql: "item",
    type: elementOf(array.type),
    representation: representationOf(elementOf(array.type)),
  };
  const shown = `list_transform(${array.sql}, lambda item: ${outputOf(item, call.settings)})`;
  const kept =
    nulls === undefined
      ? `list_filter(${shown}, lambda item: item IS NOT NULL)`
      : `CASE WHEN ${nulls.sql} IS NULL THEN list_filter(${shown}, lambda item: item IS NOT NULL) ELSE list_transform(${shown}, lambda item: coalesce(item, ${nulls.sql})) END`;
  // The kernel wants a constant separator: another one stands before each element, and the first is cut off.
  const text =
    constantText(separator.sql) === undefined
      ? `substring(array_to_string(list_transform(${kept}, lambda item: ${separator.sql} || item), ''), length(${separator.sql}) + 1)`
      : `array_to_string(${kept}, ${separator.sql})`;
  return {
    sql: `(CASE WHEN ${array.sql} IS NOT NULL AND ${separator.sql} IS NOT NULL THEN coalesce(${text}, '') END)`,
    representation: NATIVE,
  };
};

/** A NULL delimiter splits into characters, an empty one not at all; '' has no elements. */
export const splitToArray: SqlTemplate = (a = "", by = "", nulls?: string) => {
  const parts = `(${once(
    a,
    (v) =>
      `CASE WHEN ${v} = '' THEN []::VARCHAR[] WHEN ${by} IS NULL THEN regexp_extract_all(${v}, '(?s).') WHEN ${by} = '' AND ${v} IS NOT NULL THEN [${v}] ELSE string_split(${v}, ${by}) END`,
  )})`;
  return nulls === undefined
    ? parts
    : `list_transform(${parts}, lambda item: CASE WHEN item IS DISTINCT FROM ${nulls} THEN item END)`;
};

const trimmed: SqlTemplate = (a = "", n = "") =>
  `(${once(a, (v) => `CASE WHEN ${n} < 0 OR ${n} > len(${v}) THEN ${raise("2202E", "number of elements to trim must be between 0 and the array's length")} ELSE list_slice(${v}, 1, len(${v}) - ${n}) END`)})`;

const TEXT_ARRAY: DataType = { kind: "array", element: TEXT };

const CONVERSION: readonly FunctionRow[] = [
  scalar("array_to_string", ["anyarray", TEXT], TEXT, {
    ...keepNull,
    volatility: "stable",
    duckdb: joinToText,
  }),
  scalar("array_to_string", ["anyarray", TEXT, TEXT], TEXT, {
    ...keepNull,
    volatility: "stable",
    duckdb: joinToText,
  }),
  scalar("string_to_array", [TEXT, TEXT], TEXT_ARRAY, {
    ...total((a, by) => splitToArray(a, by)),
    strict: false,
  }),
  scalar("string_to_array", [TEXT, TEXT, TEXT], TEXT_ARRAY, {
    ...total(splitToArray),
    strict: false,
  }),
  scalar("trim_array", ["anyarray", INT4], first, partial(trimmed)),
];

/** ROW(…) as text, `(1,"a b",)`: composite values have no other use here. */
const row: DuckDbEmitter = (call) => ({
  sql: `record_text([${call.args.map((arg) => outputOf(arg, call.settings)).join(", ")}]::VARCHAR[])`,
  representation: NATIVE,
});

const ROWS: readonly FunctionRow[] = [
  scalar(
    "row",
    ["any"],
    { kind: "record" },
    { ...keepNull, variadic: true, volatility: "stable", duckdb: row },
  ),
];

export const ARRAYS: readonly FunctionRow[] = [
  ...CONSTRUCTION,
  ...COMBINATION,
  ...MEASURES,
  ...CONVERSION,
  ...ROWS,
];
