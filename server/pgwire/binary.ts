// Values between canonical scalar text and the binary formats of PostgreSQL's send and receive functions.

import {
  readArray as splitArray,
  formatArray,
} from "../../planner/functions/value/array-text.ts";
import { parseJson, readJsonb } from "../../planner/functions/value/json.ts";
import { formatFloat } from "../../planner/functions/value/scalar-input.ts";
import {
  isNested,
  type ArrayType,
  type DataType,
} from "../../storage/common/data-type.ts";
import { notSupported } from "../../storage/common/errors.ts";
import {
  decodeDate,
  decodeInterval,
  decodeTime,
  decodeTimestamp,
  encodeDate,
  encodeInterval,
  encodeTime,
  encodeTimestamp,
} from "./binary-date-time.ts";
import { decodeNumeric, encodeNumeric } from "./binary-numeric.ts";
import { BodyReader } from "./body-reader.ts";
import { typeOfOid, typeOid } from "./oids.ts";
import { decodeText } from "./utf8.ts";

const JSONB_VERSION = 1;

/** `text` is canonical (storage/common/scalar.ts). */
// eslint-disable-next-line complexity -- one case a type
export function encodeBinary(type: DataType, text: string): Buffer {
  switch (type.kind) {
    case "bool":
      return Buffer.from([text === "t" ? 1 : 0]);
    case "int1":
    case "int2":
      return fixed(2, (bytes) => bytes.writeInt16BE(Number(text)));
    case "int4":
      return fixed(4, (bytes) => bytes.writeInt32BE(Number(text)));
    case "oid":
    case "regclass":
    case "regtype":
      return fixed(4, (bytes) => bytes.writeUInt32BE(Number(text)));
    case "int8":
      return fixed(8, (bytes) => bytes.writeBigInt64BE(BigInt(text)));
    case "float4":
      return fixed(4, (bytes) => bytes.writeFloatBE(Number(text)));
    case "float8":
      return fixed(8, (bytes) => bytes.writeDoubleBE(Number(text)));
    case "numeric":
      return encodeNumeric(text);
    case "bytea":
      return Buffer.from(text.slice(2), "hex");
    case "uuid":
      return Buffer.from(text.replaceAll("-", ""), "hex");
    case "date":
      return encodeDate(text);
    case "time":
      return encodeTime(text);
    case "timestamp":
    case "timestamptz":
      return encodeTimestamp(text);
    case "interval":
      return encodeInterval(text);
    case "jsonb":
    case "variant":
    case "struct":
    case "map":
      return encodeJsonb(text);
    case "array":
      return isNested(type.element)
        ? encodeJsonb(text)
        : encodeArray(type, text);
    case "record":
      throw notSupported("row values in binary format are");
    default:
      return Buffer.from(text);
  }
}

/** Canonical text; undefined when the bytes are not of the type (22P03). Throws 22008, 22021. */
export function decodeBinary(
  type: DataType,
  bytes: Buffer,
): string | undefined {
  const reader = new BodyReader(bytes);
  const text = decode(type, reader);
  return reader.atEnd ? text : undefined;
}

// eslint-disable-next-line complexity -- one case a type
function decode(type: DataType, reader: BodyReader): string | undefined {
  switch (type.kind) {
    case "bool":
      return reader.byte() === 0 ? "f" : "t";
    case "int1":
    case "int2":
      return String(reader.int16());
    case "int4":
      return String(reader.int32());
    case "oid":
    case "regclass":
    case "regtype":
      return String(reader.uint32());
    case "int8":
      return reader.bytes(8).readBigInt64BE().toString();
    case "float4":
      return formatFloat(reader.bytes(4).readFloatBE(), true);
    case "float8":
      return formatFloat(reader.bytes(8).readDoubleBE(), false);
    case "numeric":
      return decodeNumeric(reader);
    case "bytea":
      return `\\x${reader.rest().toString("hex")}`;
    case "uuid":
      return decodeUuid(reader.bytes(16));
    case "date":
      return decodeDate(reader);
    case "time":
      return decodeTime(reader);
    case "timestamp":
    case "timestamptz":
      return decodeTimestamp(reader, type.kind === "timestamptz");
    case "interval":
      return decodeInterval(reader);
    case "json": {
      const text = decodeText(reader.rest());
      parseJson(text);
      return text;
    }
    case "jsonb":
    case "variant":
    case "struct":
    case "map":
      return decodeJsonb(reader);
    case "array":
      return isNested(type.element)
        ? decodeJsonb(reader)
        : decodeArray(type, reader);
    case "record":
      throw notSupported("row values in binary format are");
    default:
      return decodeText(reader.rest());
  }
}

function encodeJsonb(text: string): Buffer {
  return Buffer.concat([Buffer.from([JSONB_VERSION]), Buffer.from(text)]);
}

function decodeJsonb(reader: BodyReader): string | undefined {
  if (reader.byte() !== JSONB_VERSION) return undefined;
  return readJsonb(decodeText(reader.rest()));
}

function decodeUuid(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}

/** array_send: dimensions, null flag, element OID, then length and lower bound of each dimension. */
function encodeArray(type: ArrayType, text: string): Buffer {
  const items = splitArray(text);
  const header = Buffer.alloc(items.length === 0 ? 12 : 20);
  header.writeInt32BE(items.length === 0 ? 0 : 1, 0);
  header.writeInt32BE(items.includes(null) ? 1 : 0, 4);
  header.writeUInt32BE(typeOid(type.element), 8);
  if (items.length > 0) {
    header.writeInt32BE(items.length, 12);
    header.writeInt32BE(1, 16);
  }
  const parts = items.flatMap((item) => {
    if (item === null) return [fixed(4, (bytes) => bytes.writeInt32BE(-1))];
    const value = encodeBinary(type.element, item);
    return [fixed(4, (bytes) => bytes.writeInt32BE(value.length)), value];
  });
  return Buffer.concat([header, ...parts]);
}

/** Throws 0A000 for more than one dimension. */
function decodeArray(type: ArrayType, reader: BodyReader): string | undefined {
  const dimensions = reader.int32();
  const flags = reader.int32();
  const declared = typeOfOid(reader.uint32());
  if (flags !== 0 && flags !== 1) return undefined;
  if (dimensions < 0 || dimensions > 6) return undefined;
  if (declared?.kind !== typeOfOid(typeOid(type.element))?.kind) {
    return undefined;
  }
  if (dimensions === 0) return "{}";
  if (dimensions > 1) {
    throw notSupported("arrays of more than one dimension are");
  }
  const count = reader.int32();
  reader.int32();
  const items: (string | null)[] = [];
  for (let index = 0; index < count; index += 1) {
    const length = reader.int32();
    if (length === -1) {
      items.push(null);
      continue;
    }
    const item = decodeBinary(type.element, reader.bytes(length));
    if (item === undefined) return undefined;
    items.push(item);
  }
  return formatArray(items);
}

function fixed(size: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(size);
  write(bytes);
  return bytes;
}
