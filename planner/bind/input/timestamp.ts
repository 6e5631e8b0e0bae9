// Dates, times and timestamps from text. Canonical texts are those of storage/common/scalar.ts.

import {
  DATE,
  TIME,
  TIMESTAMPTZ,
  type ScalarType,
} from "../../../storage/common/data-type.ts";
import { fieldOutOfRange, invalidInput } from "../errors.ts";
import {
  MICROS_PER_DAY,
  civilFromDays,
  daysFromCivil,
  daysInMonth,
  era,
  formatCivil,
  formatClock,
  splitDay,
} from "./calendar.ts";
import { readFields, type DateTimeFields } from "./date-time-fields.ts";
import { offsetAt } from "./zone.ts";

export interface DateTimeOptions {
  /** Reads timestamptz text without a zone. */
  readonly timeZone: string;
  /** Its second word orders day and month: MDY, DMY, YMD. */
  readonly dateStyle: string;
  /** The transaction's start in microseconds since 1970: what `now` and `today` mean. */
  readonly now?: bigint | undefined;
  readonly position?: number | undefined;
}

/** Throws 22007, 22008. */
export function readDate(text: string, options: DateTimeOptions): string {
  const fields = fieldsOf(DATE, text, options);
  if (fields.special !== undefined) {
    const micros = specialMicros(fields.special, DATE, options);
    return typeof micros === "string"
      ? micros
      : formatDays(splitDay(micros).days);
  }
  if (!fields.date) throw invalidInput(DATE, text, options.position);
  return formatDays(checkedDays(fields, text, options));
}

/** Undefined for `now` when the session gives none: left to the engine. */
export function readTimestamp(
  type: ScalarType,
  text: string,
  options: DateTimeOptions,
): string {
  const fields = fieldsOf(type, text, options);
  if (fields.special !== undefined) {
    const micros = specialMicros(fields.special, type, options);
    if (typeof micros === "string") return micros;
    const withClock = micros + (fields.clock ?? 0n);
    return type.kind === "timestamptz"
      ? formatInstant(instantOfSpecial(fields, withClock, options))
      : formatTimestamp(withClock);
  }
  const local = localMicros(type, fields, text, options);
  return type.kind === "timestamptz"
    ? formatInstant(local - zoneOffset(fields, local, options))
    : formatTimestamp(local);
}

export function readTime(text: string, options: DateTimeOptions): string {
  const fields = fieldsOf(TIME, text, options);
  if (fields.clock === undefined) {
    if (fields.special === "now" && options.now !== undefined) {
      return formatClock(splitDay(options.now + nowOffset(options)).clock);
    }
    throw invalidInput(TIME, text, options.position);
  }
  return formatClock(fields.clock);
}

/** Microseconds since 1970 UTC of timestamptz text. Throws 22007, 22008. */
export function parseInstantMicros(
  text: string,
  options: DateTimeOptions,
): bigint {
  const fields = fieldsOf(TIMESTAMPTZ, text, options);
  if (fields.special !== undefined) {
    const micros = specialMicros(fields.special, TIMESTAMPTZ, options);
    if (typeof micros === "string") {
      throw invalidInput(TIMESTAMPTZ, text, options.position);
    }
    return instantOfSpecial(fields, micros + (fields.clock ?? 0n), options);
  }
  const local = localMicros(TIMESTAMPTZ, fields, text, options);
  return local - zoneOffset(fields, local, options);
}

function fieldsOf(
  type: ScalarType,
  text: string,
  options: DateTimeOptions,
): DateTimeFields {
  const fields = readFields(text, options.dateStyle);
  if (!fields) throw invalidInput(type, text, options.position);
  return fields;
}

function localMicros(
  type: ScalarType,
  fields: DateTimeFields,
  text: string,
  options: DateTimeOptions,
): bigint {
  if (!fields.date) throw invalidInput(type, text, options.position);
  const days = BigInt(checkedDays(fields, text, options));
  return days * MICROS_PER_DAY + (fields.clock ?? 0n);
}

function checkedDays(
  fields: DateTimeFields,
  text: string,
  options: DateTimeOptions,
): number {
  const { date } = fields;
  if (
    !date ||
    date.month < 1 ||
    date.month > 12 ||
    date.day < 1 ||
    date.day > daysInMonth(date.year, date.month) ||
    fields.outOfRange
  ) {
    throw fieldOutOfRange(text, options.position);
  }
  return daysFromCivil(date);
}

function zoneOffset(
  fields: DateTimeFields,
  local: bigint,
  options: DateTimeOptions,
): bigint {
  return offsetAt(fields.zone ?? options.timeZone, local);
}

function nowOffset(options: DateTimeOptions): bigint {
  return options.now === undefined
    ? 0n
    : instantOffset(options.timeZone, options.now);
}

/** Offset at an instant: found by reading the wall clock back. */
export function instantOffset(zone: string, utcMicros: bigint): bigint {
  const first = offsetAt(zone, utcMicros);
  return offsetAt(zone, utcMicros + first);
}

/** Local microseconds, or the text of an infinity. */
function specialMicros(
  special: string,
  type: ScalarType,
  options: DateTimeOptions,
): bigint | string {
  if (special === "infinity" || special === "-infinity") return special;
  if (special === "epoch") return 0n;
  if (options.now === undefined) {
    throw invalidInput(type, special, options.position);
  }
  const local = options.now + nowOffset(options);
  if (special === "now") return local;
  const { days } = splitDay(local);
  const shift = { today: 0, tomorrow: 1, yesterday: -1 }[special] ?? 0;
  return BigInt(days + shift) * MICROS_PER_DAY;
}

function instantOfSpecial(
  fields: DateTimeFields,
  micros: bigint,
  options: DateTimeOptions,
): bigint {
  if (fields.special === "epoch") return micros;
  if (fields.special === "now" && options.now !== undefined) return options.now;
  return micros - zoneOffset(fields, micros, options);
}

function formatDays(days: number): string {
  const date = civilFromDays(days);
  return `${formatCivil(date)}${era(date)}`;
}

/** `2021-01-01 00:00:00.5`. */
export function formatTimestamp(micros: bigint, suffix = ""): string {
  const { days, clock } = splitDay(micros);
  const date = civilFromDays(days);
  return `${formatCivil(date)} ${formatClock(clock)}${suffix}${era(date)}`;
}

/** `2021-01-01 00:00:00+00`. */
export function formatInstant(utcMicros: bigint): string {
  return formatTimestamp(utcMicros, "+00");
}

/** `2021-01-01`, of local microseconds. */
export function formatDateOf(micros: bigint): string {
  return formatDays(splitDay(micros).days);
}
