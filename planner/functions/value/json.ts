// JSON values with numbers as text: parsing (22P02 as PostgreSQL words it), jsonb's canonical text, order and containment.

import { SqlError } from "../../../storage/common/errors.ts";
import { compareDecimals, formatDecimal, readDecimal } from "./decimal.ts";

export type Json = JsonValue & {
  /** The text it was read from, when it was. */
  readonly raw?: string;
};

type JsonValue =
  | { readonly kind: "null" }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** As written; jsonb's is canonical numeric text. */
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "array"; readonly items: readonly Json[] }
  /** In order; names may repeat in json, not in jsonb. */
  | {
      readonly kind: "object";
      readonly members: readonly (readonly [string, Json])[];
    };

export const JSON_NULL: Json = { kind: "null" };

function invalid(detail: string): SqlError {
  return new SqlError("22P02", "invalid input syntax for type json", {
    detail,
  });
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const TOKEN = /[A-Za-z0-9_$\u0080-\uffff.+-]+|[^]/y;

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Json {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) {
      throw invalid(`Expected end of input, but found "${this.#token()}".`);
    }
    return value;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#at++;
    }
  }

  #token(): string {
    TOKEN.lastIndex = this.#at;
    return TOKEN.exec(this.#text)?.[0] ?? "";
  }

  #expected(what: string): SqlError {
    this.#space();
    if (this.#at >= this.#text.length)
      return invalid("The input string ended unexpectedly.");
    const token = this.#token();
    if (
      /^[A-Za-z0-9_.+-]+$/.test(token) &&
      !/^(?:true|false|null)$/.test(token) &&
      !/^-?\d+(?:\.\d+)?$/.test(token)
    ) {
      return invalid(`Token "${token}" is invalid.`);
    }
    return invalid(`Expected ${what}, but found "${token}".`);
  }

  #value(depth: number): Json {
    this.#space();
    const start = this.#at;
    const value = this.#bare(depth);
    return { ...value, raw: this.#text.slice(start, this.#at) };
  }

  #bare(depth: number): Json {
    if (depth > 1000) {
      throw new SqlError("54001", "stack depth limit exceeded");
    }
    const char = this.#text[this.#at];
    if (char === "{") return this.#object(depth);
    if (char === "[") return this.#array(depth);
    if (char === '"') return { kind: "string", value: this.#string() };
    return this.#word();
  }

  #word(): Json {
    NUMBER.lastIndex = this.#at;
    const number = NUMBER.exec(this.#text)?.[0];
    const token = this.#token();
    if (number !== undefined && number === token) {
      this.#at += number.length;
      return { kind: "number", text: number };
    }
    if (token === "true" || token === "false" || token === "null") {
      this.#at += token.length;
      return token === "null"
        ? JSON_NULL
        : { kind: "boolean", value: token === "true" };
    }
    throw this.#expected("JSON value");
  }

  #string(): string {
    const start = this.#at;
    for (let i = start + 1; ; i++) {
      const code = this.#text.charCodeAt(i);
      if (Number.isNaN(code))
        throw invalid(`Token "${this.#text.slice(start)}" is invalid.`);
      if (code === 0x5c) i++;
      else if (code === 0x22) {
        this.#at = i + 1;
        return decode(this.#text.slice(start, i + 1));
      } else if (code < 0x20) {
        throw invalid(
          `Character with value 0x${code.toString(16).padStart(2, "0")} must be escaped.`,
        );
      }
    }
  }

  #array(depth: number): Json {
    const items: Json[] = [];
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === "]") {
      this.#at++;
      return { kind: "array", items };
    }
    for (;;) {
      items.push(this.#value(depth + 1));
      if (!this.#next("]", '"," or "]"')) return { kind: "array", items };
    }
  }

  #object(depth: number): Json {
    const members: [string, Json][] = [];
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === "}") {
      this.#at++;
      return { kind: "object", members };
    }
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"')
        throw this.#expected(members.length === 0 ? 'string or "}"' : "string");
      const name = this.#string();
      this.#space();
      if (this.#text[this.#at] !== ":") throw this.#expected('":"');
      this.#at++;
      members.push([name, this.#value(depth + 1)]);
      if (!this.#next("}", '"," or "}"')) return { kind: "object", members };
    }
  }

  /** True after a comma, false after the closing bracket. */
  #next(close: string, expected: string): boolean {
    this.#space();
    const char = this.#text[this.#at];
    if (char !== "," && char !== close) throw this.#expected(expected);
    this.#at++;
    return char === ",";
  }
}

