// Comparisons of a monotone function of an operand with a constant, as bounds on the operand itself. One layer at a time: the
// caller asks again of what is left until it is a column.

import type { CompareOperator } from "../../../storage/scan/predicate.ts";
import { FIELDS } from "../../functions/extract.ts";
import {
  asSessionZone,
  statedZone,
} from "../../functions/value/stated-zone.ts";
import type { Call, Expression, Literal } from "../../logical/expression.ts";
import type { Comparison } from "../comparison.ts";
import type { FunctionLookup } from "../rule.ts";
import { MICROS_PER_DAY } from "../../functions/value/calendar.ts";
import type { Bounds } from "./bounds.ts";
import { floorOf } from "./decimal.ts";
import {
  isExact,
  isFloat,
  throughArithmetic,
  throughNegation,
  throughNumberCast,
  type Arithmetic,
  type Calculation,
} from "./number.ts";
import {
  asInstants,
  asWalls,
  beforeInterval,
  differenceBounds,
  epochBounds,
  lengthOf,
  microsOf,
  timeBounds,
  timeKind,
  untruncated,
  yearBounds,
  type TimeBound,
  type TimeKind,
} from "./time.ts";

export interface PreimageContext {
  readonly functions: FunctionLookup;
  /** The session's; what depends on it says nothing without. */
  readonly timeZone: string | undefined;
}

/** `f(operand) operator literal`; undefined when nothing is known of the operand. */
export function preimage(
  { operator, left, right }: Comparison,
  context: PreimageContext,
): Bounds | undefined {
  if (right.kind !== "literal" || right.value === null) return undefined;
  const kind = timeKind(left);
  if (kind !== undefined && timeKind(right) !== undefined)
    return throughTime(operator, left, right, context);
  if (left.kind === "cast" && !left.attempt)
    return isCharacter(left.operand) && left.type.kind === "text"
      ? { operand: left.operand, bounds: [{ operator, value: right }] }
      : throughNumberCast(operator, left.operand, left.type, right);
  return left.kind === "call"
    ? throughNumberCall(operator, left, right, context)
    : undefined;
}

/** varchar to text changes nothing about the bytes. */
function isCharacter({ type }: Expression): boolean {
  return type.kind === "text" || type.kind === "varchar";
}

/** A date, timestamp or instant compared with another of them. */
function throughTime(
  operator: CompareOperator,
  left: Expression,
  right: Literal,
  context: PreimageContext,
): Bounds | undefined {
  const micros = microsOf(right);
  const [kind, other] = [timeKind(left), timeKind(right)];
  if (micros === undefined || kind === undefined || other === undefined)
    return undefined;
  const bounds = inDomain(kind, [{ operator, micros }], other, context);
  if (left.kind === "cast" && !left.attempt) {
    const from = timeKind(left.operand);
    if (from === undefined) return undefined;
    const before =
      kind === "date" && from !== "date"
        ? bounds.flatMap((bound) => untruncated("day", bound))
        : bounds;
    return timeBounds(left.operand, inDomain(from, before, kind, context));
  }
  if (left.kind === "call") return throughTimeCall(left, kind, bounds, context);
  return kind === other ? undefined : timeBounds(left, bounds);
}

/** Bounds on values of `from` as bounds on what they are as `kind`; none without a zone where that decides. */
function inDomain(
  kind: TimeKind,
  bounds: readonly TimeBound[],
  from: TimeKind,
  { timeZone }: PreimageContext,
): readonly TimeBound[] {
  const [isInstant, wasInstant] = [
    kind === "timestamptz",
    from === "timestamptz",
  ];
  if (isInstant === wasInstant) return bounds;
  if (timeZone === undefined) return [];
  return isInstant ? asInstants(bounds, timeZone) : asWalls(bounds, timeZone);
}

function throughTimeCall(
  call: Call,
  kind: TimeKind,
  bounds: readonly TimeBound[],
  context: PreimageContext,
): Bounds | undefined {
  const [first, second, third] = call.args;
  if (first === undefined || second === undefined || third !== undefined)
    return undefined;
  const name = context.functions(call.function)?.name;
  if (name === "+" || name === "-")
    return throughShift(name, first, second, bounds);
  if (first.kind !== "literal" || first.value === null) return undefined;
  const text = first.value;
  switch (name) {
    case "date_trunc": {
      const unit = FIELDS[text.toLowerCase()] ?? "";
      const walls = inDomain("timestamp", bounds, kind, context).flatMap(
        (bound) => untruncated(unit, bound),
      );
      return timeBounds(second, inDomain(kind, walls, "timestamp", context));
    }
    case "timezone": {
      const from = timeKind(second);
      const stated = statedZone(text);
      const timeZone = stated === undefined ? undefined : asSessionZone(stated);
      if (from === undefined || timeZone === undefined) return undefined;
      const zone = { ...context, timeZone };
      return timeBounds(second, inDomain(from, bounds, kind, zone));
    }
    default:
      return undefined;
  }
}

