// Result columns as the API names types (http-api section 4.9).

import type { DataType } from "../../storage/common/data-type.ts";
import type { OutputColumn } from "../session/result.ts";

export interface ColumnInfo {
  readonly name: string;
  readonly type_text: string;
  readonly type_name: string;
  readonly position: number;
  readonly type_precision?: number;
  readonly type_scale?: number;
}

export function columnInfo(column: OutputColumn, position: number): ColumnInfo {
  const { type } = column;
  const named = {
    name: column.name,
    type_text: typeText(type),
    type_name: API_NAME[type.kind] ?? "STRING",
    position,
  };
  if (type.kind !== "numeric") return named;
  return {
    ...named,
    type_precision: type.precision ?? 38,
    type_scale: type.precision === undefined ? 18 : (type.scale ?? 0),
  };
}

const API_NAME: Partial<Record<DataType["kind"], string>> = {
  bool: "BOOLEAN",
  int1: "BYTE",
  int2: "SHORT",
  int4: "INT",
  int8: "LONG",
  float4: "FLOAT",
  float8: "DOUBLE",
  numeric: "DECIMAL",
  bpchar: "CHAR",
  bytea: "BINARY",
  date: "DATE",
  timestamptz: "TIMESTAMP",
  timestamp: "TIMESTAMP_NTZ",
  interval: "INTERVAL",
  array: "ARRAY",
  map: "MAP",
  struct: "STRUCT",
  variant: "VARIANT",
  void: "NULL",
};

const SQL_NAME: Partial<Record<DataType["kind"], string>> = {
  int1: "TINYINT",
  int2: "SMALLINT",
  int8: "BIGINT",
  void: "VOID",
};

function typeText(type: DataType): string {
  switch (type.kind) {
    case "numeric":
      return `DECIMAL(${type.precision ?? 38},${type.precision === undefined ? 18 : (type.scale ?? 0)})`;
    case "array":
      return `ARRAY<${typeText(type.element)}>`;
    case "map":
      return `MAP<${typeText(type.key)}, ${typeText(type.value)}>`;
    case "struct":
      return `STRUCT<${type.fields.map((field) => `${field.name}: ${typeText(field.type)}`).join(", ")}>`;
    default:
      return SQL_NAME[type.kind] ?? API_NAME[type.kind] ?? "STRING";
  }
}
