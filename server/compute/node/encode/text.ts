// Which text encoder a column takes: by the kernel's type of its vectors, its SQL type, and the client's notation.

import type { DataType } from "../../../../storage/common/data-type.ts";
import {
  DuckDBTypeId,
  type DuckDBType,
} from "../../../../storage/kernel/duckdb.ts";
import type { OutputSettings } from "../../../session/result.ts";
import { notEncodable } from "../../errors.ts";
import { arrayText } from "./array-text.ts";
import { cellsOf, NULLS, type ColumnEncoder } from "./cells.ts";
import { JSON_DATES, parseDateStyle, type DateStyle } from "./date-style.ts";
import { jsonList, jsonMap, jsonString, jsonStruct } from "./json-text.ts";
import {
  boolText,
  byteaText,
  intervalText,
  textCells,
  uuidText,
  type ByteaStyle,
} from "./text-bytes.ts";
import { stringCells } from "./strings.ts";
import {
  dateText,
  timestampText,
  timeText,
  type Fraction,
  type ZoneStyle,
} from "./text-dates.ts";
import { floatText, type FloatStyle } from "./text-floats.ts";
import { decimalText } from "./text-numbers.ts";
import { variantText } from "./variant-text.ts";
import { apiZone, jsonZone, postgresZone } from "./zone-text.ts";

/** How scalars are written in one notation. */
export interface Notation {
  readonly yes: string;
  readonly no: string;
  readonly bytea: ByteaStyle;
  readonly dates: DateStyle;
  readonly zone: ZoneStyle;
  readonly fraction: Fraction;
  readonly floats: FloatStyle;
  readonly intervalStyle: string;
  /** Arrays of scalars as `{1,2}`; otherwise as JSON. */
  readonly arrayLiterals: boolean;
}

/** PostgreSQL's text output under the session's settings. */
export function postgresNotation(output: OutputSettings): Notation {
  const dates = parseDateStyle(output.dateStyle);
  return {
    yes: "t",
    no: "f",
    bytea: output.byteaOutput,
    dates,
    zone: postgresZone(output.timeZone, dates.layout),
    fraction: "shortest",
    floats: { kind: "plain", extraDigits: output.extraFloatDigits },
    intervalStyle: output.intervalStyle,
    arrayLiterals: true,
  };
}

/** Cells of JSON_ARRAY and CSV results (http-api.md 4.9). */
export function apiNotation(output: OutputSettings): Notation {
  return {
    yes: "true",
    no: "false",
    bytea: "base64",
    dates: JSON_DATES,
    zone: apiZone(output.timeZone),
    fraction: "three-or-six",
    floats: { kind: "plain", extraDigits: 1 },
    intervalStyle: output.intervalStyle,
    arrayLiterals: false,
  };
}

/** Scalars inside jsonb, as `to_jsonb` writes them. */
function jsonNotation(output: OutputSettings): Notation {
  return {
    yes: "true",
    no: "false",
    bytea: output.byteaOutput,
    dates: JSON_DATES,
    zone: jsonZone(output.timeZone),
    fraction: "shortest",
    floats: { kind: "json" },
    intervalStyle: output.intervalStyle,
    arrayLiterals: false,
  };
}

export function textEncoder(
  type: DataType,
  kernel: DuckDBType,
  notation: Notation,
  output: OutputSettings,
): ColumnEncoder {
  switch (kernel.typeId) {
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY: {
      const element = type.kind === "array" ? type.element : type;
      return notation.arrayLiterals && isScalar(element, kernel.valueType)
        ? arrayText(
            cellsOf(textEncoder(element, kernel.valueType, notation, output)),
          )
        : jsonEncoder(type, kernel, output);
    }
    case DuckDBTypeId.STRUCT:
    case DuckDBTypeId.MAP:
      return jsonEncoder(type, kernel, output);
    default:
      return isVariant(type, kernel)
        ? variantText()
        : scalarText(kernel, notation);
  }
}

function isVariant(type: DataType, kernel: DuckDBType): boolean {
  return type.kind === "variant" && kernel.typeId === DuckDBTypeId.BLOB;
}

function isScalar(type: DataType, kernel: DuckDBType): boolean {
  if (type.kind === "variant") return false;
  switch (kernel.typeId) {
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
    case DuckDBTypeId.STRUCT:
    case DuckDBTypeId.MAP:
      return false;
    default:
      return true;
  }
}

