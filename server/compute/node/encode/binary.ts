// Which binary encoder a column takes: PostgreSQL's send format of its SQL type, from whatever the kernel holds it in.

import type { DataType } from "../../../../storage/common/data-type.ts";
import {
  DuckDBTypeId,
  type DuckDBType,
} from "../../../../storage/kernel/duckdb.ts";
import { DEFAULT_OUTPUT } from "../../../session/result.ts";
import { arrayBinary, typeOid } from "./array-binary.ts";
import {
  dateBinary,
  intervalBinary,
  timeBinary,
  timestampBinary,
} from "./binary-dates.ts";
import {
  boolBinary,
  floatBinary,
  integerBinary,
  jsonbBinary,
  reversedBytes,
  uuidBinary,
} from "./binary-scalars.ts";
import type { CellEncoder } from "./cells.ts";
import { numericBinary } from "./numeric-binary.ts";
import { stringCells } from "./text-bytes.ts";
import { jsonEncoder, postgresNotation, textEncoder } from "./text.ts";

export function binaryEncoder(type: DataType, kernel: DuckDBType): CellEncoder {
  if (kernel.typeId === DuckDBTypeId.SQLNULL) return textOf(type, kernel);
  switch (type.kind) {
    case "array":
      return isNested(type.element)
        ? jsonbBinary(jsonEncoder(type, kernel, DEFAULT_OUTPUT))
        : listBinary(type.element, kernel);
    case "struct":
    case "map":
    case "variant":
      return jsonbBinary(jsonEncoder(type, kernel, DEFAULT_OUTPUT));
    case "jsonb":
      return jsonbBinary(textOf(type, kernel));
    case "numeric":
      return numericBinary(textOf(type, kernel), scaleOf(kernel));
    case "bytea":
      return stringCells();
    default:
      return scalarBinary(type, kernel);
  }
}

function isNested(type: DataType): boolean {
  return (
    type.kind === "array" ||
    type.kind === "struct" ||
    type.kind === "map" ||
    type.kind === "variant"
  );
}

function listBinary(element: DataType, kernel: DuckDBType): CellEncoder {
  const inner =
    kernel.typeId === DuckDBTypeId.LIST || kernel.typeId === DuckDBTypeId.ARRAY
      ? kernel.valueType
      : kernel;
  return arrayBinary(binaryEncoder(element, inner), typeOid(element));
}

function scalarBinary(type: DataType, kernel: DuckDBType): CellEncoder {
  switch (type.kind) {
    case "bool":
      return boolBinary();
    case "int1":
    case "int2":
      return kernel.typeId === DuckDBTypeId.SMALLINT
        ? reversedBytes(2)
        : integerBinary(2);
    case "int4":
      return kernel.typeId === DuckDBTypeId.INTEGER
        ? reversedBytes(4)
        : integerBinary(4);
    case "oid":
      return kernel.typeId === DuckDBTypeId.UINTEGER
        ? reversedBytes(4)
        : integerBinary(4);
    case "int8":
      return kernel.typeId === DuckDBTypeId.BIGINT
        ? reversedBytes(8)
        : integerBinary(8);
    case "float4":
      return kernel.typeId === DuckDBTypeId.FLOAT
        ? reversedBytes(4)
        : floatBinary(4);
    case "float8":
      return kernel.typeId === DuckDBTypeId.DOUBLE
        ? reversedBytes(8)
        : floatBinary(8);
    case "date":
      return dateBinary();
    case "timestamp":
    case "timestamptz":
      return timestampBinary();
    case "time":
      return timeBinary(kernel.typeId === DuckDBTypeId.VARCHAR);
    case "interval":
      return intervalBinary(kernel.typeId === DuckDBTypeId.VARCHAR);
    case "uuid":
      return uuidBinary(kernel.typeId === DuckDBTypeId.VARCHAR);
    default:
      return textOf(type, kernel);
  }
}

function textOf(type: DataType, kernel: DuckDBType): CellEncoder {
  return textEncoder(
    type,
    kernel,
    postgresNotation(DEFAULT_OUTPUT),
    DEFAULT_OUTPUT,
  );
}

/** Of a number the kernel holds scaled; undefined for text. */
function scaleOf(kernel: DuckDBType): number | undefined {
  if (kernel.typeId === DuckDBTypeId.DECIMAL) return kernel.scale;
  return kernel.typeId === DuckDBTypeId.VARCHAR ||
    kernel.typeId === DuckDBTypeId.DOUBLE ||
    kernel.typeId === DuckDBTypeId.FLOAT
    ? undefined
    : 0;
}
