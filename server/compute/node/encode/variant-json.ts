// Variant values as jsonb text. The kernel's variant carries a type with each value, so it is walked value by value.

import {
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBVariantValue,
  DuckDBVector,
  type DuckDBValue,
} from "../../../../storage/kernel/duckdb.ts";
import { formatFloatJson } from "./float-text.ts";
import { compareKeys } from "./json-text.ts";
import { scaledText } from "./text-numbers.ts";
import type { ColumnVector } from "./vector.ts";

export function variantJson(): (
  vector: ColumnVector,
  row: number,
) => string | null {
  let known: ColumnVector | undefined;
  let items: DuckDBVector | undefined;
  return (vector, row) => {
    if (vector !== known || items === undefined) {
      known = vector;
      items = DuckDBVector.create(vector.raw, vector.count, vector.type);
    }
    const item = items.getItem(row);
    return item === null ? null : jsonText(item);
  };
}

function jsonText(value: DuckDBValue): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
    case "bigint":
      return String(value);
    case "number":
      return formatFloatJson(value, 8);
    case "string":
      return JSON.stringify(value);
    default:
      return objectText(value);
  }
}

function objectText(
  value: Exclude<DuckDBValue, null | boolean | number | bigint | string>,
): string {
  if (value instanceof DuckDBVariantValue) return jsonText(value.value);
  if (value instanceof DuckDBDecimalValue) {
    return scaledText(value.value, value.scale);
  }
  if (value instanceof DuckDBListValue) {
    return `[${value.items.map((item) => jsonText(item)).join(", ")}]`;
  }
  if (value instanceof DuckDBStructValue) {
    const entries = Object.entries(value.entries)
      .map(([name, item]) => ({ key: Buffer.from(name), name, item }))
      .sort((a, b) => compareKeys(a.key, b.key))
      .map(({ name, item }) => `${JSON.stringify(name)}: ${jsonText(item)}`);
    return `{${entries.join(", ")}}`;
  }
  return JSON.stringify(String(value));
}
