// Text to a value of any type: PostgreSQL's input functions. The binder folds untyped literals with it, the emitter writes
// literals from its result, and nodes call it for casts from text.

import type { DataType } from "../../storage/common/data-type.ts";
import { SqlError, notSupported } from "../../storage/common/errors.ts";
import { formatArray, readArray } from "./value/array-text.ts";
import {
  joinMicros,
  offsetAt,
  offsetOfWall,
  splitMicros,
  MICROS_PER_DAY,
} from "./value/calendar.ts";
import {
  readDateTime,
  type DateOrder,
  type DateTimeInput,
} from "./value/date-time-input.ts";
import {
  formatDate,
  formatInterval,
  formatTime,
  formatTimestamp,
  formatTimestamptz,
} from "./value/date-time-text.ts";
import { formatDecimal, pow10, readDecimal, round } from "./value/decimal.ts";
import { readInterval } from "./value/interval-input.ts";
import { parseJson, readJsonb } from "./value/json.ts";
import {
  formatFloat,
  readBoolean,
  readBytea,
  readFloat,
  readInteger,
  readUuid,
} from "./value/scalar-input.ts";

export interface InputSettings {
  readonly timeZone: string;
  /** As SHOW DateStyle prints it: `ISO, MDY`. */
  readonly dateStyle: string;
  /** Microseconds since 1970 UTC, for `now` and `today`; without it they are 0A000. */
  readonly nowMicros?: bigint | undefined;
}

/**
 * Canonical text as `Scalar.text` and `Literal.value` hold it (UTC, ISO). Codes: 22P02, 22003, 22007, 22008, 22023 and kin,
 * 22001 is not raised: as in an explicit cast, character types are cut to their length.
 */
export function readValue(
  text: string,
  type: DataType,
  settings: InputSettings,
): string {
  switch (type.kind) {
    case "bool":
      return readBoolean(text);
    case "int1":
      return readTiny(text);
    case "int2":
      return readInteger(text, "smallint");
    case "int4":
      return readInteger(text, "integer");
    case "int8":
      return readInteger(text, "bigint");
    case "oid":
      return readInteger(text, "oid");
    case "float4":
      return canonicalFloat(readFloat(text, "real"), true);
    case "float8":
      return canonicalFloat(readFloat(text, "double precision"), false);
    case "numeric":
      return readNumeric(text, type);
    case "array":
      return formatArray(
        readArray(text).map((item) =>
          item === null ? null : readValue(item, type.element, settings),
        ),
      );
    default:
      return readOther(text, type, settings);
  }
}

function readOther(
  text: string,
  type: DataType,
  settings: InputSettings,
): string {
  switch (type.kind) {
    case "varchar":
    case "bpchar":
      return readCharacters(text, type);
    case "bytea":
      return readBytea(text);
    case "uuid":
      return readUuid(text);
    case "json":
    case "struct":
    case "map":
      parseJson(text);
      return text;
    case "jsonb":
    case "variant":
      return readJsonb(text);
    case "record":
      throw notSupported("input of anonymous composite types is");
    default:
      return readTemporal(text, type, settings);
  }
}

/** What is left after these is text as it stands. */
function readTemporal(
  text: string,
  type: DataType,
  settings: InputSettings,
): string {
  switch (type.kind) {
    case "date":
    case "time":
    case "timestamp":
    case "timestamptz":
      return readMoment(text, type.kind, settings);
    case "interval":
      return formatInterval(readInterval(text), "postgres");
    default:
      return text;
  }
}

/** Cut to the declared length; char(n) is filled with blanks. */
function readCharacters(
  text: string,
  type: DataType & { readonly kind: "varchar" | "bpchar" },
): string {
  const { kind, length } = type;
  if (length === undefined) return text;
  const kept = cut(text, length);
  return kind === "varchar"
    ? kept
    : kept + " ".repeat(length - Array.from(kept).length);
}

function readTiny(text: string): string {
  const value = readInteger(text, "smallint");
  if (Number(value) < -128 || Number(value) > 127) {
    throw new SqlError(
      "22003",
      `value "${text}" is out of range for type tinyint`,
    );
  }
  return value;
}

function canonicalFloat(text: string, single: boolean): string {
  return formatFloat(Number(text), single);
}

function cut(text: string, length: number): string {
  return text.length <= length
    ? text
    : Array.from(text).slice(0, length).join("");
}

