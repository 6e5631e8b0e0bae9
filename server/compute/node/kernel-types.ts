// The kernel's name of the type in which a table column or a stage's column lies.

import type { DataType } from "../../../storage/common/data-type.ts";
import type { PhysicalColumn } from "../../../planner/physical/plan.ts";

/** Declared types that Delta stores as strings (uuid, time, interval, json) are VARCHAR here. */
export function storedType(type: DataType): string {
  switch (type.kind) {
    case "bool":
      return "BOOLEAN";
    case "int1":
      return "TINYINT";
    case "int2":
      return "SMALLINT";
    case "int4":
      return "INTEGER";
    case "int8":
      return "BIGINT";
    case "oid":
      return "UINTEGER";
    case "float4":
      return "FLOAT";
    case "float8":
      return "DOUBLE";
    case "bytea":
      return "BLOB";
    case "date":
      return "DATE";
    case "timestamp":
      return "TIMESTAMP";
    case "timestamptz":
      return "TIMESTAMP WITH TIME ZONE";
    case "numeric":
      return type.precision === undefined
        ? "DECIMAL(38,18)"
        : `DECIMAL(${type.precision},${type.scale ?? 0})`;
    case "variant":
      return "VARIANT";
    case "array":
      return `${storedType(type.element)}[]`;
    case "map":
      return `MAP(${storedType(type.key)}, ${storedType(type.value)})`;
    case "struct": {
      const fields = type.fields.map(
        (field) => `${quoteName(field.name)} ${storedType(field.type)}`,
      );
      return `STRUCT(${fields.join(", ")})`;
    }
    default:
      return "VARCHAR";
  }
}

/** A column of a stage's result: as the planner emitted it. */
export function stageType(column: PhysicalColumn): string {
  const { representation, type } = column;
  switch (representation.kind) {
    case "decimal":
      return `DECIMAL(${representation.precision},${representation.scale})`;
    case "numeric-text":
      return "VARCHAR";
    case "native":
      return nativeType(type);
  }
}

/** Computed values keep the kernel's own types for what tables store as strings. */
function nativeType(type: DataType): string {
  switch (type.kind) {
    case "interval":
      return "INTERVAL";
    case "time":
      return "TIME";
    default:
      return storedType(type);
  }
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
