// json put together from texts: json_object of arrays, and arrays with a line for each element.

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
    name: "json_strip",
    parameters: [VARCHAR],
    returns: VARCHAR,
    call: (value) => printJson(strip(parseJson(text(value))), true),
  },
];
