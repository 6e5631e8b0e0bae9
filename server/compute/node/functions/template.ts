// to_char, to_date, to_timestamp and to_number in the kernel.

import {
  formatMoment,
  formatSpan,
} from "../../../../planner/functions/value/template/date-format.ts";
import {
  scanMoment,
  type Scanned,
} from "../../../../planner/functions/value/template/date-scan.ts";
import { formatNumber } from "../../../../planner/functions/value/template/number-format.ts";
import { scanNumber } from "../../../../planner/functions/value/template/number-scan.ts";
import { joinMicros } from "../../../../planner/functions/value/calendar.ts";
import { formatDate } from "../../../../planner/functions/value/date-time-text.ts";
import { parsePlain } from "../../../../planner/functions/value/decimal.ts";
import {
  BIGINT,
  INTERVAL,
  STRUCT,
  VARCHAR,
  structValue,
  type DuckDBValue,
} from "../../../../storage/kernel/duckdb.ts";
import { zoneName } from "../encode/zone-text.ts";
import { bigint, intervalOf, text } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";

/** The wall clock, and the instant when the text told its offset; microseconds. */
function momentValue({ days, micros, offset }: Scanned): DuckDBValue {
  const wall = joinMicros(days, micros);
  const utc = offset === undefined ? null : wall - BigInt(offset) * 1_000_000n;
  return structValue({ wall, utc });
}

function instantChar(
  wall: bigint,
  instant: bigint,
  { template, zone }: { readonly template: string; readonly zone: string },
): string {
  const offset = Number((wall - instant) / 1_000_000n);
  const seconds = Math.floor(Number(instant) / 1e6);
  return formatMoment(wall, template, {
    offset,
    zoneName: () => zoneName(zone, seconds, offset),
  });
}

export const TEMPLATE_FUNCTIONS: readonly KernelFunction[] = [
  {
    name: "moment_char",
    parameters: [BIGINT, VARCHAR],
    returns: VARCHAR,
    call: (wall, template) => formatMoment(bigint(wall), text(template)),
  },
  {
    name: "instant_char",
    parameters: [BIGINT, BIGINT, VARCHAR, VARCHAR],
    returns: VARCHAR,
    call: (wall, instant, template, zone) =>
      instantChar(bigint(wall), bigint(instant), {
        template: text(template),
        zone: text(zone),
      }),
  },
  {
    name: "interval_char",
    parameters: [INTERVAL, VARCHAR],
    returns: VARCHAR,
    call: (value, template) => formatSpan(intervalOf(value), text(template)),
  },
  {
    name: "number_char",
    parameters: [VARCHAR, VARCHAR],
    returns: VARCHAR,
    call: (value, template) =>
      formatNumber(parsePlain(text(value)), text(template)),
  },
  {
    name: "text_date",
    parameters: [VARCHAR, VARCHAR],
    returns: VARCHAR,
    call: (value, template) =>
      formatDate(scanMoment(text(value), text(template)).days).replace(
        / BC$/,
        " (BC)",
      ),
  },
  {
    name: "text_moment",
    parameters: [VARCHAR, VARCHAR],
    returns: STRUCT({ wall: BIGINT, utc: BIGINT }),
    call: (value, template) =>
      momentValue(scanMoment(text(value), text(template))),
  },
  {
    name: "text_number",
    parameters: [VARCHAR, VARCHAR],
    returns: VARCHAR,
    // PostgreSQL's answer to an empty template.
    call: (value, template) =>
      text(template) === "" ? null : scanNumber(text(value), text(template)),
  },
];
