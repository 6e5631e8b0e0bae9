// Kernel values as the JavaScript types that a registered function's signature promises.

import { invariant } from "../../../../storage/common/invariant.ts";
import type { Interval } from "../../../../planner/functions/value/date-time-text.ts";
import {
  DuckDBBlobValue,
  DuckDBIntervalValue,
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

export function blobOf(value: DuckDBValue | undefined): Uint8Array {
  invariant(value instanceof DuckDBBlobValue, "a blob argument");
  return value.bytes;
}

export function intervalOf(value: DuckDBValue | undefined): Interval {
  invariant(value instanceof DuckDBIntervalValue, "an interval argument");
  return { months: value.months, days: value.days, micros: value.micros };
}
