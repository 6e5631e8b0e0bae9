// Type names in SQL to DataTypes: PostgreSQL's, and Spark's where PostgreSQL has none (contract.md section 4).

import type { TypeName } from "../parse/ast.ts";
import {
  BOOL,
  BYTEA,
  DATE,
  FLOAT4,
  FLOAT8,
  INT1,
  INT2,
  INT4,
  INT8,
  INTERVAL,
  JSONB,
  JSON_TYPE,
  NAME,
  NUMERIC,
  OID,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  UNKNOWN,
  UUID,
  VOID,
  arrayOf,
  numeric,
  type DataType,
} from "../../storage/common/data-type.ts";
import { notSupported } from "../../storage/common/errors.ts";
import {
  invalidTypeModifier,
  modifierNotAllowed,
  undefinedType,
} from "./errors.ts";

const NAMES: Readonly<Record<string, DataType>> = {
  bool: BOOL,
  boolean: BOOL,
  int1: INT1,
  tinyint: INT1,
  byte: INT1,
  int2: INT2,
  smallint: INT2,
  short: INT2,
  int: INT4,
  int4: INT4,
  integer: INT4,
  int8: INT8,
  bigint: INT8,
  long: INT8,
  float4: FLOAT4,
  real: FLOAT4,
  float8: FLOAT8,
  float: FLOAT8,
  double: FLOAT8,
  "double precision": FLOAT8,
  text: TEXT,
  string: TEXT,
  bytea: BYTEA,
  binary: BYTEA,
  date: DATE,
  timestamp_ntz: TIMESTAMP,
  "timestamp without time zone": TIMESTAMP,
  timestamp_ltz: TIMESTAMPTZ,
  "timestamp with time zone": TIMESTAMPTZ,
  "time without time zone": TIME,
  uuid: UUID,
  json: JSON_TYPE,
  jsonb: JSONB,
  variant: { kind: "variant" },
  oid: OID,
  name: NAME,
  regclass: { kind: "regclass" },
  regtype: { kind: "regtype" },
  void: VOID,
  unknown: UNKNOWN,
  record: { kind: "record" },
};

/** PostgreSQL types we refuse by name rather than as unknown. */
const REFUSED = new Set([
  "bit",
  "varbit",
  "bit varying",
  "money",
  "timetz",
  "time with time zone",
  "xml",
  "point",
  "line",
  "lseg",
  "box",
  "path",
  "polygon",
  "circle",
  "inet",
  "cidr",
  "macaddr",
  "macaddr8",
  "tsvector",
  "tsquery",
  "int4range",
  "int8range",
  "numrange",
  "daterange",
  "tsrange",
  "tstzrange",
  "int4multirange",
  "int8multirange",
  "nummultirange",
  "datemultirange",
  "tsmultirange",
  "tstzmultirange",
]);

/** 42704 for a name that means nothing, 22023 for a modifier out of range, 42601 for one the type does not take, 0A000 for refused types. */
export function resolveTypeName(name: TypeName): DataType {
  const element = elementType(name);
  return name.arrayDepth > 0 ? arrayOf(element) : element;
}

function elementType(name: TypeName): DataType {
  const { position } = name;
  if (name.schema !== undefined && name.schema !== "pg_catalog") {
    throw undefinedType(`${name.schema}.${name.name}`, position);
  }
  const parameterised = modifiedType(name) ?? nestedType(name);
  if (parameterised !== undefined) return parameterised;
  if (REFUSED.has(name.name)) {
    throw notSupported(`type ${name.name} is`, position);
  }
  const plain = Object.hasOwn(NAMES, name.name) ? NAMES[name.name] : undefined;
  if (plain !== undefined) {
    if (name.modifiers.length > 0) {
      if (name.name === "float") return floatOf(name);
      throw modifierNotAllowed(name.name, position);
    }
    return plain;
  }
  if (name.name.startsWith("_") && name.name.length > 1) {
    return arrayOf(elementType({ ...name, name: name.name.slice(1) }));
  }
  throw undefinedType(name.name, position);
}

