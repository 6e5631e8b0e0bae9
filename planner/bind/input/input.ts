// Text to canonical scalar text, as PostgreSQL's input functions read it: so that literals are typed constants that prune files,
// and a wrong one is an error with a position. Types not read here keep their cast, which the engine evaluates.

import type { DataType } from "../../../storage/common/data-type.ts";
import { invalidInput } from "../errors.ts";
import { readArray } from "./array.ts";
import { formatInterval, parseInterval } from "./interval.ts";
import { readFloat, readInteger, readNumeric } from "./number.ts";
import {
  readDate,
  readTime,
  readTimestamp,
  type DateTimeOptions,
} from "./timestamp.ts";

export interface InputOptions extends Partial<DateTimeOptions> {
  readonly position?: number | undefined;
}

/** Canonical text as in storage/common/scalar.ts. Throws 22P02, 22003, 22007, 22008. Undefined: the type is not read here. */
// eslint-disable-next-line complexity -- one case a type
export function tryReadInput(
  type: DataType,
  text: string,
  options: InputOptions,
): string | undefined {
  const { position } = options;
  switch (type.kind) {
    case "bool":
      return readBool(text) ?? fail(type, text, position);
    case "int1":
    case "int2":
    case "int4":
    case "int8":
    case "oid":
      return readInteger(type, text, position);
    case "float4":
    case "float8":
      return readFloat(type, text, position);
    case "numeric":
      return readNumeric(type, text, position);
    case "text":
    case "name":
    case "unknown":
      return text;
    case "varchar":
      return type.length === undefined || [...text].length <= type.length
        ? text
        : undefined;
    case "date":
      return readDate(text, dateTime(options));
    case "timestamp":
    case "timestamptz":
      return readTimestamp(type, text, dateTime(options));
    case "time":
      return readTime(text, dateTime(options));
    case "interval": {
      const interval = parseInterval(text);
      return interval ? formatInterval(interval) : fail(type, text, position);
    }
    case "uuid":
      return readUuid(text) ?? fail(type, text, position);
    case "bytea":
      return readBytes(text) ?? undefined;
    case "array":
      return readArray(type, text, (element) =>
        tryReadInput(type.element, element, options),
      );
    default:
      return undefined;
  }
}

/** `tryReadInput` for types that are read here. */
export function readInput(
  type: DataType,
  text: string,
  options: InputOptions,
): string {
  return (
    tryReadInput(type, text, options) ?? fail(type, text, options.position)
  );
}

function fail(type: DataType, text: string, position?: number): never {
  throw invalidInput(type, text, position);
}

function dateTime(options: InputOptions): DateTimeOptions {
  return { timeZone: "UTC", dateStyle: "ISO, MDY", ...options };
}

function readBool(text: string): string | undefined {
  const word = text.trim().toLowerCase();
  if (word === "") return undefined;
  const yes = ["true", "yes", "on", "1"].some((full) => full.startsWith(word));
  const no = ["false", "no", "off", "0"].some((full) => full.startsWith(word));
  // "o" alone could be on or off.
  if (yes && no) return undefined;
  if (yes) return "t";
  return no ? "f" : undefined;
}

function readUuid(text: string): string | undefined {
  const inner = /^\{(.*)\}$/u.exec(text)?.[1] ?? text;
  if (!/^[0-9a-f]{4}(?:-?[0-9a-f]{4}){7}$/iu.test(inner)) return undefined;
  const hex = inner.replaceAll("-", "").toLowerCase();
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}

/** Hex form as it stands, escape form as hex; undefined when malformed, which the engine's cast then reports. */
function readBytes(text: string): string | undefined {
  if (text.startsWith("\\x")) {
    const hex = text.slice(2).replace(/\s+/gu, "").toLowerCase();
    return /^(?:[0-9a-f]{2})*$/u.test(hex) ? `\\x${hex}` : undefined;
  }
  const bytes: number[] = [];
  const pattern = /\\\\|\\([0-3][0-7]{2})|[^\\]/uy;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match) return undefined;
    const [whole, octal] = match;
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else
      bytes.push(
        ...new TextEncoder().encode(
          whole.slice(0, whole === "\\\\" ? 1 : undefined),
        ),
      );
  }
  return `\\x${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
