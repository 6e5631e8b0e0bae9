// Date and time operators and functions. The kernel runs in UTC: what depends on the session's zone names it.

import {
  DATE,
  INT4,
  INTERVAL,
  NUMERIC,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  type DataType,
} from "../../storage/common/data-type.ts";
import { operator, partial, scalar } from "./define.ts";
import { NATIVE, NUMERIC_TEXT, quoteText } from "./emit.ts";
import type { DuckDbEmitter, EmitCall, FunctionRow } from "./function.ts";

function zone(call: EmitCall): string {
  return quoteText(call.settings.timeZone);
}

function wallOf(sql: string, type: DataType, call: EmitCall): string {
  return type.kind === "timestamptz" ? `timezone(${zone(call)}, ${sql})` : sql;
}

const ARITHMETIC: readonly FunctionRow[] = [
  operator(
    "+",
    [DATE, INT4],
    DATE,
    partial((d, n) => `(${d} + ${n})`),
  ),
  operator(
    "+",
    [INT4, DATE],
    DATE,
    partial((n, d) => `(${d} + ${n})`),
  ),
  operator(
    "-",
    [DATE, INT4],
    DATE,
    partial((d, n) => `(${d} - ${n})`),
  ),
  operator(
    "-",
    [DATE, DATE],
    INT4,
    partial((a, b) => `(${a} - ${b})::INTEGER`),
  ),
  ...[DATE, TIMESTAMP].flatMap((type) => [
    operator(
      "+",
      [type, INTERVAL],
      TIMESTAMP,
      partial((t, i) => `((${t})::TIMESTAMP + ${i})`),
    ),
    operator(
      "-",
      [type, INTERVAL],
      TIMESTAMP,
      partial((t, i) => `((${t})::TIMESTAMP - ${i})`),
    ),
    operator(
      "+",
      [INTERVAL, type],
      TIMESTAMP,
      partial((i, t) => `((${t})::TIMESTAMP + ${i})`),
    ),
  ]),
];

const extract: DuckDbEmitter = (call) => {
  const [field, value] = call.args;
  const wall =
    value === undefined ? "NULL" : wallOf(value.sql, value.type, call);
  return {
    sql: `datepart(${field?.sql ?? ""}, ${wall})::VARCHAR`,
    representation: NUMERIC_TEXT,
  };
};

const dateTrunc: DuckDbEmitter = (call) => {
  const [field, value] = call.args;
  return {
    sql: `date_trunc(${field?.sql ?? ""}, ${value?.sql ?? ""})`,
    representation: NATIVE,
  };
};

const EXTRACTS: readonly FunctionRow[] = [
  DATE,
  TIMESTAMP,
  TIMESTAMPTZ,
  TIME,
  INTERVAL,
].map((type) =>
  scalar("extract", [TEXT, type], NUMERIC, {
    duckdb: extract,
    total: false,
    volatility: type.kind === "timestamptz" ? "stable" : "immutable",
  }),
);

const TRUNCS: readonly FunctionRow[] = [TIMESTAMP, TIMESTAMPTZ, INTERVAL].map(
  (type) =>
    scalar("date_trunc", [TEXT, type], type, {
      duckdb: dateTrunc,
      total: false,
      volatility: type.kind === "timestamptz" ? "stable" : "immutable",
    }),
);

export const DATE_TIME: readonly FunctionRow[] = [
  ...ARITHMETIC,
  ...EXTRACTS,
  ...TRUNCS,
];
