// Text functions and operators. Text compares and counts in the kernel as PostgreSQL does under collation C: by code points.

import {
  BOOL,
  BYTEA,
  INT4,
  TEXT,
  type DataType,
} from "../../storage/common/data-type.ts";
import { outputOf, textOf } from "./cast-text.ts";
import {
  operator,
  partial,
  scalar,
  total,
  type SqlTemplate,
} from "./define.ts";
import { NATIVE, once, raise } from "./emit.ts";
import type { DuckDbEmitter, EmitCall, FunctionRow } from "./function.ts";
import { constantInteger, constantText } from "./literal.ts";

const BPCHAR: DataType = { kind: "bpchar" };

function outputs(call: EmitCall, from = 0): readonly string[] {
  return call.args.slice(from).map((arg) => outputOf(arg, call.settings));
}

function sql(build: (call: EmitCall) => string): DuckDbEmitter {
  return (call) => ({ sql: build(call), representation: NATIVE });
}

/** The side that is not text is cast to it: `1 || 'a'`. */
const joinAny = sql(
  (call) =>
    `(${call.args.map((arg) => textOf(arg, call.settings)).join(" || ")})`,
);

const loose = { total: true, strict: false } as const;

const CONCAT: readonly FunctionRow[] = [
  operator(
    "||",
    [TEXT, TEXT],
    TEXT,
    total((a, b) => `(${a} || ${b})`),
  ),
  operator("||", [TEXT, "anynonarray"], TEXT, {
    total: true,
    volatility: "stable",
    duckdb: joinAny,
  }),
  operator("||", ["anynonarray", TEXT], TEXT, {
    total: true,
    volatility: "stable",
    duckdb: joinAny,
  }),
  scalar("concat", ["any"], TEXT, {
    ...loose,
    variadic: true,
    volatility: "stable",
    duckdb: sql((call) => `concat(${outputs(call).join(", ")})`),
  }),
  scalar("concat_ws", [TEXT, "any"], TEXT, {
    ...loose,
    variadic: true,
    volatility: "stable",
    duckdb: sql(
      (call) =>
        `concat_ws(${[call.args[0]?.sql ?? "NULL", ...outputs(call, 1)].join(", ")})`,
    ),
  }),
  scalar("format", [TEXT, "any"], TEXT, {
    total: false,
    strict: false,
    variadic: true,
    volatility: "stable",
    duckdb: sql(
      (call) =>
        `pg_format(${call.args[0]?.sql ?? "NULL"}, [${outputs(call, 1).join(", ")}]::VARCHAR[])`,
    ),
  }),
  scalar(
    "format",
    [TEXT],
    TEXT,
    partial((f) => `pg_format(${f}, []::VARCHAR[])`),
  ),
];

/** The kernel has a capital sharp s where C.UTF-8 keeps the small one. */
const upper: SqlTemplate = (a = "") =>
  once(
    a,
    (v) =>
      `CASE WHEN contains(${v}, 'ß') THEN pg_upper(${v}) ELSE upper(${v}) END`,
  );

const CASES: readonly FunctionRow[] = [
  scalar(
    "lower",
    [TEXT],
    TEXT,
    total((a) => `lower(${a})`),
  ),
  scalar(
    "upper",
    [TEXT],
    TEXT,
    total((a) => `(${upper(a)})`),
  ),
  scalar(
    "initcap",
    [TEXT],
    TEXT,
    total((a) => `pg_initcap(${a})`),
  ),
  ...["length", "char_length", "character_length"].flatMap((name) => [
    scalar(
      name,
      [TEXT],
      INT4,
      total((a) => `length(${a})::INTEGER`),
    ),
    scalar(
      name,
      [BPCHAR],
      INT4,
      total((a) => `length(rtrim(${a}, ' '))::INTEGER`),
    ),
  ]),
  scalar(
    "length",
    [BYTEA],
    INT4,
    total((a) => `octet_length(${a})::INTEGER`),
  ),
  scalar(
    "octet_length",
    [TEXT],
    INT4,
    total((a) => `strlen(${a})::INTEGER`),
  ),
  scalar(
    "octet_length",
    [BPCHAR],
    INT4,
    total((a) => `strlen(${a})::INTEGER`),
  ),
  scalar(
    "octet_length",
    [BYTEA],
    INT4,
    total((a) => `octet_length(${a})::INTEGER`),
  ),
  scalar(
    "bit_length",
    [TEXT],
    INT4,
    total((a) => `(strlen(${a}) * 8)::INTEGER`),
  ),
  scalar(
    "bit_length",
    [BYTEA],
    INT4,
    total((a) => `(octet_length(${a}) * 8)::INTEGER`),
  ),
  scalar(
    "ascii",
    [TEXT],
    INT4,
    total(
      (a) =>
        `(${once(a, (v) => `CASE WHEN ${v} = '' THEN 0 ELSE unicode(${v}) END`)})`,
    ),
  ),
  scalar(
    "chr",
    [INT4],
    TEXT,
    partial((n) => `pg_chr(${n})`),
  ),
  scalar(
    "reverse",
    [TEXT],
    TEXT,
    total((a) => `pg_reverse(${a})`),
  ),
];