function readNumeric(
  text: string,
  type: DataType & { readonly kind: "numeric" },
): string {
  const value = readDecimal(text);
  if (type.precision === undefined) return formatDecimal(value);
  const scale = type.scale ?? 0;
  const rounded = round(value, scale);
  const limit = pow10(type.precision);
  if (
    rounded.special !== undefined ||
    rounded.coefficient >= limit ||
    rounded.coefficient <= -limit
  ) {
    throw numericFieldOverflow(type.precision, scale, rounded.special);
  }
  return formatDecimal(rounded);
}

/** 22003 with PostgreSQL's detail. */
export function numericFieldOverflow(
  precision: number,
  scale: number,
  special?: string,
): SqlError {
  const whole = precision - scale;
  return new SqlError("22003", "numeric field overflow", {
    detail:
      special === undefined
        ? `A field with precision ${precision}, scale ${scale} must round to an absolute value less than ${whole === 0 ? "1" : `10^${whole}`}.`
        : `A field with precision ${precision}, scale ${scale} cannot hold ${special === "NaN" ? "NaN" : "an infinite value"}.`,
  });
}

type MomentKind = "date" | "time" | "timestamp" | "timestamptz";

/** How the input functions name their type: shorter than the type's own name for timestamps without zone. */
function inputName(kind: MomentKind): string {
  return kind === "timestamptz" ? "timestamp with time zone" : kind;
}

function readMoment(
  text: string,
  kind: MomentKind,
  settings: InputSettings,
): string {
  const input = readDateTime(text, {
    type: inputName(kind),
    order: orderOf(settings),
  });
  if (input.kind === "infinity" || input.kind === "-infinity") {
    if (kind === "time")
      throw new SqlError(
        "22007",
        `invalid input syntax for type time: "${text}"`,
      );
    return input.kind;
  }
  const fields =
    input.kind === "fields" ? input : relativeFields(input, settings);
  if (kind === "time") return formatTime(fields.micros);
  if (fields.days === undefined)
    throw new SqlError(
      "22007",
      `invalid input syntax for type ${inputName(kind)}: "${text}"`,
    );
  if (kind === "date") return checkedDate(fields.days, text);
  const wall = joinMicros(fields.days, fields.micros);
  return kind === "timestamp"
    ? checkedTimestamp(wall, text)
    : instantText(wall, fields.offset, { text, settings });
}

function orderOf(settings: InputSettings): DateOrder {
  if (/DMY|German/i.test(settings.dateStyle)) return "DMY";
  return settings.dateStyle.includes("YMD") ? "YMD" : "MDY";
}

type FieldsInput = DateTimeInput & { readonly kind: "fields" };

function relativeFields(
  input: Exclude<
    DateTimeInput,
    { readonly kind: "fields" | "infinity" | "-infinity" }
  >,
  settings: InputSettings,
): FieldsInput {
  if (input.kind === "epoch") {
    return { kind: "fields", days: 0, micros: 0, hasTime: true, offset: 0 };
  }
  const { nowMicros } = settings;
  if (nowMicros === undefined)
    throw notSupported("time-dependent date/time input is");
  const offset = offsetAt(settings.timeZone, Number(nowMicros / 1_000_000n));
  const local = splitMicros(nowMicros + BigInt(offset) * 1_000_000n);
  const [days, micros] =
    input.kind === "relative"
      ? [local.days + input.days, input.micros]
      : [local.days, local.micros];
  return { kind: "fields", days, micros, hasTime: true, offset: undefined };
}

/** 4713 BC to 5874897 AD. */
function checkedDate(days: number, text: string): string {
  if (days < -2440588 || days > 2145031948) {
    throw new SqlError("22008", `date out of range: "${text}"`);
  }
  return formatDate(days);
}

const FIRST = -210866803200000000n;
const LAST = 9224318016000000000n;

function checkedTimestamp(micros: bigint, text: string): string {
  if (micros < FIRST || micros >= LAST) {
    throw new SqlError("22008", `timestamp out of range: "${text}"`);
  }
  return formatTimestamp(micros);
}

function instantText(
  wall: bigint,
  stated: number | undefined,
  context: { readonly text: string; readonly settings: InputSettings },
): string {
  const seconds =
    splitMicros(wall).days * 86400 +
    Number(((wall % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY) / 1e6;
  const offset =
    stated ?? offsetOfWall(context.settings.timeZone, Math.floor(seconds));
  const micros = wall - BigInt(offset) * 1_000_000n;
  checkedTimestamp(micros, context.text);
  return formatTimestamptz(micros, 0);
}
