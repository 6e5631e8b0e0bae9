// Changes of a schema as edits of its JSON, so that metadata of other writers stays as it is (Delta protocol, "Metadata Cleanup" of
// column mapping, "Type Widening").

import { invariant } from "../../common/invariant.ts";
import {
  isArray,
  isObject,
  parseJson,
  type Json,
  type JsonObject,
} from "../json.ts";

export type Place =
  | { readonly kind: "first" }
  | { readonly kind: "after"; readonly column: string };

export function schemaFields(schemaString: string): readonly JsonObject[] {
  const json = parseJson(schemaString);
  const fields = isObject(json) ? json.get("fields") : undefined;
  invariant(isArray(fields), "the schema was parsed before");
  return fields.filter(isObject);
}

export function fieldName(field: JsonObject): string {
  const name = field.get("name");
  return typeof name === "string" ? name : "";
}

export function metadataOf(field: JsonObject): JsonObject {
  const metadata = field.get("metadata");
  return isObject(metadata) ? metadata : new Map<string, Json>();
}

/** The field named `name` with members set; undefined removes one. */
export function withMember(
  field: JsonObject,
  key: string,
  value: Json,
): JsonObject {
  return new Map([...field, [key, value]]);
}

export function withMetadata(
  field: JsonObject,
  entries: readonly (readonly [string, Json | undefined])[],
): JsonObject {
  const metadata = new Map(metadataOf(field));
  for (const [key, value] of entries) {
    if (value === undefined) metadata.delete(key);
    else metadata.set(key, value);
  }
  return withMember(field, "metadata", metadata);
}

export function editField(
  fields: readonly JsonObject[],
  name: string,
  edit: (field: JsonObject) => JsonObject,
): readonly JsonObject[] {
  return fields.map((field) =>
    fieldName(field) === name ? edit(field) : field,
  );
}

/** `place` undefined: at the end. */
export function placeField(
  fields: readonly JsonObject[],
  field: JsonObject,
  place: Place | undefined,
): readonly JsonObject[] {
  if (place === undefined) return [...fields, field];
  if (place.kind === "first") return [field, ...fields];
  return fields.flatMap((it) =>
    fieldName(it) === place.column ? [it, field] : [it],
  );
}

/** `field` behind the others of the struct that `path` leads to. */
export function addField(
  fields: readonly JsonObject[],
  path: readonly string[],
  field: JsonObject,
): readonly JsonObject[] {
  const [name, ...below] = path;
  if (name === undefined) return [...fields, field];
  return editField(fields, name, (parent) => {
    const type = parent.get("type");
    const inner = isObject(type) ? type.get("fields") : undefined;
    invariant(
      isObject(type) && isArray(inner),
      "the path of a field leads through structs",
    );
    const changed = addField(inner.filter(isObject), below, field);
    return withMember(parent, "type", new Map([...type, ["fields", changed]]));
  });
}
