// Spark's schema JSON (Delta protocol, "Schema Serialization Format") <-> our Schema and TableLayout; contract.md section 4 maps
// the types. What only storage needs (physical names, field ids, type changes) stays in DeltaField.

import type { DataType } from "../../common/data-type.ts";
import type { Schema } from "../../common/schema.ts";
import type { LayoutColumn, TableLayout } from "../../scan/split.ts";
import type { Metadata, Protocol } from "../actions.ts";
import { columnRules, tableChecks } from "./column-rules.ts";
import { duplicateColumn, damagedLog, unsupportedTable } from "../errors.ts";
import { supportsReaderFeature } from "../features.ts";
import {
  isArray,
  isObject,
  JsonNumber,
  parseJson,
  type Json,
  type JsonObject,
} from "../json.ts";
import { rowTrackingOf } from "../row-tracking.ts";
import { parseScalarType, withDeclaredType } from "./schema-type.ts";
import { checkTypeChanges } from "./type-widening.ts";

/** A column or struct field with everything the log says about it. */
export interface DeltaField {
  readonly name: string;
  readonly physicalName: string;
  readonly fieldId?: number;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly metadata: JsonObject;
  /** Fields of a struct; element of an array; key and value of a map. */
  readonly children: readonly DeltaField[];
}

export interface TableSchema {
  readonly fields: readonly DeltaField[];
  readonly schema: Schema;
  readonly layout: TableLayout;
}

export type ColumnMappingMode = "none" | "name" | "id";

/** Refuses (0A000, 42701) what would be misread: types we do not know, columns equal but for case, unknown type changes. */
export function parseTableSchema(
  table: string,
  metadata: Metadata,
  protocol: Protocol,
): TableSchema {
  const mode = columnMappingMode(metadata, protocol);
  const json = parseJson(metadata.schemaString);
  if (!isObject(json))
    throw damagedLog(table, "_delta_log", "the schema is not JSON");
  const fields = parseFields({ table, mode, path: [] }, json);
  const checks = tableChecks(fields, metadata, protocol);
  const rowTracking = rowTrackingOf(protocol, metadata);
  return {
    fields,
    schema: {
      columns: fields.map((field) => ({
        name: field.name,
        type: field.type,
        nullable: field.nullable,
        ...commentOf(field),
        ...columnRules(field.metadata, protocol),
      })),
      ...(checks.length === 0 ? {} : { checks }),
    },
    layout: {
      columns: fields.map((field) => layoutColumn(field, mode)),
      partitionColumns: metadata.partitionColumns.map((name) =>
        storedName(table, fields, name),
      ),
      mapping: mode === "id" ? "id" : "name",
      ...(rowTracking === undefined ? {} : { rowTracking }),
    },
  };
}

/** Checklist M1: the property counts only when the protocol supports column mapping. */
export function columnMappingMode(
  metadata: Metadata,
  protocol: Protocol,
): ColumnMappingMode {
  const mode = metadata.configuration["delta.columnMapping.mode"];
  if (
    (mode !== "name" && mode !== "id") ||
    !supportsReaderFeature(protocol, "columnMapping")
  )
    return "none";
  return mode;
}

interface Context {
  readonly table: string;
  readonly mode: ColumnMappingMode;
  readonly path: readonly string[];
}

function parseFields(
  context: Context,
  struct: JsonObject,
): readonly DeltaField[] {
  const list = struct.get("fields");
  if (!isArray(list))
    throw unsupportedTable(
      context.table,
      "its schema has a struct without fields",
    );
  const seen = new Set<string>();
  return list.map((json) => {
    if (!isObject(json))
      throw unsupportedTable(
        context.table,
        "its schema has a field that is not an object",
      );
    const field = parseField(context, json);
    const folded = field.name.toLowerCase();
    if (seen.has(folded)) throw duplicateColumn(context.table, field.name);
    seen.add(folded);
    return field;
  });
}