function decode(quoted: string): string {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  const wrong = /\\(?:u(?![0-9a-fA-F]{4})|[^"\\/bfnrtu])/.exec(
    quoted.replace(/\\\\/g, "  "),
  );
  if (wrong !== null)
    throw invalid(`Escape sequence "${wrong[0]}" is invalid.`);
  return String(JSON.parse(quoted));
}

export function parseJson(text: string): Json {
  return new Parser(text).parse();
}

/** jsonb's form: names sorted by length then bytes, the last of equal ones kept, numbers as numeric writes them. */
export function canonical(value: Json): Json {
  switch (value.kind) {
    case "number":
      return { kind: "number", text: formatDecimal(readDecimal(value.text)) };
    case "string":
      if (value.value.includes("\u0000")) {
        throw new SqlError("22P05", "unsupported Unicode escape sequence", {
          detail: "\\u0000 cannot be converted to text.",
        });
      }
      return { kind: "string", value: value.value };
    case "array":
      return { kind: "array", items: value.items.map(canonical) };
    case "object":
      return objectOf(
        value.members.map(([name, member]) => [name, canonical(member)]),
      );
    case "boolean":
      return { kind: "boolean", value: value.value };
    default:
      return JSON_NULL;
  }
}

export function objectOf(members: readonly (readonly [string, Json])[]): Json {
  const unique = new Map(members);
  return {
    kind: "object",
    members: [...unique].sort(([a], [b]) => compareNames(a, b)),
  };
}

function compareNames(a: string, b: string): number {
  const size = Buffer8.length(a) - Buffer8.length(b);
  return size !== 0 ? size : compareBytes(a, b);
}

const ENCODER = new TextEncoder();
const Buffer8 = {
  length: (text: string): number => ENCODER.encode(text).length,
};

/** Order of UTF-8 bytes, which is the order of code points. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  const left = Array.from(a);
  const right = Array.from(b);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference =
      (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return Math.sign(left.length - right.length);
}

export function quoteJson(text: string): string {
  return JSON.stringify(text).replace(/\\u007f/g, "\u007f");
}

/** jsonb's output: one space after colons and commas. `compact` leaves them out. */
export function printJson(value: Json, compact = false): string {
  const comma = compact ? "," : ", ";
  const colon = compact ? ":" : ": ";
  switch (value.kind) {
    case "null":
      return "null";
    case "boolean":
      return String(value.value);
    case "number":
      return value.text;
    case "string":
      return quoteJson(value.value);
    case "array":
      return `[${value.items.map((item) => printJson(item, compact)).join(comma)}]`;
    case "object":
      return `{${value.members.map(([name, member]) => quoteJson(name) + colon + printJson(member, compact)).join(comma)}}`;
  }
}

/** jsonb_pretty. */
export function prettyJson(value: Json, indent = ""): string {
  const inner = `${indent}    `;
  if (value.kind === "array") {
    if (value.items.length === 0) return `[\n${indent}]`;
    return `[\n${value.items.map((item) => inner + prettyJson(item, inner)).join(",\n")}\n${indent}]`;
  }
  if (value.kind === "object") {
    if (value.members.length === 0) return `{\n${indent}}`;
    return `{\n${value.members.map(([name, member]) => `${inner}${quoteJson(name)}: ${prettyJson(member, inner)}`).join(",\n")}\n${indent}}`;
  }
  return printJson(value);
}

/** Text to jsonb's canonical text. */
export function readJsonb(text: string): string {
  return printJson(canonical(parseJson(text)));
}

const RANK = {
  null: 0,
  string: 1,
  number: 2,
  boolean: 3,
  array: 4,
  object: 5,
} as const;

/** jsonb's order: Object > Array > Boolean > Number > String > Null; longer containers above shorter ones. */
export function compareJson(a: Json, b: Json): number {
  if (a.kind !== b.kind) return compareKinds(a, b);
  switch (a.kind) {
    case "boolean":
      return b.kind === "boolean" ? Number(a.value) - Number(b.value) : 0;
    case "number":
      return b.kind === "number"
        ? compareDecimals(readDecimal(a.text), readDecimal(b.text))
        : 0;
    case "string":
      return b.kind === "string" ? compareBytes(a.value, b.value) : 0;
    case "array":
      return b.kind === "array" ? compareArrays(a.items, b.items) : 0;
    case "object":
      return b.kind === "object" ? compareObjects(a.members, b.members) : 0;
    default:
      return 0;
  }
}

/** At the top an empty array sorts below everything, as in PostgreSQL. */
function compareKinds(a: Json, b: Json): number {
  if (a.kind === "array" && a.items.length === 0) return -1;
  if (b.kind === "array" && b.items.length === 0) return 1;
  return Math.sign(RANK[a.kind] - RANK[b.kind]);
}

function compareArrays(a: readonly Json[], b: readonly Json[]): number {
  if (a.length !== b.length) return Math.sign(a.length - b.length);
  for (const [i, item] of a.entries()) {
    const order = compareJson(item, b[i] ?? JSON_NULL);
    if (order !== 0) return order;
  }
  return 0;
}

function compareObjects(
  a: readonly (readonly [string, Json])[],
  b: readonly (readonly [string, Json])[],
): number {
  if (a.length !== b.length) return Math.sign(a.length - b.length);
  for (const [i, [name, member]] of a.entries()) {
    const [otherName, other] = b[i] ?? ["", JSON_NULL];
    const order = compareNames(name, otherName) || compareJson(member, other);
    if (order !== 0) return order;
  }
  return 0;
}

/** `a @> b`. */
export function containsJson(a: Json, b: Json, top = true): boolean {
  if (a.kind === "object" && b.kind === "object") {
    const members = new Map(a.members);
    return b.members.every(([name, wanted]) => {
      const found = members.get(name);
      return found !== undefined && containsJson(found, wanted, false);
    });
  }
  if (a.kind === "array" && b.kind === "array") {
    return b.items.every((wanted) =>
      a.items.some((item) => containsJson(item, wanted, false)),
    );
  }
  if (a.kind === "array" && top && b.kind !== "object") {
    return a.items.some((item) => containsJson(item, b, false));
  }
  return a.kind === b.kind && compareJson(a, b) === 0;
}

/** `->` by name or index (negative from the end). */
export function member(value: Json, key: string): Json | undefined {
  if (value.kind !== "object") return undefined;
  return value.members.findLast(([name]) => name === key)?.[1];
}

export function element(value: Json, index: number): Json | undefined {
  return value.kind === "array" ? value.items.at(index) : undefined;
}

/** `#>`: each step a name, or in arrays an index. */
export function atPath(
  value: Json,
  path: readonly (string | null)[],
): Json | undefined {
  let current: Json | undefined = value;
  for (const step of path) {
    if (current === undefined || step === null) return undefined;
    if (current.kind === "array") {
      current = /^\s*[+-]?\d+\s*$/.test(step)
        ? element(current, Number(step))
        : undefined;
    } else {
      current = member(current, step);
    }
  }
  return current;
}

/** `->>`: strings without quotes, JSON null as SQL NULL. */
export function scalarText(value: Json | undefined): string | null {
  if (value === undefined || value.kind === "null") return null;
  return value.kind === "string" ? value.value : sourceText(value);
}

/** As it stood in the text it was read from, spaces included; canonical when it was made here. */
export function sourceText(value: Json): string {
  return value.raw ?? printJson(value);
}
