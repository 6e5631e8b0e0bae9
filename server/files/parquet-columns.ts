// The columns of Parquet files, from their footers: each file's types as SQL types, and the one type that several files agree on.

import { parquetMetadata } from "hyparquet";
import type { DataType } from "../../storage/common/data-type.ts";
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
  JSONB,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  numeric,
  sameType,
  typeNameWithModifier,
} from "../../storage/common/data-type.ts";
import { notSupported, SqlError } from "../../storage/common/errors.ts";
import type { Column } from "../../storage/common/schema.ts";
import { mapConcurrently } from "../../storage/object-store/concurrently.ts";
import {
  baseName,
  type ObjectStore,
} from "../../storage/object-store/store.ts";
import { fileSchema, type FileColumn } from "../compute/node/file-schema.ts";
import { conflictingTypes, damagedFile } from "./errors.ts";
import type { PlainFile } from "./list-files.ts";

const TAIL_BYTES = 64 * 1024;
const TRAILER_BYTES = 8;
const CONCURRENCY = 16;

export interface FoundColumns {
  readonly columns: readonly Column[];
  /** Paths of files that cannot be read at all. */
  readonly corrupt: ReadonlySet<string>;
}

/** In the order in which the files, sorted by path, first show them. Throws 42804, 0A000 and, unless such files are left out, XX001. */
export async function parquetColumns(
  store: ObjectStore,
  files: readonly PlainFile[],
  skipsCorrupt: boolean,
): Promise<FoundColumns> {
  const corrupt = new Set<string>();
  const schemas = await mapConcurrently(files, CONCURRENCY, async (file) => {
    try {
      return columnsOf(file, await footer(store, file));
    } catch (error) {
      const damaged = error instanceof SqlError && error.code === "XX001";
      if (!skipsCorrupt || !damaged) throw error;
      corrupt.add(file.path);
      return [];
    }
  });
  const columns = mergedColumns(files, schemas);
  return { columns, corrupt };
}

function mergedColumns(
  files: readonly PlainFile[],
  schemas: readonly (readonly Column[])[],
): readonly Column[] {
  const merged = new Map<string, { column: Column; readonly file: string }>();
  schemas.forEach((columns, at) => {
    const file = baseName(files[at]?.path ?? "");
    for (const column of columns) {
      const key = column.name.toLowerCase();
      const known = merged.get(key);
      if (known === undefined) {
        merged.set(key, { column, file });
        continue;
      }
      const type = commonType(known.column.type, column.type);
      if (type === undefined)
        throw conflictingTypes(
          column.name,
          [known.file, file],
          [
            typeNameWithModifier(known.column.type),
            typeNameWithModifier(column.type),
          ],
        );
      known.column = { ...known.column, type };
    }
  });
  return [...merged.values()].map(({ column }) => column);
}

async function footer(
  store: ObjectStore,
  { path, sizeBytes }: PlainFile,
): Promise<ArrayBuffer> {
  const name = baseName(path);
  const tail = async (length: number): Promise<Uint8Array> =>
    (await store.read(path, { start: sizeBytes - length, length })) ??
    new Uint8Array(0);
  const first = await tail(Math.min(sizeBytes, TAIL_BYTES));
  const trailer = Buffer.from(first).subarray(-TRAILER_BYTES);
  if (
    trailer.length < TRAILER_BYTES ||
    trailer.toString("latin1", 4) !== "PAR1"
  )
    throw damagedFile(name, "It does not end as Parquet.");
  const needed = trailer.readUInt32LE(0) + TRAILER_BYTES;
  if (needed > sizeBytes) throw damagedFile(name, "Its footer is cut off.");
  const bytes = needed <= first.length ? first : await tail(needed);
  return Uint8Array.from(bytes).buffer;
}

function columnsOf(file: PlainFile, bytes: ArrayBuffer): readonly Column[] {
  const name = baseName(file.path);
  let columns: readonly FileColumn[];
  try {
    ({ columns } = fileSchema(parquetMetadata(bytes)));
  } catch {
    throw damagedFile(name, "Its footer is not valid.");
  }
  return columns.map((column) => ({
    name: column.name,
    type: typeOf(column),
    nullable: true,
  }));
}

/** Throws 0A000 for what has no SQL type. */
function typeOf(column: FileColumn): DataType {
  const [first, second] = column.children;
  switch (column.kind) {
    case "struct":
      return {
        kind: "struct",
        fields: column.children.map((child) => ({
          name: child.name,
          type: typeOf(child),
          nullable: true,
        })),
      };
    case "list":
      if (first === undefined) break;
      return { kind: "array", element: typeOf(first) };
    case "map":
      if (first === undefined || second === undefined) break;
      return { kind: "map", key: typeOf(first), value: typeOf(second) };
    case "value": {
      const type = valueType(column.type);
      if (type !== undefined) return type;
    }
  }
  throw notSupported(
    `the Parquet type of column "${column.name}", ${column.type}, is`,
  );
}

