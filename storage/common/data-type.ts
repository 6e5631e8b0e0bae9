// The types of SQL values, in PostgreSQL's terms, with the Delta types that have no PostgreSQL name (struct, map, variant).
// `contract.md` section 4 fixes how Delta types map; storage/delta/definition/schema-json.ts does the mapping.

export type DataType = ScalarType | ArrayType | StructType | MapType;

export type ScalarType =
  | { readonly kind: SimpleKind }
  /** Exact decimal. Without `precision` it is PostgreSQL's unconstrained numeric: each value carries its own scale. */
  | {
      readonly kind: "numeric";
      readonly precision?: number;
      readonly scale?: number;
    }
  /** Character types with a declared length in characters; `text` has none. */
  | { readonly kind: "varchar"; readonly length?: number }
  | { readonly kind: "bpchar"; readonly length?: number };

export type SimpleKind =
  | "bool"
  /** Delta byte: shown to Postgres clients as int2. */
  | "int1"
  | "int2"
  | "int4"
  | "int8"
  | "float4"
  | "float8"
  | "text"
  | "bytea"
  | "date"
  | "time"
  /** Instant, microseconds since 1970-01-01 UTC (Delta timestamp). */
  | "timestamptz"
  /** Wall clock, microseconds (Delta timestamp_ntz). */
  | "timestamp"
  | "interval"
  | "uuid"
  | "json"
  | "jsonb"
  | "variant"
  /** PostgreSQL's catalog types, for session functions and casts that clients use. */
  | "oid"
  | "name"
  | "regclass"
  | "regtype"
  /** Delta void: always NULL, shown as text. */
  | "void"
  /** A literal or parameter whose type its context decides. */
  | "unknown"
  /** A row value without declared fields. */
  | "record";

export interface ArrayType {
  readonly kind: "array";
  readonly element: DataType;
}
export interface StructType {
  readonly kind: "struct";
  readonly fields: readonly StructField[];
}
export interface StructField {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
}
export interface MapType {
  readonly kind: "map";
  readonly key: DataType;
  readonly value: DataType;
}

export const BOOL: ScalarType = { kind: "bool" };
export const INT1: ScalarType = { kind: "int1" };
export const INT2: ScalarType = { kind: "int2" };
export const INT4: ScalarType = { kind: "int4" };
export const INT8: ScalarType = { kind: "int8" };
export const FLOAT4: ScalarType = { kind: "float4" };
export const FLOAT8: ScalarType = { kind: "float8" };
/** Unconstrained numeric: each value has its own scale. */
export const NUMERIC: ScalarType = { kind: "numeric" };
export const TEXT: ScalarType = { kind: "text" };
export const BYTEA: ScalarType = { kind: "bytea" };
export const DATE: ScalarType = { kind: "date" };
export const TIME: ScalarType = { kind: "time" };
export const TIMESTAMP: ScalarType = { kind: "timestamp" };
export const TIMESTAMPTZ: ScalarType = { kind: "timestamptz" };
export const INTERVAL: ScalarType = { kind: "interval" };
export const UUID: ScalarType = { kind: "uuid" };
export const JSON_TYPE: ScalarType = { kind: "json" };
export const JSONB: ScalarType = { kind: "jsonb" };
export const OID: ScalarType = { kind: "oid" };
export const NAME: ScalarType = { kind: "name" };
export const UNKNOWN: ScalarType = { kind: "unknown" };
export const VOID: ScalarType = { kind: "void" };

export function numeric(precision: number, scale: number): ScalarType {
  return { kind: "numeric", precision, scale };
}

export function arrayOf(element: DataType): ArrayType {
  return { kind: "array", element };
}

/** Same type, modifiers (precision, length) and nested fields included. */
export function sameType(a: DataType, b: DataType): boolean {
  return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
}

function canonical(type: DataType): unknown {
  switch (type.kind) {
    case "numeric":
      return ["numeric", type.precision, type.scale];
    case "varchar":
    case "bpchar":
      return [type.kind, type.length];
    case "array":
      return ["array", canonical(type.element)];
    case "map":
      return ["map", canonical(type.key), canonical(type.value)];
    case "struct":
      return [
        "struct",
        type.fields.map((field) => [field.name, canonical(field.type)]),
      ];
    default:
      return type.kind;
  }
}

const SQL_NAMES: Partial<Record<DataType["kind"], string>> = {
  bool: "boolean",
  int1: "smallint",
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  float4: "real",
  float8: "double precision",
  varchar: "character varying",
  bpchar: "character",
  time: "time without time zone",
  timestamp: "timestamp without time zone",
  timestamptz: "timestamp with time zone",
  void: "text",
  variant: "jsonb",
  struct: "jsonb",
  map: "jsonb",
};

/** These are jsonb to clients, and so are arrays of them (contract.md section 4). */
export function isNested(type: DataType): boolean {
  return NESTED.has(type.kind);
}

const NESTED: ReadonlySet<DataType["kind"]> = new Set([
  "struct",
  "map",
  "array",
  "variant",
]);

/** The name PostgreSQL's `format_type` gives, as error messages quote it (no modifier). */
export function typeName(type: DataType): string {
  if (type.kind === "array")
    return isNested(type.element) ? "jsonb" : `${typeName(type.element)}[]`;
  return SQL_NAMES[type.kind] ?? type.kind;
}

/** `typeName` with its modifier: `numeric(15,2)`, `character varying(10)`. */
export function typeNameWithModifier(type: DataType): string {
  if (type.kind === "array" && !isNested(type.element))
    return `${typeNameWithModifier(type.element)}[]`;
  if (type.kind === "numeric" && type.precision !== undefined) {
    return `numeric(${type.precision},${type.scale ?? 0})`;
  }
  if (
    (type.kind === "varchar" || type.kind === "bpchar") &&
    type.length !== undefined
  ) {
    return `${typeName(type)}(${type.length})`;
  }
  return typeName(type);
}
