// Names of Delta types <-> DataType, and the types we store as strings with a field metadata key (contract.md section 4):
// varchar and char with Spark's key, the others with `sluice.type`.

import {
  typeName,
  type DataType,
  type ScalarType,
} from "../../common/data-type.ts";
import { notSupported } from "../../common/errors.ts";
import type { Json, JsonObject } from "../json.ts";

const SPARK_LENGTH_KEY = "__CHAR_VARCHAR_TYPE_STRING";
const DECLARED_TYPE_KEY = "sluice.type";

const SCALARS: ReadonlyMap<string, ScalarType> = new Map([
  ["string", { kind: "text" }],
  ["long", { kind: "int8" }],
  ["integer", { kind: "int4" }],
  ["short", { kind: "int2" }],
  ["byte", { kind: "int1" }],
  ["float", { kind: "float4" }],
  ["double", { kind: "float8" }],
  ["boolean", { kind: "bool" }],
  ["binary", { kind: "bytea" }],
  ["date", { kind: "date" }],
  ["timestamp", { kind: "timestamptz" }],
  ["timestamp_ntz", { kind: "timestamp" }],
  ["void", { kind: "void" }],
  ["null", { kind: "void" }],
  ["variant", { kind: "variant" }],
]);

/** Undefined for a name that is not one of Delta's primitive types. `decimal` alone is decimal(10,0), as in Spark. */
export function parseScalarType(name: string): ScalarType | undefined {
  const decimal = /^decimal(?:\(\s*(\d+)\s*,\s*(-?\d+)\s*\))?$/.exec(name);
  if (decimal === null) return SCALARS.get(name);
  const precision = Number(decimal[1] ?? 10);
  const scale = Number(decimal[2] ?? 0);
  if (precision < 1 || precision > 38 || scale < 0 || scale > precision)
    return undefined;
  return { kind: "numeric", precision, scale };
}

const DECLARED: ReadonlyMap<string, ScalarType> = new Map([
  ["uuid", { kind: "uuid" }],
  ["json", { kind: "json" }],
  ["jsonb", { kind: "jsonb" }],
  ["time", { kind: "time" }],
  ["interval", { kind: "interval" }],
]);

/** The type as declared, when the field's metadata says more than `string` (or array of string). */
export function withDeclaredType(
  type: DataType,
  metadata: JsonObject,
): DataType {
  const spark = metadata.get(SPARK_LENGTH_KEY);
  const own = metadata.get(DECLARED_TYPE_KEY);
  if (type.kind === "array" && typeof own === "string" && own.endsWith("[]")) {
    const element =
      type.element.kind === "text" ? declaredType(own.slice(0, -2)) : undefined;
    return element === undefined ? type : { kind: "array", element };
  }
  if (type.kind !== "text") return type;
  if (typeof own === "string") return declaredType(own) ?? type;
  return (typeof spark === "string" ? declaredType(spark) : undefined) ?? type;
}

function declaredType(text: string): ScalarType | undefined {
  const match = /^(varchar|char)\((\d+)\)$/.exec(text);
  if (match === null) return DECLARED.get(text);
  return {
    kind: match[1] === "char" ? "bpchar" : "varchar",
    length: Number(match[2]),
  };
}

/** Field metadata that keeps a declared type; empty for types Delta has itself. */
export function declaredMetadata(
  type: DataType,
): readonly (readonly [string, string])[] {
  if (type.kind === "array") {
    const element = declaredText(type.element);
    return element === undefined ? [] : [[DECLARED_TYPE_KEY, `${element}[]`]];
  }
  const text = declaredText(type);
  if (text === undefined) return [];
  return [
    [
      type.kind === "varchar" || type.kind === "bpchar"
        ? SPARK_LENGTH_KEY
        : DECLARED_TYPE_KEY,
      text,
    ],
  ];
}

/** Keys that `declaredMetadata` may set. */
export function declaredKeys(): readonly string[] {
  return [SPARK_LENGTH_KEY, DECLARED_TYPE_KEY];
}

function declaredText(type: DataType): string | undefined {
  switch (type.kind) {
    case "varchar":
      return type.length === undefined ? undefined : `varchar(${type.length})`;
    case "bpchar":
      return `char(${type.length ?? 1})`;
    case "uuid":
    case "json":
    case "jsonb":
    case "time":
    case "interval":
      return type.kind;
    default:
      return undefined;
  }
}

/** The `type` member of a schema field. Throws 0A000 for types no Delta table can hold. Unconstrained numeric is decimal(38,18). */
export function deltaTypeJson(type: DataType): Json {
  switch (type.kind) {
    case "array":
      return new Map<string, Json>([
        ["type", "array"],
        ["elementType", deltaTypeJson(type.element)],
        ["containsNull", true],
      ]);
    case "map":
      return new Map<string, Json>([
        ["type", "map"],
        ["keyType", deltaTypeJson(type.key)],
        ["valueType", deltaTypeJson(type.value)],
        ["valueContainsNull", true],
      ]);
    case "struct":
      return structJson(
        type.fields.map((field) =>
          fieldJson(
            field.name,
            field.type,
            field.nullable,
            declaredMetadata(field.type),
          ),
        ),
      );
    default:
      return scalarName(type);
  }
}

export function structJson(fields: readonly Json[]): Json {
  return new Map<string, Json>([
    ["type", "struct"],
    ["fields", fields],
  ]);
}

export function fieldJson(
  name: string,
  type: DataType,
  nullable: boolean,
  metadata: readonly (readonly [string, Json])[],
): JsonObject {
  return new Map<string, Json>([
    ["name", name],
    ["type", deltaTypeJson(type)],
    ["nullable", nullable],
    ["metadata", new Map(metadata)],
  ]);
}

function scalarName(type: ScalarType): string {
  if (type.kind === "numeric") {
    return `decimal(${type.precision ?? 38},${type.scale ?? (type.precision === undefined ? 18 : 0)})`;
  }
  const name = DELTA_NAMES[type.kind];
  if (name === undefined)
    throw notSupported(`a table column of type ${typeName(type)} is`);
  return name;
}

const DELTA_NAMES: Partial<Record<ScalarType["kind"], string>> = {
  text: "string",
  varchar: "string",
  bpchar: "string",
  uuid: "string",
  json: "string",
  jsonb: "string",
  time: "string",
  interval: "string",
  variant: "variant",
  bool: "boolean",
  int1: "byte",
  int2: "short",
  int4: "integer",
  int8: "long",
  float4: "float",
  float8: "double",
  bytea: "binary",
  date: "date",
  timestamptz: "timestamp",
  timestamp: "timestamp_ntz",
  void: "void",
};
