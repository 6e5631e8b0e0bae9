// The types of columns of text files, guessed from values, and the one type that holds what several files have.

import {
  BOOL,
  DATE,
  FLOAT8,
  INT4,
  INT8,
  JSONB,
  TEXT,
  TIMESTAMPTZ,
  numeric,
  type DataType,
} from "../../storage/common/data-type.ts";
import { JsonNumber, type Json } from "../../storage/delta/json.ts";

/** Undefined: only NULLs so far. */
export type Guess =
  | "bool"
  | "int4"
  | "int8"
  | "decimal"
  | "float8"
  | "date"
  | "timestamptz"
  | "jsonb"
  | "text"
  | undefined;

const TYPES: Readonly<Record<Exclude<Guess, undefined>, DataType>> = {
  bool: BOOL,
  int4: INT4,
  int8: INT8,
  decimal: numeric(38, 0),
  float8: FLOAT8,
  date: DATE,
  timestamptz: TIMESTAMPTZ,
  jsonb: JSONB,
  text: TEXT,
};

export function guessedType(guess: Guess): DataType {
  return guess === undefined ? TEXT : TYPES[guess];
}

const DAY = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const WHOLE = /^[+-]?\d+$/;
const FLOATING = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const DATE_TEXT = new RegExp(`^${DAY}$`);
const INSTANT_TEXT = new RegExp(
  String.raw`^${DAY}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?$`,
);

/** Of a value of CSV, or of a folder's name. */
export function guessText(text: string): Guess {
  if (WHOLE.test(text)) return wholeNumber(text);
  if (FLOATING.test(text)) return "float8";
  if (/^(?:true|false)$/i.test(text)) return "bool";
  if (DATE_TEXT.test(text)) return "date";
  return INSTANT_TEXT.test(text) ? "timestamptz" : "text";
}

export function guessJson(value: Json): Guess {
  if (value === null) return undefined;
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "text";
  if (!(value instanceof JsonNumber)) return "jsonb";
  if (!WHOLE.test(value.text)) return "float8";
  const whole = wholeNumber(value.text);
  return whole === "int4" ? "int8" : whole;
}

const INT4_LIMIT = 2n ** 31n;
const INT8_LIMIT = 2n ** 63n;

function wholeNumber(text: string): Guess {
  if (text.replace(/^[+-]?0*/, "").length > 38) return "float8";
  const value = BigInt(text.replace(/^\+/, ""));
  if (value >= -INT4_LIMIT && value < INT4_LIMIT) return "int4";
  return value >= -INT8_LIMIT && value < INT8_LIMIT ? "int8" : "decimal";
}

const NUMBERS: readonly Guess[] = ["int4", "int8", "decimal", "float8"];
const TIMES: readonly Guess[] = ["date", "timestamptz"];

/** What holds the values of both; text holds all. */
export function wider(a: Guess, b: Guess): Guess {
  if (a === undefined || a === b) return b;
  if (b === undefined) return a;
  for (const ladder of [NUMBERS, TIMES]) {
    const steps = [ladder.indexOf(a), ladder.indexOf(b)];
    if (steps.every((step) => step >= 0)) return ladder[Math.max(...steps)];
  }
  return "text";
}
