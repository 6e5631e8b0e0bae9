// to_char, to_date, to_timestamp and to_number: template patterns, by registered functions.

import {
  DATE,
  FLOAT4,
  FLOAT8,
  INT4,
  INT8,
  INTERVAL,
  NUMERIC,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../../storage/common/data-type.ts";
import { emitSql } from "./date-time.ts";
import { scalar } from "./define.ts";
import { NUMERIC_TEXT, numericText, quoteText } from "./emit.ts";
import type { FunctionRow } from "./function.ts";
import { instantOf, wallClock } from "./zone.ts";

const stable = { total: false, volatility: "stable" } as const;

export const TEMPLATES: readonly FunctionRow[] = [
  scalar("to_char", [TIMESTAMP, TEXT], TEXT, {
    ...stable,
    duckdb: emitSql(
      ({ args }) =>
        `moment_char(epoch_us(${args[0]?.sql ?? ""}), ${args[1]?.sql ?? ""})`,
    ),
  }),
  scalar("to_char", [TIMESTAMPTZ, TEXT], TEXT, {
    ...stable,
    duckdb: emitSql(({ args, settings }) => {
      const instant = args[0]?.sql ?? "";
      const wall = wallClock(instant, settings.timeZone);
      return `instant_char(epoch_us(${wall}), epoch_us(${instant}), ${args[1]?.sql ?? ""}, ${quoteText(settings.timeZone)})`;
    }),
  }),
  scalar("to_char", [INTERVAL, TEXT], TEXT, {
    ...stable,
    duckdb: emitSql(
      ({ args }) =>
        `interval_char(${args[0]?.sql ?? ""}, ${args[1]?.sql ?? ""})`,
    ),
  }),
  ...[INT4, INT8, NUMERIC].map((type) =>
    scalar("to_char", [type, TEXT], TEXT, {
      ...stable,
      duckdb: emitSql(({ args }) => {
        const [value] = args;
        const text =
          value === undefined
            ? "NULL"
            : type === NUMERIC
              ? numericText(value)
              : `(${value.sql})::VARCHAR`;
        return `number_char(${text}, ${args[1]?.sql ?? ""})`;
      }),
    }),
  ),
  scalar("to_char", [FLOAT8, TEXT], TEXT, {
    ...stable,
    duckdb: emitSql(
      ({ args }) =>
        `number_char(float8_numeric(${args[0]?.sql ?? ""}), ${args[1]?.sql ?? ""})`,
    ),
  }),
  scalar("to_char", [FLOAT4, TEXT], TEXT, {
    ...stable,
    duckdb: emitSql(
      ({ args }) =>
        `number_char(float4_numeric(${args[0]?.sql ?? ""}), ${args[1]?.sql ?? ""})`,
    ),
  }),
  scalar("to_date", [TEXT, TEXT], DATE, {
    ...stable,
    duckdb: emitSql(
      ({ args }) =>
        `text_date(${args[0]?.sql ?? ""}, ${args[1]?.sql ?? ""})::DATE`,
    ),
  }),
  scalar("to_timestamp", [TEXT, TEXT], TIMESTAMPTZ, {
    ...stable,
    duckdb: emitSql(({ args, settings }) => {
      const scanned = `text_moment(${args[0]?.sql ?? ""}, ${args[1]?.sql ?? ""})`;
      const local = instantOf(
        `make_timestamp(${scanned}.wall)`,
        settings.timeZone,
      );
      return `(CASE WHEN ${scanned}.utc IS NOT NULL THEN make_timestamptz(${scanned}.utc) ELSE ${local} END)`;
    }),
  }),
  scalar("to_number", [TEXT, TEXT], NUMERIC, {
    ...stable,
    duckdb: ({ args }) => ({
      sql: `text_number(${args[0]?.sql ?? ""}, ${args[1]?.sql ?? ""})`,
      representation: NUMERIC_TEXT,
    }),
  }),
];
