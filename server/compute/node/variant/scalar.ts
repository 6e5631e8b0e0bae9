// Scalars of a variant from their text (Parquet's "Variant Binary Encoding", primitive types). Dates are days, times and moments
// microseconds; bytes are hexadecimal.

import { SqlError } from "../../../../storage/common/errors.ts";
import { signedBytes, unsignedBytes } from "./bytes.ts";
import type { Variant } from "./tree.ts";

/** What a scalar is made as; `int8` and `float8` are PostgreSQL's, of 8 bytes. */
const CODES = [
  "null",
  "true",
  "false",
  "bool",
  "int1",
  "int2",
  "int4",
  "int8",
  "float4",
  "float8",
  "numeric",
  "date",
  "time",
  "timestamp",
  "timestamptz",
  "bytea",
  "text",
  "uuid",
] as const;

export type ScalarCode = (typeof CODES)[number];

export function isScalarCode(text: string): text is ScalarCode {
  return CODES.some((code) => code === text);
}

export function scalarOf(code: ScalarCode, text = ""): Variant {
  switch (code) {
    case "null":
      return scalar(0);
    case "true":
      return scalar(1);
    case "false":
      return scalar(2);
    case "bool":
      return scalar(text === "true" ? 1 : 2);
    case "float4":
      return scalar(14, floatBytes(text, 4));
    case "float8":
      return scalar(7, floatBytes(text, 8));
    case "numeric": {
      const scale = text.includes(".")
        ? text.length - text.indexOf(".") - 1
        : 0;
      return decimalScalar(BigInt(text.replace(".", "")), scale);
    }
    case "bytea":
      return scalar(15, withLength(Buffer.from(text, "hex")));
    case "text":
      return textScalar(text);
    case "uuid":
      return scalar(20, Buffer.from(text.replaceAll("-", ""), "hex"));
    default: {
      const [id, width] = WHOLE[code];
      return scalar(id, signedBytes(BigInt(text), width));
    }
  }
}

/** Type id and width of what is one signed number. */
const WHOLE = {
  int1: [3, 1],
  int2: [4, 2],
  int4: [5, 4],
  int8: [6, 8],
  date: [11, 4],
  timestamptz: [12, 8],
  timestamp: [13, 8],
  time: [17, 8],
} as const;

function scalar(id: number, payload: Buffer = Buffer.alloc(0)): Variant {
  return {
    kind: "scalar",
    bytes: Buffer.concat([Buffer.of(id << 2), payload]),
  };
}

/** Of the smallest type that holds it; a decimal beyond 64 bits, a double beyond 38 digits. */
export function integerScalar(value: bigint): Variant {
  for (const code of ["int1", "int2", "int4", "int8"] as const) {
    const [, width] = WHOLE[code];
    if (BigInt.asIntN(8 * width, value) === value)
      return scalarOf(code, String(value));
  }
  return decimalScalar(value, 0);
}

const MOST_DIGITS = 38;

/** Type id, and width of the coefficient, up to so many digits. */
const DECIMALS: readonly (readonly [
  digits: number,
  id: number,
  width: number,
])[] = [
  [9, 8, 4],
  [18, 9, 8],
  [MOST_DIGITS, 10, 16],
];

export function decimalScalar(coefficient: bigint, scale: number): Variant {
  const { length } = String(coefficient < 0n ? -coefficient : coefficient);
  const digits = Math.max(length, scale);
  const fitting = DECIMALS.find(([most]) => digits <= most);
  if (fitting === undefined)
    return scalarOf("float8", `${coefficient}e-${scale}`);
  const [, id, width] = fitting;
  return scalar(
    id,
    Buffer.concat([Buffer.of(scale), signedBytes(coefficient, width)]),
  );
}

const LONGEST_SHORT = 63;

export function textScalar(value: string): Variant {
  const bytes = Buffer.from(value);
  return bytes.length <= LONGEST_SHORT
    ? {
        kind: "scalar",
        bytes: Buffer.concat([Buffer.of((bytes.length << 2) | 1), bytes]),
      }
    : scalar(16, withLength(bytes));
}

function withLength(bytes: Buffer): Buffer {
  return Buffer.concat([unsignedBytes(bytes.length, 4), bytes]);
}

function floatBytes(text: string, width: 4 | 8): Buffer {
  const value = Number(text.replace(/inf$/, "Infinity").replace("nan", "NaN"));
  if (!Number.isFinite(value) && /\d/.test(text))
    throw new SqlError("22003", `"${text}" is out of range for type variant`);
  const bytes = Buffer.alloc(width);
  if (width === 4) bytes.writeFloatLE(value);
  else bytes.writeDoubleLE(value);
  return bytes;
}
