// Bytes: bits and single bytes of a bytea, trimming and replacing.

import { BYTEA, INT4, INT8 } from "../../storage/common/data-type.ts";
import { operator, partial, scalar, total } from "./define.ts";
import type { FunctionRow } from "./function.ts";

const TRIMS = { btrim: "both", ltrim: "leading", rtrim: "trailing" } as const;

export const BYTES: readonly FunctionRow[] = [
  operator(
    "||",
    [BYTEA, BYTEA],
    BYTEA,
    total((a, b) => `(${a} || ${b})`),
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
    "set_byte",
    [BYTEA, INT4, INT4],
    BYTEA,
    partial((a, n, value) => `bytea_with_byte(${a}, ${n}, ${value})`),
  ),
  scalar(
    "get_bit",
    [BYTEA, INT8],
    INT4,
    partial((a, n) => `bytea_bit(${a}, ${n})`),
  ),
  scalar(
    "set_bit",
    [BYTEA, INT8, INT4],
    BYTEA,
    partial((a, n, value) => `bytea_with_bit(${a}, ${n}, ${value})`),
  ),
  ...Object.entries(TRIMS).map(([name, side]) =>
    scalar(
      name,
      [BYTEA, BYTEA],
      BYTEA,
      total((a, bytes) => `bytea_trim(${a}, ${bytes}, '${side}')`),
    ),
  ),
  scalar(
    "overlay",
    [BYTEA, BYTEA, INT4],
    BYTEA,
    partial(
      (a, b, from) =>
        `bytea_overlay(${a}, ${b}, ${from}, octet_length(${b})::INTEGER)`,
    ),
  ),
  scalar(
    "overlay",
    [BYTEA, BYTEA, INT4, INT4],
    BYTEA,
    partial(
      (a, b, from, count) => `bytea_overlay(${a}, ${b}, ${from}, ${count})`,
    ),
  ),
];
