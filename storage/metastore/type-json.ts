// DataType to JSON and back, as view columns and function parameters are stored. JSON enters as unknown and leaves typed.

import type { DataType, ScalarType, SimpleKind } from "../common/data-type.ts";
import { unexpected } from "./row.ts";

const SIMPLE_KINDS: readonly SimpleKind[] = [
  "bool",
  "int1",
  "int2",
  "int4",
  "int8",
  "float4",
  "float8",
  "text",
  "bytea",
  "date",
  "time",
  "timestamptz",
  "timestamp",
  "interval",
  "uuid",
  "json",
  "jsonb",
  "variant",
  "oid",
  "name",
  "regclass",
  "regtype",
  "void",
  "unknown",
  "record",
];

/** A column or parameter: a name with its type. */
export interface NamedType {
  readonly name: string;
  readonly type: DataType;
}

export function parseNamedTypes(json: unknown): readonly NamedType[] {
  return listOf(json).map((item) => ({
    name: textOf(item, "name"),
    type: parseType(memberOf(item, "type")),
  }));
}

/** A function's parameters: names with types, and the text of a default where there is one. */
export function parseParameters(
  json: unknown,
): readonly (NamedType & { readonly default?: string })[] {
  const types = parseNamedTypes(json);
  return listOf(json).flatMap((item, i) => {
    const parameter = types[i];
    if (parameter === undefined) return [];
    return memberOf(item, "default") === undefined
      ? [parameter]
      : [{ ...parameter, default: textOf(item, "default") }];
  });
}

/** Throws XX001 for anything `JSON.stringify` of a DataType does not give. */
export function parseType(json: unknown): DataType {
  const kind = textOf(json, "kind");
  switch (kind) {
    case "array":
      return { kind, element: parseType(memberOf(json, "element")) };
    case "map":
      return {
        kind,
        key: parseType(memberOf(json, "key")),
        value: parseType(memberOf(json, "value")),
      };
    case "struct":
      return {
        kind,
        fields: listOf(memberOf(json, "fields")).map((field) => ({
          name: textOf(field, "name"),
          type: parseType(memberOf(field, "type")),
          nullable: memberOf(field, "nullable") === true,
        })),
      };
    default:
      return parseScalar(kind, json);
  }
}

function parseScalar(kind: string, json: unknown): ScalarType {
  if (kind === "numeric") {
    const precision = optionalInteger(memberOf(json, "precision"));
    const scale = optionalInteger(memberOf(json, "scale"));
    return {
      kind,
      ...(precision === undefined ? {} : { precision }),
      ...(scale === undefined ? {} : { scale }),
    };
  }
  if (kind === "varchar" || kind === "bpchar") {
    const length = optionalInteger(memberOf(json, "length"));
    return length === undefined ? { kind } : { kind, length };
  }
  const simple = SIMPLE_KINDS.find((candidate) => candidate === kind);
  if (simple === undefined) throw unexpected("a type", kind);
  return { kind: simple };
}

/** A member of a JSON object; undefined when absent. */
export function memberOf(json: unknown, name: string): unknown {
  if (typeof json !== "object" || json === null) {
    throw unexpected("an object", json);
  }
  const entry = Object.entries(json).find(([key]) => key === name);
  const value: unknown = entry?.[1];
  return value;
}

export function textOf(json: unknown, name: string): string {
  const value = memberOf(json, name);
  if (typeof value !== "string") throw unexpected("text", value);
  return value;
}

export function listOf(json: unknown): readonly unknown[] {
  if (!Array.isArray(json)) throw unexpected("a list", json);
  return json;
}

export function optionalInteger(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw unexpected("an integer", value);
  }
  return value;
}