const TRIMS: readonly FunctionRow[] = [
  ["btrim", "trim"],
  ["ltrim", "ltrim"],
  ["rtrim", "rtrim"],
].flatMap(([name = "", kernel = ""]) => [
  scalar(
    name,
    [TEXT],
    TEXT,
    total((a) => `${kernel}(${a}, ' ')`),
  ),
  scalar(
    name,
    [TEXT, TEXT],
    TEXT,
    total((a, chars) => `${kernel}(${a}, ${chars})`),
  ),
]);

/** The kernel's greatest skips NULLs; this keeps them. */
function atLeast(value: string, minimum: number): string {
  const constant = constantInteger(value);
  if (constant !== undefined) return String(Math.max(constant, minimum));
  return `(${once(value, (v) => `CASE WHEN ${v} < ${minimum} THEN ${minimum} ELSE ${v} END`)})`;
}

/** Counts in 64 bits so that start + count does not overflow; characters before the first are counted but not there. */
const substringFor: SqlTemplate = (a = "", from = "", count = "") => {
  const start = constantInteger(from);
  const length = constantInteger(count);
  if (
    start !== undefined &&
    length !== undefined &&
    start >= 1 &&
    length >= 0
  ) {
    return `substring(${a}, ${start}, ${length})`;
  }
  return `(${once(from, (f) =>
    once(
      count,
      (n) =>
        `CASE WHEN ${n} < 0 THEN ${raise("22011", "negative substring length not allowed")} ` +
        `ELSE substring(${a}, ${atLeast(`${f}::BIGINT`, 1)}, ${atLeast(`(${f}::BIGINT + ${n}::BIGINT - ${atLeast(`${f}::BIGINT`, 1)})`, 0)}) END`,
    ),
  )})`;
};

const substringFrom: SqlTemplate = (a = "", from = "") => {
  const start = constantInteger(from);
  return start !== undefined && start >= 1
    ? `substring(${a}, ${start})`
    : `substring(${a}, ${atLeast(`${from}::BIGINT`, 1)})`;
};

const SUBSTRINGS: readonly FunctionRow[] = [
  ...["substring", "substr"].flatMap((name) =>
    [TEXT, BYTEA].flatMap((type) => [
      scalar(
        name,
        [type, INT4],
        type,
        total((a, from) =>
          bytes(type, substringFrom(characters(type, a), from)),
        ),
      ),
      scalar(
        name,
        [type, INT4, INT4],
        type,
        partial((a, from, count) =>
          bytes(type, substringFor(characters(type, a), from, count)),
        ),
      ),
    ]),
  ),
  scalar(
    "left",
    [TEXT, INT4],
    TEXT,
    total((a, n) => `left(${a}, ${n})`),
  ),
  scalar(
    "right",
    [TEXT, INT4],
    TEXT,
    total((a, n) => `right(${a}, ${n})`),
  ),
  scalar(
    "overlay",
    [TEXT, TEXT, INT4],
    TEXT,
    partial((a, b = "", from = "") => overlay(a, b, from, `length(${b})`)),
  ),
  scalar(
    "overlay",
    [TEXT, TEXT, INT4, INT4],
    TEXT,
    partial((a, b = "", from = "", count = "") => overlay(a, b, from, count)),
  ),
  scalar(
    "split_part",
    [TEXT, TEXT, INT4],
    TEXT,
    partial((a, by, n) => splitPart(a, by, n)),
  ),
];