interface ValueElement {
  readonly type: string;
  /** Converted and logical type. */
  readonly meaning: string;
  readonly adjusted: boolean;
  readonly unsigned: boolean;
  readonly bits: string | undefined;
  readonly precision: number | undefined;
  readonly scale: number;
}

/** @param text as file-schema.ts describes an element: type, length, converted type, scale, precision, logical type */
function valueElement(text: string): ValueElement {
  const [type = "", , converted = "", scale, precision, ...rest] =
    text.split(":");
  const logical = rest.join(":");
  return {
    type,
    meaning:
      converted === "" && logical === "" ? "" : `${converted} ${logical}`,
    adjusted: !logical.includes('"isAdjustedToUTC":false'),
    unsigned:
      converted.startsWith("UINT") || logical.includes('"isSigned":false'),
    bits:
      /"bitWidth":(\d+)/.exec(logical)?.[1] ?? /INT_(\d+)/.exec(converted)?.[1],
    precision: precision ? Number(precision) : undefined,
    scale: Number(scale === "" ? 0 : scale),
  };
}

const PLAIN: Readonly<Record<string, DataType>> = {
  BOOLEAN: BOOL,
  FLOAT: FLOAT4,
  DOUBLE: FLOAT8,
  INT96: TIMESTAMPTZ,
};

function valueType(text: string): DataType | undefined {
  const element = valueElement(text);
  const { type, meaning, precision, scale } = element;
  if (meaning.includes("DECIMAL") && precision !== undefined)
    return numeric(precision, scale);
  if (type === "INT32" || type === "INT64") return integerType(element);
  if (type.endsWith("BYTE_ARRAY")) return bytesType(element);
  return PLAIN[type];
}

function bytesType({ type, meaning }: ValueElement): DataType | undefined {
  if (meaning === "") return BYTEA;
  if (type !== "BYTE_ARRAY") return undefined;
  if (meaning.includes("JSON")) return JSONB;
  return /UTF8|STRING|ENUM/.test(meaning) ? TEXT : undefined;
}

const INTEGERS: Readonly<Record<string, DataType>> = {
  8: INT1,
  u8: INT2,
  16: INT2,
  u16: INT4,
  32: INT4,
  u32: INT8,
  64: INT8,
  u64: numeric(20, 0),
};

function integerType(element: ValueElement): DataType | undefined {
  const { type, meaning, adjusted, unsigned, bits } = element;
  if (meaning.includes("TIMESTAMP")) return adjusted ? TIMESTAMPTZ : TIMESTAMP;
  if (meaning.includes("DATE")) return DATE;
  if (meaning.includes("TIME")) return TIME;
  const width = bits ?? type.slice("INT".length);
  return INTEGERS[`${unsigned ? "u" : ""}${width}`];
}

const LADDERS: readonly (readonly DataType["kind"][])[] = [
  ["int1", "int2", "int4", "int8"],
  ["float4", "float8"],
];

/** Integers and floats widen, and digits add up; undefined for what no type holds. */
export function commonType(a: DataType, b: DataType): DataType | undefined {
  if (sameType(a, b)) return a;
  for (const ladder of LADDERS) {
    const [left, right] = [ladder.indexOf(a.kind), ladder.indexOf(b.kind)];
    if (left >= 0 && right >= 0) return left > right ? a : b;
  }
  if (a.kind === "numeric" && b.kind === "numeric") return bothNumerics(a, b);
  if (a.kind === "array" && b.kind === "array") {
    const element = commonType(a.element, b.element);
    return element && { kind: "array", element };
  }
  if (a.kind === "map" && b.kind === "map") {
    const key = commonType(a.key, b.key);
    const value = commonType(a.value, b.value);
    return key && value && { kind: "map", key, value };
  }
  return undefined;
}

type NumericType = DataType & { readonly kind: "numeric" };

function bothNumerics(a: NumericType, b: NumericType): DataType | undefined {
  const { scale: left = 0, precision: leftDigits = 0 } = a;
  const { scale: right = 0, precision: rightDigits = 0 } = b;
  const scale = Math.max(left, right);
  const whole = Math.max(leftDigits - left, rightDigits - right);
  return whole + scale > 38 ? undefined : numeric(whole + scale, scale);
}
