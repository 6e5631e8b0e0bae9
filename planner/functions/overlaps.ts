// (start, end) OVERLAPS (start, end); an end may be an interval from its start. As PostgreSQL's overlaps_timestamp: ends in either order, a
// missing one makes its period the other point, of which only some questions can be answered.

import {
  BOOL,
  DATE,
  INTERVAL,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  type DataType,
} from "../../storage/common/data-type.ts";
import { shiftInstant } from "./date-time.ts";
import { define } from "./define.ts";
import { NATIVE, once } from "./emit.ts";
import type { DuckDbEmitter, EmitCall, FunctionRow } from "./function.ts";

const shifted = shiftInstant("+", 0, 1);

/** The end as a point. */
function endOf(call: EmitCall, start: number): string {
  const args = call.args.slice(start, start + 2);
  const [from, to] = args;
  if (from === undefined || to === undefined) return "NULL";
  if (to.type.kind !== "interval") return to.sql;
  return from.type.kind === "timestamptz"
    ? shifted({ ...call, type: from.type, args }).sql
    : `(${from.sql} + ${to.sql})`;
}

const emitOverlaps: DuckDbEmitter = (call) => {
  const period = (start: number, body: Body): string =>
    once(call.args[start]?.sql ?? "NULL", (a) =>
      once(endOf(call, start), (b) =>
        body(
          `least(${a}, ${b})`,
          `CASE WHEN ${a} IS NOT NULL AND ${b} IS NOT NULL THEN greatest(${a}, ${b}) END`,
        ),
      ),
    );
  const sql = period(0, (s1, e1) =>
    once(s1, (start1) =>
      once(e1, (end1) =>
        period(2, (s2, e2) =>
          once(s2, (start2) =>
            once(
              e2,
              (end2) =>
                `CASE WHEN ${start1} IS NULL OR ${start2} IS NULL THEN NULL WHEN ${start1} > ${start2} THEN ${within(start1, end1, end2)} ` +
                `WHEN ${start1} < ${start2} THEN ${within(start2, end2, end1)} WHEN ${end1} IS NULL OR ${end2} IS NULL THEN NULL ELSE true END`,
            ),
          ),
        ),
      ),
    ),
  );
  return { sql: `(${sql})`, representation: NATIVE };
};

type Body = (start: string, end: string) => string;

/** The later period begins before the earlier one ends. */
function within(start: string, end: string, earlierEnd: string): string {
  return `CASE WHEN ${earlierEnd} IS NULL THEN NULL WHEN ${start} < ${earlierEnd} THEN true WHEN ${end} IS NULL THEN NULL ELSE false END`;
}

function row(args: readonly DataType[]): FunctionRow {
  return define(
    "scalar",
    { name: "overlaps", args, returns: BOOL },
    { total: false, strict: false, volatility: "stable", duckdb: emitOverlaps },
  );
}

export const OVERLAPS: readonly FunctionRow[] = [
  row([DATE, DATE, DATE, DATE]),
  ...[TIMESTAMP, TIMESTAMPTZ, TIME].flatMap((type) => [
    row([type, type, type, type]),
    row([type, INTERVAL, type, type]),
    row([type, type, type, INTERVAL]),
    row([type, INTERVAL, type, INTERVAL]),
  ]),
];
