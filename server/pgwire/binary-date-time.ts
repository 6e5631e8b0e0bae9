// Dates and times in binary: days, or microseconds, from 2000-01-01; the two ends of the range are infinity.

import {
  MICROS_PER_DAY,
  joinMicros,
  splitMicros,
} from "../../planner/functions/value/calendar.ts";
import {
  formatDate,
  formatInterval,
  formatTime,
  formatTimestamp,
  formatTimestamptz,
} from "../../planner/functions/value/date-time-text.ts";
import { readDateTime } from "../../planner/functions/value/date-time-input.ts";
import { readInterval } from "../../planner/functions/value/interval-input.ts";
import { SqlError } from "../../storage/common/errors.ts";
import type { BodyReader } from "./body-reader.ts";

const EPOCH_DAYS = 10_957;
const EPOCH_MICROS = BigInt(EPOCH_DAYS) * MICROS_PER_DAY;
const MAX_INT32 = 2_147_483_647;
const MIN_INT32 = -2_147_483_648;
const MAX_INT64 = 9_223_372_036_854_775_807n;
const MIN_INT64 = -9_223_372_036_854_775_808n;
/** PostgreSQL's range: 4714-11-24 BC to 294276-12-31, and 5874897-12-31 for dates. */
const MIN_MICROS = -211_813_488_000_000_000n;
const END_MICROS = 9_223_371_331_200_000_000n;
const MIN_DAYS = -2_451_545;
const END_DAYS = 2_145_031_949;

export function encodeDate(text: string): Buffer {
  const bytes = Buffer.alloc(4);
  if (text === "infinity") bytes.writeInt32BE(MAX_INT32);
  else if (text === "-infinity") bytes.writeInt32BE(MIN_INT32);
  else bytes.writeInt32BE(splitMicros(localMicros(text)).days - EPOCH_DAYS);
  return bytes;
}

/** Both timestamp types: canonical timestamptz text is in UTC. */
export function encodeTimestamp(text: string): Buffer {
  const bytes = Buffer.alloc(8);
  if (text === "infinity") bytes.writeBigInt64BE(MAX_INT64);
  else if (text === "-infinity") bytes.writeBigInt64BE(MIN_INT64);
  else bytes.writeBigInt64BE(localMicros(text) - EPOCH_MICROS);
  return bytes;
}

export function encodeTime(text: string): Buffer {
  const [hours = "0", minutes = "0", seconds = "0"] = text.split(":");
  const [whole = "0", fraction = ""] = seconds.split(".");
  const micros =
    (Number(hours) * 3600 + Number(minutes) * 60 + Number(whole)) * 1_000_000 +
    Number(fraction.padEnd(6, "0"));
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(micros));
  return bytes;
}

export function encodeInterval(text: string): Buffer {
  const { months, days, micros } = readInterval(text);
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64BE(micros, 0);
  bytes.writeInt32BE(days, 8);
  bytes.writeInt32BE(months, 12);
  return bytes;
}

/** Throws 22008 outside PostgreSQL's range. */
export function decodeDate(reader: BodyReader): string {
  const days = reader.int32();
  if (days === MAX_INT32) return "infinity";
  if (days === MIN_INT32) return "-infinity";
  if (days < MIN_DAYS || days >= END_DAYS) throw outOfRange("date");
  return formatDate(days + EPOCH_DAYS);
}

/** Throws 22008 outside PostgreSQL's range. */
export function decodeTimestamp(reader: BodyReader, withZone: boolean): string {
  const micros = reader.bytes(8).readBigInt64BE();
  if (micros === MAX_INT64) return "infinity";
  if (micros === MIN_INT64) return "-infinity";
  if (micros < MIN_MICROS || micros >= END_MICROS)
    throw outOfRange("timestamp");
  const since1970 = micros + EPOCH_MICROS;
  return withZone
    ? formatTimestamptz(since1970, 0)
    : formatTimestamp(since1970);
}

/** Throws 22008 outside one day. */
export function decodeTime(reader: BodyReader): string {
  const micros = reader.bytes(8).readBigInt64BE();
  if (micros < 0n || micros > MICROS_PER_DAY) throw outOfRange("time");
  return formatTime(Number(micros));
}

export function decodeInterval(reader: BodyReader): string {
  const micros = reader.bytes(8).readBigInt64BE();
  const days = reader.int32();
  const months = reader.int32();
  return formatInterval({ months, days, micros }, "postgres");
}

/** Canonical text has no zone or `+00`. */
function localMicros(text: string): bigint {
  const read = readDateTime(text, { type: "timestamp", order: "YMD" });
  if (read.kind !== "fields" || read.days === undefined) {
    throw outOfRange("timestamp");
  }
  return joinMicros(read.days, read.micros);
}

function outOfRange(type: string): SqlError {
  return new SqlError("22008", `${type} out of range`);
}