/** `x ± interval` and `date ± days`, the constant on either side of a sum. */
function throughShift(
  symbol: "+" | "-",
  first: Expression,
  second: Expression,
  bounds: readonly TimeBound[],
): Bounds | undefined {
  const turned = symbol === "+" && first.kind === "literal";
  const [operand, constant] = turned ? [second, first] : [first, second];
  if (constant.kind !== "literal" || constant.value === null) return undefined;
  const kind = timeKind(operand);
  if (kind === undefined) return undefined;
  if (constant.type.kind === "interval")
    return timeBounds(
      operand,
      bounds.flatMap((bound) =>
        beforeInterval(symbol, constant, bound, kind === "timestamptz"),
      ),
    );
  if (kind !== "date" || constant.type.kind !== "int4") return undefined;
  const days = BigInt(constant.value) * MICROS_PER_DAY;
  const shift = symbol === "+" ? -days : days;
  return timeBounds(
    operand,
    bounds.map((bound) => ({ ...bound, micros: bound.micros + shift })),
  );
}

/** A call that gives a number or an interval. */
function throughNumberCall(
  operator: CompareOperator,
  call: Call,
  right: Literal,
  context: PreimageContext,
): Bounds | undefined {
  const name = context.functions(call.function)?.name;
  const [first, second, third] = call.args;
  if (first === undefined || third !== undefined) return undefined;
  if (second === undefined)
    return name === "-" ? throughNegation(operator, first, right) : undefined;
  if (name === "extract" || name === "date_part")
    return first.kind === "literal"
      ? throughPart(operator, [first, second], right, context)
      : undefined;
  if (!isArithmetic(name)) return undefined;
  const constantFirst = first.kind === "literal";
  const [constant, operand] = constantFirst ? [first, second] : [second, first];
  if (constant.kind !== "literal" || constant.value === null) return undefined;
  const { type } = call;
  return ofArithmetic(
    operator,
    { symbol: name, operand, constant, constantFirst, type },
    right,
  );
}

function ofArithmetic(
  operator: CompareOperator,
  calculation: Calculation,
  right: Literal,
): Bounds | undefined {
  const { symbol, operand, constant } = calculation;
  if (symbol === "-" && timeKind(operand) !== undefined)
    return throughDifference(operator, calculation, right);
  const isNumber = ({ type }: Expression): boolean =>
    isExact(type) || isFloat(type);
  return isNumber(operand) && isNumber(constant)
    ? throughArithmetic(operator, calculation, right)
    : undefined;
}

function isArithmetic(name: string | undefined): name is Arithmetic {
  return name === "+" || name === "-" || name === "*" || name === "/";
}

/** `extract(year from x)` and `extract(epoch from x)`; other fields come round again. */
function throughPart(
  operator: CompareOperator,
  [field, operand]: readonly [Literal, Expression],
  right: Literal,
  context: PreimageContext,
): Bounds | undefined {
  const kind = timeKind(operand);
  const number = right.value ?? "";
  switch (FIELDS[field.value?.toLowerCase() ?? ""]) {
    case "year": {
      const walls = yearBounds(operator, number);
      return (
        kind && timeBounds(operand, inDomain(kind, walls, "timestamp", context))
      );
    }
    case "epoch":
      return kind && timeBounds(operand, epochBounds(operator, number));
    default:
      return undefined;
  }
}

/** `x - moment`, `moment - x`: an interval, or days between two dates. */
function throughDifference(
  operator: CompareOperator,
  { operand, constant, constantFirst }: Calculation,
  right: Literal,
): Bounds | undefined {
  const start = microsOf(constant);
  const length = differenceOf(operand, right);
  const isSame = timeKind(operand) === timeKind(constant);
  return start === undefined || length === undefined || !isSame
    ? undefined
    : timeBounds(
        operand,
        differenceBounds(operator, start, length, constantFirst),
      );
}

function differenceOf(operand: Expression, right: Literal): bigint | undefined {
  if (right.type.kind === "interval") return lengthOf(right);
  const text = right.value ?? "";
  const days = /^-?\d+$/u.test(text) ? floorOf(text) : undefined;
  return timeKind(operand) === "date" && days !== undefined
    ? days * MICROS_PER_DAY
    : undefined;
}
