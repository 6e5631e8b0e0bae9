// Dropping, renaming and retyping columns (checklist M3, T7).

import { sameType, typeName, type DataType } from "../../common/data-type.ts";
import { notSupported, SqlError } from "../../common/errors.ts";
import { invariant } from "../../common/invariant.ts";
import type { Metadata } from "../actions.ts";
import { MAPPING_MODE } from "./column-mapping.ts";
import {
  isMapped,
  parsedSchema,
  withFields,
  type Definition,
} from "./definition.ts";
import { isTrue } from "../features.ts";
import { isArray, type Json, type JsonObject } from "../json.ts";
import {
  editField,
  fieldName,
  metadataOf,
  withMember,
  withMetadata,
} from "./schema-edit.ts";
import {
  declaredKeys,
  declaredMetadata,
  deltaTypeJson,
} from "./schema-type.ts";
import { isWidening } from "./type-widening.ts";

export function dropColumn(definition: Definition, name: string): Definition {
  const { table, metadata } = definition;
  requireMapping(definition, "dropping");
  const parsed = parsedSchema(table, metadata);
  const field = parsed.fields.find((it) => it.name === name);
  refusePartition(metadata, name, "drop");
  if (
    field !== undefined &&
    definition.clustering?.includes(field.physicalName)
  )
    throw new SqlError(
      "2BP01",
      `cannot drop column "${name}" of table "${table}" because it is clustered by it`,
      { hint: "Use ALTER TABLE … CLUSTER BY first." },
    );
  return withFields(definition, (fields) => {
    const left = fields.filter((it) => fieldName(it) !== name);
    if (left.length === 0)
      throw notSupported(`dropping the last column of table "${table}" is`);
    return left;
  });
}

export function renameColumn(
  definition: Definition,
  { from, to }: { readonly from: string; readonly to: string },
): Definition {
  const { table, metadata } = definition;
  requireMapping(definition, "renaming");
  const partitionColumns = metadata.partitionColumns.map((column) =>
    column === from ? to : column,
  );
  return withFields(
    { ...definition, metadata: { ...metadata, partitionColumns } },
    (fields) => {
      if (
        fields.some(
          (it) => fieldName(it) !== from && sameName(fieldName(it), to),
        )
      )
        throw columnExists(table, to);
      return editField(fields, from, (field) => withMember(field, "name", to));
    },
  );
}

function requireMapping(
  { table, metadata }: Definition,
  what: "dropping" | "renaming",
): void {
  if (isMapped(metadata.configuration)) return;
  throw new SqlError(
    "0A000",
    `${what} a column of table "${table}" is not supported without column mapping`,
    {
      hint: `Run ALTER TABLE ${table} SET TBLPROPERTIES ('${MAPPING_MODE}' = 'name') first.`,
    },
  );
}

function refusePartition(
  { partitionColumns }: Metadata,
  name: string,
  verb: string,
): void {
  if (partitionColumns.includes(name))
    throw new SqlError(
      "42P16",
      `cannot ${verb} column "${name}": the table is partitioned by it`,
    );
}

/** Lengths of text grow freely; other types only as type widening allows. */
export function retyped(
  { table, metadata }: Definition,
  field: JsonObject,
  type: DataType,
): JsonObject {
  const name = fieldName(field);
  const before = parsedSchema(table, metadata).fields.find(
    (it) => it.name === name,
  );
  invariant(before !== undefined, "the column to change was found");
  if (sameType(before.type, type)) return field;
  const declared = withMetadata(field, [
    ...declaredKeys().map((key) => [key, undefined] as const),
    ...declaredMetadata(type),
  ]);
  if (isLonger(before.type, type)) return declared;
  const from = deltaTypeJson(before.type);
  const to = deltaTypeJson(type);
  if (
    typeof from !== "string" ||
    typeof to !== "string" ||
    !isWidening(from, to)
  )
    throw notSupported(
      `changing the type of column "${name}" of table "${table}" from ${typeName(before.type)} to ${typeName(type)} is`,
    );
  if (!isTrue(metadata, "delta.enableTypeWidening"))
    throw new SqlError(
      "0A000",
      `changing the type of column "${name}" of table "${table}" is not supported without type widening`,
      {
        hint: `Run ALTER TABLE ${table} SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true') first.`,
      },
    );
  const changes = metadataOf(field).get("delta.typeChanges");
  const change = new Map<string, Json>([
    ["toType", to],
    ["fromType", from],
  ]);
  return withMetadata(withMember(declared, "type", to), [
    ["delta.typeChanges", [...(isArray(changes) ? changes : []), change]],
  ]);
}

function isLonger(from: DataType, to: DataType): boolean {
  if (from.kind !== "varchar" && from.kind !== "bpchar") return false;
  if (to.kind === "text") return from.kind === "varchar";
  if (to.kind !== from.kind || from.length === undefined) return false;
  return to.length === undefined || to.length >= from.length;
}

export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export function columnExists(table: string, column: string): SqlError {
  return new SqlError(
    "42701",
    `column "${column}" of relation "${table}" already exists`,
  );
}
