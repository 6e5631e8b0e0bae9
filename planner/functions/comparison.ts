// Comparison operators, IS [NOT] DISTINCT FROM and NULLIF, over every pair of types PostgreSQL compares.
// They are the kernel's own operators wherever values lie natively, so that filters reach the Parquet statistics.

import {
  BOOL,
  BYTEA,
  DATE,
  FLOAT4,
  FLOAT8,
  INT2,
  INT4,
  INT8,
  INTERVAL,
  JSONB,
  NUMERIC,
  OID,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  UUID,
  type DataType,
} from "../../storage/common/data-type.ts";
import { native, operator, scalar, type ArgPattern } from "./define.ts";
import { NATIVE, once, representationOf } from "./emit.ts";
import type { DuckDbEmitter, Emitted, FunctionRow } from "./function.ts";
import { numericCompare } from "./numeric-emit.ts";
import { asInstant } from "./zone.ts";

const SYMBOLS = ["=", "<>", "<", "<=", ">", ">="] as const;
type Symbol = (typeof SYMBOLS)[number];
type Compare = (symbol: string) => DuckDbEmitter;

const plain: Compare = (symbol) => native((a, b) => `(${a} ${symbol} ${b})`);

/** Both sides pass through `key` first. */
function keyed(key: (sql: string) => string): Compare {
  return (symbol) =>
    native((a = "", b = "") => `(${key(a)} ${symbol} ${key(b)})`);
}

/** Timestamps with and without zone meet as instants in the session's zone. */
const acrossZones: Compare = (symbol) => (call) => ({
  sql: `(${call.args.map((arg) => asInstant(arg.sql, arg.type, call.settings.timeZone)).join(` ${symbol} `)})`,
  representation: NATIVE,
});

/** Elements that are numeric without modifier lie as text and compare by their sort keys. */
const listCompare: Compare = (symbol) => (call) => {
  const keyed = call.args.some((arg) => holdsText(arg.type));
  const sides = call.args.map((arg) => (keyed ? elementKeys(arg) : arg.sql));
  return { sql: `(${sides.join(` ${symbol} `)})`, representation: NATIVE };
};

function holdsText(type: DataType): boolean {
  return (
    type.kind === "array" &&
    representationOf(type.element).kind === "numeric-text"
  );
}

function elementKeys(value: Emitted): string {
  const text = holdsText(value.type) ? "item" : "item::VARCHAR";
  return `list_transform(${value.sql}, lambda item: num_key(${text}))`;
}

interface Comparable {
  readonly args: readonly [ArgPattern, ArgPattern];
  readonly compare: Compare;
  readonly volatility?: FunctionRow["volatility"];
}

function same(type: ArgPattern, compare: Compare = plain): Comparable {
  return { args: [type, type], compare };
}

function pairs(
  types: readonly DataType[],
  compare: Compare,
): readonly Comparable[] {
  return types.flatMap((a) =>
    types.map((b) => ({ args: [a, b], compare }) as const),
  );
}

const BPCHAR: DataType = { kind: "bpchar" };

const COMPARABLE: readonly Comparable[] = [
  ...pairs([INT2, INT4, INT8], plain),
  ...pairs([FLOAT4, FLOAT8], plain),
  ...[BOOL, TEXT, BYTEA, TIME, UUID, OID].map((type) => same(type)),
  same(
    BPCHAR,
    keyed((sql) => `rtrim(${sql}, ' ')`),
  ),
  same(NUMERIC, numericCompare),
  ...pairs([DATE, TIMESTAMP], plain),
  same(TIMESTAMPTZ),
  ...[DATE, TIMESTAMP].flatMap((type): readonly Comparable[] => [
    { args: [type, TIMESTAMPTZ], compare: acrossZones, volatility: "stable" },
    { args: [TIMESTAMPTZ, type], compare: acrossZones, volatility: "stable" },
  ]),
  same(INTERVAL),
  same(JSONB, (symbol) =>
    native((a, b) => `(jsonb_cmp(${a}, ${b}) ${symbol} 0)`),
  ),
  same("anyarray", listCompare),
  same("anystruct"),
];

function comparisonRows(item: Comparable): readonly FunctionRow[] {
  const { args, compare } = item;
  const volatility = item.volatility ?? "immutable";
  const operators = SYMBOLS.map((symbol: Symbol) =>
    operator(symbol, args, BOOL, {
      duckdb: compare(symbol),
      total: true,
      volatility,
    }),
  );
  const distinct = (name: string, symbol: string): FunctionRow =>
    operator(name, args, BOOL, {
      duckdb: distinctFrom(compare, symbol),
      total: true,
      strict: false,
      volatility,
    });
  return [
    ...operators,
    distinct("is distinct from", "IS DISTINCT FROM"),
    distinct("is not distinct from", "IS NOT DISTINCT FROM"),
    scalar("nullif", args, (types) => types[0] ?? TEXT, {
      duckdb: nullif(compare("=")),
      total: true,
      strict: false,
      volatility,
    }),
  ];
}

/** A comparison by key functions is NULL when a side is; the kernel's own operator sees NULLs itself. */
function distinctFrom(compare: Compare, symbol: string): DuckDbEmitter {
  const negated = symbol === "IS DISTINCT FROM";
  return (call) => {
    if (compare === plain) return compare(symbol)(call);
    const [a, b] = call.args;
    if (a === undefined || b === undefined) return compare(symbol)(call);
    const sql = once(a.sql, (x) =>
      once(b.sql, (y) => {
        const equal = compare("=")({
          ...call,
          args: [
            { ...a, sql: x },
            { ...b, sql: y },
          ],
        }).sql;
        const same = `coalesce(${equal}, ${x} IS NULL AND ${y} IS NULL)`;
        return negated ? `(NOT ${same})` : same;
      }),
    );
    return { sql, representation: NATIVE };
  };
}

function nullif(equal: DuckDbEmitter): DuckDbEmitter {
  return (call) => {
    const [a] = call.args;
    if (a === undefined) return equal(call);
    const sql = once(a.sql, (value) => {
      const args = [{ ...a, sql: value }, ...call.args.slice(1)];
      return `CASE WHEN ${equal({ ...call, args }).sql} THEN NULL ELSE ${value} END`;
    });
    return { sql: `(${sql})`, representation: a.representation };
  };
}

export const COMPARISON: readonly FunctionRow[] =
  COMPARABLE.flatMap(comparisonRows);
