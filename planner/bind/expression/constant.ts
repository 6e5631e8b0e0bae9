// Constants: literals by PostgreSQL's sizes, and the keywords that stand for values of the session and the transaction.

import {
  BOOL,
  DATE,
  INT4,
  INT8,
  NUMERIC,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  UNKNOWN,
  type ScalarType,
} from "../../../storage/common/data-type.ts";
import { notSupported, SqlError } from "../../../storage/common/errors.ts";
import type { Literal } from "../../logical/expression.ts";
import { offsetAt, splitMicros } from "../../functions/value/calendar.ts";
import {
  formatDate,
  formatTime,
  formatTimestamp,
  formatTimestamptz,
} from "../../functions/value/date-time-text.ts";
import { formatDecimal, readDecimal } from "../../functions/value/decimal.ts";
import type { KeywordExpr, LiteralExpr } from "../../parse/ast.ts";
import { undefinedFunction } from "../../functions/errors.ts";
import type { StatementContext } from "../statement-context.ts";

export function bindLiteral(expression: LiteralExpr): Literal {
  const { value, position } = expression;
  switch (value.kind) {
    case "integer":
      return { ...integer(value.text), position };
    case "decimal":
      return {
        kind: "literal",
        type: NUMERIC,
        value: formatDecimal(readDecimal(value.text)),
        position,
      };
    case "string":
      return { kind: "literal", type: UNKNOWN, value: value.text, position };
    case "boolean":
      return {
        kind: "literal",
        type: BOOL,
        value: value.value ? "t" : "f",
        position,
      };
    case "null":
      return { kind: "literal", type: UNKNOWN, value: null, position };
    case "bit-string":
      throw notSupported("bit strings are", position);
  }
}

/** int4 when it fits, else int8, else numeric. */
function integer(text: string): Literal {
  const value = BigInt(text);
  const fits = (bits: bigint): boolean =>
    value < 2n ** (bits - 1n) && value >= -(2n ** (bits - 1n));
  const type = fits(32n) ? INT4 : fits(64n) ? INT8 : NUMERIC;
  if (type === NUMERIC) readDecimal(text);
  return { kind: "literal", type, value: value.toString() };
}

/**
 * The negated constant, so that `-5` is one and prunes files. `sized`: of a number as it is written, whose type follows from its
 * size: `-2147483648` is an int4, while `-3::bigint` stays an int8.
 */
export function negateLiteral(
  literal: Literal,
  sized: boolean,
): Literal | undefined {
  const { value, type } = literal;
  const numeric = ["int4", "int8", "numeric"].includes(type.kind);
  if (!numeric || value === null || value.startsWith("-")) return undefined;
  if (/^0(?:\.0*)?$/u.test(value)) return literal;
  if (type.kind === "numeric" && /^[A-Z]/u.test(value)) return undefined;
  return !sized || value.includes(".")
    ? { ...literal, value: `-${value}` }
    : { ...integer(`-${value}`), position: literal.position };
}

export function bindKeyword(
  statement: StatementContext,
  expression: KeywordExpr,
): Literal {
  const { keyword, position, precision } = expression;
  const moment = momentOf(statement, keyword, precision, position);
  if (moment) return { ...moment, position };
  if (keyword === "default") {
    throw new SqlError("42601", "DEFAULT is not allowed in this context", {
      position,
    });
  }
  const value = statement.sessionValue(keyword, []);
  if (!value) throw undefinedFunction(keyword, [], position);
  return { kind: "literal", type: value.type, value: value.text, position };
}

/** `now()` and its relatives as constants of the transaction; undefined for other names. */
export function momentOf(
  statement: StatementContext,
  name: string,
  precision: number | undefined,
  position: number | undefined,
): Literal | undefined {
  if (name === "current_time") throw notSupported("type timetz is", position);
  const type = MOMENTS[name];
  if (!type || !Object.hasOwn(MOMENTS, name)) return undefined;
  const now = statement.nowMicros();
  if (now === undefined) return undefined;
  const micros = roundMicros(now, precision ?? 6);
  const { timeZone } = statement.environment;
  const local =
    micros +
    BigInt(offsetAt(timeZone, Number(micros / 1_000_000n))) * 1_000_000n;
  const value = {
    timestamptz: (): string => formatTimestamptz(micros, 0),
    timestamp: (): string => formatTimestamp(local),
    date: (): string => formatDate(splitMicros(local).days),
    time: (): string => formatTime(splitMicros(local).micros),
  }[type.kind];
  return { kind: "literal", type, value: value() };
}

type MomentType = ScalarType & {
  readonly kind: "timestamptz" | "timestamp" | "date" | "time";
};
const INSTANT: MomentType = { ...TIMESTAMPTZ, kind: "timestamptz" };
const MOMENTS: Readonly<Record<string, MomentType | undefined>> = {
  now: INSTANT,
  current_timestamp: INSTANT,
  transaction_timestamp: INSTANT,
  statement_timestamp: INSTANT,
  clock_timestamp: INSTANT,
  localtimestamp: { ...TIMESTAMP, kind: "timestamp" },
  current_date: { ...DATE, kind: "date" },
  localtime: { ...TIME, kind: "time" },
};

function roundMicros(micros: bigint, precision: number): bigint {
  const unit = 10n ** BigInt(6 - Math.min(Math.max(precision, 0), 6));
  return ((micros + unit / 2n) / unit) * unit;
}
