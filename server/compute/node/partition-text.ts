// Partition values as the log holds them (Delta protocol checklist V1, V2): text by type, NULL for NULL and for nothing.

import type { DataType } from "../../../storage/common/data-type.ts";

/** @param source kernel SQL of the value */
export function partitionTextSql(source: string, type: DataType): string {
  switch (type.kind) {
    case "timestamptz":
      // ISO-8601 in UTC with Z, which is the same instant for every reader.
      return `strftime(CAST(${source} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%fZ')`;
    case "timestamp":
      return `strftime(CAST(${source} AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%f')`;
    case "bool":
    case "date":
    case "int1":
    case "int2":
    case "int4":
    case "int8":
    case "numeric":
      return `CAST(${source} AS VARCHAR)`;
    case "bytea":
      return `NULLIF(decode(${source}), '')`;
    case "float4":
    case "float8":
      return `CASE WHEN isnan(${source}) THEN 'NaN' WHEN isinf(${source}) THEN CASE WHEN ${source} > 0 THEN 'Infinity' ELSE '-Infinity' END ELSE CAST(${source} AS VARCHAR) END`;
    default:
      return `NULLIF(CAST(${source} AS VARCHAR), '')`;
  }
}
