// JSON that loses nothing: numbers keep their text, since Delta's longs and decimals do not fit a JS number (checklist L5).
// The value grammar of RFC 8259; kept apart from JSON.parse, which also turns "__proto__" keys into trouble.

export type Json =
  null | boolean | string | JsonNumber | readonly Json[] | JsonObject;

export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type JsonObject = ReadonlyMap<string, Json>;

/** Undefined when `text` is not one JSON value (white space around it is fine). */
export function parseJson(text: string): Json | undefined {
  const cursor: Cursor = { text, at: 0, depth: 0 };
  const value = readValue(cursor);
  if (value === undefined) return undefined;
  skipSpace(cursor);
  return cursor.at === text.length ? value : undefined;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map;
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** One line, no spaces; numbers as their text, maps in insertion order. */
export function printJson(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof JsonNumber) return value.text;
  if (isArray(value)) return `[${value.map(printJson).join(",")}]`;
  const members: string[] = [];
  if (isObject(value)) {
    for (const [key, member] of value)
      members.push(`${JSON.stringify(key)}:${printJson(member)}`);
  }
  return `{${members.join(",")}}`;
}

interface Cursor {
  readonly text: string;
  at: number;
  depth: number;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"[^"\\\u0000-\u001f]*(?:\\.[^"\\\u0000-\u001f]*)*"/y;
const SPACE = /[ \t\r\n]*/y;
/** Deeper values than any log holds; keeps hostile input from ending in a stack overflow. */
const MAX_DEPTH = 500;

function readValue(cursor: Cursor): Json | undefined {
  skipSpace(cursor);
  switch (cursor.text[cursor.at]) {
    case "{":
      return nested(cursor, readObject);
    case "[":
      return nested(cursor, readArray);
    case '"':
      return readString(cursor);
    case "t":
      return literal(cursor, "true", true);
    case "f":
      return literal(cursor, "false", false);
    case "n":
      return literal(cursor, "null", null);
    default: {
      const text = match(cursor, NUMBER);
      return text === undefined ? undefined : new JsonNumber(text);
    }
  }
}

function nested(
  cursor: Cursor,
  read: (cursor: Cursor) => Json | undefined,
): Json | undefined {
  if (cursor.depth >= MAX_DEPTH) return undefined;
  cursor.depth += 1;
  cursor.at += 1;
  const value = read(cursor);
  cursor.depth -= 1;
  return value;
}

function readObject(cursor: Cursor): Json | undefined {
  const members = new Map<string, Json>();
  if (take(cursor, "}")) return members;
  for (;;) {
    skipSpace(cursor);
    const key = readString(cursor);
    if (key === undefined || !take(cursor, ":")) return undefined;
    const value = readValue(cursor);
    if (value === undefined) return undefined;
    members.set(key, value);
    if (take(cursor, "}")) return members;
    if (!take(cursor, ",")) return undefined;
  }
}

function readArray(cursor: Cursor): Json | undefined {
  const items: Json[] = [];
  if (take(cursor, "]")) return items;
  for (;;) {
    const value = readValue(cursor);
    if (value === undefined) return undefined;
    items.push(value);
    if (take(cursor, "]")) return items;
    if (!take(cursor, ",")) return undefined;
  }
}

function readString(cursor: Cursor): string | undefined {
  const text = match(cursor, STRING);
  if (text === undefined) return undefined;
  if (!text.includes("\\")) return text.slice(1, -1);
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

function literal<T extends Json>(
  cursor: Cursor,
  word: string,
  value: T,
): T | undefined {
  if (!cursor.text.startsWith(word, cursor.at)) return undefined;
  cursor.at += word.length;
  return value;
}

function match(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}

function take(cursor: Cursor, char: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== char) return false;
  cursor.at += 1;
  return true;
}

function skipSpace(cursor: Cursor): void {
  match(cursor, SPACE);
}