/** The kernel takes substrings of text only: bytes go through hex-free Latin-1 text. */
function characters(type: DataType, a = ""): string {
  return type === BYTEA ? `bytea_chars(${a})` : a;
}
function bytes(type: DataType, text: string): string {
  return type === BYTEA ? `chars_bytea(${text})` : text;
}

function overlay(a: string, b: string, from: string, count: string): string {
  return `(${once(from, (f) =>
    once(
      a,
      (v) =>
        `CASE WHEN ${f} <= 0 THEN ${raise("22011", "negative substring length not allowed")} ` +
        `ELSE substring(${v}, 1, ${f}::BIGINT - 1) || ${b} || substring(${v}, ${atLeast(`(${f}::BIGINT + ${count}::BIGINT)`, 1)}) END`,
    ),
  )})`;
}

function splitPart(a: string, by: string, n: string): string {
  const place = constantInteger(n);
  const separator = constantText(by);
  if (
    place !== undefined &&
    place !== 0 &&
    separator !== undefined &&
    separator !== ""
  ) {
    return `split_part(${a}, ${by}, ${place})`;
  }
  return `(${once(n, (p) =>
    once(
      by,
      (s) =>
        `CASE WHEN ${p} = 0 THEN ${raise("22023", "field position must not be zero")} ` +
        `WHEN ${s} = '' THEN CASE WHEN ${p} IN (1, -1) THEN ${a} WHEN ${a} IS NOT NULL THEN '' END ELSE split_part(${a}, ${s}, ${p}) END`,
    ),
  )})`;
}

/** lpad and rpad: the kernel refuses an empty filling and a negative length. */
function pad(name: "lpad" | "rpad"): SqlTemplate {
  return (a = "", n = "", fill = "' '") => {
    const filling = constantText(fill);
    if (filling !== undefined && filling !== "")
      return `${name}(${a}, ${atLeast(n, 0)}, ${fill})`;
    return `(${once(
      fill,
      (f) =>
        `CASE WHEN ${f} = '' THEN left(${a}, ${atLeast(n, 0)}) ELSE ${name}(${a}, ${atLeast(n, 0)}, CASE WHEN ${f} = '' THEN ' ' ELSE ${f} END) END`,
    )})`;
  };
}

const EDITS: readonly FunctionRow[] = [
  ...(["lpad", "rpad"] as const).flatMap((name) => [
    scalar(name, [TEXT, INT4], TEXT, total(pad(name))),
    scalar(name, [TEXT, INT4, TEXT], TEXT, total(pad(name))),
  ]),
  scalar(
    "repeat",
    [TEXT, INT4],
    TEXT,
    partial((a = "", n = "") => `repeat(${a}, ${atLeast(n, 0)})`),
  ),
  scalar(
    "replace",
    [TEXT, TEXT, TEXT],
    TEXT,
    total((a, from, to) => `replace(${a}, ${from}, ${to})`),
  ),
  scalar(
    "translate",
    [TEXT, TEXT, TEXT],
    TEXT,
    total((a, from, to) => `translate(${a}, ${from}, ${to})`),
  ),
  scalar(
    "position",
    [BYTEA, BYTEA],
    INT4,
    total((a, b) => `strpos(bytea_chars(${a}), bytea_chars(${b}))::INTEGER`),
  ),
  ...["strpos", "position"].map((name) =>
    scalar(
      name,
      [TEXT, TEXT],
      INT4,
      total((a, b) => `strpos(${a}, ${b})::INTEGER`),
    ),
  ),
  scalar(
    "starts_with",
    [TEXT, TEXT],
    BOOL,
    total((a, b) => `starts_with(${a}, ${b})`),
  ),
  operator(
    "^@",
    [TEXT, TEXT],
    BOOL,
    total((a, b) => `starts_with(${a}, ${b})`),
  ),
];

export const TEXT_FUNCTIONS: readonly FunctionRow[] = [
  ...CONCAT,
  ...CASES,
  ...TRIMS,
  ...SUBSTRINGS,
  ...EDITS,
];
