// jsonb in the kernel is its canonical text; these functions read it, take it apart and put it together.

import {
  formatDecimal,
  readDecimal,
  round,
  sortKey,
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
  readJsonb,
  scalarText,
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
import { listOf, number, text } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";

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

function printed(value: Json | undefined, source: string): string | null {
  return value === undefined
    ? null
    : printJson(value, !source.includes(": ") && !source.includes(", "));
}

function json(
  name: string,
  rest: KernelFunction["parameters"],
  call: (value: Json, source: string, ...args: DuckDBValue[]) => DuckDBValue,
  returns: KernelFunction["returns"] = VARCHAR,
): KernelFunction {
  return {
    name,
    parameters: [VARCHAR, ...rest],
    returns,
    call: (source, ...args) =>
      call(parseJson(text(source)), text(source), ...args),
  };
}

export const JSON_FUNCTIONS: readonly KernelFunction[] = [
  {
    name: "jsonb_text",
    parameters: [VARCHAR],
    returns: VARCHAR,
    call: (value) => readJsonb(text(value)),
  },
  json("json_compact", [], (value) => printJson(value, true)),
  json("jsonb_pretty_text", [], (value) => prettyJson(canonical(value))),
  json("jsonb_number", [VARCHAR], (value, _source, target) =>
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
  json("json_member", [VARCHAR], (value, source, key) =>
    printed(member(value, text(key)), source),
  ),
  json("json_member_text", [VARCHAR], (value, source, key) => {
    const found = member(value, text(key));
    return scalarText(found, printed(found, source) ?? undefined);
  }),
  json("json_element", [INTEGER], (value, source, index) =>
    printed(element(value, number(index)), source),
  ),
  json("json_element_text", [INTEGER], (value, source, index) => {
    const found = element(value, number(index));
    return scalarText(found, printed(found, source) ?? undefined);
  }),
  json("json_at_path", [LIST(VARCHAR)], (value, source, steps) =>
    printed(atPath(value, path(steps)), source),
  ),
  json("json_at_path_text", [LIST(VARCHAR)], (value, source, steps) => {
    const found = atPath(value, path(steps));
    return scalarText(found, printed(found, source) ?? undefined);
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
    (value, source) => {
      if (value.kind !== "array")
        throw new SqlError(
          "22023",
          `cannot extract elements from ${value.kind === "object" ? "an object" : "a scalar"}`,
        );
      return listValue(value.items.map((item) => printed(item, source)));
    },
    LIST(VARCHAR),
  ),
  json(
    "json_elements_text",
    [],
    (value, source) => {
      if (value.kind !== "array")
        throw new SqlError(
          "22023",
          `cannot extract elements from ${value.kind === "object" ? "an object" : "a scalar"}`,
        );
      return listValue(
        value.items.map((item) =>
          scalarText(item, printed(item, source) ?? undefined),
        ),
      );
    },
    LIST(VARCHAR),
  ),
  json(
    "json_names",
    [VARCHAR],
    (value, _source, caller) =>
      listValue(membersOf(value, text(caller)).map(([name]) => name)),
    LIST(VARCHAR),
  ),
  json(
    "json_values",
    [VARCHAR],
    (value, source, caller) =>
      listValue(
        membersOf(value, text(caller)).map(([, item]) => printed(item, source)),
      ),
    LIST(VARCHAR),
  ),
  json(
    "json_values_text",
    [VARCHAR],
    (value, source, caller) =>
      listValue(
        membersOf(value, text(caller)).map(([, item]) =>
          scalarText(item, printed(item, source) ?? undefined),
        ),
      ),
    LIST(VARCHAR),
  ),
  json(
    "jsonb_has",
    [VARCHAR],
    (value, _source, key) => hasKey(value, text(key)),
    BOOLEAN,
  ),
  json(
    "jsonb_has_any",
    [LIST(VARCHAR)],
    (value, _source, keys) =>
      path(keys).some((key) => key !== null && hasKey(value, key)),
    BOOLEAN,
  ),
  json(
    "jsonb_has_all",
    [LIST(VARCHAR)],
    (value, _source, keys) =>
      path(keys).every((key) => key === null || hasKey(value, key)),
    BOOLEAN,
  ),
  json(
    "jsonb_contains",
    [VARCHAR],
    (value, _source, other) => containsJson(value, parseJson(text(other))),
    BOOLEAN,
  ),
  json(
    "jsonb_cmp",
    [VARCHAR],
    (value, _source, other) =>
      Math.sign(compareJson(value, parseJson(text(other)))),
    INTEGER,
  ),
  json("jsonb_key", [], (value) => orderKey(value)),
  json("jsonb_concat", [VARCHAR], (value, _source, other) =>
    printJson(concatenate(value, parseJson(text(other)))),
  ),
  json("jsonb_without", [VARCHAR], (value, _source, key) =>
    printJson(withoutKey(value, text(key))),
  ),
  json("jsonb_without_index", [INTEGER], (value, _source, index) =>
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

/** `||`: objects merge, everything else becomes one array. */
function concatenate(a: Json, b: Json): Json {
  if (a.kind === "object" && b.kind === "object") {
    return canonical({ kind: "object", members: [...a.members, ...b.members] });
  }
  const items = (value: Json): readonly Json[] =>
    value.kind === "array" ? value.items : [value];
  return { kind: "array", items: [...items(a), ...items(b)] };
}

function withoutKey(value: Json, key: string): Json {
  if (value.kind === "object") {
    return {
      kind: "object",
      members: value.members.filter(([name]) => name !== key),
    };
  }
  if (value.kind === "array") {
    return {
      kind: "array",
      items: value.items.filter(
        (item) => item.kind !== "string" || item.value !== key,
      ),
    };
  }
  throw new SqlError("22023", "cannot delete from scalar");
}

function withoutIndex(value: Json, index: number): Json {
  if (value.kind === "object")
    throw new SqlError(
      "22023",
      "cannot delete from object using integer index",
    );
  if (value.kind !== "array")
    throw new SqlError("22023", "cannot delete from scalar");
  const place = index < 0 ? value.items.length + index : index;
  return { kind: "array", items: value.items.filter((_, i) => i !== place) };
}

function strip(value: Json): Json {
  if (value.kind === "array")
    return { kind: "array", items: value.items.map(strip) };
  if (value.kind !== "object") return value;
  return {
    kind: "object",
    members: value.members
      .filter(([, item]) => item.kind !== "null")
      .map(([name, item]) => [name, strip(item)]),
  };
}

const CLASS: Readonly<Record<Json["kind"], string>> = {
  null: "1",
  string: "2",
  number: "3",
  boolean: "4",
  array: "5",
  object: "6",
};

/** Text whose byte order is jsonb's order. */
function orderKey(value: Json): string {
  const mark = CLASS[value.kind];
  switch (value.kind) {
    case "null":
      return mark;
    case "boolean":
      return mark + (value.value ? "1" : "0");
    case "number":
      return `${mark}${sortKey(readDecimal(value.text))}\u0001`;
    case "string":
      return `${mark}${value.value}\u0001`;
    case "array":
      return value.items.length === 0
        ? "0"
        : `${mark}${size(value.items.length)}${value.items.map(orderKey).join("")}`;
    case "object":
      return `${mark}${size(value.members.length)}${value.members.map(([name, item]) => `${size(name.length)}${name}\u0001${orderKey(item)}`).join("")}`;
  }
}

function size(count: number): string {
  return String(count).padStart(9, "0");
}
