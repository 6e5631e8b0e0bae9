// DataTypes and PostgreSQL's type OIDs, which clients hard-code: pg_type of PostgreSQL 15.

import type { DataType, SimpleKind } from "../../storage/common/data-type.ts";
import {
  BOOL,
  BYTEA,
  DATE,
  FLOAT4,
  FLOAT8,
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
  UUID,
  arrayOf,
  isNested,
} from "../../storage/common/data-type.ts";

interface TypeRow {
  readonly oid: number;
  readonly arrayOid: number;
  /** Bytes of a value, or -1 when it varies. */
  readonly size: number;
}

const TEXT_ROW: TypeRow = { oid: 25, arrayOid: 1009, size: -1 };
const JSONB_ROW: TypeRow = { oid: 3802, arrayOid: 3807, size: -1 };

const ROWS: Readonly<
  Record<SimpleKind | "numeric" | "varchar" | "bpchar", TypeRow>
> = {
  bool: { oid: 16, arrayOid: 1000, size: 1 },
  bytea: { oid: 17, arrayOid: 1001, size: -1 },
  name: { oid: 19, arrayOid: 1003, size: 64 },
  int8: { oid: 20, arrayOid: 1016, size: 8 },
  int1: { oid: 21, arrayOid: 1005, size: 2 },
  int2: { oid: 21, arrayOid: 1005, size: 2 },
  int4: { oid: 23, arrayOid: 1007, size: 4 },
  text: TEXT_ROW,
  oid: { oid: 26, arrayOid: 1028, size: 4 },
  json: { oid: 114, arrayOid: 199, size: -1 },
  float4: { oid: 700, arrayOid: 1021, size: 4 },
  float8: { oid: 701, arrayOid: 1022, size: 8 },
  bpchar: { oid: 1042, arrayOid: 1014, size: -1 },
  varchar: { oid: 1043, arrayOid: 1015, size: -1 },
  date: { oid: 1082, arrayOid: 1182, size: 4 },
  time: { oid: 1083, arrayOid: 1183, size: 8 },
  timestamp: { oid: 1114, arrayOid: 1115, size: 8 },
  timestamptz: { oid: 1184, arrayOid: 1185, size: 8 },
  interval: { oid: 1186, arrayOid: 1187, size: 16 },
  numeric: { oid: 1700, arrayOid: 1231, size: -1 },
  regclass: { oid: 2205, arrayOid: 2210, size: 4 },
  regtype: { oid: 2206, arrayOid: 2211, size: 4 },
  record: { oid: 2249, arrayOid: 2287, size: -1 },
  uuid: { oid: 2950, arrayOid: 2951, size: 16 },
  jsonb: JSONB_ROW,
  variant: JSONB_ROW,
  void: TEXT_ROW,
  unknown: TEXT_ROW,
};

/** Types a client may declare for a parameter; others are read as text (`"char"`, xml, inet, bit) or refused. */
const DECLARABLE: readonly DataType[] = [
  BOOL,
  BYTEA,
  NAME,
  INT8,
  INT2,
  INT4,
  TEXT,
  OID,
  JSON_TYPE,
  FLOAT4,
  FLOAT8,
  { kind: "bpchar" },
  { kind: "varchar" },
  DATE,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  INTERVAL,
  NUMERIC,
  { kind: "regclass" },
  { kind: "regtype" },
  UUID,
  JSONB,
];

const BY_OID: ReadonlyMap<number, DataType> = new Map([
  ...DECLARABLE.flatMap((type): (readonly [number, DataType])[] => [
    [typeOid(type), type],
    [typeOid(arrayOf(type)), arrayOf(type)],
  ]),
  // "char" is how introspection queries compare relkind.
  [18, TEXT],
  [1002, arrayOf(TEXT)],
]);

/** Undefined when PostgreSQL's type of that OID is not one of ours. */
export function typeOfOid(oid: number): DataType | undefined {
  return BY_OID.get(oid);
}

export function typeOid(type: DataType): number {
  if (type.kind === "array") {
    return isNested(type.element)
      ? JSONB_ROW.oid
      : rowOf(type.element).arrayOid;
  }
  return rowOf(type).oid;
}

/** pg_type.typlen. */
export function typeSize(type: DataType): number {
  return type.kind === "array" ? -1 : rowOf(type).size;
}

/** pg_attribute.atttypmod, or -1. */
export function typeModifier(type: DataType): number {
  switch (type.kind) {
    case "array":
      return isNested(type.element) ? -1 : typeModifier(type.element);
    case "numeric":
      return type.precision === undefined
        ? -1
        : ((type.precision << 16) | (type.scale ?? 0)) + 4;
    case "varchar":
    case "bpchar":
      return type.length === undefined ? -1 : type.length + 4;
    default:
      return -1;
  }
}

function rowOf(type: DataType): TypeRow {
  switch (type.kind) {
    case "struct":
    case "map":
    case "array":
      return JSONB_ROW;
    default:
      return ROWS[type.kind];
  }
}
