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

/** Types whose kernel storage is their binary format but for the byte order, with that storage and its width. */
const REVERSIBLE: Partial<
  Record<DataType["kind"], readonly [DuckDBTypeId, 2 | 4 | 8]>
> = {
  int1: [DuckDBTypeId.SMALLINT, 2],
  int2: [DuckDBTypeId.SMALLINT, 2],
  int4: [DuckDBTypeId.INTEGER, 4],
  oid: [DuckDBTypeId.UINTEGER, 4],
  int8: [DuckDBTypeId.BIGINT, 8],
  float4: [DuckDBTypeId.FLOAT, 4],
  float8: [DuckDBTypeId.DOUBLE, 8],
};

function scalarBinary(type: DataType, kernel: DuckDBType): CellEncoder {
  const reversible = REVERSIBLE[type.kind];
  if (reversible !== undefined) {
    const [storage, width] = reversible;
    if (kernel.typeId === storage) return reversedBytes(width);
    if (type.kind === "float4" || type.kind === "float8") {
      return floatBinary(type.kind === "float4" ? 4 : 8);
    }
    return integerBinary(width);
  }
  const fromText = kernel.typeId === DuckDBTypeId.VARCHAR;
  switch (type.kind) {
    case "bool":
      return boolBinary();
    case "date":
      return dateBinary();
    case "timestamp":
    case "timestamptz":
      return timestampBinary();
    case "time":
      return timeBinary(fromText);
    case "interval":
      return intervalBinary(fromText);
    case "uuid":
      return uuidBinary(fromText);
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
