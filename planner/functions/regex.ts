// Regular expressions. Yes-or-no questions with a constant pattern run on the kernel's RE2; what a match covers, where PostgreSQL
// takes the longest and RE2 the first, is answered by our own engine (value/regex), registered in the kernel.

import {
  BOOL,
  INT4,
  TEXT,
  type DataType,
} from "../../storage/common/data-type.ts";
import {
  define,
  operator,
  partial,
  scalar,
  type ArgPattern,
  type SqlTemplate,
} from "./define.ts";
import { NATIVE, quoteText } from "./emit.ts";
import type { DuckDbEmitter, FunctionRow } from "./function.ts";
import { constantText } from "./literal.ts";
import { similarToRegex } from "./value/regex/similar.ts";
import { toRe2 } from "./value/regex/re2.ts";

const TEXT_ARRAY: DataType = { kind: "array", element: TEXT };

function test(text: string, pattern: string, flags: string): string {
  const constant = constantText(pattern);
  const options = constantText(flags);
  const translated =
    constant === undefined || options === undefined
      ? undefined
      : toRe2(constant, options);
  return translated === undefined
    ? `pg_regex_test(${text}, ${pattern}, ${flags})`
    : `regexp_matches(${text}, ${quoteText(translated)})`;
}

const matchRows: readonly FunctionRow[] = [
  ["~", "''", ""],
  ["!~", "''", "NOT "],
  ["~*", "'i'", ""],
  ["!~*", "'i'", "NOT "],
].flatMap(([name = "", flags = "", not = ""]) =>
  [TEXT, { kind: "bpchar" } as const].map((type) =>
    operator(
      name,
      [type, TEXT],
      BOOL,
      partial((a = "", p = "") => `(${not}${test(a, p, flags)})`),
    ),
  ),
);

/** `pg_regex_<name>(text, pattern, flags)`. */
function regex(name: string): SqlTemplate {
  return (text, pattern, flags = "''") =>
    `pg_regex_${name}(${text}, ${pattern}, ${flags})`;
}

function overloads(
  name: string,
  optional: readonly DataType[],
  returns: DataType,
  template: SqlTemplate,
): readonly FunctionRow[] {
  return Array.from({ length: optional.length + 1 }, (_, count) =>
    scalar(
      name,
      [TEXT, TEXT, ...optional.slice(0, count)],
      returns,
      partial(template),
    ),
  );
}

/** `pg_regex_replace(text, pattern, replacement, start, n, flags)`; n of -1 leaves it to the flags. */
function replacing(...args: readonly string[]): string {
  const [
    text,
    pattern,
    by,
    start = "1::INTEGER",
    n = "1::INTEGER",
    flags = "''",
  ] = args;
  return `pg_regex_replace(${text}, ${pattern}, ${by}, ${start}, ${n}, ${flags})`;
}

const replaceRows: readonly FunctionRow[] = [
  scalar("regexp_replace", [TEXT, TEXT, TEXT], TEXT, partial(replacing)),
  scalar(
    "regexp_replace",
    [TEXT, TEXT, TEXT, TEXT],
    TEXT,
    partial((a, p, by, flags) =>
      replacing(a, p, by, "1::INTEGER", "-1::INTEGER", flags),
    ),
  ),
  ...[[INT4], [INT4, INT4], [INT4, INT4, TEXT]].map((more) =>
    scalar(
      "regexp_replace",
      [TEXT, TEXT, TEXT, ...more],
      TEXT,
      partial(replacing),
    ),
  ),
];

const one = "1::INTEGER";
const zero = "0::INTEGER";

const questionRows: readonly FunctionRow[] = [
  ...overloads("regexp_match", [TEXT], TEXT_ARRAY, regex("match")),
  ...overloads("regexp_split_to_array", [TEXT], TEXT_ARRAY, regex("split")),
  ...overloads(
    "regexp_like",
    [TEXT],
    BOOL,
    (a = "", p = "", flags = "''") => `(${test(a, p, flags)})`,
  ),
  ...overloads(
    "regexp_count",
    [INT4, TEXT],
    INT4,
    (a, p, start = one, flags = "''") =>
      `pg_regex_count(${a}, ${p}, ${start}, ${flags})`,
  ),
  ...overloads(
    "regexp_instr",
    [INT4, INT4, INT4, TEXT, INT4],
    INT4,
    (...[a, p, start = one, n = one, end = zero, flags = "''", group = zero]) =>
      `pg_regex_instr(${a}, ${p}, ${start}, ${n}, ${end}, ${flags}, ${group})`,
  ),
  ...overloads(
    "regexp_substr",
    [INT4, INT4, TEXT, INT4],
    TEXT,
    (...[a, p, start = one, n = one, flags = "''", group = zero]) =>
      `pg_regex_substr(${a}, ${p}, ${start}, ${n}, ${flags}, ${group})`,
  ),
  scalar(
    "substring",
    [TEXT, TEXT],
    TEXT,
    partial((a, p) => `pg_regex_substring(${a}, ${p})`),
  ),
  scalar(
    "substring",
    [TEXT, TEXT, TEXT],
    TEXT,
    partial(
      (a, p, escape) => `pg_regex_substring(${a}, pg_similar(${p}, ${escape}))`,
    ),
  ),
];

/** SIMILAR TO's pattern as a regular expression: `x ~ similar_to_escape(p)`. */
const similar: DuckDbEmitter = ({ args }) => {
  const [pattern, escape] = args.map((arg) => constantText(arg.sql));
  const given = args.length === 1 ? "\\" : escape;
  const sql =
    pattern !== undefined && given !== undefined
      ? quoteText(similarToRegex(pattern, given))
      : `pg_similar(${args[0]?.sql ?? "NULL"}, ${args[1]?.sql ?? "'\\'"})`;
  return { sql, representation: NATIVE };
};

const similarRows: readonly FunctionRow[] = [
  scalar("similar_to_escape", [TEXT], TEXT, { duckdb: similar, total: false }),
  scalar("similar_to_escape", [TEXT, TEXT], TEXT, {
    duckdb: similar,
    total: false,
  }),
  scalar("similar_escape", [TEXT, TEXT], TEXT, {
    duckdb: similar,
    total: false,
    strict: false,
  }),
];

function table(
  name: string,
  args: readonly ArgPattern[],
  returns: DataType,
  template: SqlTemplate,
): FunctionRow {
  return define("table", { name, args, returns }, partial(template));
}

const tableRows: readonly FunctionRow[] = [
  table("regexp_matches", [TEXT, TEXT], TEXT_ARRAY, regex("matches")),
  table("regexp_matches", [TEXT, TEXT, TEXT], TEXT_ARRAY, regex("matches")),
  table("regexp_split_to_table", [TEXT, TEXT], TEXT, regex("split")),
  table("regexp_split_to_table", [TEXT, TEXT, TEXT], TEXT, regex("split")),
];

export const REGEX: readonly FunctionRow[] = [
  ...matchRows,
  ...replaceRows,
  ...questionRows,
  ...similarRows,
  ...tableRows,
];
