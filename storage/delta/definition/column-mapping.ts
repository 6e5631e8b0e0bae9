// Ids and physical names of fields (Delta protocol, "Column Mapping"; checklist M3, M4).

import { randomUUID } from "node:crypto";
import {
  isArray,
  isObject,
  JsonNumber,
  type Json,
  type JsonObject,
} from "../json.ts";

export const MAPPING_MODE = "delta.columnMapping.mode";
export const MAX_COLUMN_ID = "delta.columnMapping.maxColumnId";
const ID_KEY = "delta.columnMapping.id";
const PHYSICAL_KEY = "delta.columnMapping.physicalName";

export interface MappedFields {
  readonly fields: readonly JsonObject[];
  readonly maxId: number;
}

/**
 * Gives every field of structs that has none an id above `maxId`, from the outside in, and a physical name: one never used before, or
 * for `existing` columns, whose files are there, the name they have.
 */
export function mapFields(
  fields: readonly JsonObject[],
  maxId: number,
  existing: boolean,
): MappedFields {
  const counter = { last: maxId };
  return {
    fields: fields.map((field) => mapField(field, counter, existing)),
    maxId: counter.last,
  };
}

function mapField(
  field: JsonObject,
  counter: { last: number },
  existing: boolean,
): JsonObject {
  const before = field.get("metadata");
  const metadata = new Map(isObject(before) ? before : []);
  if (!metadata.has(ID_KEY)) {
    counter.last += 1;
    metadata.set(ID_KEY, new JsonNumber(String(counter.last)));
  }
  if (!metadata.has(PHYSICAL_KEY)) {
    const name = field.get("name") ?? "";
    metadata.set(PHYSICAL_KEY, existing ? name : `col-${randomUUID()}`);
  }
  const type = field.get("type");
  return new Map<string, Json>([
    ...field,
    ...(type === undefined
      ? []
      : [["type", mapType(type, counter, existing)] as const]),
    ["metadata", metadata],
  ]);
}

function mapType(
  type: Json,
  counter: { last: number },
  existing: boolean,
): Json {
  if (!isObject(type)) return type;
  const changed = new Map(type);
  const fields = type.get("fields");
  if (isArray(fields))
    changed.set(
      "fields",
      fields.map((field) =>
        isObject(field) ? mapField(field, counter, existing) : field,
      ),
    );
  for (const part of ["elementType", "keyType", "valueType"]) {
    const inner = type.get(part);
    if (inner !== undefined)
      changed.set(part, mapType(inner, counter, existing));
  }
  return changed;
}

/** The largest id any field has, nested ones too; 0 without one. */
export function maxIdOf(fields: readonly Json[]): number {
  return fields.reduce<number>(
    (most, json) => Math.max(most, isObject(json) ? maxIdIn(json) : 0),
    0,
  );
}

function maxIdIn(object: JsonObject): number {
  const metadata = object.get("metadata");
  const id = isObject(metadata) ? metadata.get(ID_KEY) : undefined;
  const own = id instanceof JsonNumber ? Number(id.text) : 0;
  const nested = ["type", "elementType", "keyType", "valueType"].flatMap(
    (part) => object.get(part) ?? [],
  );
  const fields = object.get("fields");
  return Math.max(
    own,
    maxIdOf([...nested, ...(isArray(fields) ? fields : [])]),
  );
}
