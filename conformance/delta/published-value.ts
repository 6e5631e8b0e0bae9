// Values as the manifest writes them and values as the wire sends them, both brought to one form that can be compared: scalars as
// text, structs and maps as objects, arrays as arrays.

import type { JsonValue } from "./manifest.ts";

/** A Delta type taken apart. */
type Shape =
  | { readonly kind: "scalar"; readonly name: string }
  | { readonly kind: "array"; readonly element: Shape }
  | { readonly kind: "map"; readonly key: Shape; readonly value: Shape }
  | {
      readonly kind: "struct";
      readonly fields: readonly {
        readonly name: string;
        readonly type: Shape;
      }[];
    };

/** `array<struct<a:integer>>` -> its shape; names hold no `:`. */
export function shapeOf(type: string): Shape {
  const [, outer = "", inner = ""] =
    /^(array|map|struct)<([\s\S]*)>$/.exec(type) ?? [];
  const parts = topLevelParts(inner);
  switch (outer) {
    case "array":
      return { kind: "array", element: shapeOf(inner) };
    case "map":
      return {
        kind: "map",
        key: shapeOf(parts[0] ?? ""),
        value: shapeOf(parts.slice(1).join(",")),
      };
    case "struct":
      return {
        kind: "struct",
        fields: parts.map((part) => {
          const colon = part.indexOf(":");
          return {
            name: part.slice(0, colon),
            type: shapeOf(part.slice(colon + 1)),
          };
        }),
      };
    default:
      return { kind: "scalar", name: type.replace(/\(.*/, "") };
  }
}

/** Splits at commas outside brackets of either kind. */
function topLevelParts(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if ("<(".includes(char)) depth += 1;
    if (">)".includes(char)) depth -= 1;
    if (char === "," && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return text === "" ? [] : [...parts, text.slice(start)];
}

const SQL_NAMES: Readonly<Record<string, string>> = {
  byte: "smallint",
  short: "smallint",
  integer: "integer",
  long: "bigint",
  float: "real",
  double: "double precision",
  boolean: "boolean",
  string: "text",
  binary: "bytea",
  date: "date",
  timestamp: "timestamp with time zone",
  timestamp_ntz: "timestamp without time zone",
  void: "text",
  variant: "jsonb",
};

/** The PostgreSQL type clients see, as DESCRIBE prints it. */
export function sqlTypeOf(type: string): string {
  const shape = shapeOf(type);
  if (shape.kind === "array" && shape.element.kind === "scalar") {
    const element = sqlTypeOf(type.slice("array<".length, -1));
    return element === "jsonb" ? "jsonb" : `${element}[]`;
  }
  if (shape.kind !== "scalar") return "jsonb";
  return type.startsWith("decimal")
    ? type.replace("decimal", "numeric")
    : (SQL_NAMES[shape.name] ?? type);
}

/** A value of the manifest. */
export function expectedValue(value: JsonValue, shape: Shape): JsonValue {
  if (value === null) return null;
  switch (shape.kind) {
    case "scalar":
      return shape.name === "variant"
        ? variantValue(value)
        : scalarText(shape.name, textOf(value));
    case "array":
      return list(value).map((item) => expectedValue(item, shape.element));
    case "map": {
      const members = list(value).map((entry) => {
        const [key = null, item = null] = list(entry);
        return [
          keyText(shape.key, key),
          expectedValue(item, shape.value),
        ] as const;
      });
      return sorted(Object.fromEntries(members));
    }
    case "struct":
      return sorted(
        Object.fromEntries(
          shape.fields.map(({ name, type }) => [
            name,
            expectedValue(member(value, name), type),
          ]),
        ),
      );
  }
}

/** A value of the wire: text for a scalar, JSON text for everything else. */
export function actualValue(text: string | null, shape: Shape): JsonValue {
  if (text === null) return null;
  if (shape.kind === "scalar" && shape.name !== "variant")
    return scalarText(shape.name, text);
  return fromJson(exactJson(text), shape);
}

function fromJson(value: JsonValue, shape: Shape): JsonValue {
  if (value === null) return null;
  switch (shape.kind) {
    case "scalar":
      return shape.name === "variant"
        ? plain(value)
        : scalarText(shape.name, textOf(value));
    case "array":
      return list(value).map((item) => fromJson(item, shape.element));
    case "map":
      return sorted(
        Object.fromEntries(
          Object.entries(members(value)).map(([key, item]) => [
            shape.key.kind === "scalar"
              ? scalarText(shape.key.name, key)
              : key.replaceAll(", ", ","),
            fromJson(item, shape.value),
          ]),
        ),
      );
    case "struct":
      return sorted(
        Object.fromEntries(
          shape.fields.map(({ name, type }) => [
            name,
            fromJson(member(value, name), type),
          ]),
        ),
      );
  }
}

function keyText(shape: Shape, key: JsonValue): string {
  return shape.kind === "scalar"
    ? scalarText(shape.name, textOf(key))
    : JSON.stringify(key);
}

/** Both the manifest's and PostgreSQL's text of a scalar -> one text. */
function scalarText(name: string, text: string): string {
  const plainText = text.startsWith(NUMBER) ? text.slice(1) : text;
  switch (name) {
    case "float":
    case "double":
      return floatText(name, plainText);
    case "decimal":
      return plainText;
    case "boolean":
      return { t: "true", f: "false" }[plainText] ?? plainText;
    case "binary":
      return plainText.replace(/^(?:0x|\\x)/, "").toLowerCase();
    case "timestamp":
    case "timestamp_ntz":
      return instantText(plainText);
    default:
      return plainText;
  }
}

function floatText(name: string, text: string): string {
  const value = Number(text);
  if (text === "-0" || text === "-0.0") return "-0";
  return String(name === "float" ? Math.fround(value) : value);
}

/**
 * `2020-01-01T00:00:00.120000Z` and `2020-01-01 00:00:00.12+00` -> `2020-01-01 00:00:00.12`; the manifest counts years before Christ
 * from 0 down, PostgreSQL from 1 BC up.
 */
function instantText(source: string): string {
  const [, year, rest] = /^-?(0000|(?<=-)\d+)(-.*)$/.exec(source) ?? [];
  const text =
    year === undefined
      ? source
      : `${String(Number(year) + 1).padStart(4, "0")}${rest ?? ""} BC`;
  const clock = text
    .replace("T", " ")
    .replace(/(?:Z|\+00(?::00)?)(?= BC|$)/, "");
  return clock.replace(/(\.\d*?)0+(?= BC|$)/, "$1").replace(/\.(?= BC|$)/, "");
}

/** `{"variant": …}`, decoded. */
function variantValue(value: JsonValue): JsonValue {
  return plain(exactJson(JSON.stringify(member(value, "variant"))));
}

/** JSON as it stands, numbers by value. */
function plain(value: JsonValue): JsonValue {
  if (typeof value === "string")
    return value.startsWith(NUMBER) ? String(Number(value.slice(1))) : value;
  if (isList(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return sorted(
    Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, plain(item)]),
    ),
  );
}

/** Marks a text that was a number, so that no digit is lost on the way. */
const NUMBER = "\u0001";

function exactJson(text: string): JsonValue {
  const marked = text.replace(
    /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g,
    (token) => (token.startsWith('"') ? token : `"\\u0001${token}"`),
  );
  const parsed: unknown = JSON.parse(marked);
  return isJson(parsed) ? parsed : null;
}

function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}

function textOf(value: JsonValue): string {
  if (Object.is(value, -0)) return "-0";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function list(value: JsonValue): readonly JsonValue[] {
  return isList(value) ? value : [];
}

function members(value: JsonValue): Readonly<Record<string, JsonValue>> {
  return value === null || typeof value !== "object" || isList(value)
    ? {}
    : value;
}

function member(value: JsonValue, name: string): JsonValue {
  return members(value)[name] ?? null;
}

function sorted(value: Readonly<Record<string, JsonValue>>): JsonValue {
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