function modifiedType(name: TypeName): DataType | undefined {
  switch (name.name) {
    case "numeric":
    case "decimal":
    case "dec":
      return numericOf(name);
    case "varchar":
    case "character varying":
      return lengthOf(name, "varchar");
    case "bpchar":
      return lengthOf(name, "bpchar");
    case "char":
    case "character":
      return name.modifiers.length === 0
        ? { kind: "bpchar", length: 1 }
        : lengthOf(name, "bpchar");
    case "timestamp":
      return timeOf(name, TIMESTAMP);
    case "timestamptz":
      return timeOf(name, TIMESTAMPTZ);
    case "time":
      return timeOf(name, TIME);
    case "interval":
      return intervalOf(name);
    default:
      return undefined;
  }
}

function nestedType(name: TypeName): DataType | undefined {
  const [first, second] = name.arguments;
  switch (name.name) {
    case "array":
      return first === undefined ? undefined : arrayOf(resolveTypeName(first));
    case "map":
      return first === undefined || second === undefined
        ? undefined
        : {
            kind: "map",
            key: resolveTypeName(first),
            value: resolveTypeName(second),
          };
    case "struct":
      return {
        kind: "struct",
        fields: name.fields.map((field) => ({
          name: field.name,
          type: resolveTypeName(field.type),
          nullable: true,
        })),
      };
    default:
      return undefined;
  }
}

function numericOf(name: TypeName): DataType {
  const [precision, scale = 0] = name.modifiers;
  const { position } = name;
  if (precision === undefined) return NUMERIC;
  if (name.modifiers.length > 2) {
    throw invalidTypeModifier("invalid NUMERIC type modifier", position);
  }
  if (precision < 1 || precision > 1000) {
    throw invalidTypeModifier(
      `NUMERIC precision ${precision} must be between 1 and 1000`,
      position,
    );
  }
  if (scale < -1000 || scale > 1000) {
    throw invalidTypeModifier(
      `NUMERIC scale ${scale} must be between -1000 and 1000`,
      position,
    );
  }
  if (precision > 38) {
    throw notSupported("numeric precision above 38 is", position);
  }
  if (scale < 0 || scale > precision) {
    throw notSupported(
      "a numeric scale below zero or above the precision is",
      position,
    );
  }
  return numeric(precision, scale);
}

function lengthOf(name: TypeName, kind: "varchar" | "bpchar"): DataType {
  const [length] = name.modifiers;
  if (length === undefined) return { kind };
  const shown = kind === "bpchar" ? "char" : "varchar";
  if (name.modifiers.length > 1) {
    throw invalidTypeModifier("invalid type modifier", name.position);
  }
  if (length < 1) {
    throw invalidTypeModifier(
      `length for type ${shown} must be at least 1`,
      name.position,
    );
  }
  if (length > 10485760) {
    throw invalidTypeModifier(
      `length for type ${shown} cannot exceed 10485760`,
      name.position,
    );
  }
  return { kind, length };
}

/** Values keep six digits; a smaller precision would need rounding that the type cannot carry. */
function timeOf(name: TypeName, type: DataType): DataType {
  const [precision = 6] = name.modifiers;
  if (precision < 6) {
    throw notSupported(`type ${name.name}(${precision}) is`, name.position);
  }
  return type;
}

/** Field words do not change the type: they are the binder's, who reads the literal with them (readInterval). */
function intervalOf(name: TypeName): DataType {
  return timeOf(name, INTERVAL);
}

function floatOf(name: TypeName): DataType {
  const [bits = 53] = name.modifiers;
  if (bits < 1) {
    throw invalidTypeModifier(
      "precision for type float must be at least 1 bit",
      name.position,
    );
  }
  if (bits > 53) {
    throw invalidTypeModifier(
      "precision for type float must be less than 54 bits",
      name.position,
    );
  }
  return bits <= 24 ? FLOAT4 : FLOAT8;
}
