// The statistics of a data file as an `add` action carries them (Delta protocol, "Per-file Statistics"; checklist K1, K3-K6), made
// from values in canonical scalar text. Used by whoever writes files.

import type { DataType } from "../common/data-type.ts";
import { isObject, JsonNumber, printJson, type Json } from "./json.ts";

export interface ColumnBounds {
  /** Physical names from the outside in. */
  readonly path: readonly string[];
  readonly type: DataType;
  /** Canonical scalar text in PostgreSQL's order (NaN largest, text by bytes); null when every row is NULL or it is not known. */
  readonly min: string | null;
  readonly max: string | null;
  /** Undefined when not counted. */
  readonly nullCount: number | undefined;
}

/**
 * One line of JSON. Bounds of types that have none, or that cannot be told, are left out. `wide`: the bounds hold, but need not be
 * values of the file (K8).
 */
export function statsJson(
  rowCount: number,
  columns: readonly ColumnBounds[],
  bounds: "tight" | "wide" = "tight",
): string {
  const minValues: JsonTree = new Map();
  const maxValues: JsonTree = new Map();
  const nullCount: JsonTree = new Map();
  for (const column of columns) {
    set(minValues, column.path, boundJson(column.type, column.min, "min"));
    set(maxValues, column.path, boundJson(column.type, column.max, "max"));
    if (column.nullCount !== undefined)
      set(nullCount, column.path, new JsonNumber(String(column.nullCount)));
  }
  const stats: JsonTree = new Map<string, Json>([
    ["numRecords", new JsonNumber(String(rowCount))],
  ]);
  if (minValues.size > 0) stats.set("minValues", minValues);
  if (maxValues.size > 0) stats.set("maxValues", maxValues);
  if (nullCount.size > 0) stats.set("nullCount", nullCount);
  if (bounds === "wide") stats.set("tightBounds", false);
  return printJson(stats);
}

type JsonTree = Map<string, Json>;

function set(
  tree: JsonTree,
  path: readonly string[],
  value: Json | undefined,
): void {
  const [name, ...rest] = path;
  if (name === undefined || value === undefined) return;
  if (rest.length === 0) {
    tree.set(name, value);
    return;
  }
  const known = tree.get(name);
  const inner: JsonTree = new Map<string, Json>(isObject(known) ? known : []);
  set(inner, rest, value);
  tree.set(name, inner);
}

type BoundPrinter = (text: string, side: "min" | "max") => Json | undefined;

function exactNumber(text: string): Json | undefined {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? new JsonNumber(text) : undefined;
}

/** K5: what is no JSON number (NaN, Infinity) is a string. */
function floatNumber(text: string): Json {
  return /^-?\d/.test(text)
    ? new JsonNumber(text === "-0" ? "-0.0" : text)
    : text;
}

function truncated(text: string, side: "min" | "max"): Json | undefined {
  return side === "min" ? truncateMin(text) : truncateMax(text);
}

const BOUND_PRINTERS: Partial<Record<DataType["kind"], BoundPrinter>> = {
  int1: exactNumber,
  int2: exactNumber,
  int4: exactNumber,
  int8: exactNumber,
  numeric: exactNumber,
  float4: floatNumber,
  float8: floatNumber,
  text: truncated,
  varchar: truncated,
  bpchar: truncated,
  uuid: truncated,
  time: truncated,
  date: (text) => (/^\d{4}-\d\d-\d\d$/.test(text) ? text : undefined),
  timestamp: milliseconds,
  timestamptz: (text) => {
    const cut = text.endsWith("+00")
      ? milliseconds(text.slice(0, -3))
      : undefined;
    return cut === undefined ? undefined : `${cut}Z`;
  },
};

function boundJson(
  type: DataType,
  text: string | null,
  side: "min" | "max",
): Json | undefined {
  return text === null ? undefined : BOUND_PRINTERS[type.kind]?.(text, side);
}

/** K4: cut down to milliseconds, as the reference writes and every reader expects. */
function milliseconds(text: string): string | undefined {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const fraction = (match[3] ?? "").slice(0, 3).padEnd(3, "0");
  return `${match[1] ?? ""}T${match[2] ?? ""}.${fraction}`;
}

const PREFIX_CHARS = 32;
const LONGEST_PREFIX_CHARS = 64;
const LAST_ASCII = 0x7f;
const LAST_CHARACTER = 0x10ffff;

/** A prefix is never above the whole. Cut between characters, so that no surrogate pair is split. */
function truncateMin(text: string): string {
  const characters = Array.from(text);
  return characters.length <= PREFIX_CHARS
    ? text
    : characters.slice(0, PREFIX_CHARS).join("");
}

/** K3: a prefix and a character above what was cut; longer where that would not be larger, and no bound when that gets too long. */
function truncateMax(text: string): string | undefined {
  const characters = Array.from(text);
  if (characters.length <= PREFIX_CHARS) return text;
  for (let length = PREFIX_CHARS; length <= LONGEST_PREFIX_CHARS; length += 1) {
    const cut = characters[length]?.codePointAt(0);
    if (cut === undefined) return text;
    if (cut === LAST_CHARACTER) continue;
    const last = cut < LAST_ASCII ? LAST_ASCII : LAST_CHARACTER;
    return characters.slice(0, length).join("") + String.fromCodePoint(last);
  }
  return undefined;
}
