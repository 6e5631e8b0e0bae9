// A variant column of a data file as kernel SQL of its bytes, metadata then value (Parquet's "Variant Shredding"). Files say in three
// ways that a group is a variant: with Parquet's annotation, which the kernel reads itself; as the plain pair of metadata and value;
// and that pair with a third column, `typed_value`, which holds the values that fit a type, or the members that do.

import {
  kernelType,
  representationOf,
} from "../../../../planner/functions/emit.ts";
import type { DataType } from "../../../../storage/common/data-type.ts";
import { notSupported } from "../../../../storage/common/errors.ts";
import type { FileColumn } from "../file-schema.ts";
import { quoteText } from "../kernel-types.ts";
import { variableFor } from "../lambda-variable.ts";
import type { ScalarCode } from "./scalar.ts";

/** `source` is the file's column; NULL where it is NULL. Throws 0A000 for a group that is no variant. */
export function variantSql(
  source: string,
  file: FileColumn,
  columnName: string,
): string {
  if (file.type.includes('"VARIANT"')) {
    const pair = `CAST(variant_to_parquet_variant(${source}) AS STRUCT(metadata BLOB, "value" BLOB))`;
    return whenPresent(source, joined(member(pair, "metadata"), pair));
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
  if (typed === undefined) return joined(metadata, source);
  const value = shredded(source, file, metadata);
  return whenPresent(source, `coalesce(${value}, ${VARIANT_NULL})`);
}

/** A dictionary of no names, and the primitive null. */
const VARIANT_NULL = "'\\x11\\x00\\x00\\x00'::BLOB";

function whenPresent(source: string, value: string): string {
  return `CASE WHEN ${source} IS NOT NULL THEN ${value} END`;
}

function joined(metadata: string, holder: string): string {
  return `(${metadata} || ${member(holder, "value")})`;
}

function member(source: string, name: string): string {
  return `struct_extract(${source}, ${quoteText(name)})`;
}

function child(file: FileColumn, name: string): FileColumn | undefined {
  return file.children.find((candidate) => candidate.name === name);
}

/** Bytes of a group of `value` and `typed_value`; NULL when both are: the value is missing. */
function shredded(source: string, file: FileColumn, metadata: string): string {
  const typed = child(file, "typed_value");
  const rest =
    child(file, "value") === undefined ? "NULL" : joined(metadata, source);
  if (typed === undefined) return rest;
  const typedSource = member(source, "typed_value");
  const value = typedSql(typedSource, typed, { metadata, rest });
  return `CASE WHEN ${typedSource} IS NOT NULL THEN ${value} ELSE ${rest} END`;
}

interface Shredding {
  readonly metadata: string;
  /** Bytes of what did not fit: of an object, its other members. */
  readonly rest: string;
}

function typedSql(
  source: string,
  typed: FileColumn,
  { metadata, rest }: Shredding,
): string {
  switch (typed.kind) {
    case "struct":
      return objectSql(source, typed, { metadata, rest });
    case "list": {
      const [element] = typed.children;
      const item = variableFor(source);
      const value =
        element === undefined ? "NULL" : shredded(item, element, metadata);
      return `variant_list(list_transform(${source}, lambda ${item}: coalesce(${value}, ${VARIANT_NULL})))`;
    }
    case "value":
      return scalarSql(source, typed);
    case "map":
      throw notSupported("a variant shredded into a map is");
  }
}

/** Members that are missing leave no trace; those that are not among the typed ones follow. */
function objectSql(
  source: string,
  typed: FileColumn,
  { metadata, rest }: Shredding,
): string {
  const names = typed.children.map(({ name }) => quoteText(name));
  const values = typed.children.map((field) =>
    shredded(member(source, field.name), field, metadata),
  );
  return `variant_object([${names.join(", ")}]::VARCHAR[], [${values.join(", ")}]::BLOB[], ${rest}::BLOB)`;
}

function scalarSql(source: string, typed: FileColumn): string {
  const type = scalarType(typed);
  const sql = `CAST(${source} AS ${kernelType(type, representationOf(type))})`;
  const [code, text] = scalarText(sql, type);
  return `variant_scalar('${code}', CAST(${text} AS VARCHAR))`;
}

/** What `scalarOf` reads. */
function scalarText(
  sql: string,
  type: DataType,
): readonly [ScalarCode, string] {
  switch (type.kind) {
    case "bool":
    case "int1":
    case "int2":
    case "int4":
    case "int8":
    case "float4":
    case "float8":
    case "numeric":
    case "uuid":
      return [type.kind, sql];
    case "date":
      return ["date", `(${sql} - DATE '1970-01-01')`];
    case "time":
    case "timestamp":
    case "timestamptz":
      return [type.kind, `epoch_us(${sql})`];
    case "text":
      return ["text", sql];
    default:
      return ["bytea", `hex(${sql})`];
  }
}

/** The SQL type of a typed scalar, by its annotation first. */
function scalarType(file: FileColumn): DataType {
  const [physical = "", , converted = "", scale, precision] =
    file.type.split(":");
  const says = (word: string): boolean =>
    converted.startsWith(word) || file.type.includes(`"type":"${word}"`);
  if (converted === "INT_8") return { kind: "int1" };
  if (converted === "INT_16") return { kind: "int2" };
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
