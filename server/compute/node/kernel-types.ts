// The kernel's name of the type in which a column lies: in data files, in a scan, between stages.

import type { DataType } from "../../../storage/common/data-type.ts";
import { kernelType } from "../../../planner/functions/emit.ts";
import type { PhysicalColumn } from "../../../planner/physical/plan.ts";

/**
 * A variant is written as two columns side by side, called the variant and one of these, metadata first: with the levels of such
 * columns Parquet's pages are those of the group that variant/footer.ts makes of them.
 */
export const VARIANT_MARKS = ["\u0001metadata", "\u0001value"] as const;

/** In data files: declared types that Delta stores as strings (uuid, time, interval, json) are VARCHAR. */
export function storedType(type: DataType): string {
  switch (type.kind) {
    case "numeric":
      return type.precision === undefined
        ? "DECIMAL(38,18)"
        : `DECIMAL(${type.precision},${type.scale ?? 0})`;
    case "array":
      return `${storedType(type.element)}[]`;
    case "map":
      return `MAP(${storedType(type.key)}, ${storedType(type.value)})`;
    case "struct": {
      const fields = type.fields.flatMap((field) =>
        field.type.kind === "variant"
          ? VARIANT_MARKS.map((mark) => `${quoteName(field.name + mark)} BLOB`)
          : [`${quoteName(field.name)} ${storedType(field.type)}`],
      );
      return `STRUCT(${fields.join(", ")})`;
    }
    default:
      return SIMPLE[type.kind] ?? "VARCHAR";
  }
}

const SIMPLE: Partial<Record<DataType["kind"], string>> = {
  bool: "BOOLEAN",
  int1: "TINYINT",
  int2: "SMALLINT",
  int4: "INTEGER",
  int8: "BIGINT",
  oid: "UINTEGER",
  float4: "FLOAT",
  float8: "DOUBLE",
  bytea: "BLOB",
  date: "DATE",
  timestamp: "TIMESTAMP",
  timestamptz: "TIMESTAMP WITH TIME ZONE",
};

/** A column of a stage's result: as the planner emitted it. */
export function stageType(column: PhysicalColumn): string {
  return kernelType(column.type, column.representation);
}

/** A table column as the planner's expressions expect it of a scan. */
export function scanType(type: DataType): string {
  return kernelType(type);
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
