// Reads cells of a result row as the type the schema promises; anything else means a damaged file (XX001).

import { SqlError } from "../common/errors.ts";
import type { Row } from "./sqlite.ts";

export function textAt(row: Row, index: number): string {
  const value = row[index];
  if (typeof value !== "string") throw unexpected("text", value);
  return value;
}

/** `undefined` for NULL. */
export function optionalTextAt(row: Row, index: number): string | undefined {
  return row[index] === null ? undefined : textAt(row, index);
}

export function integerAt(row: Row, index: number): number {
  const value = row[index];
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number)) {
    throw unexpected("an integer", value);
  }
  return number;
}

/** `undefined` for NULL. */
export function optionalIntegerAt(row: Row, index: number): number | undefined {
  return row[index] === null ? undefined : integerAt(row, index);
}

export function flagAt(row: Row, index: number): boolean {
  return integerAt(row, index) !== 0;
}

export function bytesAt(row: Row, index: number): Uint8Array {
  const value = row[index];
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw unexpected("bytes", value);
}

/** The cell's text as one of `allowed`. */
export function wordAt<T extends string>(
  row: Row,
  index: number,
  allowed: readonly T[],
): T {
  const text = textAt(row, index);
  const word = allowed.find((candidate) => candidate === text);
  if (word === undefined) throw unexpected(allowed.join(" or "), text);
  return word;
}

/** The cell's JSON array of texts. */
export function textListAt(row: Row, index: number): readonly string[] {
  const list = jsonAt(row, index);
  if (!Array.isArray(list)) throw unexpected("a list", list);
  return list.map((item) => {
    if (typeof item !== "string") throw unexpected("text", item);
    return item;
  });
}

/** The cell's JSON, not yet typed. */
export function jsonAt(row: Row, index: number): unknown {
  const text = textAt(row, index);
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw unexpected("JSON", text);
  }
}

export function unexpected(wanted: string, value: unknown): SqlError {
  return new SqlError("XX001", "metastore is damaged", {
    detail: `A record holds ${value === null ? "NULL" : typeof value} where ${wanted} is expected.`,
    hint: "Restore the file (with its keys folder) from a backup.",
  });
}
