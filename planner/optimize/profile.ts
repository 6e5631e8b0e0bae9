// What is known of a plan's rows and columns: numbers for costing, taken from file statistics.

import type { ColumnId } from "../../storage/common/ids.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type { ColumnStatistics } from "../../storage/scan/split.ts";
import { parseDate, parseTimestamp } from "./temporal.ts";

export interface Profile {
  readonly rows: number;
  readonly columns: ReadonlyMap<ColumnId, ColumnProfile>;
}

export interface ColumnProfile {
  readonly distinct: number;
  /** Share of rows that are NULL, 0 to 1. */
  readonly nulls: number;
  /** Bounds on the number line of `positionOf`; absent for types without one. */
  readonly range: { readonly min: number; readonly max: number } | undefined;
}

/** Without ANALYZE, a column of text is taken to repeat each value ten times. */
const REPEATS = 10;

export function columnProfile(
  type: DataType,
  statistics: ColumnStatistics | undefined,
  rows: number,
): ColumnProfile {
  const min = positionOf(type, statistics?.min ?? null);
  const max = positionOf(type, statistics?.max ?? null);
  const range =
    min === undefined || max === undefined ? undefined : { min, max };
  const nulls =
    rows === 0 ? 0 : Math.min(1, (statistics?.nullCount ?? 0) / rows);
  const distinct =
    statistics?.distinctCount ?? guessDistinct(type, range, rows);
  return { distinct: Math.max(1, distinct), nulls, range };
}

function guessDistinct(
  type: DataType,
  range: ColumnProfile["range"],
  rows: number,
): number {
  if (type.kind === "bool") return 2;
  if (range !== undefined && isDiscrete(type)) {
    return Math.min(rows, range.max - range.min + 1);
  }
  return Math.max(1, rows / REPEATS);
}

function isDiscrete(type: DataType): boolean {
  return ["int1", "int2", "int4", "int8", "date"].includes(type.kind);
}

/** A value as a number that keeps order and distance: integers and numerics as they are, dates in days, timestamps in seconds. */
export function positionOf(
  type: DataType,
  text: string | null,
): number | undefined {
  if (text === null) return undefined;
  switch (type.kind) {
    case "int1":
    case "int2":
    case "int4":
    case "int8":
    case "numeric":
    case "float4":
    case "float8": {
      const value = Number(text);
      return Number.isFinite(value) ? value : undefined;
    }
    case "date": {
      const days = parseDate(text);
      return days === undefined ? undefined : Number(days);
    }
    case "timestamp":
    case "timestamptz": {
      const micros = parseTimestamp(text);
      return micros === undefined ? undefined : Number(micros) / 1e6;
    }
    default:
      return undefined;
  }
}
