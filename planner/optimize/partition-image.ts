// The value a generated partition column has for a value of its base: computed here because it is a constant of the plan.

import type { Scalar } from "../../storage/common/scalar.ts";
import type {
  DerivedPartition,
  PartField,
} from "../logical/derived-partition.ts";
import { civilFromDays, splitMicros } from "../functions/value/calendar.ts";
import { timeLiteral } from "./preimage/time.ts";
import { periodOf } from "./preimage/units.ts";

/**
 * Of a moment, in microseconds of its wall clock; undefined outside the years 1 to 9999, the range of Spark's dates. `shift`: added to
 * an instant that is its first moment of a unit, and lies on the wall clock that far away.
 */
export function momentImage(
  { form, type }: DerivedPartition,
  micros: bigint,
  shift = 0n,
): Scalar | undefined {
  const start = (unit: string): bigint | undefined =>
    periodOf(unit, micros)?.start;
  switch (form.kind) {
    case "date":
      return timeScalar("date", start(form.unit));
    case "moment": {
      const first = start(form.unit);
      const kind = type.kind === "timestamptz" ? "timestamptz" : "timestamp";
      return timeScalar(kind, first === undefined ? undefined : first + shift);
    }
    case "part": {
      const parts = partsOf(micros);
      return parts && { type, text: String(parts[form.field]) };
    }
    case "formatted": {
      const parts = partsOf(micros);
      return parts && { type, text: formatted(form.pattern, parts) };
    }
    default:
      return undefined;
  }
}

function timeScalar(
  kind: Parameters<typeof timeLiteral>[0],
  micros: bigint | undefined,
): Scalar | undefined {
  if (micros === undefined) return undefined;
  const { type, value } = timeLiteral(kind, micros);
  return { type, text: value };
}

type Parts = Readonly<Record<PartField, number>>;
const HOUR_MICROS = 3_600_000_000;

function partsOf(micros: bigint): Parts | undefined {
  if (periodOf("day", micros) === undefined) return undefined;
  const { days, micros: rest } = splitMicros(micros);
  return { ...civilFromDays(days), hour: Math.floor(rest / HOUR_MICROS) };
}

const FIELDS: Readonly<Record<string, PartField>> = {
  yyyy: "year",
  MM: "month",
  dd: "day",
  HH: "hour",
};

function formatted(pattern: string, parts: Parts): string {
  return pattern.replace(/yyyy|MM|dd|HH/g, (symbol) => {
    const field = FIELDS[symbol];
    return field === undefined
      ? symbol
      : String(parts[field]).padStart(symbol.length, "0");
  });
}

/** By code points, as both engines count characters. */
export function firstCharacters(text: string, length: number): string {
  return Array.from(text).slice(0, length).join("");
}
