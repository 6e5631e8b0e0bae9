// jsonb in the kernel is its canonical text; these functions read it, take it apart and put it together.

import {
  formatDecimal,
  readDecimal,
  round,
} from "../../../../planner/functions/value/decimal.ts";
import {
  atPath,
  canonical,
  compareJson,
  containsJson,
  element,
  member,
  parseJson,
  prettyJson,
  printJson,
  quoteJson,
  readJsonb,
  scalarText,
  sourceText,
  type Json,
} from "../../../../planner/functions/value/json.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import {
  BOOLEAN,
  INTEGER,
  LIST,
  VARCHAR,
  listValue,
  type DuckDBValue,
} from "../../../../storage/kernel/duckdb.ts";
import { boolean, listOf, number, text } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";
import {
  concatenate,
  insertAt,
  setAt,
  strip,
  withoutIndex,
  withoutKey,
  withoutKeys,
  withoutPath,
} from "./json-change.ts";
import { orderKey } from "./json-key.ts";

const WORDS: Readonly<Record<Json["kind"], string>> = {
  null: "null",
  boolean: "boolean",
  number: "numeric",
  string: "string",
  array: "array",
  object: "object",
};

const TARGETS: Readonly<Record<string, string>> = {
  numeric: "numeric",
  int1: "smallint",
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  float4: "real",
  float8: "double precision",
};

/** A jsonb number for a cast to a numeric type; integers are rounded. */
function numberOf(value: Json, target: string): string {
  const type = TARGETS[target] ?? target;
  if (value.kind !== "number") {
    throw new SqlError(
      "22023",
      `cannot cast jsonb ${WORDS[value.kind]} to type ${type}`,
    );
  }
  if (!target.startsWith("int")) return value.text;
  return formatDecimal(round(readDecimal(value.text), 0));
}

function path(value: DuckDBValue | undefined): readonly (string | null)[] {
  return listOf(value).map((item) => (item === null ? null : text(item)));
}

function printed(value: Json | undefined): string | null {
  return value === undefined ? null : sourceText(value);
}

function json(
  name: string,
  rest: KernelFunction["parameters"],
  call: (value: Json, ...args: DuckDBValue[]) => DuckDBValue,
  returns: KernelFunction["returns"] = VARCHAR,
): KernelFunction {
  return {
    name,
    parameters: [VARCHAR, ...rest],
    returns,
    call: (source, ...args) => call(parseJson(text(source)), ...args),
  };
}

/** `2020-01-01 00:00:00+00` as JSON dates are written: a T between, minutes always in the offset. */
function isoInstant(value: string): string {
  return value.replace(" ", "T").replace(/([+-]\d{2})(?= BC$|$)/, "$1:00");
}

function pairs(
  parts: readonly DuckDBValue[],
): readonly (readonly [DuckDBValue, DuckDBValue])[] {
  return parts.flatMap((part, i) =>
    i % 2 === 0 ? [[part, parts[i + 1] ?? null] as const] : [],
  );
}

/** json_build_object and json_object_agg: `"name" : value` pairs with PostgreSQL's spaces. */
function objectText(caller: string, parts: readonly DuckDBValue[]): string {
  if (parts.length % 2 === 1) {
    throw new SqlError(
      "22023",
      "argument list must have even number of elements",
      {
        hint: `The arguments of ${caller}() must consist of alternating keys and values.`,
      },
    );
  }
  const members = pairs(parts).map(([name, value], i) => {
    if (name === null) {
      throw caller.endsWith("agg")
        ? new SqlError("22004", "field name must not be null")
        : new SqlError("22023", `argument ${2 * i + 1} cannot be null`, {
            hint: "Object keys should be text.",
          });
    }
    return `${quoteJson(text(name))} : ${text(value)}`;
  });
  return caller.endsWith("agg")
    ? `{ ${members.join(", ")} }`
    : `{${members.join(", ")}}`;
}

/** jsonb keeps a scalar as an array of one, and `-> 0` finds it there. */
function asArray(value: Json): Json {
  return value.kind === "array" || value.kind === "object"
    ? value
    : { kind: "array", items: [value] };
}