function parseField(context: Context, json: JsonObject): DeltaField {
  const name = json.get("name");
  if (typeof name !== "string")
    throw unsupportedTable(
      context.table,
      "its schema has a field without a name",
    );
  const inner = { ...context, path: [...context.path, name] };
  const rawMetadata = json.get("metadata");
  const metadata: JsonObject = isObject(rawMetadata)
    ? rawMetadata
    : new Map<string, Json>();
  checkTypeChanges(
    context.table,
    inner.path.join("."),
    metadata.get("delta.typeChanges"),
  );
  const { type, children } = parseType(inner, json.get("type"));
  const physicalName = metadata.get("delta.columnMapping.physicalName");
  const fieldId = metadata.get("delta.columnMapping.id");
  return {
    name,
    physicalName:
      context.mode !== "none" && typeof physicalName === "string"
        ? physicalName
        : name,
    ...(context.mode !== "none" && fieldId instanceof JsonNumber
      ? { fieldId: Number(fieldId.text) }
      : {}),
    type: withDeclaredType(type, metadata),
    nullable: json.get("nullable") !== false,
    metadata,
    children,
  };
}

interface ParsedType {
  readonly type: DataType;
  readonly children: readonly DeltaField[];
}

function parseType(context: Context, json: Json | undefined): ParsedType {
  if (typeof json === "string") {
    const type = parseScalarType(json);
    if (type === undefined) throw unsupportedType(context, json);
    return { type, children: [] };
  }
  if (!isObject(json)) throw unsupportedType(context, "nothing");
  switch (json.get("type")) {
    case "struct":
      return structType(parseFields(context, json));
    case "array": {
      const element = partField(
        context,
        "element",
        json.get("elementType"),
        json.get("containsNull"),
      );
      return {
        type: { kind: "array", element: element.type },
        children: [element],
      };
    }
    case "map": {
      const key = partField(context, "key", json.get("keyType"), false);
      const value = partField(
        context,
        "value",
        json.get("valueType"),
        json.get("valueContainsNull"),
      );
      return {
        type: { kind: "map", key: key.type, value: value.type },
        children: [key, value],
      };
    }
    default: {
      const name = json.get("type");
      throw unsupportedType(
        context,
        typeof name === "string" ? name : "nothing",
      );
    }
  }
}

function structType(children: readonly DeltaField[]): ParsedType {
  const fields = children.map((child) => ({
    name: child.name,
    type: child.type,
    nullable: child.nullable,
  }));
  return { type: { kind: "struct", fields }, children };
}

function partField(
  context: Context,
  name: string,
  json: Json | undefined,
  nullable: Json | undefined,
): DeltaField {
  const { type, children } = parseType(
    { ...context, path: [...context.path, name] },
    json,
  );
  return {
    name,
    physicalName: name,
    type,
    nullable: nullable !== false,
    metadata: new Map(),
    children,
  };
}

function unsupportedType(context: Context, type: string): Error {
  return unsupportedTable(
    context.table,
    `column "${context.path.join(".")}" has type "${type}", which is not supported`,
  );
}

function commentOf(field: DeltaField): { readonly comment?: string } {
  const comment = field.metadata.get("comment");
  return typeof comment === "string" ? { comment } : {};
}

function layoutColumn(
  field: DeltaField,
  mode: ColumnMappingMode,
): LayoutColumn {
  return {
    name: field.name,
    physicalName: field.physicalName,
    ...(field.fieldId === undefined ? {} : { fieldId: field.fieldId }),
    type: field.type,
    ...(mode === "none" || field.children.length === 0
      ? {}
      : { children: field.children.map((child) => layoutColumn(child, mode)) }),
  };
}

/** Partition columns are matched as Spark does: exactly, then without case. */
function storedName(
  table: string,
  fields: readonly DeltaField[],
  name: string,
): string {
  const found =
    fields.find((field) => field.name === name) ??
    fields.find((field) => field.name.toLowerCase() === name.toLowerCase());
  if (found === undefined)
    throw unsupportedTable(
      table,
      `partition column "${name}" is not in its schema`,
    );
  return found.name;
}
