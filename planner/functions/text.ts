// Text functions and operators. Text compares and counts in the kernel as PostgreSQL does under collation C: by code points.

import { BOOL, INT4, TEXT } from "../../storage/common/data-type.ts";
import { operator, partial, scalar, total } from "./define.ts";
import type { FunctionRow } from "./function.ts";

const CONCAT: readonly FunctionRow[] = [
  operator(
    "||",
    [TEXT, TEXT],
    TEXT,
    total((a, b) => `(${a} || ${b})`),
  ),
];

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
    total((a) => `upper(${a})`),
  ),
  scalar(
    "length",
    [TEXT],
    INT4,
    total((a) => `length(${a})::INTEGER`),
  ),
];

const SUBSTRINGS: readonly FunctionRow[] = ["substring", "substr"].flatMap(
  (name) => [
    scalar(
      name,
      [TEXT, INT4],
      TEXT,
      total((a, from) => `pg_substr(${a}, ${from})`),
    ),
    scalar(
      name,
      [TEXT, INT4, INT4],
      TEXT,
      partial((a, from, count) => `pg_substr(${a}, ${from}, ${count})`),
    ),
  ],
);

const LIKES: readonly FunctionRow[] = [
  operator(
    "~~",
    [TEXT, TEXT],
    BOOL,
    partial((a, p) => `(${a} LIKE ${p} ESCAPE '\\')`),
  ),
  operator(
    "!~~",
    [TEXT, TEXT],
    BOOL,
    partial((a, p) => `(${a} NOT LIKE ${p} ESCAPE '\\')`),
  ),
  operator(
    "~~*",
    [TEXT, TEXT],
    BOOL,
    partial((a, p) => `(${a} ILIKE ${p} ESCAPE '\\')`),
  ),
  operator(
    "!~~*",
    [TEXT, TEXT],
    BOOL,
    partial((a, p) => `(${a} NOT ILIKE ${p} ESCAPE '\\')`),
  ),
];

export const TEXT_FUNCTIONS: readonly FunctionRow[] = [
  ...CONCAT,
  ...CASES,
  ...SUBSTRINGS,
  ...LIKES,
];
