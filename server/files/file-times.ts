// Which of some files may hold what a scan asks for, by what is known of the times in them: logs are written in the order of time, and
// a question about the last hour needs not read a year.

import { parseTimestamp } from "../../planner/optimize/temporal.ts";
import type {
  CompareOperator,
  ScanPredicate,
} from "../../storage/scan/predicate.ts";

/** Milliseconds since 1970, both included; without an end where undefined. */
export interface TimeSpan {
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** By the name of a column of instants, none of which is NULL. A column that is not there may hold anything. */
export type FileTimes = ReadonlyMap<string, TimeSpan>;

/** False only when no row of the file satisfies the predicate. */
export function mayHold(predicate: ScanPredicate, times: FileTimes): boolean {
  switch (predicate.kind) {
    case "and":
      return predicate.operands.every((operand) => mayHold(operand, times));
    case "or":
      return predicate.operands.some((operand) => mayHold(operand, times));
    case "constant":
      return predicate.value;
    case "compare":
    case "in": {
      const [name, nested] = predicate.column;
      const span = times.get(name);
      if (span === undefined || nested !== undefined) return true;
      const values =
        predicate.kind === "in" ? predicate.values : [predicate.value];
      const operator = predicate.kind === "in" ? "=" : predicate.operator;
      return values.some(({ type, text }) => {
        const micros =
          type.kind === "timestamptz" ? parseTimestamp(text ?? "") : undefined;
        return micros === undefined || reaches(span, operator, micros);
      });
    }
    default:
      return true;
  }
}

/** Times have milliseconds, constants microseconds. */
function reaches(
  { fromMs, toMs }: TimeSpan,
  operator: CompareOperator,
  micros: bigint,
): boolean {
  const low = fromMs === undefined ? undefined : BigInt(fromMs) * 1000n;
  const high = toMs === undefined ? undefined : BigInt(toMs) * 1000n;
  const [fromAtMost, toAtLeast] = [
    low === undefined || low <= micros,
    high === undefined || high >= micros,
  ];
  switch (operator) {
    case "<":
      return fromAtMost && low !== micros;
    case "<=":
      return fromAtMost;
    case ">":
      return toAtLeast && high !== micros;
    case ">=":
      return toAtLeast;
    case "=":
      return fromAtMost && toAtLeast;
    case "<>":
      return low !== micros || high !== micros;
  }
}