/** The value as a JSON value of a jsonb document. */
export function jsonEncoder(
  type: DataType,
  kernel: DuckDBType,
  output: OutputSettings,
): ColumnEncoder {
  switch (kernel.typeId) {
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY: {
      const element = type.kind === "array" ? type.element : type;
      return jsonList(cellsOf(jsonEncoder(element, kernel.valueType, output)));
    }
    case DuckDBTypeId.STRUCT:
      return jsonStruct(
        kernel.entryTypes.map((entry, index) => {
          const field = type.kind === "struct" ? type.fields[index] : undefined;
          return {
            name: field?.name ?? kernel.entryNames[index] ?? "",
            encoder: cellsOf(jsonEncoder(field?.type ?? TEXT, entry, output)),
          };
        }),
      );
    case DuckDBTypeId.MAP: {
      const keyType = type.kind === "map" ? type.key : TEXT;
      const valueType = type.kind === "map" ? type.value : TEXT;
      return jsonMap(
        cellsOf(
          textEncoder(keyType, kernel.keyType, jsonNotation(output), output),
        ),
        cellsOf(jsonEncoder(valueType, kernel.valueType, output)),
      );
    }
    default: {
      if (isVariant(type, kernel)) return variantText();
      const text = scalarText(kernel, jsonNotation(output));
      return isJsonLiteral(type, kernel) ? text : jsonString(cellsOf(text));
    }
  }
}

const TEXT: DataType = { kind: "text" };

/** Written without quotes inside JSON. */
function isJsonLiteral(type: DataType, kernel: DuckDBType): boolean {
  if (kernel.typeId === DuckDBTypeId.VARCHAR) {
    return (
      type.kind === "json" || type.kind === "jsonb" || type.kind === "numeric"
    );
  }
  return LITERALS.has(kernel.typeId);
}

const INTEGERS = new Set<DuckDBTypeId>([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
]);

const LITERALS = new Set<DuckDBTypeId>([
  ...INTEGERS,
  DuckDBTypeId.DECIMAL,
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
]);

/** Whether the text of such values holds letters, digits and the punctuation of numbers and dates alone, and is never empty. */
export function isPlain(kernel: DuckDBType): boolean {
  return PLAIN.has(kernel.typeId);
}

const PLAIN = new Set<DuckDBTypeId>([
  ...LITERALS,
  DuckDBTypeId.DATE,
  DuckDBTypeId.TIME,
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.TIMESTAMP_TZ,
  DuckDBTypeId.UUID,
]);

function scalarText(kernel: DuckDBType, notation: Notation): ColumnEncoder {
  if (INTEGERS.has(kernel.typeId)) return decimalText(0);
  switch (kernel.typeId) {
    case DuckDBTypeId.DECIMAL:
      return decimalText(kernel.scale);
    case DuckDBTypeId.BOOLEAN:
      return boolText(notation.yes, notation.no);
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return floatText(notation.floats);
    case DuckDBTypeId.VARCHAR:
      return stringCells();
    case DuckDBTypeId.BLOB:
      return byteaText(notation.bytea);
    case DuckDBTypeId.ENUM: {
      const { values } = kernel;
      return textCells((vector, row) => {
        const width = vector.bytes.length / vector.count;
        const code = Buffer.from(vector.bytes.buffer, vector.bytes.byteOffset);
        return values[code.readUIntLE(row * width, width)] ?? null;
      });
    }
    default:
      return temporalText(kernel, notation);
  }
}

function temporalText(kernel: DuckDBType, notation: Notation): ColumnEncoder {
  const { dates: date, fraction } = notation;
  switch (kernel.typeId) {
    case DuckDBTypeId.DATE:
      return dateText(date);
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return timestampText({ date, zone: undefined, fraction });
    case DuckDBTypeId.TIMESTAMP_TZ:
      return timestampText({ date, zone: notation.zone, fraction });
    case DuckDBTypeId.TIME:
      return timeText();
    case DuckDBTypeId.INTERVAL:
      return intervalText(notation.intervalStyle);
    case DuckDBTypeId.UUID:
      return uuidText();
    case DuckDBTypeId.SQLNULL:
      return NULLS;
    default:
      throw notEncodable(String(kernel));
  }
}
