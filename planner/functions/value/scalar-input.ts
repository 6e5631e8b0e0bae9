// Text input of every scalar type but numeric and date/time, as PostgreSQL's type input functions read it. Results are canonical text.

import { SqlError } from "../../../storage/common/errors.ts";

function invalid(type: string, text: string): SqlError {
  return new SqlError(
    "22P02",
    `invalid input syntax for type ${type}: "${text}"`,
  );
}

const INTEGERS = {
  smallint: [-32768n, 32767n],
  integer: [-2147483648n, 2147483647n],
  bigint: [-9223372036854775808n, 9223372036854775807n],
  oid: [-2147483648n, 4294967295n],
} as const;

/** 22P02 for what is no integer, 22003 when out of the type's range. */
export function readInteger(text: string, type: keyof typeof INTEGERS): string {
  const match = /^[ \t\n\r\f\v]*([+-]?\d+)[ \t\n\r\f\v]*$/.exec(text);
  if (match === null) throw invalid(type, text);
  const value = BigInt((match[1] ?? "").replace(/^\+/, ""));
  const [low, high] = INTEGERS[type];
  if (value < low || value > high) {
    throw new SqlError(
      "22003",
      `value "${text}" is out of range for type ${type}`,
    );
  }
  if (type === "oid" && value < 0n) return (value + 4294967296n).toString();
  return value.toString();
}

/** `t` or `f`. */
export function readBoolean(text: string): string {
  const word = text.trim().toLowerCase();
  if (word !== "") {
    if (
      ["true", "yes", "on", "1"].some((full) => full === word) ||
      "true".startsWith(word) ||
      "yes".startsWith(word)
    )
      return "t";
    if (
      ["off", "0", "of"].includes(word) ||
      "false".startsWith(word) ||
      "no".startsWith(word)
    )
      return "f";
  }
  throw invalid("boolean", text);
}

const FLOAT =
  /^\s*([+-]?)(?:(\d+\.?\d*|\.\d+)(?:e([+-]?\d+))?|(nan)|(inf(?:inity)?)|(0x[0-9a-f]+))\s*$/i;

/** JavaScript's shortest text; 22003 when the number over- or underflows. */
export function readFloat(
  text: string,
  type: "double precision" | "real",
): string {
  const match = FLOAT.exec(text);
  if (match === null) throw invalid(type, text);
  const [, sign = "", digits, , nan, infinity] = match;
  if (nan !== undefined) return "NaN";
  if (infinity !== undefined) return sign === "-" ? "-Infinity" : "Infinity";
  const exact = Number(text);
  const value = type === "real" ? Math.fround(exact) : exact;
  const zero = digits !== undefined && !/[1-9]/.test(digits);
  if (!Number.isFinite(value) || (value === 0 && !zero)) {
    throw new SqlError(
      "22003",
      `"${text.trim()}" is out of range for type ${type}`,
    );
  }
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Lower case with hyphens. */
export function readUuid(text: string): string {
  const match = /^\{?([0-9a-f]{4}(?:-?[0-9a-f]{4}){7})\}?$/i.exec(text);
  const braces = text.startsWith("{") === text.endsWith("}");
  if (match === null || !braces) throw invalid("uuid", text);
  const hex = (match[1] ?? "").replaceAll("-", "").toLowerCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Hex format or PostgreSQL's escape format to `\x…`. */
export function readBytea(text: string): string {
  if (text.startsWith("\\x")) {
    const hex = text.slice(2).replace(/\s+/g, "").toLowerCase();
    const wrong = /[^0-9a-f]/.exec(hex);
    if (wrong !== null) {
      throw new SqlError("22023", `invalid hexadecimal digit: "${wrong[0]}"`);
    }
    if (hex.length % 2 === 1) {
      throw new SqlError(
        "22023",
        "invalid hexadecimal data: odd number of digits",
      );
    }
    return `\\x${hex}`;
  }
  let hex = "";
  const encoder = new TextEncoder();
  const pattern = /\\([0-3][0-7]{2})|\\\\|\\|[^\\]+/g;
  for (const match of text.matchAll(pattern)) {
    const [whole, octal] = match;
    if (whole === "\\")
      throw new SqlError("22P02", "invalid input syntax for type bytea");
    const bytes =
      octal !== undefined
        ? [Number.parseInt(octal, 8)]
        : [...encoder.encode(whole === "\\\\" ? "\\" : whole)];
    hex += bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  return `\\x${hex}`;
}

/** float8out and float4out: shortest digits that read back the same, or `%.*g` when `extraDigits` is zero or less. */
export function formatFloat(
  value: number,
  single: boolean,
  extraDigits = 1,
): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const limit = single ? 6 : 15;
  if (extraDigits <= 0) return general(value, Math.max(limit + extraDigits, 1));
  const [digits, exponent] = single ? shortestSingle(value) : shortest(value);
  return layOut({ digits, exponent, negative: value < 0, limit });
}

function shortest(value: number): readonly [string, number] {
  const [mantissa = "", exponent = "0"] = Math.abs(value)
    .toExponential()
    .split("e");
  return [mantissa.replace(".", ""), Number(exponent)];
}

function shortestSingle(value: number): readonly [string, number] {
  for (let digits = 1; digits <= 9; digits++) {
    const text = Math.abs(value).toExponential(digits - 1);
    if (Math.fround(Number(text)) === Math.abs(value)) {
      const [mantissa = "", exponent = "0"] = text.split("e");
      return [mantissa.replace(".", ""), Number(exponent)];
    }
  }
  return shortest(value);
}

interface Layout {
  readonly digits: string;
  readonly exponent: number;
  readonly negative: boolean;
  readonly limit: number;
}

function layOut({ digits, exponent, negative, limit }: Layout): string {
  const sign = negative ? "-" : "";
  if (exponent < -4 || exponent >= limit) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${digits.slice(0, 1)}${fraction}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1)
    return sign + digits.padEnd(exponent + 1, "0");
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** C's `%.{precision}g`. */
function general(value: number, precision: number): string {
  const [mantissa = "", exponent = "0"] = Math.abs(value)
    .toExponential(precision - 1)
    .split("e");
  const digits = mantissa.replace(".", "").replace(/0+$/, "") || "0";
  return layOut({
    digits,
    exponent: Number(exponent),
    negative: value < 0,
    limit: precision,
  });
}
