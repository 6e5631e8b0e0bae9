// Digests, encodings and quoting.

import {
  BYTEA,
  INT4,
  INT8,
  NAME,
  TEXT,
} from "../../storage/common/data-type.ts";
import { outputOf } from "./cast-text.ts";
import { emitSql } from "./date-time.ts";
import { operator, partial, scalar, total } from "./define.ts";
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
  operator(
    "||",
    [BYTEA, BYTEA],
    BYTEA,
    total((a, b) => `(${a} || ${b})`),
  ),
  scalar(
    "unistr",
    [TEXT],
    TEXT,
    partial((a) => `pg_unistr(${a})`),
  ),
  scalar(
    "bit_count",
    [BYTEA],
    INT8,
    total(
      (a) =>
        `CASE WHEN octet_length(${a}) = 0 THEN 0 ELSE bit_count((${a})::BIT) END::BIGINT`,
    ),
  ),
  scalar(
    "get_byte",
    [BYTEA, INT4],
    INT4,
    partial((a, n) => `bytea_byte(${a}, ${n})`),
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
