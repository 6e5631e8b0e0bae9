// Points of time travel: constants, evaluated before anything is opened.

import type { TravelPoint } from "../../../storage/catalog/view.ts";
import { notSupported, type SqlError } from "../../../storage/common/errors.ts";
import {
  civilFromDays,
  daysFromCivil,
  daysInMonth,
  joinMicros,
  splitMicros,
} from "../../functions/value/calendar.ts";
import {
  formatTimestamptz,
  type Interval,
} from "../../functions/value/date-time-text.ts";
import { readInterval } from "../../functions/value/interval-input.ts";
import type {
  CallExpr,
  Expr,
  LiteralExpr,
  OperatorExpr,
  QualifiedName,
  TimeTravel,
} from "../../parse/ast.ts";
import { nameInText } from "../../parse/name-text.ts";
import { readInstant } from "../input.ts";
import type { ResolveState } from "./resolve-state.ts";

/** Throws 0A000 when the expression is not a constant, 22007 when it is not a point in time. */
export function evaluateTravel(
  state: ResolveState,
  travel: TimeTravel,
): TravelPoint {
  if (travel.kind === "version") {
    return { kind: "version", version: versionOf(travel.value) };
  }
  const micros = instantOf(state, travel.value);
  return { kind: "timestamp", timestamp: formatTimestamptz(micros, 0) };
}

/** A version where it is a number, else a point in time. Throws as `evaluateTravel`. */
export function pointOf(state: ResolveState, value: Expr): TravelPoint {
  const isVersion = value.kind === "literal" && value.value.kind === "integer";
  return evaluateTravel(state, {
    kind: isVersion ? "version" : "timestamp",
    value,
  });
}

function versionOf(value: Expr): number {
  const text = value.kind === "literal" ? textOf(value) : undefined;
  if (text === undefined || !/^\d{1,15}$/u.test(text)) {
    throw notSupported(
      "a version that is not a non-negative integer constant is",
      value.position,
    );
  }
  return Number(text);
}

function textOf(literal: LiteralExpr): string | undefined {
  return "text" in literal.value ? literal.value.text : undefined;
}

/** Microseconds since 1970 UTC. */
function instantOf(state: ResolveState, value: Expr): bigint {
  switch (value.kind) {
    case "literal":
      return literalInstant(state, value);
    case "cast":
      return instantOf(state, value.operand);
    case "keyword":
    case "call": {
      const now = isNow(value) ? nowOf(state) : undefined;
      if (now === undefined) throw notConstant(value);
      return now;
    }
    case "operator":
      return shifted(state, value);
    default:
      throw notConstant(value);
  }
}

function literalInstant(state: ResolveState, value: LiteralExpr): bigint {
  const text = textOf(value);
  if (text === undefined) throw notConstant(value);
  const instant = readInstant(text, {
    timeZone: state.environment.timeZone ?? "UTC",
    dateStyle: "ISO, MDY",
    now: () => nowOf(state),
  });
  if (instant === undefined) throw notConstant(value);
  return instant;
}

const NOW_NAMES = [
  "now",
  "current_timestamp",
  "transaction_timestamp",
  "statement_timestamp",
];

function isNow(value: Extract<Expr, { kind: "call" | "keyword" }>): boolean {
  if (value.kind === "keyword") return value.keyword === "current_timestamp";
  const name = value.name.parts.at(-1)?.name ?? "";
  return value.args.length === 0 && NOW_NAMES.includes(name);
}

function nowOf(state: ResolveState): bigint | undefined {
  const text = state.environment.session?.("now", [])?.text;
  if (typeof text !== "string") return undefined;
  return readInstant(text, {
    timeZone: "UTC",
    dateStyle: "ISO, MDY",
    now: () => undefined,
  });
}

/** `now() - interval '1 day'`. */
function shifted(state: ResolveState, value: OperatorExpr): bigint {
  const { left, right, operator } = value;
  const text = intervalText(right);
  if (!left || text === undefined || !["+", "-"].includes(operator)) {
    throw notConstant(value);
  }
  const interval = readInterval(text);
  return addInterval(
    instantOf(state, left),
    interval,
    operator === "-" ? -1 : 1,
  );
}

function intervalText(value: Expr): string | undefined {
  if (value.kind !== "cast" || value.type.name !== "interval") return undefined;
  const { operand, type } = value;
  const text = operand.kind === "literal" ? textOf(operand) : undefined;
  return text === undefined || type.intervalFields === undefined
    ? text
    : `${text} ${type.intervalFields}`;
}

/** Months first, the day cut to the month's last; in UTC. */
function addInterval(micros: bigint, interval: Interval, sign: 1 | -1): bigint {
  const { days, micros: clock } = splitMicros(micros);
  const date = civilFromDays(days);
  const months = date.year * 12 + date.month - 1 + sign * interval.months;
  const year = Math.floor(months / 12);
  const month = months - year * 12 + 1;
  const day = Math.min(date.day, daysInMonth(year, month));
  const moved = daysFromCivil({ year, month, day }) + sign * interval.days;
  return joinMicros(moved, clock) + BigInt(sign) * interval.micros;
}

function notConstant(value: Expr): SqlError {
  return notSupported(
    "a point of time travel that is not a constant timestamp is",
    value.position,
  );
}

/** The table that `table_changes('s.t', …)` names in its first argument; undefined when that is no string constant. */
export function tableNameOfText(call: CallExpr): QualifiedName | undefined {
  const value = call.args[0]?.value;
  if (value?.kind !== "literal" || value.value.kind !== "string") {
    return undefined;
  }
  const parts = nameInText(value.value.text, value.position);
  return parts && { parts, position: value.position };
}
