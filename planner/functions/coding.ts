// Digests, encodings, quoting and normal forms.

import {
  BOOL,
  BYTEA,
  INT4,
  INT8,
  NAME,
  TEXT,
} from "../../storage/common/data-type.ts";
import { outputOf } from "./cast-text.ts";
import { emitSql } from "./date-time.ts";
import { partial, scalar, total } from "./define.ts";
import type { FunctionRow } from "./function.ts";

export const CODING: readonly FunctionRow[] = [
  scalar(
    "md5",
    [TEXT],
    TEXT,
    total((a) => `md5(${a})`),
  ),
  scalar(
    "md5",
    [BYTEA],
    TEXT,
    total((a) => `md5(${a})`),
  ),
  ...["sha224", "sha256", "sha384", "sha512"].map((name) =>
    scalar(
      name,
      [BYTEA],
      BYTEA,
      total((a) =>
        name === "sha256"
          ? `unhex(sha256(${a}))`
          : `bytea_digest(${a}, '${name}')`,
      ),
    ),
  ),
  scalar(
    "encode",
    [BYTEA, TEXT],
    TEXT,
    partial((a, format) => `bytea_encode(${a}, ${format})`),
  ),
  scalar(
    "decode",
    [TEXT, TEXT],
    BYTEA,
    partial((a, format) => `bytea_decode(${a}, ${format})`),
  ),
  scalar(
    "unistr",
    [TEXT],
    TEXT,
    partial((a) => `pg_unistr(${a})`),
  ),
  scalar(
    "to_hex",
    [INT4],
    TEXT,
    total((n) => `pg_to_hex(${n}::BIGINT, 32)`),
  ),
  scalar(
    "to_hex",
    [INT8],
    TEXT,
    total((n) => `pg_to_hex(${n}, 64)`),
  ),
  scalar(
    "quote_ident",
    [TEXT],
    TEXT,
    total((a) => `pg_quote(${a}, 'ident')`),
  ),
  scalar(
    "quote_literal",
    [TEXT],
    TEXT,
    total((a) => `pg_quote(${a}, 'literal')`),
  ),
  scalar("quote_literal", ["anyelement"], TEXT, {
    total: true,
    volatility: "stable",
    duckdb: emitSql(
      ({ args, settings }) =>
        `pg_quote(${args.map((arg) => outputOf(arg, settings)).join()}, 'literal')`,
    ),
  }),
  scalar("quote_nullable", [TEXT], TEXT, {
    ...total((a) => `coalesce(pg_quote(${a}, 'literal'), 'NULL')`),
    strict: false,
  }),
  scalar("quote_nullable", ["anyelement"], TEXT, {
    total: true,
    strict: false,
    volatility: "stable",
    duckdb: emitSql(
      ({ args, settings }) =>
        `coalesce(pg_quote(${args.map((arg) => outputOf(arg, settings)).join()}, 'literal'), 'NULL')`,
    ),
  }),
  scalar(
    "normalize",
    [TEXT],
    TEXT,
    total((a) => `pg_normalize(${a}, 'NFC')`),
  ),
  scalar(
    "normalize",
    [TEXT, TEXT],
    TEXT,
    partial((a, form) => `pg_normalize(${a}, ${form})`),
  ),
  scalar(
    "is_normalized",
    [TEXT],
    BOOL,
    total((a) => `(pg_normalize(${a}, 'NFC') = ${a})`),
  ),
  scalar(
    "is_normalized",
    [TEXT, TEXT],
    BOOL,
    partial((a, form) => `(pg_normalize(${a}, ${form}) = ${a})`),
  ),
  scalar(
    "parse_ident",
    [TEXT],
    { kind: "array", element: TEXT },
    partial((a) => `pg_parse_ident(${a}, true)`),
  ),
  scalar(
    "parse_ident",
    [TEXT, BOOL],
    { kind: "array", element: TEXT },
    partial((a, strict) => `pg_parse_ident(${a}, ${strict})`),
  ),
  scalar(
    "convert_from",
    [BYTEA, NAME],
    TEXT,
    partial((a, encoding) => `bytea_text(${a}, ${encoding})`),
  ),
  scalar(
    "convert_to",
    [TEXT, NAME],
    BYTEA,
    partial((a, encoding) => `text_bytea(${a}, ${encoding})`),
  ),
];
