// Constants that are not literals yet, because they depend on the session's zone: `now() - interval '7 days'`, `current_date` as an
// instant. Their value within bounds, which is enough to prune by.

import { FIELDS } from "../../functions/extract.ts";
import type { Call, Expression, Literal } from "../../logical/expression.ts";
import {
  addInterval,
  floorDivide,
  negateInterval,
  parseInterval,
  type IntervalParts,
} from "../temporal.ts";
import { MICROS_PER_DAY } from "../../functions/value/calendar.ts";
import type { PreimageContext } from "./preimage.ts";
import { microsOf, timeKind, timeLiteral, type TimeKind } from "./time.ts";
import { periodOf } from "./units.ts";
import { offsetsNear } from "./zone.ts";

interface Range {
  readonly kind: TimeKind;
  readonly low: bigint;
  readonly high: bigint;
}

/** The least and the greatest the constant may be; undefined when it is none, or not understood. */
export function constantRange(
  expression: Expression,
  context: PreimageContext,
): { readonly low: Literal; readonly high: Literal } | undefined {
  if (expression.kind === "literal") return undefined;
  const range = rangeOf(expression, context);
  return (
    range && {
      low: timeLiteral(range.kind, range.low),
      high: timeLiteral(range.kind, range.high),
    }
  );
}

function rangeOf(
  expression: Expression,
  context: PreimageContext,
): Range | undefined {
  const kind = timeKind(expression);
  if (kind === undefined) return undefined;
  if (expression.kind === "literal") {
    const micros = microsOf(expression);
    return micros === undefined
      ? undefined
      : { kind, low: micros, high: micros };
  }
  if (expression.kind === "cast" && !expression.attempt) {
    const inner = rangeOf(expression.operand, context);
    return inner && converted(inner, kind, context);
  }
  return expression.kind === "call" ? ofCall(expression, context) : undefined;
}

function converted(
  range: Range,
  kind: TimeKind,
  { timeZone }: PreimageContext,
): Range | undefined {
  const [from, to] = [range.kind === "timestamptz", kind === "timestamptz"];
  if (from !== to) {
    if (timeZone === undefined) return undefined;
    const [near, far] = [
      offsetsNear(timeZone, range.low),
      offsetsNear(timeZone, range.high),
    ];
    const moved = to
      ? { low: range.low - near.most, high: range.high - far.least }
      : { low: range.low + near.least, high: range.high + far.most };
    return to ? { ...moved, kind } : onWall(moved, kind);
  }
  return onWall(range, kind);
}

function onWall(range: Pick<Range, "low" | "high">, kind: TimeKind): Range {
  if (kind !== "date") return { low: range.low, high: range.high, kind };
  const day = (micros: bigint): bigint =>
    floorDivide(micros, MICROS_PER_DAY) * MICROS_PER_DAY;
  return { kind, low: day(range.low), high: day(range.high) };
}

function ofCall(call: Call, context: PreimageContext): Range | undefined {
  const name = context.functions(call.function)?.name;
  const [first, second, third] = call.args;
  if (first === undefined || second === undefined || third !== undefined)
    return undefined;
  if (name === "date_trunc" && first.kind === "literal")
    return truncated(first, second, context);
  if (name !== "+" && name !== "-") return undefined;
  const turned = name === "+" && first.type.kind === "interval";
  const [operand, interval] = turned ? [second, first] : [first, second];
  const start = rangeOf(operand, context);
  const parts = partsOf(interval);
  if (parts === undefined || start === undefined) return undefined;
  return shifted(start, name === "+" ? parts : negateInterval(parts), context);
}

function partsOf(interval: Expression): IntervalParts | undefined {
  return interval.kind === "literal" && interval.type.kind === "interval"
    ? parseInterval(interval.value ?? "")
    : undefined;
}

/** Days and months are counted on the wall clock. */
function shifted(
  start: Range,
  shift: IntervalParts,
  context: PreimageContext,
): Range | undefined {
  const isInstant = start.kind === "timestamptz";
  const { low, high } = start;
  if (isInstant && shift.days === 0n && shift.months === 0n)
    return { ...start, low: low + shift.micros, high: high + shift.micros };
  const wall = converted(start, "timestamp", context);
  if (wall === undefined) return undefined;
  // Where it is not one moment, clipped ends of months may change the order.
  const slack = wall.low === wall.high || shift.months === 0n ? 0n : CLIPPED;
  const moved: Range = {
    kind: "timestamp",
    low: addInterval(wall.low, shift) - slack,
    high: addInterval(wall.high, shift) + slack,
  };
  return isInstant ? converted(moved, "timestamptz", context) : moved;
}

const CLIPPED = 4n * MICROS_PER_DAY;

function truncated(
  unit: Literal,
  operand: Expression,
  context: PreimageContext,
): Range | undefined {
  const inner = rangeOf(operand, context);
  if (inner === undefined) return undefined;
  const wall = converted(inner, "timestamp", context);
  if (wall === undefined) return undefined;
  const name = FIELDS[unit.value?.toLowerCase() ?? ""] ?? "";
  const [low, high] = [periodOf(name, wall.low), periodOf(name, wall.high)];
  if (low === undefined || high === undefined) return undefined;
  return converted(
    { kind: "timestamp", low: low.start, high: high.start },
    inner.kind,
    context,
  );
}
