// Kernel values as the JavaScript types that a registered function's signature promises.

import { invariant } from "../../../../storage/common/invariant.ts";
import {
  DuckDBListValue,
  type DuckDBValue,
} from "../../../../storage/kernel/duckdb.ts";

export function text(value: DuckDBValue | undefined): string {
  invariant(typeof value === "string", "a text argument");
  return value;
}

export function number(value: DuckDBValue | undefined): number {
  invariant(typeof value === "number", "a numeric argument");
  return value;
}

export function bigint(value: DuckDBValue | undefined): bigint {
  invariant(typeof value === "bigint", "a bigint argument");
  return value;
}

export function boolean(value: DuckDBValue | undefined): boolean {
  invariant(typeof value === "boolean", "a boolean argument");
  return value;
}

export function listOf(value: DuckDBValue | undefined): readonly DuckDBValue[] {
  invariant(value instanceof DuckDBListValue, "a list argument");
  return value.items;
}
