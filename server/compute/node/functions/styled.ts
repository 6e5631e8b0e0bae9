// Dates and timestamps as text under the DateStyles other than ISO, laid out as the result encoders do it.

import { splitMicros } from "../../../../planner/functions/value/calendar.ts";
import { formatTime } from "../../../../planner/functions/value/date-time-text.ts";
import { BIGINT, VARCHAR } from "../../../../storage/kernel/duckdb.ts";
import { dateFrame, formatDate, parseDateStyle } from "../encode/date-style.ts";
import { postgresZone } from "../encode/zone-text.ts";
import { bigint, text } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";

interface Look {
  readonly style: string;
  readonly zone: string;
}

/** `micros` since 1970: of midnight for a date, of the wall clock for a timestamp, of the instant with a zone. */
function styledText(kind: string, micros: bigint, look: Look): string {
  const style = parseDateStyle(look.style);
  if (kind === "date") return formatDate(splitMicros(micros).days, style);
  const zone =
    kind === "timestamptz" ? postgresZone(look.zone, style.layout) : undefined;
  const seconds = Math.floor(Number(micros) / 1e6);
  const offset = zone?.offset(seconds) ?? 0;
  const local = splitMicros(micros + BigInt(offset) * 1_000_000n);
  const frame = dateFrame(local.days, style);
  const behind = zone?.text(offset, seconds) ?? "";
  return `${frame.before}${formatTime(local.micros)}${frame.year}${behind}${frame.after}`;
}

export const STYLED_FUNCTIONS: readonly KernelFunction[] = [
  {
    name: "styled_text",
    parameters: [VARCHAR, BIGINT, VARCHAR, VARCHAR],
    returns: VARCHAR,
    call: (kind, micros, style, zone) =>
      styledText(text(kind), bigint(micros), {
        style: text(style),
        zone: text(zone),
      }),
  },
];