export const JSON_FUNCTIONS: readonly KernelFunction[] = [
  {
    name: "json_quote",
    parameters: [VARCHAR],
    returns: VARCHAR,
    call: (value) => quoteJson(text(value)),
  },
  {
    name: "json_number",
    parameters: [VARCHAR],
    returns: VARCHAR,
    call: (value) =>
      /^-?\d/.test(text(value)) ? text(value) : quoteJson(text(value)),
  },
  {
    name: "json_instant",
    parameters: [VARCHAR],
    returns: VARCHAR,
    call: (value) => quoteJson(isoInstant(text(value))),
  },
  {
    name: "json_list",
    parameters: [LIST(VARCHAR)],
    returns: VARCHAR,
    call: (items) => `[${listOf(items).map(text).join(",")}]`,
  },
  {
    name: "json_agg_list",
    parameters: [LIST(VARCHAR)],
    returns: VARCHAR,
    call: (items) => `[${listOf(items).map(text).join(", ")}]`,
  },
  {
    name: "json_members",
    parameters: [LIST(VARCHAR)],
    returns: VARCHAR,
    call: (parts) =>
      `{${pairs(listOf(parts))
        .map(([name, value]) => `${quoteJson(text(name))}:${text(value)}`)
        .join(",")}}`,
  },
  {
    name: "json_object_of",
    parameters: [VARCHAR, LIST(VARCHAR)],
    returns: VARCHAR,
    call: (caller, parts) => objectText(text(caller), listOf(parts)),
  },
  {
    name: "jsonb_text",
    parameters: [VARCHAR],
    returns: VARCHAR,
    call: (value) => readJsonb(text(value)),
  },
  json("json_compact", [], (value) => printJson(value, true)),
  json("jsonb_pretty_text", [], (value) => prettyJson(canonical(value))),
  json("jsonb_number", [VARCHAR], (value, target) =>
    numberOf(value, text(target)),
  ),
  json(
    "jsonb_boolean",
    [],
    (value) => {
      if (value.kind !== "boolean")
        throw new SqlError(
          "22023",
          `cannot cast jsonb ${WORDS[value.kind]} to type boolean`,
        );
      return value.value;
    },
    BOOLEAN,
  ),
  json("json_member", [VARCHAR], (value, key) =>
    printed(member(value, text(key))),
  ),
  json("json_member_text", [VARCHAR], (value, key) => {
    const found = member(value, text(key));
    return scalarText(found);
  }),
  json("json_element", [INTEGER], (value, index) =>
    printed(element(value, number(index))),
  ),
  json("json_element_text", [INTEGER], (value, index) =>
    scalarText(element(value, number(index))),
  ),
  json("jsonb_element", [INTEGER], (value, index) =>
    printed(element(asArray(value), number(index))),
  ),
  json("jsonb_element_text", [INTEGER], (value, index) =>
    scalarText(element(asArray(value), number(index))),
  ),
  json("json_at_path", [LIST(VARCHAR)], (value, steps) =>
    printed(atPath(value, path(steps))),
  ),
  json("json_at_path_text", [LIST(VARCHAR)], (value, steps) => {
    const found = atPath(value, path(steps));
    return scalarText(found);
  }),
  json("json_kind", [], (value) =>
    value.kind === "boolean" || value.kind === "number"
      ? value.kind
      : value.kind,
  ),
  json(
    "json_length",
    [],
    (value) => {
      if (value.kind === "array") return value.items.length;
      throw new SqlError(
        "22023",
        `cannot get array length of a${value.kind === "object" ? " non-array" : " scalar"}`,
      );
    },
    INTEGER,
  ),
  json(
    "json_elements",
    [],
    (value) => {
      if (value.kind !== "array")
        throw new SqlError(
          "22023",
          `cannot extract elements from ${value.kind === "object" ? "an object" : "a scalar"}`,
        );
      return listValue(value.items.map((item) => printed(item)));
    },
    LIST(VARCHAR),
  ),
  json(
    "json_elements_text",
    [],
    (value) => {
      if (value.kind !== "array")
        throw new SqlError(
          "22023",
          `cannot extract elements from ${value.kind === "object" ? "an object" : "a scalar"}`,
        );
      return listValue(value.items.map((item) => scalarText(item)));
    },
    LIST(VARCHAR),
  ),
  json(
    "json_names",
    [VARCHAR],
    (value, caller) =>
      listValue(membersOf(value, text(caller)).map(([name]) => name)),
    LIST(VARCHAR),
  ),
  json(
    "json_values",
    [VARCHAR],
    (value, caller) =>
      listValue(
        membersOf(value, text(caller)).map(([, item]) => printed(item)),
      ),
    LIST(VARCHAR),
  ),
  json(
    "json_values_text",
    [VARCHAR],
    (value, caller) =>
      listValue(
        membersOf(value, text(caller)).map(([, item]) => scalarText(item)),
      ),
    LIST(VARCHAR),
  ),
  json(
    "jsonb_has",
    [VARCHAR],
    (value, key) => hasKey(value, text(key)),
    BOOLEAN,
  ),
  json(
    "jsonb_has_any",
    [LIST(VARCHAR)],
    (value, keys) =>
      path(keys).some((key) => key !== null && hasKey(value, key)),
    BOOLEAN,
  ),
  json(
    "jsonb_has_all",
    [LIST(VARCHAR)],
    (value, keys) =>
      path(keys).every((key) => key === null || hasKey(value, key)),
    BOOLEAN,
  ),
  json(
    "jsonb_contains",
    [VARCHAR],
    (value, other) => containsJson(value, parseJson(text(other))),
    BOOLEAN,
  ),
  json(
    "jsonb_cmp",
    [VARCHAR],
    (value, other) => Math.sign(compareJson(value, parseJson(text(other)))),
    INTEGER,
  ),
  json("jsonb_key", [], (value) => orderKey(value)),
  json("jsonb_concat", [VARCHAR], (value, other) =>
    printJson(concatenate(value, parseJson(text(other)))),
  ),
  json("jsonb_without", [VARCHAR], (value, key) =>
    printJson(withoutKey(value, text(key))),
  ),
  json("jsonb_without_all", [LIST(VARCHAR)], (value, keys) =>
    printJson(withoutKeys(value, path(keys))),
  ),
  json("jsonb_delete_path", [LIST(VARCHAR)], (value, steps) =>
    printJson(withoutPath(value, path(steps))),
  ),
  json(
    "jsonb_set_path",
    [LIST(VARCHAR), VARCHAR, BOOLEAN],
    (value, steps, replacement, create) =>
      printJson(
        setAt(
          value,
          path(steps),
          parseJson(text(replacement)),
          boolean(create),
        ),
      ),
  ),
  json(
    "jsonb_insert_path",
    [LIST(VARCHAR), VARCHAR, BOOLEAN],
    (value, steps, added, after) =>
      printJson(
        insertAt(
          value,
          path(steps),
          parseJson(text(added)),
          boolean(after) ? "after" : "before",
        ),
      ),
  ),
  json("jsonb_without_index", [INTEGER], (value, index) =>
    printJson(withoutIndex(value, number(index))),
  ),
  json("jsonb_strip", [], (value) => printJson(strip(value))),
];

function membersOf(
  value: Json,
  caller: string,
): readonly (readonly [string, Json])[] {
  if (value.kind === "object") return value.members;
  const what = value.kind === "array" ? "an array" : "a scalar";
  throw new SqlError(
    "22023",
    caller.endsWith("object_keys")
      ? `cannot call ${caller} on ${what}`
      : `cannot call ${caller} on a non-object`,
  );
}

function hasKey(value: Json, key: string): boolean {
  if (value.kind === "object")
    return value.members.some(([name]) => name === key);
  if (value.kind === "array")
    return value.items.some(
      (item) => item.kind === "string" && item.value === key,
    );
  return value.kind === "string" && value.value === key;
}
