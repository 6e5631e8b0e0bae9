// Which binary encoder a column takes: PostgreSQL's send format of its SQL type, from whatever the kernel holds it in.

import {
  isNested,
  type DataType,
} from "../../../../storage/common/data-type.ts";
import {
  DuckDBTypeId,
  type DuckDBType,
} from "../../../../storage/kernel/duckdb.ts";
import { DEFAULT_OUTPUT } from "../../../session/result.ts";
import { arrayBinary, typeOid } from "./array-binary.ts";
import {
  dateBinary,
  intervalBinary,
  intervalTextBinary,
  timeBinary,
  timeTextBinary,
  timestampBinary,
} from "./binary-dates.ts";
import {
  boolBinary,
  floatBinary,
  integerBinary,
  jsonbBinary,
  reversedBytes,
  uuidBinary,
  uuidTextBinary,
} from "./binary-scalars.ts";
import { cellsOf, type ColumnEncoder } from "./cells.ts";
import { numericBinary, numericTextBinary } from "./numeric-binary.ts";
import { stringCells } from "./strings.ts";
import { jsonEncoder, postgresNotation, textEncoder } from "./text.ts";

export function binaryEncoder(
  type: DataType,
  kernel: DuckDBType,
): ColumnEncoder {
  if (kernel.typeId === DuckDBTypeId.SQLNULL) return textOf(type, kernel);
  switch (type.kind) {
    case "array":
      return isNested(type.element)
        ? jsonbOf(type, kernel)
        : listBinary(type.element, kernel);
    case "struct":
    case "map":
    case "variant":
      return jsonbOf(type, kernel);
    case "jsonb":
      return jsonbBinary(cellsOf(textOf(type, kernel)));
    case "numeric":
      return numericEncoder(type, kernel);
    case "bytea":
      return stringCells();
    default:
      return scalarBinary(type, kernel);
  }
}

function listBinary(element: DataType, kernel: DuckDBType): ColumnEncoder {
  const inner =
    kernel.typeId === DuckDBTypeId.LIST || kernel.typeId === DuckDBTypeId.ARRAY
      ? kernel.valueType
      : kernel;
  return arrayBinary(cellsOf(binaryEncoder(element, inner)), typeOid(element));
}

function jsonbOf(type: DataType, kernel: DuckDBType): ColumnEncoder {
  return jsonbBinary(cellsOf(jsonEncoder(type, kernel, DEFAULT_OUTPUT)));
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

function scalarBinary(type: DataType, kernel: DuckDBType): ColumnEncoder {
  const reversible = REVERSIBLE[type.kind];
  if (reversible !== undefined) {
    const [storage, width] = reversible;
    if (kernel.typeId === storage) return reversedBytes(width);
    if (type.kind === "float4" || type.kind === "float8") {
      return floatBinary(type.kind === "float4" ? 4 : 8);
    }
    return integerBinary(width);
  }
  const heldAsText =
    kernel.typeId === DuckDBTypeId.VARCHAR ? FROM_TEXT[type.kind] : undefined;
  if (heldAsText !== undefined) return heldAsText();
  return FROM_NATIVE[type.kind]?.() ?? textOf(type, kernel);
}

type Encoders = Partial<Record<DataType["kind"], () => ColumnEncoder>>;

/** Declared types that tables store as strings. */
const FROM_TEXT: Encoders = {
  time: timeTextBinary,
  interval: intervalTextBinary,
  uuid: uuidTextBinary,
};

const FROM_NATIVE: Encoders = {
  bool: boolBinary,
  date: dateBinary,
  timestamp: timestampBinary,
  timestamptz: timestampBinary,
  time: timeBinary,
  interval: intervalBinary,
  uuid: uuidBinary,
};

function textOf(type: DataType, kernel: DuckDBType): ColumnEncoder {
  return textEncoder(
    type,
    kernel,
    postgresNotation(DEFAULT_OUTPUT),
    DEFAULT_OUTPUT,
  );
}

function numericEncoder(type: DataType, kernel: DuckDBType): ColumnEncoder {
  const text = cellsOf(textOf(type, kernel));
  switch (kernel.typeId) {
    case DuckDBTypeId.DECIMAL:
      return numericBinary(kernel.scale, text);
    case DuckDBTypeId.VARCHAR:
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return numericTextBinary(text);
    default:
      return numericBinary(0, text);
  }
}
