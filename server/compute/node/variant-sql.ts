// A variant column of a data file as kernel SQL of its jsonb text (Parquet's "Variant Shredding"). Files say in three ways that a
// group is a variant: with Parquet's annotation, which the kernel reads itself; as the plain pair of metadata and value; and that
// pair with a third column, `typed_value`, which holds the values that fit a type, or the members that do.

import { toJson } from "../../../planner/functions/cast-text.ts";
import {
  kernelType,
  representationOf,
} from "../../../planner/functions/emit.ts";
import type { EmitSettings } from "../../../planner/functions/function.ts";
import type { DataType } from "../../../storage/common/data-type.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import type { FileColumn } from "./file-schema.ts";
import { quoteText } from "./kernel-types.ts";
import { variableFor } from "./lambda-variable.ts";

/** `source` is the file's column; NULL where it is NULL, 'null' for a variant null. Throws 0A000 for a group that is no variant. */
export function variantSql(
  source: string,
  file: FileColumn,
  columnName: string,
): string {
  if (file.type.includes('"VARIANT"')) {
    const pair = `CAST(variant_to_parquet_variant(${source}) AS STRUCT(metadata BLOB, "value" BLOB))`;
    return whenPresent(source, variantJson(member(pair, "metadata"), pair));
  }
  const typed = child(file, "typed_value");
  const metadata = member(source, "metadata");
  if (
    child(file, "metadata") === undefined ||
    child(file, "value") === undefined
  ) {
    throw notSupported(
      `variant column "${columnName}" in the encoding of its data file is`,
    );
  }
  if (typed === undefined) return variantJson(metadata, source);
  const value = shredded(source, file, metadata);
  return whenPresent(source, `jsonb_text(coalesce(${value}, 'null'))`);
}

function whenPresent(source: string, value: string): string {
  return `CASE WHEN ${source} IS NOT NULL THEN ${value} END`;
}

function variantJson(metadata: string, holder: string): string {
  return `variant_json(${metadata}, ${member(holder, "value")})`;
}

function member(source: string, name: string): string {
  return `struct_extract(${source}, ${quoteText(name)})`;
}

function child(file: FileColumn, name: string): FileColumn | undefined {
  return file.children.find((candidate) => candidate.name === name);
}

/** JSON text of a group of `value` and `typed_value`; NULL when both are: the value is missing. */
function shredded(source: string, file: FileColumn, metadata: string): string {
  const typed = child(file, "typed_value");
  const rest =
    child(file, "value") === undefined ? "NULL" : variantJson(metadata, source);
  if (typed === undefined) return rest;
  const typedSource = member(source, "typed_value");
  const value = typedJson(typedSource, typed, { metadata, rest });
  return `CASE WHEN ${typedSource} IS NOT NULL THEN ${value} ELSE ${rest} END`;
}

interface Shredding {
  readonly metadata: string;
  /** JSON text of what did not fit: of an object, its other members. */
  readonly rest: string;
}

function typedJson(
  source: string,
  typed: FileColumn,
  { metadata, rest }: Shredding,
): string {
  switch (typed.kind) {
    case "struct":
      return objectJson(source, typed, { metadata, rest });
    case "list": {
      const [element] = typed.children;
      const item = variableFor(source);
      const value =
        element === undefined ? "NULL" : shredded(item, element, metadata);
      return `json_list(list_transform(${source}, lambda ${item}: coalesce(${value}, 'null')))`;
    }
    case "value":
      return scalarJson(source, typed);
    case "map":
      throw notSupported("a variant shredded into a map is");
  }
}

/** Members that are missing leave no trace; those that are not among the typed ones follow. */
function objectJson(
  source: string,
  typed: FileColumn,
  { metadata, rest }: Shredding,
): string {
  const members = typed.children.map((field) => {
    const value = shredded(member(source, field.name), field, metadata);
    return `json_quote(${quoteText(field.name)}) || ':' || ${bracketed(value)}`;
  });
  const others = `nullif(regexp_extract(${bracketed(rest)}, '^[{](.*)[}]$', 1, 's'), '')`;
  return `'{' || array_to_string(list_filter([${[...members, others].join(", ")}], lambda member: member IS NOT NULL), ',') || '}'`;
}

function bracketed(sql: string): string {
  return `(${sql})`;
}

/** Inside a variant, instants are in UTC: the session's zone is not known to a scan. */
const SETTINGS: EmitSettings = {
  timeZone: "UTC",
  dateStyle: "ISO, MDY",
  intervalStyle: "postgres",
  byteaOutput: "hex",
  extraFloatDigits: 1,
};

function scalarJson(source: string, typed: FileColumn): string {
  const type = scalarType(typed);
  const sql = `CAST(${source} AS ${kernelType(type)})`;
  return toJson(
    { sql, type, representation: representationOf(type) },
    SETTINGS,
  );
}

/** The SQL type of a typed scalar, by its annotation first. */
function scalarType(file: FileColumn): DataType {
  const [physical = "", , converted = "", scale, precision] =
    file.type.split(":");
  const says = (word: string): boolean =>
    converted.startsWith(word) || file.type.includes(`"type":"${word}"`);
  if (says("DECIMAL"))
    return {
      kind: "numeric",
      precision: Number(precision),
      scale: Number(scale),
    };
  if (says("DATE")) return { kind: "date" };
  if (says("TIMESTAMP"))
    return {
      kind: file.type.includes('"isAdjustedToUTC":false')
        ? "timestamp"
        : "timestamptz",
    };
  if (says("TIME")) return { kind: "time" };
  if (says("UUID")) return { kind: "uuid" };
  if (says("UTF8") || says("STRING")) return { kind: "text" };
  return { kind: PHYSICAL[physical] ?? "bytea" };
}

const PHYSICAL: Readonly<
  Record<string, "bool" | "int4" | "int8" | "float4" | "float8">
> = {
  BOOLEAN: "bool",
  INT32: "int4",
  INT64: "int8",
  FLOAT: "float4",
  DOUBLE: "float8",
};
