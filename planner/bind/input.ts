// Untyped literals to typed constants by the function table's readers, with errors placed in the user's text.

import { TIMESTAMPTZ, type DataType } from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { readValue } from "../functions/input.ts";
import { joinMicros } from "../functions/value/calendar.ts";
import { readDateTime } from "../functions/value/date-time-input.ts";

export interface InputOptions {
  /** Reads timestamptz text without a zone. */
  readonly timeZone: string;
  /** Its second word orders day and month. */
  readonly dateStyle: string;
  /** The transaction's start in microseconds since 1970; asked only for `now`, `today` and their kin. */
  readonly now: () => bigint | undefined;
  readonly position?: number | undefined;
}

/** Types whose text only the engine or the catalog can read: their cast stays. */
const LEFT_TO_THE_ENGINE = new Set<DataType["kind"]>([
  "regclass",
  "regtype",
  "record",
  "struct",
  "map",
]);

const RELATIVE = /now|today|tomorrow|yesterday/iu;

/** Canonical text as in storage/common/scalar.ts. Throws 22P02, 22003, 22007, 22008. Undefined: not read at bind time. */
export function readInput(
  type: DataType,
  text: string,
  options: InputOptions,
): string | undefined {
  const element = type.kind === "array" ? type.element : type;
  if (LEFT_TO_THE_ENGINE.has(element.kind)) return undefined;
  const { timeZone, dateStyle, position } = options;
  const nowMicros = RELATIVE.test(text) ? options.now() : undefined;
  try {
    return readValue(text, type, { timeZone, dateStyle, nowMicros });
  } catch (error) {
    throw error instanceof SqlError ? placed(error, position) : error;
  }
}

/** The same failure at a place in the statement. */
function placed(error: SqlError, position: number | undefined): SqlError {
  // Lengths and scales are applied after reading, where PostgreSQL knows no place any more.
  const applied = error.code === "22003" && error.detail !== undefined;
  if (error.position !== undefined || position === undefined || applied) {
    return error;
  }
  const { detail, hint } = error;
  return new SqlError(error.code, error.message, { detail, hint, position });
}

/** Microseconds since 1970 UTC of timestamptz text; undefined for the infinities. Throws 22007, 22008. */
export function readInstant(
  text: string,
  options: InputOptions,
): bigint | undefined {
  const canonical = readInput(TIMESTAMPTZ, text, options) ?? "";
  const read = readDateTime(canonical, {
    type: "timestamp with time zone",
    order: "YMD",
  });
  return read.kind === "fields" && read.days !== undefined
    ? joinMicros(read.days, read.micros)
    : undefined;
}
