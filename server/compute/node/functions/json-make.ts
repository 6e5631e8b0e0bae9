// json put together from texts: json_object of arrays, arrays with a line for each element; and taken apart into records.

import {
  parseJson,
  printJson,
  quoteJson,
  sourceText,
} from "../../../../planner/functions/value/json.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import {
  BOOLEAN,
  LIST,
  VARCHAR,
  listValue,
  type DuckDBValue,
} from "../../../../storage/kernel/duckdb.ts";
import { boolean, listOf, text } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";
import { strip } from "./json-change.ts";

function objectOf(
  names: readonly DuckDBValue[],
  values: readonly DuckDBValue[],
): string {
  const members = names.map((name, i) => {
    if (name === null)
      throw new SqlError("22004", "null value not allowed for object key");
    const value = values[i] ?? null;
    return `${quoteJson(text(name))} : ${value === null ? "null" : quoteJson(text(value))}`;
  });
  return `{${members.join(", ")}}`;
}

function ofPairs(items: readonly DuckDBValue[]): string {
  if (items.length % 2 === 1)
    throw new SqlError("2202E", "array must have even number of elements");
  return objectOf(
    items.filter((_, i) => i % 2 === 0),
    items.filter((_, i) => i % 2 === 1),
  );
}

function ofLists(
  names: readonly DuckDBValue[],
  values: readonly DuckDBValue[],
): string {
  if (names.length !== values.length)
    throw new SqlError("2202E", "mismatched array dimensions");
  return objectOf(names, values);
}

function inLines(array: string, lines: boolean): string {
  const value = parseJson(array);
  return lines && value.kind === "array"
    ? `[${value.items.map(sourceText).join(",\n ")}]`
    : array;
}

/** An object's text; 22023 for anything else, by the name PostgreSQL has inside. */
function record(source: string): string {
  const value = parseJson(source);
  if (value.kind === "object") return source;
  const what = value.kind === "array" ? "an array" : "a scalar";
  throw new SqlError("22023", `cannot call populate_composite on ${what}`);
}

function records(source: string, caller: string): readonly string[] {
  const value = parseJson(source);
  if (value.kind !== "array") {
    const container = value.kind === "object" ? "an object" : "a scalar";
    const what = caller.startsWith("jsonb") ? "a non-array" : container;
    throw new SqlError("22023", `cannot call ${caller} on ${what}`);
  }
  return value.items.map((item) => {
    if (item.kind === "object") return sourceText(item);
    throw new SqlError(
      "22023",
      `argument of ${caller} must be an array of objects`,
    );
  });
}

export const JSON_MAKE_FUNCTIONS: readonly KernelFunction[] = [
  {
    name: "json_of_pairs",
    parameters: [LIST(VARCHAR)],
    returns: VARCHAR,
    call: (pairs) => ofPairs(listOf(pairs)),
  },
  {
    name: "json_of_lists",
    parameters: [LIST(VARCHAR), LIST(VARCHAR)],
    returns: VARCHAR,
    call: (names, values) => ofLists(listOf(names), listOf(values)),
  },
  {
    name: "json_lines",
    parameters: [VARCHAR, BOOLEAN],
    returns: VARCHAR,
    call: (array, lines) => inLines(text(array), boolean(lines)),
  },
  {
    name: "json_record",
    parameters: [VARCHAR],
    returns: VARCHAR,
    call: (value) => record(text(value)),
  },
  {
    name: "json_records",
    parameters: [VARCHAR, VARCHAR],
    returns: LIST(VARCHAR),
    call: (value, caller) => listValue(records(text(value), text(caller))),
  },
  {
    name: "json_strip",
    parameters: [VARCHAR],
    returns: VARCHAR,
    call: (value) => printJson(strip(parseJson(text(value))), true),
  },
];
